package dev.trefoil.kernel;

import dev.trefoil.hazmat.CancelReason;
import dev.trefoil.hazmat.Cancelled;
import dev.trefoil.hazmat.KernelError;
import dev.trefoil.hazmat.Outcome;
import dev.trefoil.hazmat.Task;
import dev.trefoil.hazmat.TaskOwner;
import org.jspecify.annotations.Nullable;

/** The run as the owner of the tasks that belong to nobody else. */
abstract sealed class RunOwner implements TaskOwner {
  final RunLoop loop;

  private RunOwner(RunLoop loop) {
    this.loop = loop;
  }

  @Override
  public final @Nullable Task<?> parentTask() {
    return null;
  }

  @Override
  public final String toString() {
    return loop.toString();
  }

  /** Of the task that stands for entry calls, and never ends. */
  static final class OfEntries extends RunOwner {
    OfEntries(RunLoop loop) {
      super(loop);
    }

    @Override
    public void taskExited(Task<?> task) {}
  }

  /** Of the main task, whose end is the end of the run. */
  static final class OfMain extends RunOwner {
    OfMain(RunLoop loop) {
      super(loop);
    }

    @Override
    public void taskExited(Task<?> task) {
      loop.root().cancel(CancelReason.of(CancelReason.Source.SHUTDOWN));
      task.cancelStatus().close();
    }
  }

  /** Of system tasks, which serve the run as a whole and must not fail. */
  static final class OfSystem extends RunOwner {
    OfSystem(RunLoop loop) {
      super(loop);
    }

    @Override
    public void taskExited(Task<?> task) {
      if (task.outcome() instanceof Outcome.Failure<?>(Throwable error)
          && !(error instanceof Cancelled cancelled && isRegular(cancelled))) {
        loop.crash(
            new KernelError(
                "System "
                    + task
                    + " failed. System tasks serve the run as a whole and must not"
                    + " fail.",
                error));
      }
    }

    /** The end of the run, or somebody who has cancelled just this task. */
    private boolean isRegular(Cancelled cancelled) {
      return loop.root().effectivelyCancelled()
          || cancelled.reason().source() == CancelReason.Source.TASK;
    }
  }
}
