package dev.trefoil.queues;

/**
 * A channel between tasks: a sending and a receiving end, and a buffer in between. What a {@link
 * Queue} has not: both sides can be cloned and closed, and each side learns when the other is gone.
 *
 * <pre>{@code
 * MemoryChannel<Page> pages = MemoryChannel.open(0);
 * Nursery.open(nursery -> {
 *   nursery.spawn(() -> { try (var sender = pages.sender()) { crawl(sender); } });
 *   for (Page page : pages.receiver()) {          // until the sender is closed
 *     index(page);
 *   }
 * });
 * }</pre>
 *
 * <p>With a capacity of 0 each send waits for a receive: a rendezvous. With several producers, give
 * each a {@linkplain MemorySendChannel#clone() clone} to close when it is done; the receivers meet
 * the end when all are closed.
 *
 * <p>Fair on both sides: an item that is sent while tasks wait to receive is handed to the one that
 * has waited longest, whichever clone it waits at; a slot that becomes free goes to the one that has
 * waited longest to send. Nobody overtakes them, neither newcomers nor the {@code Nowait} twins. A
 * task that was given an item, or whose item was taken, keeps that even if it is cancelled, or its
 * end is closed, before it runs again. A task cancelled before that has not received or sent
 * anything, and leaves no trace.
 *
 * <p>Thread-safety: for the tasks of one run at a time; from a foreign thread, or from another run
 * before the first has ended, every operation that could change something is refused with {@link
 * IllegalStateException}.
 *
 * <p>Source: Trio's {@code open_memory_channel}.
 *
 * @param <E> the type of the items
 * @param sender the sending end
 * @param receiver the receiving end
 */
public record MemoryChannel<E>(MemorySendChannel<E> sender, MemoryReceiveChannel<E> receiver) {
  /** The capacity of a buffer that takes everything. Sending never waits then; beware. */
  public static final int UNLIMITED = Integer.MAX_VALUE;

  /**
   * Opens a channel.
   *
   * @param <E> the type of the items
   * @param capacity the number of items that the buffer can hold; 0 makes each send wait for a
   *     receive
   * @return both ends, open
   * @throws IllegalArgumentException if {@code capacity} is negative
   */
  public static <E> MemoryChannel<E> open(int capacity) {
    if (capacity < 0) {
      throw new IllegalArgumentException(
          "capacity: expected 0 or more items, or MemoryChannel.UNLIMITED, got " + capacity);
    }
    ChannelCore<E> core = new ChannelCore<>(capacity);
    return new MemoryChannel<>(new MemorySendChannel<>(core), new MemoryReceiveChannel<>(core));
  }
}
