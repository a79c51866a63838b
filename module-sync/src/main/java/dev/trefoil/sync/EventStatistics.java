package dev.trefoil.sync;

/**
 * A snapshot of an {@link Event}.
 *
 * <p>Source: Trio's {@code EventStatistics}.
 *
 * @param set whether it was set
 * @param tasksWaiting how many tasks waited for it
 */
public record EventStatistics(boolean set, int tasksWaiting) {}
