package dev.trefoil.kernel;

import dev.trefoil.hazmat.Task;
import dev.trefoil.hazmat.TaskDump;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Finds all tasks of a run and arranges them by whose nurseries they are in. */
final class TaskDumper {
  private final Map<@Nullable Task<?>, List<KernelTask<?>>> children = new HashMap<>();
  private final Map<Task<?>, @Nullable Task<?>> parents = new HashMap<>();

  private TaskDumper(List<KernelTask<?>> tasks) {
    Set<Task<?>> living = new HashSet<>(tasks);
    for (KernelTask<?> task : tasks) {
      Task<?> parent = task.owner().parentTask();
      // Whose parent has ended stands by itself.
      parents.put(task, living.contains(parent) ? parent : null);
    }
    cutCycles(tasks);
    for (KernelTask<?> task : tasks) {
      children.computeIfAbsent(parents.get(task), key -> new ArrayList<>()).add(task);
    }
  }

  /** Owners can say anything: the oldest task of a cycle is taken for one without a parent. */
  private void cutCycles(List<KernelTask<?>> oldestFirst) {
    Set<Task<?>> leadToARoot = new HashSet<>();
    for (KernelTask<?> task : oldestFirst) {
      Set<Task<?>> line = new LinkedHashSet<>();
      Task<?> up = task;
      while (up != null && !leadToARoot.contains(up) && line.add(up)) {
        up = parents.get(up);
      }
      if (up != null && line.contains(up)) {
        parents.put(oldestOfCycle(up), null);
      }
      leadToARoot.addAll(line);
    }
  }

  private Task<?> oldestOfCycle(Task<?> member) {
    Task<?> oldest = member;
    for (Task<?> up = parents.get(member); up != null && up != member; up = parents.get(up)) {
      oldest = up.id() < oldest.id() ? up : oldest;
    }
    return oldest;
  }

  /** On the run's thread, or when that has not come to anything new for long. */
  static TaskDump dump(CancelNode root) {
    return new TaskDump(new TaskDumper(allTasks(root)).roots());
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

  /** Children before parents, since entries do not change; not recursive, since trees are deep. */
  private List<TaskDump.Entry> roots() {
    Map<KernelTask<?>, List<TaskDump.Entry>> finished = new HashMap<>();
    List<TaskDump.Entry> roots = new ArrayList<>();
    List<KernelTask<?>> parentsFirst = new ArrayList<>(children.getOrDefault(null, List.of()));
    for (int place = 0; place < parentsFirst.size(); place++) {
      parentsFirst.addAll(children.getOrDefault(parentsFirst.get(place), List.of()));
    }
    for (KernelTask<?> task : parentsFirst.reversed()) {
      TaskDump.Entry entry = entry(task, finished.getOrDefault(task, List.of()).reversed());
      Task<?> parent = parents.get(task);
      if (parent == null) {
        roots.add(entry);
      } else {
        finished.computeIfAbsent((KernelTask<?>) parent, key -> new ArrayList<>()).add(entry);
      }
    }
    return roots.reversed();
  }

  private static TaskDump.Entry entry(KernelTask<?> task, List<TaskDump.Entry> children) {
    return new TaskDump.Entry(
        task.id(),
        task.name(),
        task.state(),
        task.stateLabel(),
        List.of(task.suspendedStack()),
        children);
  }
}
