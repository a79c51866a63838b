package dev.trefoil.sync;

/**
 * A snapshot of a {@link UniversalEvent}.
 *
 * @param set whether it was set
 * @param tasksWaiting how many tasks waited for it, in all runs
 * @param threadsWaiting how many threads waited for it
 */
public record UniversalEventStatistics(boolean set, int tasksWaiting, int threadsWaiting) {}
