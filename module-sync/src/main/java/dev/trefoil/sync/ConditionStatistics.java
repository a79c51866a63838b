package dev.trefoil.sync;

/**
 * A snapshot of a {@link Condition}.
 *
 * <p>Source: Trio's {@code ConditionStatistics}.
 *
 * @param tasksWaiting how many tasks waited to be signalled; those that were, and now wait for the lock,
 *     are counted there
 * @param lock the lock's
 */
public record ConditionStatistics(int tasksWaiting, LockStatistics lock) {}
