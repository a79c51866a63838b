package dev.trefoil.threads.io;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Objects;

/**
 * An output stream for tasks, made of one that blocks. Without a buffer: each write is done on a thread,
 * which costs some ten microseconds, so write much at a time.
 *
 * <p>A write always happens: the task waits for it when cancelled, and nobody need guess how much of it
 * was written. One that may take for ever is freed by {@link #close()} from another task, if closing the
 * original ends its writes; sockets and channels do so.
 *
 * <p>{@link dev.trefoil.threads.io} tells what holds besides.
 *
 * <p>Source: Trio's {@code wrap_file}.
 */
public final class AsyncOutputStream extends OutputStream {
  private final OutputStream original;
  private final Exclusive writing = new Exclusive(this);

  private AsyncOutputStream(OutputStream original) {
    this.original = Objects.requireNonNull(original, "original");
  }

  /**
   * Makes a stream of one that blocks. Never suspends; no checkpoint.
   *
   * @param original is closed with it
   * @return a stream for tasks
   */
  public static AsyncOutputStream wrap(OutputStream original) {
    return new AsyncOutputStream(original);
  }

  /**
   * Writes a byte. A checkpoint.
   *
   * @param b the byte
   * @throws IOException as the original
   * @throws dev.trefoil.hazmat.Cancelled if cancelled before it was begun
   * @throws dev.trefoil.hazmat.ResourceBusy if another operation is going on
   */
  @Override
  public void write(int b) throws IOException {
    writing.runBlocking(() -> original.write(b));
  }

  /**
   * Writes bytes. A checkpoint.
   *
   * @param from has the bytes; not to be changed until this has returned
   * @param offset where
   * @param length how many
   * @throws IOException as the original
   * @throws dev.trefoil.hazmat.Cancelled if cancelled before it was begun
   * @throws dev.trefoil.hazmat.ResourceBusy if another operation is going on
   */
  @Override
  public void write(byte[] from, int offset, int length) throws IOException {
    writing.runBlocking(() -> original.write(from, offset, length));
  }

  /**
   * Flushes the original. A checkpoint.
   *
   * @throws IOException as the original
   * @throws dev.trefoil.hazmat.Cancelled if cancelled before it was begun
   * @throws dev.trefoil.hazmat.ResourceBusy if another operation is going on
   */
  @Override
  public void flush() throws IOException {
    writing.runBlocking(original::flush);
  }

  /**
   * Closes the original, in any case. A checkpoint; if cancelled, raises after that. May be called
   * while a write is going on.
   *
   * @throws IOException as the original
   */
  @Override
  public void close() throws IOException {
    Blocking.close(original::close);
  }

  @Override
  public String toString() {
    return "AsyncOutputStream(" + original + ")";
  }
}
