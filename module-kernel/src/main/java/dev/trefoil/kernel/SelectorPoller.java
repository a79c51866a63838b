package dev.trefoil.kernel;

import dev.trefoil.hazmat.Outcome;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.IllegalSelectorException;
import java.nio.channels.NotYetConnectedException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.SelectorProvider;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Channels, through the selector of the platform.
 *
 * <p>Interest in reading is left standing when a reader has been woken, since it usually comes back
 * before the next poll, and then nothing has to be told to the operating system. If it does not come
 * back, the next poll finds the channel ready with nobody waiting, and drops the interest. Interest
 * in writing and connecting is dropped at once: a channel is nearly always writable.
 */
final class SelectorPoller {
  private static final int READ_OPS = SelectionKey.OP_READ | SelectionKey.OP_ACCEPT;
  private static final int WRITE_OPS = SelectionKey.OP_WRITE | SelectionKey.OP_CONNECT;
  private static final long NANOS_PER_MILLI = 1_000_000;

  private final RunLoop loop;
  private final IoCount waiting;
  private final Selector selector;

  SelectorPoller(RunLoop loop, IoCount waiting, @Nullable SelectorProvider provider) {
    this.loop = loop;
    this.waiting = waiting;
    try {
      this.selector = provider == null ? Selector.open() : provider.openSelector();
    } catch (IOException e) {
      throw new UncheckedIOException("Could not open a selector to wait for channels with", e);
    }
  }

  void waitFor(SelectableChannel channel, boolean write, KernelTask<?> task) {
    int ops = opsFor(channel, write);
    SelectionKey key = keyOf(channel);
    IoWaiters waiters = (IoWaiters) key.attachment();
    waiters.refuseSecond(write, task);
    try {
      key.interestOpsOr(ops);
    } catch (CancelledKeyException closedMeanwhile) {
      throw IoWaiters.closed(channel);
    }
    waiters.park(write, task);
  }

  private static int opsFor(SelectableChannel channel, boolean write) {
    if (!channel.isOpen()) {
      throw IoWaiters.closed(channel);
    }
    if (channel.isBlocking()) {
      throw new IllegalStateException(
          "Expected a channel in non-blocking mode, but "
              + channel
              + " is in blocking mode and would block the whole run. Call configureBlocking(false)"
              + " first.");
    }
    int ops = channel.validOps() & (write ? WRITE_OPS : READ_OPS);
    if (ops == 0) {
      throw new IllegalArgumentException(
          "Expected a channel that can become "
              + (write ? "writable" : "readable")
              + ", but "
              + channel
              + " never does.");
    }
    if (!write && channel instanceof SocketChannel socket && !socket.isConnected()) {
      // The selector would report it again and again without ever calling it ready.
      throw new NotYetConnectedException();
    }
    if (write && channel instanceof SocketChannel socket) {
      if (socket.isConnectionPending()) {
        return SelectionKey.OP_CONNECT;
      }
      if (!socket.isConnected()) {
        throw new NotYetConnectedException();
      }
      return SelectionKey.OP_WRITE;
    }
    return ops;
  }

  private SelectionKey keyOf(SelectableChannel channel) {
    SelectionKey key = channel.keyFor(selector);
    try {
      if (key != null && !key.isValid()) {
        // Cancelled and not yet let go of.
        select(0);
        key = null;
      }
      return key != null
          ? key
          : channel.register(selector, 0, new IoWaiters(loop, waiting, channel, () -> {}));
    } catch (IllegalSelectorException e) {
      throw new IllegalArgumentException(
          "Expected a channel that can be registered with the selector of "
              + loop
              + ", made by "
              + selector.provider()
              + ", but "
              + channel
              + " is of "
              + channel.provider()
              + ". Make the channel with the selector provider that the run was given.",
          e);
    } catch (ClosedChannelException e) {
      throw IoWaiters.closed(channel);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void notifyClosing(SelectableChannel channel) {
    SelectionKey key = channel.keyFor(selector);
    if (key == null) {
      return;
    }
    ((IoWaiters) key.attachment()).wakeBothClosed();
    key.cancel();
    // Somebody may be selecting in this run's stead, and would keep the selector until it wakes.
    selector.wakeup();
    poll(0);
  }

  void poll(long timeoutNanos) {
    try {
      select(timeoutNanos);
    } catch (IOException e) {
      throw new UncheckedIOException("Waiting for channels failed", e);
    }
  }

  /** Only waits until something is ready; the next poll will find it. */
  void sleep(long timeoutNanos) {
    try {
      selector.select(key -> {}, millis(timeoutNanos));
    } catch (IOException e) {
      throw new UncheckedIOException("Waiting for channels failed", e);
    }
  }

  private void select(long timeoutNanos) throws IOException {
    if (timeoutNanos <= 0) {
      selector.selectNow(this::wakeReady);
    } else {
      selector.select(this::wakeReady, millis(timeoutNanos));
    }
  }

  /** Rounded up: waking early would mean to spin until the deadline. Zero is for ever. */
  private static long millis(long nanos) {
    return nanos == Long.MAX_VALUE ? 0 : (nanos - 1) / NANOS_PER_MILLI + 1;
  }

  private void wakeReady(SelectionKey key) {
    IoWaiters waiters = (IoWaiters) Objects.requireNonNull(key.attachment());
    try {
      int ready = key.readyOps();
      if ((ready & READ_OPS) != 0 && !waiters.wake(false, Outcome.nothing())) {
        key.interestOpsAnd(~READ_OPS);
      }
      if ((ready & WRITE_OPS) != 0) {
        key.interestOpsAnd(~WRITE_OPS);
        waiters.wake(true, Outcome.nothing());
      }
    } catch (CancelledKeyException closedMeanwhile) {
      waiters.wakeBothClosed();
    }
  }

  void wakeUp() {
    selector.wakeup();
  }

  void close() {
    try {
      selector.close();
    } catch (IOException e) {
      throw new UncheckedIOException("Closing the selector failed", e);
    }
  }
}
