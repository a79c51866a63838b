package dev.trefoil.benchmarks;

import java.util.Locale;

/** What is measured. */
enum Unit {
  NANOSECONDS("ns", false),
  MILLISECONDS("ms", false),
  BYTES("B", false),
  PER_SECOND("/s", true);

  private final String symbol;
  private final boolean moreIsBetter;

  Unit(String symbol, boolean moreIsBetter) {
    this.symbol = symbol;
    this.moreIsBetter = moreIsBetter;
  }

  boolean isReached(double ratio, double target) {
    return moreIsBetter ? ratio >= target : ratio <= target;
  }

  /** The ratio to reach so that what is measured costs at most that many times as much. */
  double atMost(double times) {
    return moreIsBetter ? 1 / times : times;
  }

  String comparison() {
    return moreIsBetter ? ">=" : "<=";
  }

  String format(double value) {
    return String.format(Locale.ROOT, value < 100 ? "%,.1f %s" : "%,.0f %s", value, symbol);
  }
}
