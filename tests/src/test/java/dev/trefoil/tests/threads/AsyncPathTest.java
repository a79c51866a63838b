package dev.trefoil.tests.threads;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.trefoil.hazmat.Action;
import dev.trefoil.tasks.CancelScope;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.testing.Checkpoints;
import dev.trefoil.testing.TrefoilTest;
import dev.trefoil.threads.ToThread;
import dev.trefoil.threads.io.AsyncFile;
import dev.trefoil.threads.io.AsyncPath;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code java.nio.file} in tasks. */
@Tag("T64")
final class AsyncPathTest {
  @TempDir Path directory;

  private final List<@Nullable Object> log = new ArrayList<>();
  private Path root;

  @BeforeEach
  void makePath() {
    root = AsyncPath.of(directory);
  }

  private Path path(String name) {
    return root.resolve(name);
  }

  /** Which it would not be, did it access the disk in the run. */
  private static void onThread(Action<IOException> operation) throws IOException {
    Checkpoints.assertCheckpoints(operation);
  }

  // ---- the operations of Files

  @TrefoilTest
  void writesAndReadsWholeFiles() throws Exception {
    Path file = path("file");
    onThread(() -> Files.writeString(file, "äöü\nzwei"));
    onThread(() -> assertThat(Files.readString(file)).isEqualTo("äöü\nzwei"));
    onThread(() -> assertThat(Files.readAllLines(file)).containsExactly("äöü", "zwei"));
    onThread(() -> assertThat(Files.readAllBytes(file)).hasSize(11));
    onThread(() -> assertThat(Files.size(file)).isEqualTo(11));
    onThread(() -> Files.write(file, new byte[100_000]));
    onThread(() -> assertThat(Files.readAllBytes(file)).hasSize(100_000));
    onThread(() -> assertThat(Files.mismatch(file, file.resolveSibling("file"))).isEqualTo(-1));
    assertThat(directory.resolve("file")).hasSize(100_000);
  }

  @TrefoilTest
  void opensStreamsReadersAndChannelsThatDoNotBlockEither() throws Exception {
    Path file = path("file");
    try (BufferedWriter writer = Files.newBufferedWriter(file)) {
      writer.write("one\n");
      onThread(() -> writer.append("two\n").flush());
    }
    try (BufferedReader reader = Files.newBufferedReader(file)) {
      onThread(() -> assertThat(reader.readLine()).isEqualTo("one"));
    }
    try (InputStream in = Files.newInputStream(file)) {
      onThread(() -> assertThat(in.readAllBytes()).hasSize(8));
    }
    try (SeekableByteChannel channel = Files.newByteChannel(file)) {
      assertThat(channel).isInstanceOf(AsyncFile.class);
      onThread(() -> assertThat(channel.size()).isEqualTo(8));
    }
    try (Stream<String> lines = Files.lines(file)) {
      onThread(() -> assertThat(lines.toList()).containsExactly("one", "two"));
    }
  }

  @TrefoilTest
  void makesMovesCopiesAndDeletes() throws Exception {
    Path deep = path("a/b/c");
    onThread(() -> Files.createDirectories(deep));
    onThread(() -> Files.createFile(deep.resolve("file")));
    onThread(() -> Files.move(deep.resolve("file"), path("moved")));
    onThread(() -> Files.copy(path("moved"), path("copied")));
    onThread(() -> Files.copy(path("moved"), path("copied"), StandardCopyOption.REPLACE_EXISTING));
    assertThat(directory.resolve("moved")).exists();
    assertThat(directory.resolve("copied")).exists();
    onThread(
        () ->
            assertThatThrownBy(() -> Files.delete(path("a")))
                .isInstanceOf(DirectoryNotEmptyException.class));
    onThread(() -> Files.delete(deep));
    onThread(() -> assertThat(Files.deleteIfExists(deep)).isFalse());
    onThread(
        () -> assertThatThrownBy(() -> Files.delete(deep)).isInstanceOf(NoSuchFileException.class));
    Path temporary = Files.createTempFile(root, "x", "y");
    assertThat(temporary).isInstanceOf(AsyncPath.class);
    assertThat(AsyncPath.of(temporary).blocking()).exists().hasParent(directory);
  }

