package dev.trefoil.queues;

/**
 * Counters of a {@link MemoryChannel} at one moment. Later versions may add fields.
 *
 * @param used the number of items in the buffer
 * @param capacity the number of items that the buffer can hold, {@link MemoryChannel#UNLIMITED} for
 *     any number
 * @param peak the largest number of items that the buffer has held at once
 * @param openSenders the number of sending ends that are open
 * @param openReceivers the number of receiving ends that are open
 * @param waitingToSend the number of tasks that wait to send
 * @param waitingToReceive the number of tasks that wait to receive
 */
public record MemoryChannelStatistics(
    int used,
    int capacity,
    int peak,
    int openSenders,
    int openReceivers,
    int waitingToSend,
    int waitingToReceive) {}
