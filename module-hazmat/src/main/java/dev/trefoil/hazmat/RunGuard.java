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

  /**
   * Not volatile: a run finds itself in here only if it has put itself in, and then nobody else does
   * until it has ended.
   */
  private @Nullable WeakReference<Run> current;

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
    require(KernelOperations.required());
  }

  /**
   * Returns the calling task, if it may use the primitive. No checkpoint.
   *
   * @return the current task
   * @throws IllegalStateException as {@link #require()}, and in code of a run that is no task
   */
  public Task<?> requireTask() {
    KernelOperations kernel = KernelOperations.required();
    Task<?> task = Hazmat.currentTask(kernel);
    require(kernel);
    return task;
  }

  /**
   * Passes a whole checkpoint and returns the calling task, if that takes no switch: for an operation
   * that could be done at once. It may then be done without {@link Hazmat#yieldIfCancelled()} before and
   * {@link Hazmat#yieldBrieflyNoCancel()} after it, in a fraction of the time:
   *
   * <pre>{@code
   * if (value > 0 && guard.tryCheckpoint() != null) {
   *   value--;
   *   return;
   * }
   * guard.requireTask();
   * Hazmat.yieldIfCancelled();
   * ...
   * }</pre>
   *
   * <p>What the condition before the call reads may be another run's, so it must not change anything. The
   * kernel skips as many switches here as in {@link Hazmat#yieldBrieflyNoCancel()}.
   *
   * @return the current task, or {@code null} if a switch is due, something is to be raised or the caller
   *     cannot suspend: nothing has happened then, and the operation has to go its usual way
   * @throws IllegalStateException as {@link #require()}
   */
  public @Nullable Task<?> tryCheckpoint() {
    KernelOperations kernel = KernelOperations.required();
    require(kernel);
    return kernel.tryCheckpoint();
  }

  private void require(KernelOperations kernel) {
    WeakReference<Run> user = kernel.reference();
    if (user != current) {
      adopt(user);
    }
  }

  private synchronized void adopt(WeakReference<Run> user) {
    Run run = user.get();
    Run before = current == null ? null : current.get();
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
    current = user;
  }
}
