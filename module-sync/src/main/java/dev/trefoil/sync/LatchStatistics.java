package dev.trefoil.sync;

/**
 * A snapshot of a {@link Latch}.
 *
 * @param count how often it had still to be counted down
 * @param tasksWaiting how many tasks waited for that
 */
public record LatchStatistics(int count, int tasksWaiting) {}
