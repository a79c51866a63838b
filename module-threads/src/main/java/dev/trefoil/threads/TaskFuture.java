package dev.trefoil.threads;

import dev.trefoil.hazmat.Cancelled;
import dev.trefoil.hazmat.Outcome;
import dev.trefoil.hazmat.Run;
import dev.trefoil.hazmat.RunFinished;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;

/**
 * Is completed by the end of a task, and asks the task to end when somebody else completes it or cancels
 * it: nobody waits for the task then.
 */
final class TaskFuture<T extends @Nullable Object> extends SuspendingFuture<T> {
  private final Run run;

  /** Asks the task to end. On the run's thread; does nothing if it has ended. */
  private final Runnable cancelTask;

  private volatile boolean taskHasEnded;

  TaskFuture(Run run, Runnable cancelTask) {
    this.run = run;
    this.cancelTask = cancelTask;
    whenComplete((value, error) -> cancelTaskIfItLives());
  }

  private void cancelTaskIfItLives() {
    if (!taskHasEnded) {
      try {
        InRun.nowOrSoon(run, cancelTask);
      } catch (RunFinished noTaskLeft) {
        // It has ended since.
      }
    }
  }

  /** Asks the task to end; its end is what completes this. */
  @Override
  public boolean cancel(boolean mayInterruptIfRunning) {
    if (isDone()) {
      return isCancelled();
    }
    cancelTaskIfItLives();
    return true;
  }

  /** The task has ended: in the run. */
  void end(Outcome<? extends T> outcome) {
    taskHasEnded = true;
    switch (outcome) {
      case Outcome.Value<? extends T>(var value) -> complete(value);
      case Outcome.Failure<? extends T>(Cancelled cancelled) ->
          completeExceptionally(cancellation(cancelled.getMessage(), cancelled));
      case Outcome.Failure<? extends T>(Throwable error) -> completeExceptionally(error);
    }
  }

  /** The task was asked to end, and has. */
  void endCancelled() {
    taskHasEnded = true;
    completeExceptionally(cancellation("The task was cancelled by way of its future.", null));
  }

  private static CancellationException cancellation(String message, @Nullable Throwable cause) {
    CancellationException cancellation = new CancellationException(message);
    cancellation.initCause(cause);
    return cancellation;
  }
}
