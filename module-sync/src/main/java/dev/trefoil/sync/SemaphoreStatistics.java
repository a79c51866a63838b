package dev.trefoil.sync;

/**
 * A snapshot of a {@link Semaphore}.
 *
 * <p>Source: Trio's {@code ParkingLotStatistics}, as its {@code Semaphore.statistics} returns.
 *
 * @param value how many tasks could have acquired it at once
 * @param tasksWaiting how many tasks waited to acquire it; 0 unless {@code value} is 0
 */
public record SemaphoreStatistics(int value, int tasksWaiting) {}
