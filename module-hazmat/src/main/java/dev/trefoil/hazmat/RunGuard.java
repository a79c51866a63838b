package dev.trefoil.hazmat;

import java.lang.ref.WeakReference;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a primitive to one run at a time: the one that used it first, until that has ended. What a
 * primitive is made of is confined to a run's thread; this is how it notices a user from elsewhere,
 * before that has broken anything.
 *
 * <p>A primitive may be a constant that outlives many runs, so this does not keep a run from being
 * collected.
 *
 * <p>Thread-safety: for all threads, since finding the wrong ones is its purpose.
 */
public final class RunGuard {
  private final Object guarded;
  private volatile @Nullable WeakReference<Run> current;

  /**
   * Makes a guard that has seen no run.
   *
   * @param guarded the primitive, for messages
   */
  public RunGuard(Object guarded) {
    this.guarded = Objects.requireNonNull(guarded, "guarded");
  }

  /**
   * Refuses callers from elsewhere than the run that the primitive belongs to; they need not be tasks.
   * No checkpoint.
   *
   * @throws IllegalStateException outside a run, and in another run than the one that has used the
   *     primitive before and has not ended
   */
  public void require() {
    require(Hazmat.currentRun());
  }

  /**
   * Returns the calling task, if it may use the primitive. No checkpoint.
   *
   * @return the current task
   * @throws IllegalStateException as {@link #require()}, and in code of a run that is no task
   */
  public Task<?> requireTask() {
    Task<?> task = Hazmat.currentTask();
    require(task.run());
    return task;
  }

  private void require(Run run) {
    WeakReference<Run> user = current;
    if (user == null || !user.refersTo(run)) {
      adopt(run);
    }
  }

  private synchronized void adopt(Run run) {
    WeakReference<Run> user = current;
    Run before = user == null ? null : user.get();
    if (before != null && before != run && !before.hasEnded()) {
      throw new IllegalStateException(
          guarded
              + " belongs to "
              + before
              + ", which has not ended, and cannot be used from "
              + run
              + ". Make one for each run. Between runs, and between a run and threads, use"
              + " UniversalEvent, UniversalResult or UniversalQueue, or enter the other run with"
              + " EntryPoint.callSoonThreadAndSignalSafe.");
    }
    current = new WeakReference<>(run);
  }
}
