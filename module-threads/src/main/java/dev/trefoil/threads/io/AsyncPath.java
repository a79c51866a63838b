package dev.trefoil.threads.io;

import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.file.FileSystem;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A path for tasks. {@link java.nio.file.Files}, and whatever else takes a path, do with it what they do
 * with any other, save that each access to the disk is made on a thread while only the calling task
 * waits.
 *
 * <pre>{@code
 * Path notes = AsyncPath.of("notes", "today.txt");
 * Files.createDirectories(notes.getParent());
 * Files.writeString(notes, "bread\n");
 * try (Stream<Path> all = Files.walk(notes.getParent())) {
 *   all.forEach(path -> ...);                          // these are AsyncPaths, too
 * }
 * }</pre>
 *
 * <p>An operation of {@code Files} makes several accesses, some ten microseconds each, and is a checkpoint
 * at each of them: one that is cancelled may have happened in part, as when the disk is full in between.
 * What is to be done as a whole, or fast, goes to a thread as a whole, and does not need this: {@code
 * ToThread.runInThread(() -> Files.readString(path))}.
 *
 * <p>What comes of such a path is of its kind: parents, children, real paths, what {@code Files.list}
 * finds. What is opened is an {@link AsyncFile}, {@link AsyncInputStream} or {@link AsyncOutputStream}.
 * It is equal to other {@code AsyncPath}s only. Operations with two paths take a mixture.
 *
 * <p>Not for tasks: {@link java.nio.channels.FileChannel#open}, which is refused, for there is {@link
 * AsyncFile}; {@link #toFile()}, which gives a file that blocks; and a {@link WatchService}, which can be
 * asked on a thread. Readers and writers that {@code Files} makes of a stream hold a lock while they wait
 * for the disk: those are for one task; {@link AsyncReader} is not.
 *
 * <p>Thread-safety: immutable. {@link dev.trefoil.threads.io} tells what holds besides.
 *
 * <p>Source: Trio's {@code Path}.
 */
public final class AsyncPath implements Path {
  private final Path blocking;

  private AsyncPath(Path blocking) {
    this.blocking = blocking;
  }

  /**
   * Makes a path for tasks. Never suspends; no checkpoint.
   *
   * @param path of any file system
   * @return the same place; {@code path} itself, if it is one for tasks already
   */
  public static AsyncPath of(Path path) {
    Objects.requireNonNull(path, "path");
    return path instanceof AsyncPath already ? already : new AsyncPath(path);
  }

  /**
   * Makes a path for tasks in the default file system. Never suspends; no checkpoint.
   *
   * @param first the path, or its beginning
   * @param more the rest, to be joined
   * @return the path
   * @throws java.nio.file.InvalidPathException if the system has no such paths
   */
  public static AsyncPath of(String first, String... more) {
    return new AsyncPath(Path.of(first, more));
  }

  /**
   * Returns the path that this was made of, for code that runs on a thread anyway.
   *
   * @return a path that blocks
   */
  public Path blocking() {
    return blocking;
  }

  static Path blocking(Path path) {
    return path instanceof AsyncPath async ? async.blocking : path;
  }

  private static @Nullable Path ofNullable(@Nullable Path path) {
    return path == null ? null : new AsyncPath(path);
  }

  @Override
  public FileSystem getFileSystem() {
    return new AsyncFileSystem(blocking.getFileSystem());
  }

  @Override
  public boolean isAbsolute() {
    return blocking.isAbsolute();
  }

  @Override
  public @Nullable Path getRoot() {
    return ofNullable(blocking.getRoot());
  }

  @Override
  public @Nullable Path getFileName() {
    return ofNullable(blocking.getFileName());
  }

  @Override
  public @Nullable Path getParent() {
    return ofNullable(blocking.getParent());
  }

  @Override
  public int getNameCount() {
    return blocking.getNameCount();
  }

  @Override
  public Path getName(int index) {
    return of(blocking.getName(index));
  }

  @Override
  public Path subpath(int beginIndex, int endIndex) {
    return of(blocking.subpath(beginIndex, endIndex));
  }

  @Override
  public boolean startsWith(Path other) {
    return blocking.startsWith(blocking(other));
  }

  @Override
  public boolean endsWith(Path other) {
    return blocking.endsWith(blocking(other));
  }

  @Override
  public Path normalize() {
    return of(blocking.normalize());
  }

  @Override
  public Path resolve(Path other) {
    return of(blocking.resolve(blocking(other)));
  }

  @Override
  public Path relativize(Path other) {
    return of(blocking.relativize(blocking(other)));
  }

  @Override
  public URI toUri() {
    return Blocking.<URI, RuntimeException>call(blocking::toUri);
  }

  @Override
  public Path toAbsolutePath() {
    return of(blocking.toAbsolutePath());
  }

  @Override
  public Path toRealPath(LinkOption... options) throws IOException {
    return of(Blocking.<Path, IOException>call(() -> blocking.toRealPath(options)));
  }

  @Override
  public File toFile() {
    return blocking.toFile();
  }

  @Override
  public WatchKey register(
      WatchService watcher, WatchEvent.Kind<?>[] events, WatchEvent.Modifier... modifiers)
      throws IOException {
    return Blocking.<WatchKey, IOException>call(
        () -> blocking.register(watcher, events, modifiers));
  }

  @Override
  public int compareTo(Path other) {
    return blocking.compareTo(blocking(other));
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof AsyncPath path && blocking.equals(path.blocking);
  }

  @Override
  public int hashCode() {
    return blocking.hashCode();
  }

  @Override
  public String toString() {
    return blocking.toString();
  }
}
