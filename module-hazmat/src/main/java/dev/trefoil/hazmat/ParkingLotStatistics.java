package dev.trefoil.hazmat;

/**
 * Counters of a {@link ParkingLot} at one moment. Later versions may add fields.
 *
 * @param tasksWaiting the number of parked tasks
 */
public record ParkingLotStatistics(int tasksWaiting) {}
