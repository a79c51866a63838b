package dev.trefoil.kernel;

import dev.trefoil.hazmat.CancelStatus;
import dev.trefoil.hazmat.Clock;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The system's monotonic clock, from an origin drawn by lot, so that nobody comes to rely on what a
 * point in time looks like.
 */
final class SystemClock implements Clock {
  private static final long LARGEST_ORIGIN = 1L << 50; // about 13 days

  private final long offset =
      ThreadLocalRandom.current().nextLong(LARGEST_ORIGIN) - System.nanoTime();

  @Override
  public long now() {
    return System.nanoTime() + offset;
  }

  @Override
  public long nanosUntil(long deadline) {
    if (deadline == CancelStatus.NO_DEADLINE) {
      return Long.MAX_VALUE;
    }
    // A deadline in the far past would overflow.
    return deadline <= 0 ? 0 : deadline - now();
  }
}
