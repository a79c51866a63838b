package dev.trefoil.threads.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Set;

/**
 * An open file with a position, for tasks.
 *
 * <pre>{@code
 * try (AsyncFile file = AsyncFile.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
 *   file.position(file.size());
 *   file.write(ByteBuffer.wrap(record));
 *   file.force(false);
 * }
 * }</pre>
 *
 * <p>Without a buffer: each operation is one on a thread, which costs some ten microseconds. For lines take
 * an {@link AsyncReader}, for what is done with a file once and as a whole {@link AsyncPath} or {@link
 * dev.trefoil.threads.ToThread#runInThread}.
 *
 * <p>After {@link #close()}, and in an operation that it hits, there is a {@link
 * java.nio.channels.ClosedChannelException}. {@link dev.trefoil.threads.io} tells what holds besides.
 *
 * <p>Source: Trio's {@code open_file}.
 */
public final class AsyncFile implements SeekableByteChannel {
  private final SeekableByteChannel original;
  private final Exclusive use = new Exclusive(this);

  private AsyncFile(SeekableByteChannel original) {
    this.original = Objects.requireNonNull(original, "original");
  }

  /**
   * Opens a file. A checkpoint. When cancelled on the way, the file is open and returned.
   *
   * @param path which one; of any file system
   * @param options how, as for {@link Files#newByteChannel(Path, OpenOption...)}: to read, if there is
   *     none
   * @return the file
   * @throws IOException as {@link Files#newByteChannel(Path, OpenOption...)}
   * @throws dev.trefoil.hazmat.Cancelled if cancelled before it was begun
   */
  public static AsyncFile open(Path path, OpenOption... options) throws IOException {
    Objects.requireNonNull(path, "path");
    Path blocking = AsyncPath.blocking(path);
    Set<OpenOption> copy = Set.of(options);
    return wrap(
        Blocking.<SeekableByteChannel, IOException>call(
            () -> Files.newByteChannel(blocking, copy)));
  }

  /**
   * Makes a file of a channel that blocks, such as a {@link FileChannel}. Never suspends; no checkpoint.
   *
   * @param original is closed with it
   * @return a file for tasks
   */
  public static AsyncFile wrap(SeekableByteChannel original) {
    return new AsyncFile(original);
  }

  /**
   * Reads at the position, and moves it. A checkpoint.
   *
   * @param into gets as much as it has room for, if there is as much; not to be used until this has
   *     returned
   * @return how many bytes, or -1 at the end
   */
  @Override
  public int read(ByteBuffer into) throws IOException {
    return use.<Integer, IOException>callBlocking(() -> original.read(into));
  }

  /**
   * Reads all from the position to the end, and moves it there. A checkpoint.
   *
   * @return the bytes, possibly none
   * @throws IOException if the file cannot be read
   * @throws OutOfMemoryError if they are too many for an array
   */
  public byte[] readAllBytes() throws IOException {
    return use.<byte[], IOException>callBlocking(
        () -> Channels.newInputStream(original).readAllBytes());
  }

  /**
   * Writes at the position, or at the end if the file was opened to append, and moves the position. A
   * checkpoint.
   *
   * @param from has the bytes; not to be used until this has returned
   * @return how many were written, for files all of them
   */
  @Override
  public int write(ByteBuffer from) throws IOException {
    return use.<Integer, IOException>callBlocking(() -> original.write(from));
  }

  /**
   * Returns the position. A checkpoint.
   *
   * @return in bytes from the beginning
   */
  @Override
  public long position() throws IOException {
    return use.<Long, IOException>callBlocking(original::position);
  }

  /**
   * Moves the position. A checkpoint.
   *
   * @param position in bytes from the beginning, possibly behind the end
   * @return this
   */
  @Override
  public AsyncFile position(long position) throws IOException {
    use.<IOException>runBlocking(() -> original.position(position));
    return this;
  }

  /**
   * Returns the size of the file. A checkpoint.
   *
   * @return in bytes
   */
  @Override
  public long size() throws IOException {
    return use.<Long, IOException>callBlocking(original::size);
  }

  /**
   * Cuts the file off. A checkpoint.
   *
   * @param size in bytes; does nothing if the file is not larger
   * @return this
   */
  @Override
  public AsyncFile truncate(long size) throws IOException {
    use.<IOException>runBlocking(() -> original.truncate(size));
    return this;
  }

  /**
   * Waits until what was written is on the device. A checkpoint.
   *
   * @param metaData whether times and the like are to be, too
   * @throws IOException if that fails
   * @throws UnsupportedOperationException if the channel is none of a file
   */
  public void force(boolean metaData) throws IOException {
    if (!(original instanceof FileChannel file)) {
      throw new UnsupportedOperationException(
          "Expected a FileChannel, which can be forced to the device, but this is " + original);
    }
    use.<IOException>runBlocking(() -> file.force(metaData));
  }

  @Override
  public boolean isOpen() {
    return original.isOpen();
  }

  /**
   * Closes the file, in any case. A checkpoint; if cancelled, raises after that. May be called while
   * another operation is going on, which fails then.
   */
  @Override
  public void close() throws IOException {
    Blocking.close(original::close);
  }

  @Override
  public String toString() {
    return "AsyncFile(" + original + ")";
  }
}
