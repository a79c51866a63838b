package dev.trefoil.kernel;

import dev.trefoil.hazmat.Abort;
import dev.trefoil.hazmat.AbortFunction;
import dev.trefoil.hazmat.Outcome;
import dev.trefoil.hazmat.RaiseCancel;
import dev.trefoil.hazmat.TaskState;
import org.jspecify.annotations.Nullable;

/** Ends one sleep when its time has come, unless a cancellation has come by then as well. */
final class Alarm extends Timer implements AbortFunction {
  private final KernelTask<?> sleeper;

  /** Whether it was this that has ended the sleep. */
  private boolean rang;

  Alarm(KernelTask<?> sleeper) {
    this.sleeper = sleeper;
  }

  boolean hasRung() {
    return rang;
  }

  /** Makes another one the next of those that are due; for {@link DueTimers}, once it is out of the heap. */
  void setNextDue(Alarm next) {
    heapOlder = next;
  }

  /** Takes away what {@link #setNextDue} has set, if it has. */
  @Nullable Alarm takeNextDue() {
    Timer next = heapOlder;
    heapOlder = null;
    return (Alarm) next;
  }

  @Override
  public Abort abort(RaiseCancel raiseCancel) {
    sleeper.loop().deadlines().remove(this);
    return Abort.SUCCEEDED;
  }

  /** To be called when it is out of the heap. */
  void ring() {
    if (sleeper.state == TaskState.PARKED && sleeper.abort == this) {
      rang = true;
      sleeper.loop().wake(sleeper, Outcome.nothing());
    }
  }
}
