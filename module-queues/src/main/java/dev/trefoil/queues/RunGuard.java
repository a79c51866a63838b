package dev.trefoil.queues;

import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.Run;
import org.jspecify.annotations.Nullable;

/**
 * Keeps something to the run that used it first, until that run has ended.
 *
 * <p>The field is plain: that another run uses it at the very same moment may go unnoticed once, but
 * not when it is used again.
 */
final class RunGuard {
  private final Object guarded;
  private @Nullable Run run;

  RunGuard(Object guarded) {
    this.guarded = guarded;
  }

  /** Throws unless the calling thread executes the run that this belongs to. */
  void check() {
    Run current = Hazmat.currentRun();
    if (run != current) {
      adopt(current);
    }
  }

  private void adopt(Run current) {
    Run former = run;
    if (former != null && !former.hasEnded()) {
      throw new IllegalStateException(
          "Expected to be used in "
              + former
              + ", which has used this "
              + guarded
              + " before, but was used from "
              + current
              + ". Enter the other run with EntryPoint.callSoonThreadAndSignalSafe, or use a"
              + " UniversalQueue.");
    }
    run = current;
  }
}
