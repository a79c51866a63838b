package dev.trefoil.tasks;

import dev.trefoil.hazmat.CancelStatus;
import dev.trefoil.hazmat.Hazmat;
import java.time.Duration;
import java.util.Objects;

/** Durations as points on the run's clock, without overflow. */
final class Times {
  private Times() {}

  /** Refuses a negative duration. */
  static Duration requireNotNegative(Duration duration, String what) {
    Objects.requireNonNull(duration, () -> what + ": expected a duration, got null");
    if (duration.isNegative()) {
      throw new IllegalArgumentException(
          what + ": expected zero or a positive duration, got " + duration);
    }
    return duration;
  }

  /** The point that is {@code duration} from now; NO_DEADLINE if that is beyond what can be told. */
  static long after(Duration duration) {
    long now = Hazmat.currentRun().clock().now();
    long nanos;
    try {
      nanos = duration.toNanos();
    } catch (ArithmeticException centuries) {
      return CancelStatus.NO_DEADLINE;
    }
    long point = now + nanos;
    return point < now ? CancelStatus.NO_DEADLINE : point;
  }
}
