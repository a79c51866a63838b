package dev.trefoil.threads.io;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.WatchService;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.nio.file.spi.FileSystemProvider;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The file system of {@link AsyncPath}s. As many as you like stand for the same one. */
final class AsyncFileSystem extends FileSystem {
  private final FileSystem blocking;

  AsyncFileSystem(FileSystem blocking) {
    this.blocking = blocking;
  }

  @Override
  public FileSystemProvider provider() {
    return AsyncFileSystemProvider.INSTANCE;
  }

  @Override
  public void close() throws IOException {
    Blocking.close(blocking::close);
  }

  @Override
  public boolean isOpen() {
    return blocking.isOpen();
  }

  @Override
  public boolean isReadOnly() {
    return blocking.isReadOnly();
  }

  @Override
  public String getSeparator() {
    return blocking.getSeparator();
  }

  @Override
  public Iterable<Path> getRootDirectories() {
    List<Path> roots = new ArrayList<>();
    Blocking.<RuntimeException>run(
        () -> blocking.getRootDirectories().forEach(root -> roots.add(AsyncPath.of(root))));
    return roots;
  }

  @Override
  public Iterable<FileStore> getFileStores() {
    List<FileStore> stores = new ArrayList<>();
    Blocking.<RuntimeException>run(() -> blocking.getFileStores().forEach(stores::add));
    return stores;
  }

  @Override
  public Set<String> supportedFileAttributeViews() {
    return blocking.supportedFileAttributeViews();
  }

  @Override
  public Path getPath(String first, String... more) {
    return AsyncPath.of(blocking.getPath(first, more));
  }

  @Override
  public PathMatcher getPathMatcher(String syntaxAndPattern) {
    PathMatcher matcher = blocking.getPathMatcher(syntaxAndPattern);
    return path -> matcher.matches(AsyncPath.blocking(path));
  }

  @Override
  public UserPrincipalLookupService getUserPrincipalLookupService() {
    return blocking.getUserPrincipalLookupService();
  }

  @Override
  public WatchService newWatchService() throws IOException {
    return Blocking.<WatchService, IOException>call(blocking::newWatchService);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof AsyncFileSystem system && blocking.equals(system.blocking);
  }

  @Override
  public int hashCode() {
    return blocking.hashCode();
  }

  @Override
  public String toString() {
    return "AsyncFileSystem(" + blocking + ")";
  }
}
