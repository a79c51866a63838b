package dev.trefoil.tasks;

import dev.trefoil.hazmat.Cancelled;
import dev.trefoil.hazmat.Outcome;
import dev.trefoil.hazmat.Task;
import dev.trefoil.hazmat.TaskOwner;
import org.jspecify.annotations.Nullable;

/** What a {@link Kernel} keeps of one of its tasks. */
final class KernelTaskOwner implements TaskOwner {
  private final Kernel kernel;
  private final boolean daemon;
  private final boolean spawned;

  /** Given up when the task has ended: it must not keep a whole line of ancestors alive. */
  private @Nullable Task<?> parent;

  private boolean taken;

  /**
   * Takes responsibility for one task.
   *
   * @param spawner the task that spawned it, or null if it was added from outside
   */
  KernelTaskOwner(Kernel kernel, @Nullable Task<?> spawner, boolean daemon) {
    this.kernel = kernel;
    this.daemon = daemon;
    this.spawned = spawner != null;
    this.parent = daemon ? null : spawner;
  }

  boolean isDaemon() {
    return daemon;
  }

  boolean isOf(Kernel other) {
    return kernel == other;
  }

  /** Whether the outcome is still waiting for somebody to ask for it. */
  boolean isUntaken() {
    return !taken;
  }

  @Override
  public @Nullable Task<?> parentTask() {
    return parent;
  }

  @Override
  public void outcomeTaken(Task<?> task) {
    taken = true;
  }

  @Override
  public void taskExited(Task<?> task) {
    parent = null;
    Throwable error =
        task.outcome() instanceof Outcome.Failure<?>(Throwable failure) ? failure : null;
    boolean crashed =
        error != null && !Cancellations.isQuietEnd(error) && !Cancellations.isPure(error);
    kernel.taskEnded(task, daemon, crashed ? error : null);
    if (spawned && !daemon && !(error instanceof Cancelled) && losesSomething(task, error)) {
      kernel.unjoined().add(task, this, error);
    }
  }

  /** A crash that has been logged, and a result that is nothing, can be left where they are. */
  private boolean losesSomething(Task<?> task, @Nullable Throwable error) {
    return error != null
        ? !kernel.logsErrors()
        : task.outcome() instanceof Outcome.Value<?> value && value.value() != null;
  }

  @Override
  public String toString() {
    return kernel.toString();
  }
}
