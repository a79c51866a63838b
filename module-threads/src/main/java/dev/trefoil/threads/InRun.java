package dev.trefoil.threads;

import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.Run;

/** Has things done on the thread of a run, from wherever it is asked for. */
final class InRun {
  private InRun() {}

  static boolean isCurrent(Run run) {
    return Hazmat.inRun() && Hazmat.currentRun() == run;
  }

  /**
   * Does it now if this is code of the run, and else soon, in an entry call. So it may overtake what
   * others have asked for.
   *
   * @param action short, cannot suspend
   * @throws dev.trefoil.hazmat.RunFinished if the run has ended and nothing will be done
   */
  static void nowOrSoon(Run run, Runnable action) {
    if (isCurrent(run)) {
      action.run();
    } else {
      run.entryPoint().callSoonThreadAndSignalSafe(action);
    }
  }
}
