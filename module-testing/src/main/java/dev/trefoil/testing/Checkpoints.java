package dev.trefoil.testing;

import dev.trefoil.hazmat.Action;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.Task;
import org.jspecify.annotations.Nullable;

/**
 * Holds code to its promise of being a checkpoint, or of being none.
 *
 * <p>Both halves count: a checkpoint is a schedule point and a cancel point. What counts is what the
 * current task passes; other tasks do not matter. A schedule point whose switch was skipped counts.
 *
 * <p>Source: Trio's {@code assert_checkpoints} and {@code assert_no_checkpoints}.
 */
public final class Checkpoints {
  private Checkpoints() {}

  /**
   * Runs {@code body} and fails unless it passed at least one schedule point and at least one cancel
   * point, not necessarily in one operation. The body is held to it even if it throws: an operation
   * that fails must be a checkpoint too, or a loop around it starves everybody else.
   *
   * @param <X> what {@code body} may throw
   * @param body what to watch; may suspend
   * @throws X whatever {@code body} throws, the very same object, if it did pass a checkpoint
   * @throws AssertionError if it did not; the cause is what {@code body} threw, if it threw
   * @throws IllegalStateException outside a task
   */
  public static <X extends Throwable> void assertCheckpoints(Action<X> body) throws X {
    watch(
        body,
        (schedulePoints, cancelPoints) -> {
          if (schedulePoints > 0 && cancelPoints > 0) {
            return null;
          }
          return "Expected a checkpoint, that is a schedule point and a cancel point, but there was"
              + " "
              + (schedulePoints > 0
                  ? "no cancel point."
                  : cancelPoints > 0 ? "no schedule point." : "neither.");
        });
  }

  /**
   * Runs {@code body} and fails if it passed a schedule point or a cancel point, also if it throws.
   *
   * @param <X> what {@code body} may throw
   * @param body what to watch
   * @throws X whatever {@code body} throws, the very same object, if it passed neither
   * @throws AssertionError if it did; the cause is what {@code body} threw, if it threw
   * @throws IllegalStateException outside a task
   */
  public static <X extends Throwable> void assertNoCheckpoints(Action<X> body) throws X {
    watch(
        body,
        (schedulePoints, cancelPoints) ->
            schedulePoints == 0 && cancelPoints == 0
                ? null
                : "Expected no checkpoint, not even half of one, but there were "
                    + schedulePoints
                    + " schedule points and "
                    + cancelPoints
                    + " cancel points.");
  }

  @FunctionalInterface
  private interface Expectation {
    /** Says what is wrong, or null. */
    @Nullable String judge(long schedulePoints, long cancelPoints);
  }

  private static <X extends Throwable> void watch(Action<X> body, Expectation expectation)
      throws X {
    Task<?> task = Hazmat.currentTask();
    long schedulePoints = task.schedulePoints();
    long cancelPoints = task.cancelPoints();
    Throwable thrown = null;
    try {
      body.run();
    } catch (Throwable error) {
      thrown = error;
      throw error;
    } finally {
      String wrong =
          expectation.judge(
              task.schedulePoints() - schedulePoints, task.cancelPoints() - cancelPoints);
      if (wrong != null) {
        throw new AssertionError(wrong, thrown);
      }
    }
  }
}
