package dev.trefoil.queues;

import dev.trefoil.hazmat.Abort;
import dev.trefoil.hazmat.AbortFunction;
import dev.trefoil.hazmat.CancelStatus;
import dev.trefoil.hazmat.Cancelled;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.RaiseCancel;
import dev.trefoil.hazmat.Task;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A task that waits in several lines at once. The first that ends the wait takes it out of all. */
final class Selection implements AbortFunction {
  private final List<? extends Branch.Transfer<?, ?, ?>> branches;
  private final @Nullable Waiter<?>[] waiters;

  /** In how many lines it waits. */
  private int places;

  /** Set by the waiter that is served. */
  @Nullable Waiter<?> endedBy;

  private boolean abandoned;

  Selection(List<? extends Branch.Transfer<?, ?, ?>> branches) {
    this.branches = branches;
    this.waiters = new @Nullable Waiter<?>[branches.size()];
  }

  /**
   * Waits until one of the branches happens or fails.
   *
   * @return the place of that branch, or null if the deadline has passed before
   */
  @Nullable Waiter<?> await(long deadline) {
    if (deadline == CancelStatus.NO_DEADLINE) {
      return await();
    }
    CancelStatus status = Hazmat.currentTask().cancelStatus().newChild(this);
    try {
      status.enter();
    } catch (Throwable notEntered) {
      status.close();
      throw notEntered;
    }
    try {
      status.setDeadline(deadline);
      return await();
    } catch (Cancelled cancelled) {
      if (status.parentCancellationVisible() || cancelled.reason() != status.reason()) {
        throw cancelled;
      }
      return null;
    } finally {
      status.leave();
    }
  }

  private Waiter<?> await() {
    Task<?> task = Hazmat.currentTask();
    try {
      // Two passes: whoever looks at a line takes those out who do not sleep, and so would this one
      // do to a place of its own, at the other side of the same channel.
      for (int i = 0; i < waiters.length; i++) {
        Branch.Transfer<?, ?, ?> branch = branches.get(i);
        if (branch.port.progress() == Progress.WAITING) {
          waiters[i] = branch.newWaiter(task, this, i);
        }
      }
      for (int i = 0; i < waiters.length; i++) {
        if (waiters[i] != null) {
          branches.get(i).enlist(waiters[i]);
          places++;
        }
      }
      Hazmat.<@Nullable Object>yieldIndefinitely("SELECT_WAIT", this);
    } finally {
      // There may be no room on the stack even for a call, so the mark comes first.
      abandoned = true;
      leaveAll();
    }
    if (endedBy == null) {
      throw Waiter.wokenByStranger();
    }
    return endedBy;
  }

  boolean isAbandoned() {
    return abandoned;
  }

  /** Whether that ends the wait, and not only this branch's part in it. */
  boolean isEndedBy(Waiter<?> waiter, Progress why) {
    return why != Progress.OVER || !branches.get(waiter.branch).untilEnd || places == 1;
  }

  void drop() {
    places--;
  }

  /** Takes the task out of all lines. */
  void leaveAll() {
    for (Waiter<?> waiter : waiters) {
      if (waiter != null) {
        waiter.leave();
      }
    }
  }

  @Override
  public Abort abort(RaiseCancel raiseCancel) {
    leaveAll();
    return Abort.SUCCEEDED;
  }

  @Override
  public String toString() {
    return "select of " + branches.size() + " branches";
  }
}
