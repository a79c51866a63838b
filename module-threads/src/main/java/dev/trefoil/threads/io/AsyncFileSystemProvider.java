package dev.trefoil.threads.io;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.AccessMode;
import java.nio.file.CopyOption;
import java.nio.file.DirectoryStream;
import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileAttributeView;
import java.nio.file.spi.FileSystemProvider;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What {@link Files} calls for an {@link AsyncPath}: the same of the original, on a thread. */
final class AsyncFileSystemProvider extends FileSystemProvider {
  static final AsyncFileSystemProvider INSTANCE = new AsyncFileSystemProvider();

  /** How many entries of a directory a trip brings; it never waits for more than the disk. */
  private static final int ENTRIES = 64;

  private AsyncFileSystemProvider() {}

  private static Path blocking(Path path) {
    return AsyncPath.blocking(path);
  }

  private static FileSystemProvider provider(Path blocking) {
    return blocking.getFileSystem().provider();
  }

  // ---- not by name

  @Override
  public String getScheme() {
    return "trefoil-async";
  }

  @Override
  public FileSystem newFileSystem(URI uri, Map<String, ?> env) {
    throw notByName(uri);
  }

  @Override
  public FileSystem getFileSystem(URI uri) {
    throw notByName(uri);
  }

  @Override
  public Path getPath(URI uri) {
    throw notByName(uri);
  }

  private static UnsupportedOperationException notByName(URI uri) {
    return new UnsupportedOperationException(
        "Expected a path, got the URI " + uri + ". Use AsyncPath.of(Path.of(uri)).");
  }

  // ---- what is opened

  @Override
  public SeekableByteChannel newByteChannel(
      Path path, Set<? extends OpenOption> options, FileAttribute<?>... attrs) throws IOException {
    Path original = blocking(path);
    return AsyncFile.wrap(
        Blocking.<SeekableByteChannel, IOException>call(
            () -> Files.newByteChannel(original, options, attrs)));
  }

  @Override
  public InputStream newInputStream(Path path, OpenOption... options) throws IOException {
    Path original = blocking(path);
    return AsyncInputStream.wrap(
        Blocking.<InputStream, IOException>call(() -> Files.newInputStream(original, options)));
  }

  @Override
  public OutputStream newOutputStream(Path path, OpenOption... options) throws IOException {
    Path original = blocking(path);
    return AsyncOutputStream.wrap(
        Blocking.<OutputStream, IOException>call(() -> Files.newOutputStream(original, options)));
  }

  @Override
  public DirectoryStream<Path> newDirectoryStream(
      Path directory, DirectoryStream.Filter<? super Path> filter) throws IOException {
    Path original = blocking(directory);
    DirectoryStream<Path> entries =
        Blocking.<DirectoryStream<Path>, IOException>call(
            () ->
                provider(original)
                    .newDirectoryStream(original, entry -> filter.accept(AsyncPath.of(entry))));
    return new Entries(entries);
  }

  private static final class Entries implements DirectoryStream<Path> {
    private final DirectoryStream<Path> original;
    private boolean begun;

    Entries(DirectoryStream<Path> original) {
      this.original = original;
    }

    @Override
    public Iterator<Path> iterator() {
      if (begun) {
        throw new IllegalStateException("Expected one iteration of a directory, got a second.");
      }
      begun = true;
      Iterator<Path> entries = AsyncIterable.<Path>wrap(original).inBatchesOf(ENTRIES).iterator();
      return new Iterator<>() {
        @Override
        public boolean hasNext() {
          return entries.hasNext();
        }

        @Override
        public Path next() {
          return AsyncPath.of(entries.next());
        }
      };
    }

    @Override
    public void close() throws IOException {
      Blocking.close(original::close);
    }
  }

  // ---- what is done

  @Override
  public void createDirectory(Path directory, FileAttribute<?>... attrs) throws IOException {
    Blocking.<IOException>run(() -> Files.createDirectory(blocking(directory), attrs));
  }

