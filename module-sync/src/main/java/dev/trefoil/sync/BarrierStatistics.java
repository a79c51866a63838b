package dev.trefoil.sync;

/**
 * A snapshot of a {@link Barrier}.
 *
 * @param parties how many tasks go on together
 * @param tasksWaiting how many of them had come and waited
 */
public record BarrierStatistics(int parties, int tasksWaiting) {}
