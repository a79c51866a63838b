package dev.trefoil.kernel;

import dev.trefoil.hazmat.Task;
import dev.trefoil.hazmat.TaskDump;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Finds all tasks of a run and arranges them by whose nurseries they are in. */
final class TaskDumper {
  private final Map<@Nullable Task<?>, List<KernelTask<?>>> children = new HashMap<>();

  private TaskDumper(List<KernelTask<?>> tasks) {
    Set<Task<?>> living = new HashSet<>(tasks);
    for (KernelTask<?> task : tasks) {
      Task<?> parent = task.owner().parentTask();
      // Whose parent has ended stands by itself.
      children
          .computeIfAbsent(living.contains(parent) ? parent : null, key -> new ArrayList<>())
          .add(task);
    }
  }

  static TaskDump dump(CancelNode root) {
    return new TaskDump(new TaskDumper(allTasks(root)).entries(null));
  }

  /** All living tasks: each is under exactly one node. Not recursive, since scopes nest deep. */
  static List<KernelTask<?>> allTasks(CancelNode root) {
    List<KernelTask<?>> tasks = new ArrayList<>();
    List<CancelNode> todo = new ArrayList<>();
    todo.add(root);
    while (!todo.isEmpty()) {
      CancelNode node = todo.removeLast();
      for (KernelTask<?> task = node.firstTask(); task != null; task = task.nextInNode) {
        tasks.add(task);
      }
      for (CancelNode child = node.firstChild(); child != null; child = child.nextSibling()) {
        todo.add(child);
      }
    }
    tasks.sort(Comparator.comparingLong(KernelTask::id));
    return tasks;
  }

  private List<TaskDump.Entry> entries(@Nullable Task<?> parent) {
    List<TaskDump.Entry> entries = new ArrayList<>();
    for (KernelTask<?> task : children.getOrDefault(parent, List.of())) {
      entries.add(
          new TaskDump.Entry(
              task.id(),
              task.name(),
              task.state(),
              task.stateLabel(),
              List.of(task.stackTrace()),
              entries(task)));
    }
    return entries;
  }
}
