package dev.trefoil.threads.io;

import dev.trefoil.threads.ThreadOptions;
import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A reader of characters and lines for tasks, made of one that blocks. With a buffer: the original is
 * read on a thread, up to 8,192 characters at a time of what it has, and asked again only when the
 * buffer does not have what is wanted; so most lines cost no thread. Leave the original alone.
 *
 * <pre>{@code
 * try (AsyncReader reader = AsyncReader.wrap(Files.newBufferedReader(AsyncPath.of(path)))) {
 *   for (String line : reader.lines()) {
 *     channel.send(line);
 *   }
 * }
 * }</pre>
 *
 * <p>What {@link AsyncInputStream} tells about reads that may take for ever is true here as well: with
 * {@link ThreadOptions#withAbandonOnCancel()} a task leaves a line that does not come, and the line is
 * what the next one reads. Closing an {@link java.io.InputStreamReader} waits for a read that is going
 * on; close the stream below it instead.
 *
 * <p>Marks are not supported. {@link dev.trefoil.threads.io} tells what holds besides.
 *
 * <p>Source: Trio's {@code wrap_file} and {@code open_file}.
 */
public final class AsyncReader extends Reader {
  private static final int CHUNK = 8192;

  private final Reader original;
  private final ThreadOptions options;
  private final Exclusive reading = new Exclusive(this);
  private final char[] chunk = new char[CHUNK];
  private final Fetch<Integer, IOException> fetch;

  /** What is there lies between position and limit. */
  private char[] buffer = new char[CHUNK];

  private int position;
  private int limit;

  /** Whether a line feed that comes next belongs to the carriage return that ended a line. */
  private boolean skipLineFeed;

  private volatile boolean closed;

  private AsyncReader(Reader original, ThreadOptions options) {
    this.original = Objects.requireNonNull(original, "original");
    this.options = Objects.requireNonNull(options, "options");
    fetch = new Fetch<>(options, () -> original.read(chunk));
  }

  /**
   * Makes a reader of one that blocks. Never suspends; no checkpoint.
   *
   * @param original is read from now on by this reader alone, and closed with it; needs no buffer
   * @return a reader for tasks
   */
  public static AsyncReader wrap(Reader original) {
    return wrap(original, ThreadOptions.defaults());
  }

  /**
   * Makes a reader of one that blocks, and says which limiter is asked, and what becomes of a read whose
   * task is cancelled.
   *
   * @param original is read from now on by this reader alone, and closed with it; needs no buffer
   * @param options for each thread that reads
   * @return a reader for tasks
   */
  public static AsyncReader wrap(Reader original, ThreadOptions options) {
    return new AsyncReader(original, options);
  }

  /**
   * Reads a line, waiting until it is complete. A checkpoint.
   *
   * @return the line without its end, which is {@code "\n"}, {@code "\r"} or {@code "\r\n"}; or {@code
   *     null} at the end of the text
   * @throws IOException as the original; or if this is closed
   * @throws dev.trefoil.hazmat.Cancelled if cancelled; what of the line is there already is not lost
   * @throws dev.trefoil.hazmat.ResourceBusy if another read is going on
   */
  public @Nullable String readLine() throws IOException {
    return reading.<@Nullable String, IOException>call(this::nextLine);
  }

  private @Nullable String nextLine() throws IOException {
    if (!fill()) {
      return null;
    }
    int length = 0;
    while (true) {
      for (; position + length < limit; length++) {
        char end = buffer[position + length];
        if (end == '\n' || end == '\r') {
          String line = take(length);
          position++;
          skipLineFeed = end == '\r';
          return line;
        }
      }
      if (!more()) {
        return take(length);
      }
    }
  }

  private String take(int length) {
    String taken = new String(buffer, position, length);
    position += length;
    return taken;
  }

  /**
   * Returns the lines that are left, one by one, each read by {@code hasNext} as {@link #readLine()} does.
   * It throws {@link UncheckedIOException} for an {@link IOException}. Several iterators take turns.
   *
   * <p>Source: {@code async for} over Trio's files.
   *
   * @return the lines, to be iterated in tasks
   */
  public Iterable<String> lines() {
    return Lines::new;
  }

  /**
   * Reads a character, waiting for one. A checkpoint.
   *
   * @return the character, or -1 at the end
   * @throws IOException as the original; or if this is closed
   * @throws dev.trefoil.hazmat.Cancelled if cancelled; nothing was read then
   * @throws dev.trefoil.hazmat.ResourceBusy if another read is going on
   */
  @Override
  public int read() throws IOException {
    return reading.<Integer, IOException>call(() -> fill() ? (int) buffer[position++] : -1);
  }

  /**
   * Reads what there is, waiting for at least one character. A checkpoint, save if {@code length} is 0.
   *
   * @param into gets the characters
   * @param offset where
   * @param length how many at most
   * @return how many, or -1 at the end
   * @throws IOException as the original; or if this is closed
   * @throws dev.trefoil.hazmat.Cancelled if cancelled; nothing was read then
   * @throws dev.trefoil.hazmat.ResourceBusy if another read is going on
   */
  @Override
  public int read(char[] into, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, into.length);
    if (length == 0) {
      return 0;
    }
    return reading.<Integer, IOException>call(
        () -> {
          if (!fill()) {
            return -1;
          }
          int count = Math.min(length, limit - position);
          System.arraycopy(buffer, position, into, offset, count);
          position += count;
          return count;
        });
  }

  /**
   * Skips characters, waiting for them. A checkpoint, save if {@code count} is 0.
   *
   * @param count how many
   * @return how many there were
   * @throws IOException as the original; or if this is closed
   * @throws IllegalArgumentException if {@code count} is negative
   * @throws dev.trefoil.hazmat.ResourceBusy if another read is going on
   */
  @Override
  public long skip(long count) throws IOException {
    if (count < 0) {
      throw new IllegalArgumentException("count: expected zero or more, got " + count);
    }
    return reading.<Long, IOException>call(
        () -> {
          long left = count;
          while (left > 0 && fill()) {
            int skipped = (int) Math.min(left, limit - position);
            position += skipped;
            left -= skipped;
          }
          return count - left;
        });
  }

  /**
   * Returns whether a read would not wait, as far as the original tells. A checkpoint.
   *
   * @return true if something is there
   * @throws IOException as the original; or if this is closed
   * @throws dev.trefoil.hazmat.ResourceBusy if a read is going on
   */
  @Override
  public boolean ready() throws IOException {
    return reading.<Boolean, IOException>call(
        () -> {
          requireOpen();
          if (isFilled() || fetch.isGoingOn()) {
            Blocking.checkpoint();
            return isFilled();
          }
          return Blocking.<Boolean, IOException>call(options, original::ready);
        });
  }

  /** A checkpoint. Returns whether there is a character to be read, which it is not at the end. */
  private boolean fill() throws IOException {
    requireOpen();
    if (isFilled()) {
      Blocking.checkpoint();
      return true;
    }
    do {
      if (!more()) {
        return false;
      }
    } while (!isFilled());
    return true;
  }

  private boolean isFilled() {
    if (position < limit && skipLineFeed) {
      skipLineFeed = false;
      if (buffer[position] == '\n') {
        position++;
      }
    }
    return position < limit;
  }

  /** Adds to the buffer what comes next; returns false at the end. */
  private boolean more() throws IOException {
    int count = fetch.next();
    if (count < 0) {
      return false;
    }
    int rest = limit - position;
    char[] target = buffer.length < rest + count ? new char[2 * (rest + count)] : buffer;
    System.arraycopy(buffer, position, target, 0, rest);
    System.arraycopy(chunk, 0, target, rest, count);
    buffer = target;
    position = 0;
    limit = rest + count;
    return true;
  }

  private void requireOpen() throws IOException {
    if (closed) {
      throw new IOException("Expected an open reader, but this one was closed: " + original);
    }
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
    return "AsyncReader(" + original + ")";
  }

  private final class Lines implements Iterator<String> {
    private @Nullable String line;

    @Override
    public boolean hasNext() {
      if (line == null) {
        try {
          line = readLine();
        } catch (IOException error) {
          throw new UncheckedIOException(error);
        }
      }
      return line != null;
    }

    @Override
    public String next() {
      if (!hasNext()) {
        throw new NoSuchElementException("Expected another line, but the text has ended.");
      }
      String next = Objects.requireNonNull(line);
      line = null;
      return next;
    }
  }
}
