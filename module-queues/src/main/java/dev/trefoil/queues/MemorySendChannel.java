package dev.trefoil.queues;

import dev.trefoil.hazmat.BrokenResource;
import dev.trefoil.hazmat.ClosedResource;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.WouldBlock;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A sending end of a {@link MemoryChannel}, which tells what holds for both ends.
 *
 * <p>Source: Trio's {@code MemorySendChannel}.
 *
 * @param <E> the type of the items
 */
public final class MemorySendChannel<E> implements AutoCloseable {
  private final ChannelCore<E> core;
  private final Exchange<E> exchange;
  final SendPort port = new SendPort();
  private boolean closed;

  MemorySendChannel(ChannelCore<E> core) {
    this.core = core;
    this.exchange = core.exchange;
    core.openSenders++;
  }

  /**
   * Sends an item, waiting for a free slot, or with a capacity of 0 for a receiver. A checkpoint.
   *
   * <p>Source: Trio's {@code MemorySendChannel.send}.
   *
   * @param item what to send
   * @throws ClosedResource if this end is closed, or gets closed meanwhile
   * @throws BrokenResource if all receiving ends are closed, or get closed meanwhile
   * @throws dev.trefoil.hazmat.Cancelled if cancelled
   */
  public void send(E item) {
    Queue.requireItem(item);
    if (!closed
        && core.openReceivers > 0
        && exchange.looksPuttable()
        && exchange.guard.tryCheckpoint() != null
        && exchange.offer(item)) {
      return;
    }
    Hazmat.yieldIfCancelled();
    Progress progress;
    try {
      progress = trySend(item);
    } catch (Throwable refused) {
      Hazmat.yieldBrieflyNoCancel();
      throw refused;
    }
    if (progress != Progress.WAITING) {
      Hazmat.yieldBrieflyNoCancel();
    } else {
      progress = new Waiter<>(this, item).await(exchange.putters, "CHANNEL_SEND");
    }
    if (progress != Progress.DONE) {
      throw failure(progress);
    }
  }

  /**
   * Sends an item if that is possible at once. Never waits; no checkpoint.
   *
   * <p>Source: Trio's {@code MemorySendChannel.send_nowait}.
   *
   * @param item what to send
   * @throws WouldBlock if the buffer is full, or with a capacity of 0 if nobody waits to receive
   * @throws ClosedResource if this end is closed
   * @throws BrokenResource if all receiving ends are closed
   */
  public void sendNowait(E item) {
    Queue.requireItem(item);
    Progress progress = trySend(item);
    if (progress == Progress.WAITING) {
      throw new WouldBlock(
          "Expected a free slot or a receiver that waits, but this "
              + core
              + " has neither. Use send, which waits.");
    }
    if (progress != Progress.DONE) {
      throw failure(progress);
    }
  }

  private Progress trySend(E item) {
    exchange.guard.require();
    if (closed) {
      return Progress.CLOSED;
    }
    if (core.openReceivers == 0) {
      return Progress.OVER;
    }
    return exchange.offer(item) ? Progress.DONE : Progress.WAITING;
  }

  private RuntimeException failure(Progress why) {
    if (why == Progress.CLOSED) {
      return new ClosedResource(
          "Expected an open sending end, but this one of a "
              + core
              + " was closed by this program. Give each task that sends a clone of its own to"
              + " close.");
    }
    return new BrokenResource(
        "Expected somebody to receive, but all receiving ends of this "
            + core
            + " are closed. What was sent and not received is lost.");
  }

  /**
   * Makes another sending end of the same channel. Receivers meet the end when all are closed. Never
   * waits; no checkpoint.
   *
   * <p>Source: Trio's {@code MemorySendChannel.clone}.
   *
   * @return a new end, open
   * @throws ClosedResource if this end is closed
   */
  @Override
  public MemorySendChannel<E> clone() {
    exchange.guard.require();
    if (closed) {
      throw failure(Progress.CLOSED);
    }
    return new MemorySendChannel<>(core);
  }

  /**
   * Closes this end. Tasks that wait to send at this very end get {@link ClosedResource}; what is in
   * the buffer stays to be received; when the last sending end is closed, receivers get {@link
   * dev.trefoil.hazmat.EndOfChannel} after that. Closing again does nothing. Never waits; no
   * checkpoint.
   *
   * <p>Source: Trio's {@code MemorySendChannel.close}; there is nothing that its {@code aclose} would
   * wait for.
   */
  @Override
  public void close() {
    exchange.guard.require();
    if (!closed) {
      closed = true;
      core.senderClosed(this);
    }
  }

  /**
   * Returns a snapshot of the channel's counters.
   *
   * @return the statistics
   */
  public MemoryChannelStatistics statistics() {
    return core.statistics();
  }

  @Override
  public String toString() {
    return (closed ? "closed sending end of a " : "sending end of a ") + core;
  }

  final class SendPort implements Port<E> {
    @Override
    public Exchange<E> exchange() {
      return exchange;
    }

    @Override
    public WaitList<E> line() {
      return exchange.putters;
    }

    @Override
    public Object end() {
      return MemorySendChannel.this;
    }

    @Override
    public Progress progress() {
      if (closed) {
        return Progress.CLOSED;
      }
      if (core.openReceivers == 0) {
        return Progress.OVER;
      }
      return exchange.canPut() ? Progress.DONE : Progress.WAITING;
    }

    @Override
    public @Nullable E transfer(@Nullable E item) {
      exchange.offer(Objects.requireNonNull(item));
      return null;
    }

    @Override
    public RuntimeException failure(Progress why) {
      return MemorySendChannel.this.failure(why);
    }
  }
}
