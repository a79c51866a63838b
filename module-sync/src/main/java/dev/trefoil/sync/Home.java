package dev.trefoil.sync;

import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.Run;
import dev.trefoil.hazmat.Task;
import java.lang.ref.WeakReference;
import org.jspecify.annotations.Nullable;

/**
 * Which run a primitive belongs to: the one that used it first, until that has ended. A primitive may
 * be a constant that outlives many runs, so it does not keep its run from being collected.
 */
final class Home {
  private final Object resident;
  private volatile @Nullable WeakReference<Run> current;

  Home(Object resident) {
    this.resident = resident;
  }

  /** The task that calls, if it belongs here. */
  Task<?> callingTask() {
    Task<?> task = Hazmat.currentTask();
    require(task.run());
    return task;
  }

  /** Refuses callers that do not belong here; they need not be tasks. */
  void requireHere() {
    require(Hazmat.currentRun());
  }

  private void require(Run run) {
    WeakReference<Run> home = current;
    if (home == null || !home.refersTo(run)) {
      moveTo(run);
    }
  }

  private synchronized void moveTo(Run run) {
    WeakReference<Run> home = current;
    Run before = home == null ? null : home.get();
    if (before != null && before != run && !before.hasEnded()) {
      throw new IllegalStateException(
          resident
              + " belongs to "
              + before
              + ", which has not ended, and cannot be used from "
              + run
              + ". Make one for each run; between runs and threads use UniversalEvent or"
              + " UniversalResult, or enter the other run with"
              + " EntryPoint.callSoonThreadAndSignalSafe.");
    }
    current = new WeakReference<>(run);
  }
}
