package dev.trefoil.hazmat;

import org.jspecify.annotations.Nullable;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Is responsible for tasks: learns that they ended, and places them in the task tree.
 *
 * <p>A nursery is one. Whoever owns a task decides what its failure means: the kernel only reports
 * the outcome.
 */
@ConsumerType
public interface TaskOwner extends Task.ExitListener {
  /**
   * Returns the task inside which the owner lives, for task trees and dumps.
   *
   * @return the parent task, or {@code null} if there is none
   */
  @Nullable Task<?> parentTask();

  /**
   * Called when somebody takes note of how the task has ended, every time: by {@link Task#join()},
   * {@link Task#result()}, {@link Task#exception()} or {@link Task#cancel()}. An outcome that nobody
   * asks for may be worth a warning. Must not suspend or throw. Does nothing unless overridden.
   *
   * @param task the task
   */
  default void outcomeTaken(Task<?> task) {}
}
