package dev.trefoil.tasks;

import dev.trefoil.hazmat.CancelStatus;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.Task;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who belongs to whom, for monitors and debuggers. Run thread only.
 *
 * <p>Source: {@code current_root_task}, {@code Task.parent_nursery}, {@code Task.child_nurseries}
 * and {@code Task.eventual_parent_nursery} of Trio.
 */
public final class TaskTree {
  private TaskTree() {}

  /**
   * Returns the root of the tree of the current run.
   *
   * @return the main task
   * @throws IllegalStateException in a run without one, such as that of a {@link Kernel}, whose tasks
   *     stand side by side
   */
  public static Task<?> rootTask() {
    return Hazmat.currentRun().mainTask();
  }

  /**
   * Returns the nursery that a task is in.
   *
   * @param task the task
   * @return the nursery, or {@code null} for the main task, system tasks, and tasks that something
   *     else than a nursery owns
   */
  public static @Nullable Nursery parentNursery(Task<?> task) {
    return Nursery.owning(task);
  }

  /**
   * Returns the nurseries that a task has open.
   *
   * @param task the task
   * @return the nurseries, outermost first
   */
  public static List<Nursery> childNurseries(Task<?> task) {
    List<Nursery> found = new ArrayList<>();
    for (CancelStatus status = task.cancelStatus(); status != null; status = status.parent()) {
      if (status.owner() instanceof Nursery nursery
          && nursery.parentTask() == task
          && !nursery.isClosed()
          && !found.contains(nursery)) {
        found.add(nursery);
      }
    }
    Collections.reverse(found);
    return List.copyOf(found);
  }

  /**
   * Returns the nursery that a task will be in once it has said that it is ready.
   *
   * @param task the task
   * @return the nursery, or {@code null} if the task is not being started by {@link Nursery#start}
   */
  public static @Nullable Nursery eventualParentNursery(Task<?> task) {
    Nursery nursery = Nursery.owning(task);
    return nursery == null ? null : nursery.startsFor();
  }
}
