package dev.trefoil.threads.io;

import dev.trefoil.threads.ThreadOptions;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;

/**
 * An input stream for tasks, made of one that blocks. With a buffer: the original is read on a thread, up
 * to 16 KiB at a time of what it has, and asked again only when the buffer is empty. So leave the
 * original alone.
 *
 * <pre>{@code
 * try (InputStream in = AsyncInputStream.wrap(process.getInputStream())) {
 *   byte[] all = in.readAllBytes();              // all of InputStream's methods work
 * }
 * }</pre>
 *
 * <p>A read that may take for ever. A task that is cancelled in it waits until the original has
 * something, unless one of these frees it:
 *
 * <ul>
 *   <li>{@link #close()} by another task, if closing the original ends its reads. Sockets and channels do
 *       so; a {@link java.io.PipedInputStream} and {@link System#in} do not.
 *   <li>{@link ThreadOptions#withInterruptOnCancel()}, for originals that react to an interrupt, such as
 *       a {@link java.io.PipedInputStream}. Streams of channels do so too, and are closed by it.
 *   <li>{@link ThreadOptions#withAbandonOnCancel()}, for all others, {@link System#in} above all: the task
 *       leaves at once. The thread waits on, with its token, and <em>nothing is lost</em>: what it reads
 *       is what the next read returns.
 * </ul>
 *
 * <p>Marks are not supported. {@link dev.trefoil.threads.io} tells what holds besides.
 *
 * <p>Source: Trio's {@code wrap_file}.
 */
public final class AsyncInputStream extends InputStream {
  private static final int BUFFER = 16 * 1024;

  private final InputStream original;
  private final ThreadOptions options;
  private final Exclusive reading = new Exclusive(this);
  private final byte[] buffer = new byte[BUFFER];
  private final Fetch<Integer, IOException> fetch;
  private int position;
  private int limit;
  private volatile boolean closed;

  private AsyncInputStream(InputStream original, ThreadOptions options) {
    this.original = Objects.requireNonNull(original, "original");
    this.options = Objects.requireNonNull(options, "options");
    fetch = new Fetch<>(options, () -> original.read(buffer));
  }

  /**
   * Makes a stream of one that blocks. Never suspends; no checkpoint.
   *
   * @param original is read from now on by this stream alone, and closed with it
   * @return a stream for tasks
   */
  public static AsyncInputStream wrap(InputStream original) {
    return wrap(original, ThreadOptions.defaults());
  }

  /**
   * Makes a stream of one that blocks, and says which limiter is asked, and what becomes of a read whose
   * task is cancelled.
   *
   * @param original is read from now on by this stream alone, and closed with it
   * @param options for each thread that reads
   * @return a stream for tasks
   */
  public static AsyncInputStream wrap(InputStream original, ThreadOptions options) {
    return new AsyncInputStream(original, options);
  }

  /**
   * Reads a byte, waiting for one. A checkpoint.
   *
   * @return the byte, or -1 at the end
   * @throws IOException as the original; or if this is closed
   * @throws dev.trefoil.hazmat.Cancelled if cancelled; nothing was read then
   * @throws dev.trefoil.hazmat.ResourceBusy if another read is going on
   */
  @Override
  public int read() throws IOException {
    return reading.<Integer, IOException>call(() -> fill() ? buffer[position++] & 0xff : -1);
  }

  /**
   * Reads what there is, waiting for at least one byte. A checkpoint, save if {@code length} is 0.
   *
   * @param into gets the bytes
   * @param offset where
   * @param length how many at most
   * @return how many, or -1 at the end
   * @throws IOException as the original; or if this is closed
   * @throws dev.trefoil.hazmat.Cancelled if cancelled; nothing was read then
   * @throws dev.trefoil.hazmat.ResourceBusy if another read is going on
   */
  @Override
  public int read(byte[] into, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, into.length);
    if (length == 0) {
      return 0;
    }
    return reading.<Integer, IOException>call(() -> readSome(into, offset, length));
  }

  private int readSome(byte[] into, int offset, int length) throws IOException {
    boolean large = length >= BUFFER && position == limit && !options.abandonOnCancel();
    if (large) {
      requireOpen();
      return Blocking.<Integer, IOException>call(
          options, () -> original.read(into, offset, length));
    }
    if (!fill()) {
      return -1;
    }
    int count = Math.min(length, limit - position);
    System.arraycopy(buffer, position, into, offset, count);
    position += count;
    return count;
  }

  /** A checkpoint; returns false at the end. */
  private boolean fill() throws IOException {
    requireOpen();
    if (position < limit) {
      Blocking.checkpoint();
      return true;
    }
    int count = fetch.next();
    position = 0;
    limit = Math.max(count, 0);
    return count > 0;
  }

  private void requireOpen() throws IOException {
    if (closed) {
      throw new IOException("Expected an open stream, but this one was closed: " + original);
    }
  }

  /**
   * Returns how many bytes can be read without waiting, as far as the original tells. A checkpoint.
   *
   * @return an estimate
   * @throws IOException as the original; or if this is closed
   * @throws dev.trefoil.hazmat.ResourceBusy if a read is going on
   */
  @Override
  public int available() throws IOException {
    return reading.<Integer, IOException>call(
        () -> {
          requireOpen();
          int buffered = limit - position;
          if (buffered > 0 || fetch.isGoingOn()) {
            Blocking.checkpoint();
            return buffered;
          }
          return Blocking.<Integer, IOException>call(options, original::available);
        });
  }

  /**
   * Closes the original, in any case. A checkpoint; if cancelled, raises after that. May be called
   * while a read is going on.
   *
   * @throws IOException as the original
   */
  @Override
  public void close() throws IOException {
    closed = true;
    Blocking.close(original::close);
  }

  @Override
  public String toString() {
    return "AsyncInputStream(" + original + ")";
  }
}
