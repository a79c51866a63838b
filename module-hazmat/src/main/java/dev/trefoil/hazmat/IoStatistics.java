package dev.trefoil.hazmat;

/**
 * The state of a run's I/O at one moment.
 *
 * @param backend the name of the I/O backend
 * @param tasksWaitingRead tasks that wait until something is readable
 * @param tasksWaitingWrite tasks that wait until something is writable
 */
public record IoStatistics(String backend, int tasksWaitingRead, int tasksWaitingWrite) {}
