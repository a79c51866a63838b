package dev.trefoil.tests.coverage;

/** How the executions of one test method ended. */
record Tally(int passed, int failed, int skipped) {

  static final Tally PASSED = new Tally(1, 0, 0);
  static final Tally FAILED = new Tally(0, 1, 0);
  static final Tally SKIPPED = new Tally(0, 0, 1);

  Tally plus(Tally other) {
    return new Tally(passed + other.passed, failed + other.failed, skipped + other.skipped);
  }

  @Override
  public String toString() {
    return passed
        + " passed"
        + (failed > 0 ? ", " + failed + " FAILED" : "")
        + (skipped > 0 ? ", " + skipped + " skipped" : "");
  }
}
