package dev.trefoil.benchmarks;

/** What every contender returns is looked at, or a wrong one could be the fastest. */
final class Results {
  private Results() {}

  static long require(long expected, long actual, String what) {
    if (expected != actual) {
      throw new IllegalStateException(
          "Expected " + expected + " " + what + ", got " + actual + ".");
    }
    return actual;
  }
}
