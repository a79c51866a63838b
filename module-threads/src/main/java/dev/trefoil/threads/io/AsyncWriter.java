package dev.trefoil.threads.io;

import java.io.IOException;
import java.io.Writer;
import java.util.Objects;

/**
 * A writer for tasks, made of one that blocks. Without a buffer: each write is done on a thread, which
 * costs some ten microseconds, so write much at a time. What the original buffers, {@link #flush()} and
 * {@link #close()} write.
 *
 * <p>A write always happens, as that of an {@link AsyncOutputStream} does. {@link dev.trefoil.threads.io}
 * tells what holds besides.
 *
 * <p>Source: Trio's {@code wrap_file} and {@code open_file}.
 */
public final class AsyncWriter extends Writer {
  private final Writer original;
  private final Exclusive writing = new Exclusive(this);

  private AsyncWriter(Writer original) {
    this.original = Objects.requireNonNull(original, "original");
  }

  /**
   * Makes a writer of one that blocks. Never suspends; no checkpoint.
   *
   * @param original is closed with it
   * @return a writer for tasks
   */
  public static AsyncWriter wrap(Writer original) {
    return new AsyncWriter(original);
  }

  /**
   * Writes a character. A checkpoint.
   *
   * @param c the character
   * @throws IOException as the original
   * @throws dev.trefoil.hazmat.Cancelled if cancelled before it was begun
   * @throws dev.trefoil.hazmat.ResourceBusy if another operation is going on
   */
  @Override
  public void write(int c) throws IOException {
    writing.runBlocking(() -> original.write(c));
  }

  /**
   * Writes characters. A checkpoint.
   *
   * @param from has the characters; not to be changed until this has returned
   * @param offset where
   * @param length how many
   * @throws IOException as the original
   * @throws dev.trefoil.hazmat.Cancelled if cancelled before it was begun
   * @throws dev.trefoil.hazmat.ResourceBusy if another operation is going on
   */
  @Override
  public void write(char[] from, int offset, int length) throws IOException {
    writing.runBlocking(() -> original.write(from, offset, length));
  }

  /**
   * Writes a part of a text. A checkpoint.
   *
   * @param text has the characters
   * @param offset where
   * @param length how many
   * @throws IOException as the original
   * @throws dev.trefoil.hazmat.Cancelled if cancelled before it was begun
   * @throws dev.trefoil.hazmat.ResourceBusy if another operation is going on
   */
  @Override
  public void write(String text, int offset, int length) throws IOException {
    writing.runBlocking(() -> original.write(text, offset, length));
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
    return "AsyncWriter(" + original + ")";
  }
}
