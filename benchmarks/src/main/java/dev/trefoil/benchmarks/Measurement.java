package dev.trefoil.benchmarks;

/**
 * What one contender reached in one round.
 *
 * @param job the job, with its parameters
 * @param contender who did it
 * @param unit of the value
 * @param value the median
 * @param processorNanos time of all processors for an operation, NaN if unknown
 * @param allocated bytes allocated for an operation, NaN if unknown
 */
record Measurement(
    String job,
    String contender,
    Unit unit,
    double value,
    double processorNanos,
    double allocated) {
  Measurement(String job, String contender, Unit unit, double value) {
    this(job, contender, unit, value, Double.NaN, Double.NaN);
  }
}
