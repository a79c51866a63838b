package dev.trefoil.hazmat;

/**
 * Counters of a run at one moment. Later versions may add fields.
 *
 * <p>Source: Trio's {@code current_statistics()}.
 *
 * @param tasksLiving tasks that have not ended, the main task and system tasks included
 * @param tasksRunnable tasks that wait for their turn
 * @param nanosToNextDeadline time until the next deadline, negative if it is overdue, {@link
 *     Long#MAX_VALUE} if there is none
 * @param deadlines deadlines that have not passed
 * @param cancelStatuses open nodes of the cancellation tree, the run's own included
 * @param entryQueueSize entry calls accepted and not yet run
 * @param io the state of I/O
 */
public record RunStatistics(
    int tasksLiving,
    int tasksRunnable,
    long nanosToNextDeadline,
    int deadlines,
    int cancelStatuses,
    int entryQueueSize,
    IoStatistics io) {}
