package dev.trefoil.queues;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.nio.channels.SelectableChannel;
import java.util.function.Consumer;

/**
 * A channel that is readable while a {@link UniversalQueue} is not empty. Made by {@link
 * UniversalQueue#openReadiness()}.
 *
 * <p>Being readable is a hint: somebody else may get the item first. Do not read from the channel.
 * The run's own tasks can wait for it, too, but {@link UniversalQueue#get()} is simpler.
 *
 * <p>Thread-safety: all of it.
 */
public final class QueueReadiness implements AutoCloseable {
  private final Consumer<QueueReadiness> onClose;
  private final Pipe pipe;
  private boolean shown;

  QueueReadiness(Consumer<QueueReadiness> onClose) throws IOException {
    this.onClose = onClose;
    this.pipe = Pipe.open();
    pipe.source().configureBlocking(false);
    pipe.sink().configureBlocking(false);
  }

  /**
   * Returns the channel.
   *
   * @return the reading end of a pipe, in non-blocking mode
   */
  public SelectableChannel channel() {
    return pipe.source();
  }

  /** Under the queue's lock: there is one byte in the pipe, or none. */
  void show(boolean isReady) {
    if (shown == isReady || !pipe.source().isOpen()) {
      return;
    }
    try {
      int moved =
          isReady
              ? pipe.sink().write(ByteBuffer.allocate(1))
              : pipe.source().read(ByteBuffer.allocate(1));
      // Not if somebody has closed the channel, or has read from it, which the next change mends.
      shown = isReady && moved == 1;
    } catch (IOException closed) {
      shown = false;
    }
  }

  /**
   * Closes the channel. Closing again does nothing.
   *
   * @throws IOException if the system reports an error
   */
  @Override
  public void close() throws IOException {
    onClose.accept(this);
    try {
      pipe.sink().close();
    } finally {
      pipe.source().close();
    }
  }
}
