package dev.trefoil.queues;

import dev.trefoil.hazmat.ClosedResource;
import dev.trefoil.hazmat.EndOfChannel;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.WouldBlock;
import java.util.Iterator;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A receiving end of a {@link MemoryChannel}, which tells what holds for both ends.
 *
 * <p>Source: Trio's {@code MemoryReceiveChannel}.
 *
 * @param <E> the type of the items
 */
public final class MemoryReceiveChannel<E> implements Iterable<E>, AutoCloseable {
  private final ChannelCore<E> core;
  private final Exchange<E> exchange;
  final ReceivePort port = new ReceivePort();
  private boolean closed;

  MemoryReceiveChannel(ChannelCore<E> core) {
    this.core = core;
    this.exchange = core.exchange;
    core.openReceivers++;
  }

  /**
   * Receives the next item, waiting for one if there is none. A checkpoint.
   *
   * <p>Source: Trio's {@code MemoryReceiveChannel.receive}.
   *
   * @return the item
   * @throws EndOfChannel if there is no item and all sending ends are closed, or get closed meanwhile
   * @throws ClosedResource if this end is closed, or gets closed meanwhile
   * @throws dev.trefoil.hazmat.Cancelled if cancelled; no item was taken then
   */
  public E receive() {
    E item = null;
    if (!closed && exchange.looksGettable() && exchange.guard.tryCheckpoint() != null) {
      item = exchange.poll();
    }
    return item != null ? item : receiveUsually();
  }

  private E receiveUsually() {
    Hazmat.yieldIfCancelled();
    E item;
    try {
      item = tryReceive();
    } catch (Throwable refused) {
      Hazmat.yieldBrieflyNoCancel();
      throw refused;
    }
    if (item != null) {
      Hazmat.yieldBrieflyNoCancel();
      return item;
    }
    Waiter<E> waiter = new Waiter<>(this, null);
    Progress progress = waiter.await(exchange.getters, "CHANNEL_RECEIVE");
    if (progress != Progress.DONE) {
      throw failure(progress);
    }
    return Objects.requireNonNull(waiter.item);
  }

  /**
   * Receives the next item if there is one. Never waits; no checkpoint.
   *
   * <p>Source: Trio's {@code MemoryReceiveChannel.receive_nowait}.
   *
   * @return the item
   * @throws WouldBlock if there is none; an item that was handed to a waiting task does not count
   * @throws EndOfChannel if there is no item and all sending ends are closed
   * @throws ClosedResource if this end is closed
   */
  public E receiveNowait() {
    E item = tryReceive();
    if (item == null) {
      throw new WouldBlock(
          "Expected an item or a sender that waits, but this "
              + core
              + " has neither. Use receive, which waits.");
    }
    return item;
  }

  private @Nullable E tryReceive() {
    exchange.guard.require();
    if (closed) {
      throw failure(Progress.CLOSED);
    }
    E item = exchange.poll();
    if (item == null && core.openSenders == 0) {
      throw failure(Progress.OVER);
    }
    return item;
  }

  private RuntimeException failure(Progress why) {
    if (why == Progress.CLOSED) {
      return new ClosedResource(
          "Expected an open receiving end, but this one of a "
              + core
              + " was closed by this program. Give each task that receives a clone of its own to"
              + " close.");
    }
    return new EndOfChannel(
        "There is nothing more to receive: all sending ends of this "
            + core
            + " are closed and its buffer is empty. Iterate over the receiving end to stop there.");
  }

  /**
   * Returns an iterator that receives until the end: {@code for (E item : channel)}. Its {@code
   * hasNext} is a checkpoint and receives an item, which {@code next} then returns; so break out of a
   * loop where you like, but do not drop an iterator between the two. It does not close this end.
   *
   * <p>Source: {@code async for} over Trio's {@code ReceiveChannel}.
   *
   * @return a new iterator; several take turns
   */
  @Override
  public Iterator<E> iterator() {
    return new ReceivingIterator<>(this::receive);
  }

  /**
   * Makes another receiving end of the same channel. Senders learn that nobody receives when all are
   * closed. Never waits; no checkpoint.
   *
   * <p>Source: Trio's {@code MemoryReceiveChannel.clone}.
   *
   * @return a new end, open; each item goes to one of the ends
   * @throws ClosedResource if this end is closed
   */
  @Override
  public MemoryReceiveChannel<E> clone() {
    exchange.guard.require();
    if (closed) {
      throw failure(Progress.CLOSED);
    }
    return new MemoryReceiveChannel<>(core);
  }

  /**
   * Closes this end. Tasks that wait to receive at this very end get {@link ClosedResource}. When the
   * last receiving end is closed, senders get {@link dev.trefoil.hazmat.BrokenResource}, and what is
   * in the buffer is lost. Closing again does nothing. Never waits; no checkpoint.
   *
   * <p>Source: Trio's {@code MemoryReceiveChannel.close}; there is nothing that its {@code aclose}
   * would wait for.
   */
  @Override
  public void close() {
    exchange.guard.require();
    if (!closed) {
      closed = true;
      core.receiverClosed(this);
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
    return (closed ? "closed receiving end of a " : "receiving end of a ") + core;
  }

  final class ReceivePort implements Port<E> {
    @Override
    public Exchange<E> exchange() {
      return exchange;
    }

    @Override
    public WaitList<E> line() {
      return exchange.getters;
    }

    @Override
    public Object end() {
      return MemoryReceiveChannel.this;
    }

    @Override
    public Progress progress() {
      if (closed) {
        return Progress.CLOSED;
      }
      if (exchange.canGet()) {
        return Progress.DONE;
      }
      return core.openSenders == 0 ? Progress.OVER : Progress.WAITING;
    }

    @Override
    public @Nullable E transfer(@Nullable E item) {
      return exchange.poll();
    }

    @Override
    public RuntimeException failure(Progress why) {
      return MemoryReceiveChannel.this.failure(why);
    }
  }
}
