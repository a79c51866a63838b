package dev.trefoil.queues;

import dev.trefoil.hazmat.RunGuard;

/** What the ends of a memory channel share. */
final class ChannelCore<E> {
  final Exchange<E> exchange;
  int openSenders;
  int openReceivers;

  ChannelCore(int capacity) {
    this.exchange = new Exchange<>(new RingBuffer<>(), capacity, new RunGuard(this));
  }

  void senderClosed(Object end) {
    exchange.putters.wakeAll(end, Progress.CLOSED);
    openSenders--;
    if (openSenders == 0) {
      exchange.getters.wakeAll(null, Progress.OVER);
    }
  }

  void receiverClosed(Object end) {
    exchange.getters.wakeAll(end, Progress.CLOSED);
    openReceivers--;
    if (openReceivers == 0) {
      exchange.putters.wakeAll(null, Progress.OVER);
      exchange.buffer.clear();
    }
  }

  MemoryChannelStatistics statistics() {
    return new MemoryChannelStatistics(
        exchange.buffer.size,
        exchange.capacity,
        exchange.peak,
        openSenders,
        openReceivers,
        exchange.putters.size(),
        exchange.getters.size());
  }

  @Override
  public String toString() {
    return exchange.capacity == MemoryChannel.UNLIMITED
        ? "memory channel of unlimited capacity"
        : "memory channel of capacity " + exchange.capacity;
  }
}