  @Override
  public void createSymbolicLink(Path link, Path target, FileAttribute<?>... attrs)
      throws IOException {
    Blocking.<IOException>run(
        () -> Files.createSymbolicLink(blocking(link), blocking(target), attrs));
  }

  @Override
  public void createLink(Path link, Path existing) throws IOException {
    Blocking.<IOException>run(() -> Files.createLink(blocking(link), blocking(existing)));
  }

  @Override
  public void delete(Path path) throws IOException {
    Blocking.<IOException>run(() -> Files.delete(blocking(path)));
  }

  @Override
  public boolean deleteIfExists(Path path) throws IOException {
    return Blocking.<Boolean, IOException>call(() -> Files.deleteIfExists(blocking(path)));
  }

  @Override
  public Path readSymbolicLink(Path link) throws IOException {
    return AsyncPath.of(
        Blocking.<Path, IOException>call(() -> Files.readSymbolicLink(blocking(link))));
  }

  @Override
  public void copy(Path source, Path target, CopyOption... options) throws IOException {
    Blocking.<IOException>run(() -> Files.copy(blocking(source), blocking(target), options));
  }

  @Override
  public void move(Path source, Path target, CopyOption... options) throws IOException {
    Blocking.<IOException>run(() -> Files.move(blocking(source), blocking(target), options));
  }

  // ---- what is asked

  @Override
  public boolean isSameFile(Path path, Path other) throws IOException {
    return Blocking.<Boolean, IOException>call(
        () -> Files.isSameFile(blocking(path), blocking(other)));
  }

  @Override
  public boolean isHidden(Path path) throws IOException {
    return Blocking.<Boolean, IOException>call(() -> Files.isHidden(blocking(path)));
  }

  @Override
  public FileStore getFileStore(Path path) throws IOException {
    return Blocking.<FileStore, IOException>call(() -> Files.getFileStore(blocking(path)));
  }

  @Override
  public void checkAccess(Path path, AccessMode... modes) throws IOException {
    Path original = blocking(path);
    Blocking.<IOException>run(() -> provider(original).checkAccess(original, modes));
  }

  @Override
  public boolean exists(Path path, LinkOption... options) {
    return Blocking.<Boolean, RuntimeException>call(() -> Files.exists(blocking(path), options));
  }

  @Override
  public <A extends BasicFileAttributes> A readAttributes(
      Path path, Class<A> type, LinkOption... options) throws IOException {
    return Blocking.<A, IOException>call(() -> Files.readAttributes(blocking(path), type, options));
  }

  @Override
  public <A extends BasicFileAttributes> @Nullable A readAttributesIfExists(
      Path path, Class<A> type, LinkOption... options) throws IOException {
    Path original = blocking(path);
    return Blocking.<@Nullable A, IOException>call(
        () -> provider(original).readAttributesIfExists(original, type, options));
  }

  @Override
  public Map<String, Object> readAttributes(Path path, String attributes, LinkOption... options)
      throws IOException {
    return Blocking.<Map<String, Object>, IOException>call(
        () -> Files.readAttributes(blocking(path), attributes, options));
  }

  @Override
  public void setAttribute(Path path, String attribute, Object value, LinkOption... options)
      throws IOException {
    Blocking.<IOException>run(() -> Files.setAttribute(blocking(path), attribute, value, options));
  }

  @Override
  public <V extends FileAttributeView> @Nullable V getFileAttributeView(
      Path path, Class<V> type, LinkOption... options) {
    V view = Files.getFileAttributeView(blocking(path), type, options);
    if (view == null) {
      return null;
    }
    Object async =
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, arguments) -> {
              try {
                return Blocking.<@Nullable Object, ReflectiveOperationException>call(
                    () -> method.invoke(view, arguments));
              } catch (InvocationTargetException error) {
                throw error.getCause();
              }
            });
    return type.cast(async);
  }
}
