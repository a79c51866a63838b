package dev.trefoil.benchmarks;

/**
 * How much of a job is done: all of it where time is measured, and little where only the results are
 * looked at.
 */
final class Size {
  /** Set to {@code true} where only the results are looked at. */
  static final String TINY = "trefoil.bench.tiny";

  private static final int DIVISOR = 1_000;
  private static final int LEAST = 100;

  private Size() {}

  static int of(int full) {
    return Boolean.getBoolean(TINY) && full > LEAST ? Math.max(LEAST, full / DIVISOR) : full;
  }
}