  @TrefoilTest
  void linksAreLinks() throws Exception {
    Path file = path("file");
    Files.writeString(file, "content");
    onThread(() -> Files.createSymbolicLink(path("symbolic"), file));
    onThread(() -> Files.createLink(path("hard"), file));
    onThread(() -> assertThat(Files.readSymbolicLink(path("symbolic"))).isEqualTo(file));
    onThread(() -> assertThat(Files.isSameFile(path("hard"), file)).isTrue());
    onThread(() -> assertThat(path("symbolic").toRealPath()).isEqualTo(file.toRealPath()));
    assertThat(directory.resolve("symbolic")).isSymbolicLink().hasContent("content");
  }

  @TrefoilTest
  void asksAndSetsAttributes() throws Exception {
    Path file = path(".file");
    onThread(() -> assertThat(Files.exists(file)).isFalse());
    onThread(() -> assertThat(Files.notExists(file)).isTrue());
    Files.createFile(file);
    onThread(() -> assertThat(Files.exists(file)).isTrue());
    onThread(() -> assertThat(Files.exists(file, LinkOption.NOFOLLOW_LINKS)).isTrue());
    onThread(() -> assertThat(Files.isRegularFile(file)).isTrue());
    onThread(() -> assertThat(Files.isDirectory(root)).isTrue());
    onThread(() -> assertThat(Files.isHidden(file)).isTrue());
    onThread(() -> assertThat(Files.isReadable(file)).isTrue());
    onThread(() -> assertThat(Files.getFileStore(file)).isNotNull());
    FileTime time = FileTime.fromMillis(1000);
    onThread(() -> Files.setLastModifiedTime(file, time));
    onThread(() -> assertThat(Files.getLastModifiedTime(file)).isEqualTo(time));
    onThread(() -> Files.setAttribute(file, "lastModifiedTime", FileTime.fromMillis(2000)));
    onThread(
        () ->
            assertThat(Files.readAttributes(file, "lastModifiedTime"))
                .containsValue(FileTime.fromMillis(2000)));
    onThread(
        () -> Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("r--------")));
    onThread(() -> assertThat(Files.getPosixFilePermissions(file)).hasSize(1));
    onThread(() -> assertThat(Files.getOwner(file)).isEqualTo(Files.getOwner(directory)));
    onThread(
        () ->
            assertThatThrownBy(
                    () ->
                        Files.getFileAttributeView(path("no"), BasicFileAttributeView.class)
                            .readAttributes())
                .isInstanceOf(NoSuchFileException.class));
  }

  @TrefoilTest
  void listsAndWalksWithPathsOfTheSameKind() throws Exception {
    Files.createDirectories(path("a/b"));
    for (int i = 0; i < 200; i++) {
      Files.createFile(directory.resolve("a/b/" + i));
    }
    try (Stream<Path> all = Files.walk(root)) {
      onThread(() -> all.forEach(log::add));
    }
    assertThat(log).hasSize(203).allMatch(AsyncPath.class::isInstance).contains(path("a/b/77"));
    try (Stream<Path> some = Files.list(path("a/b"))) {
      assertThat(some.filter(Files::isRegularFile).count()).isEqualTo(200);
    }
    try (DirectoryStream<Path> matching = Files.newDirectoryStream(path("a/b"), "1?")) {
      Iterator<Path> names = matching.iterator();
      onThread(() -> assertThat(names.hasNext()).isTrue());
      assertThat(names).toIterable().hasSize(10);
      assertThatThrownBy(matching::iterator).isInstanceOf(IllegalStateException.class);
    }
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path path, @Nullable IOException error)
              throws IOException {
            if (!path.equals(root)) {
              Files.delete(path);
            }
            return FileVisitResult.CONTINUE;
          }
        });
    assertThat(directory).isEmptyDirectory();
  }

  // ---- in a task

  /** Each end of a named pipe opens when the other does: in one thread they would wait for ever. */
  @TrefoilTest(seeds = 5)
  void othersGoOnWhileAFileDoesNotOpen() throws Exception {
    Path pipe = path("pipe");
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/mkfifo")), "a system with named pipes");
    assertThat(new ProcessBuilder("/usr/bin/mkfifo", pipe.toString()).start().waitFor()).isZero();
    Nursery.open(
        nursery -> {
          nursery.spawn(() -> log.add(Files.readString(pipe)));
          nursery.spawn(() -> Files.writeString(pipe, "through"));
        });
    assertThat(log).containsExactly("through");
  }

  @TrefoilTest(seeds = 5)
  void cancelledOnEntryNothingHasHappened() throws Exception {
    CancelScope scope = CancelScope.create();
    scope.cancel();
    scope.run(() -> Files.createFile(path("file")));
    assertThat(scope.cancelledCaught()).isTrue();
    assertThat(directory).isEmptyDirectory();
  }

  @TrefoilTest
  void worksOnThreadsOfTheTask() throws Exception {
    Path file = path("file");
    Files.writeString(file, "content");
    String text = ToThread.runInThread(() -> Files.readString(file));
    assertThat(text).isEqualTo("content");
  }

  @Test
  void worksDirectlyOutsideOfRuns() throws IOException {
    Files.writeString(path("file"), "content");
    try (Stream<Path> files = Files.list(root)) {
      assertThat(files).containsExactly(path("file"));
    }
  }

  // ---- with other paths

  @TrefoilTest
  void operationsWithTwoPathsTakeAMixture() throws Exception {
    Files.writeString(path("file"), "content");
    Files.copy(path("file"), directory.resolve("copy"));
    Files.move(directory.resolve("copy"), path("moved"));
    assertThat(directory.resolve("moved")).hasContent("content");
    assertThat(Files.isSameFile(path("file"), directory.resolve("file"))).isTrue();
  }

  @TrefoilTest
  void pathsOfOtherFileSystemsDo() throws Exception {
    URI zip = URI.create("jar:" + directory.resolve("a.zip").toUri());
    try (FileSystem system = FileSystems.newFileSystem(zip, Map.of("create", "true"))) {
      Path inside = AsyncPath.of(system.getPath("/inside"));
      Files.writeString(inside, "zipped");
      Files.copy(inside, path("outside"));
      assertThat(inside.getFileSystem()).isNotEqualTo(root.getFileSystem());
      try (Stream<Path> files = Files.list(inside.getParent())) {
        assertThat(files).containsExactly(inside);
      }
    }
    assertThat(directory.resolve("outside")).hasContent("zipped");
  }

  @Test
  void isAPathLikeAnyOther() {
    Path path = AsyncPath.of("/a/b", "../c");
    Path plain = Path.of("/a/b/../c");
    assertThat(path).hasToString("/a/b/../c").isEqualTo(AsyncPath.of(plain));
    assertThat(path).isNotEqualTo(plain).hasSameHashCodeAs(AsyncPath.of(plain));
    assertThat(path.normalize()).isEqualTo(AsyncPath.of("/a/c"));
    assertThat(path.getFileName()).isEqualTo(AsyncPath.of("c"));
    assertThat(path.getRoot()).isEqualTo(AsyncPath.of("/"));
    assertThat(AsyncPath.of("/").getParent()).isNull();
    assertThat(path.getNameCount()).isEqualTo(4);
    assertThat(path.subpath(1, 3)).isEqualTo(AsyncPath.of("b/.."));
    assertThat(path.startsWith("/a")).isTrue();
    assertThat(path.startsWith(Path.of("/a"))).isTrue();
    assertThat(path.resolve(Path.of("d"))).isEqualTo(AsyncPath.of("/a/b/../c/d"));
    assertThat(AsyncPath.of("/a").relativize(Path.of("/b"))).isEqualTo(AsyncPath.of("../b"));
    assertThat(AsyncPath.of("/a")).isLessThan(AsyncPath.of("/b"));
    assertThat((Iterable<Path>) AsyncPath.of("a/b"))
        .containsExactly(AsyncPath.of("a"), AsyncPath.of("b"));
    assertThat(AsyncPath.of("x").toAbsolutePath().isAbsolute()).isTrue();
    assertThat(path.toUri()).isEqualTo(plain.toUri());
    assertThat(path.toFile()).isEqualTo(plain.toFile());
    assertThat(path.getFileSystem()).isEqualTo(AsyncPath.of("x").getFileSystem());
    assertThat(path.getFileSystem().getPath("a", "b")).isEqualTo(AsyncPath.of("a/b"));
    assertThat(path.getFileSystem().getPathMatcher("glob:*.txt").matches(AsyncPath.of("a.txt")))
        .isTrue();
    assertThat(AsyncPath.of(path)).isSameAs(path);
    assertThat(AsyncPath.of(plain).blocking()).isSameAs(plain);
  }
}
