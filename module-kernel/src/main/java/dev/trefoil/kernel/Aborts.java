package dev.trefoil.kernel;

import dev.trefoil.hazmat.Abort;
import dev.trefoil.hazmat.AbortFunction;
import dev.trefoil.hazmat.CancelReason;
import dev.trefoil.hazmat.KernelError;
import dev.trefoil.hazmat.Outcome;
import dev.trefoil.hazmat.RaiseCancel;
import dev.trefoil.hazmat.TaskState;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Gets tasks out of their sleeps. The protocol: an abort function is called at most once for a sleep,
 * SUCCEEDED counts as the one reschedule, FAILED leaves the duty to reschedule with the operation, and
 * anything else is a fault of the operation that ends the run.
 */
final class Aborts {
  /** A constant, since making it takes more of the stack than an overflow has left. */
  private static final RaiseCancel NOT_SUSPENDED =
      () -> {
        throw Operations.cancelled(CancelReason.of(CancelReason.Source.EXPLICIT));
      };

  private final RunLoop loop;

  /**
   * A change of the tree was cut off by a fault, such as an overflow of the changing task's stack; see
   * {@link #repair(CancelNode)}. A field, since setting it takes no stack.
   */
  boolean faulted;

  /** Whose abort function is being called, the innermost if one leads to another. */
  private @Nullable KernelTask<?> current;

  Aborts(RunLoop loop) {
    this.loop = loop;
  }

  /** Aborts a task's sleep if there is one, it can be, and there is something to raise by now. */
  void deliver(KernelTask<?> task) {
    if (task.isAbortable() && task.mustRaise()) {
      abort(task, task.raiser());
    }
  }

  private void abort(KernelTask<?> task, RaiseCancel raiseCancel) {
    AbortFunction function = Objects.requireNonNull(task.abort);
    task.abort = null;
    task.aborting = true;
    Abort answer;
    Outcome<?> raised = null;
    boolean byLoop = loop.steps.foreignCode().enterByLoop();
    KernelTask<?> outer = current;
    current = task;
    loop.steps.callbacks++;
    try {
      answer = function.abort(raiseCancel);
      if (answer == Abort.SUCCEEDED && task.state == TaskState.PARKED) {
        raised = Outcome.capture(raiseCancel::raise);
      }
    } catch (Throwable error) {
      broke(task, "threw", error);
      task.aborting = false;
      return;
    } finally {
      loop.steps.callbacks--;
      current = outer;
      if (byLoop) {
        loop.steps.foreignCode().leaveByLoop();
      }
    }
    if (answer == null) {
      broke(task, "returned null instead of SUCCEEDED or FAILED", null);
    } else if (answer == Abort.SUCCEEDED) {
      if (raised != null) {
        loop.wake(task, raised);
      } else {
        loop.crash(
            new KernelError(
                "The abort function of "
                    + task
                    + " answered SUCCEEDED, but the task had already"
                    + " been rescheduled. Whoever reschedules must make the abort answer FAILED."));
      }
    }
    task.aborting = false;
  }

  /** From any thread, at a guess: whose abort function is being called. */
  @Nullable KernelTask<?> aborting() {
    return current;
  }

  /** Nobody can be relied on to wake that task any more, so it is woken here. */
  private void broke(KernelTask<?> task, String how, @Nullable Throwable error) {
    String message =
        "The abort function of "
            + task
            + ", which waits in "
            + task.stateLabel()
            + ", "
            + how
            + ". Abort functions must undo the sleep or answer FAILED.";
    KernelError failure =
        error == null ? new KernelError(message) : new KernelError(message, error);
    if (task.state == TaskState.PARKED) {
      loop.wake(task, Outcome.failure(failure));
    }
    loop.crash(failure);
  }

  /** The task could not be suspended after all: takes the arrangements for its sleep back. */
  void undoSleep(KernelTask<?> task, AbortFunction function) {
    loop.steps.callbacks++;
    try {
      Abort answer = function.abort(NOT_SUSPENDED);
      if (answer != Abort.SUCCEEDED) {
        loop.crash(
            new KernelError(
                task + " could not be suspended and its abort function could not undo the sleep."));
      }
    } catch (Throwable error) {
      loop.crash(new KernelError("The abort function of " + task + " threw.", error));
    } finally {
      loop.steps.callbacks--;
    }
  }

  /** Does, with the loop's own stack, what a fault has left undone. */
  void repair(CancelNode root) {
    if (!faulted) {
      return;
    }
    faulted = false;
    root.recalculateAll();
    for (KernelTask<?> task : TaskDumper.allTasks(root)) {
      if (task.aborting) {
        task.aborting = false;
        broke(task, "did not come to an end", null);
      } else {
        deliver(task);
      }
    }
  }
}
