package dev.trefoil.queues;

/**
 * Counters of an {@link UnboundedQueue} at one moment. Later versions may add fields.
 *
 * @param size the number of items in the queue
 * @param waitingToGet the number of tasks that wait for a batch
 */
public record UnboundedQueueStatistics(int size, int waitingToGet) {}
