package dev.trefoil.queues;

import dev.trefoil.hazmat.Abort;
import dev.trefoil.hazmat.AbortFunction;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.Outcome;
import dev.trefoil.hazmat.RaiseCancel;
import dev.trefoil.hazmat.Task;
import dev.trefoil.hazmat.TaskState;
import org.jspecify.annotations.Nullable;

/**
 * A task's place in line, to put or to get: by itself, or as one branch of a select.
 *
 * <p>Whoever serves it leaves the result here, wakes the task and takes the place out of the list,
 * in one go; so it is either in the list, and nothing has happened, or it was served.
 */
final class Waiter<E> implements AbortFunction {
  final Task<?> task;

  /** The end of the channel that it waits at, which may be closed under it. */
  final @Nullable Object end;

  /** The select that it waits for, and as which of its branches. */
  private final @Nullable Selection selection;

  final int branch;

  /** Of a putter what it puts; of a getter what it was given. */
  @Nullable E item;

  Progress progress = Progress.WAITING;
  private boolean abandoned;
  @Nullable WaitList<E> list;
  @Nullable Waiter<E> previous;
  @Nullable Waiter<E> next;

  Waiter(@Nullable Object end, @Nullable E item) {
    this(Hazmat.currentTask(), end, item, null, 0);
  }

  Waiter(
      Task<?> task,
      @Nullable Object end,
      @Nullable E item,
      @Nullable Selection selection,
      int branch) {
    this.task = task;
    this.end = end;
    this.item = item;
    this.selection = selection;
    this.branch = branch;
  }

  /**
   * Whether there is still somebody to serve: not if the task could not leave the line when it gave
   * up, as on a stack overflow, or if it was woken by somebody who has no business to.
   */
  boolean isWaiting() {
    return !abandoned
        && (selection == null || !selection.isAbandoned())
        && task.state() == TaskState.PARKED;
  }

  /** Waits in line; returns how it ended. */
  Progress await(WaitList<E> line, String label) {
    line.add(this);
    try {
      Hazmat.<@Nullable Object>yieldIndefinitely(label, this);
    } finally {
      // There may be no room on the stack even for a call, so the mark comes first.
      abandoned = true;
      leave();
    }
    if (progress == Progress.WAITING) {
      throw wokenByStranger();
    }
    return progress;
  }

  static IllegalStateException wokenByStranger() {
    return new IllegalStateException(
        "Expected nobody but the other side to wake a task that waits for it, but somebody did. A"
            + " task may only be rescheduled by who made the arrangement for its sleep.");
  }

  /** Hands an item to a getter. */
  void give(E given) {
    item = given;
    try {
      wake(Progress.DONE);
    } catch (Throwable notWoken) {
      item = null;
      throw notWoken;
    }
  }

  /** Ends the wait. */
  void wake(Progress why) {
    if (selection != null && !selection.isEndedBy(this, why)) {
      selection.drop();
      leave();
      return;
    }
    // Fields, since a call would have to be undone if the stack ends in the next one.
    progress = why;
    if (selection != null) {
      selection.endedBy = this;
    }
    try {
      Hazmat.reschedule(task);
    } catch (Throwable notWoken) {
      progress = Progress.WAITING;
      if (selection != null) {
        selection.endedBy = null;
      }
      throw notWoken;
    }
    // Only now: a fault in the above, such as a stack overflow, must not lose a sleeper.
    leaveServed();
  }

  /** Ends the wait with an error. */
  void fail(Throwable error) {
    Hazmat.reschedule(task, Outcome.failure(error));
    leaveServed();
  }

  /** From here on there is nothing to be undone, so whoever serves must not get an error. */
  private void leaveServed() {
    try {
      if (selection == null) {
        leave();
      } else {
        selection.leaveAll();
      }
    } catch (StackOverflowError tooDeep) {
      // It does not sleep any more, so who comes next takes it out; see isWaiting.
    }
  }

  void leave() {
    WaitList<E> line = list;
    if (line != null) {
      line.remove(this);
    }
  }

  @Override
  public Abort abort(RaiseCancel raiseCancel) {
    leave();
    return Abort.SUCCEEDED;
  }
}
