package dev.trefoil.queues;

/**
 * Counters of a queue at one moment. Later versions may add fields.
 *
 * @param size the number of items in the queue
 * @param maxSize the number of items that it can hold, 0 for any number
 * @param unfinished the number of items that were put and not reported done
 * @param waitingToGet the number of those who wait for an item
 * @param waitingToPut the number of those who wait for a free slot
 * @param waitingToJoin the number of those who wait until everything is done
 */
public record QueueStatistics(
    int size,
    int maxSize,
    long unfinished,
    int waitingToGet,
    int waitingToPut,
    int waitingToJoin) {}
