package dev.trefoil.benchmarks;

/**
 * What Trefoil is to reach.
 *
 * @param peer whom to beat; Trefoil itself if its own value has a limit
 * @param ratio Trefoil's value to the peer's, or the limit
 * @param byProcessorTime whether the time of the processor is compared
 */
record Target(String peer, double ratio, boolean byProcessorTime) {}
