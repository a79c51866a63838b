package dev.trefoil.tests.threads;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.trefoil.hazmat.ResourceBusy;
import dev.trefoil.tasks.CancelScope;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.testing.Checkpoints;
import dev.trefoil.testing.Testing;
import dev.trefoil.testing.TrefoilTest;
import dev.trefoil.threads.io.AsyncFile;
import dev.trefoil.threads.io.AsyncPath;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NonReadableChannelException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Open files with a position, used by tasks. */
@Tag("T64")
final class AsyncFileTest {
  @TempDir Path directory;

  private final List<@Nullable Object> log = new ArrayList<>();
  private final CancelScope scope = CancelScope.create();

  private AsyncFile file(String content) throws IOException {
    Path path = directory.resolve("file");
    Files.writeString(path, content);
    return AsyncFile.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
  }

  private static String text(ByteBuffer buffer) {
    return UTF_8.decode(buffer.flip()).toString();
  }

  @TrefoilTest(seeds = 5)
  void readsAndWritesAtItsPosition() throws Exception {
    try (AsyncFile file = file("0123456789")) {
      assertThat(file.size()).isEqualTo(10);
      ByteBuffer buffer = ByteBuffer.allocate(3);
      assertThat(file.read(buffer)).isEqualTo(3);
      assertThat(text(buffer)).isEqualTo("012");
      assertThat(file.position()).isEqualTo(3);
      assertThat(file.write(ByteBuffer.wrap("abc".getBytes(UTF_8)))).isEqualTo(3);
      assertThat(new String(file.readAllBytes(), UTF_8)).isEqualTo("6789");
      assertThat(file.readAllBytes()).isEmpty();
      assertThat(file.read(ByteBuffer.allocate(1))).isEqualTo(-1);
      assertThat(file.position(1).truncate(5).size()).isEqualTo(5);
      file.force(true);
      assertThat(new String(file.readAllBytes(), UTF_8)).isEqualTo("12ab");
    }
    assertThat(directory.resolve("file")).hasContent("012ab");
  }

  @TrefoilTest(seeds = 5)
  void opensAsItIsTold() throws Exception {
    Path path = directory.resolve("new");
    assertThatThrownBy(() -> AsyncFile.open(path)).isInstanceOf(NoSuchFileException.class);
    for (String part : List.of("one", "two")) {
      try (AsyncFile file =
          AsyncFile.open(
              AsyncPath.of(path), StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
        file.write(ByteBuffer.wrap(part.getBytes(UTF_8)));
        assertThatThrownBy(file::readAllBytes).isInstanceOf(NonReadableChannelException.class);
      }
    }
    try (AsyncFile file = AsyncFile.open(path)) {
      assertThat(new String(file.readAllBytes(), UTF_8)).isEqualTo("onetwo");
    }
  }

  @TrefoilTest(seeds = 20)
  void eachOperationIsACheckpoint() throws Exception {
    AsyncFile file = file("content");
    Checkpoints.assertCheckpoints(() -> AsyncFile.open(directory.resolve("file")).close());
    Checkpoints.assertCheckpoints(() -> file.read(ByteBuffer.allocate(1)));
    Checkpoints.assertCheckpoints(() -> file.write(ByteBuffer.allocate(1)));
    Checkpoints.assertCheckpoints(file::readAllBytes);
    Checkpoints.assertCheckpoints(() -> assertThat(file.position()).isEqualTo(7));
    Checkpoints.assertCheckpoints(() -> file.position(1));
    Checkpoints.assertCheckpoints(() -> assertThat(file.size()).isEqualTo(7));
    Checkpoints.assertCheckpoints(() -> file.truncate(2));
    Checkpoints.assertCheckpoints(() -> file.force(false));
    Checkpoints.assertCheckpoints(file::close);
  }

  @TrefoilTest(seeds = 20)
  void cancelledOnEntryNothingHasHappened() throws Exception {
    try (AsyncFile file = file("content")) {
      scope.cancel();
      scope.run(() -> file.truncate(0));
      assertThat(scope.cancelledCaught()).isTrue();
      assertThat(file.size()).isEqualTo(7);
    }
  }

  @TrefoilTest(seeds = 20)
  void closesAlsoIfCancelledAndThenRaises() throws Exception {
    AsyncFile file = file("content");
    scope.cancel();
    scope.run(
        () -> {
          file.close();
          log.add("not reached");
        });
    assertThat(scope.cancelledCaught()).isTrue();
    assertThat(log).isEmpty();
    assertThat(file.isOpen()).isFalse();
    assertThatThrownBy(file::size).isInstanceOf(ClosedChannelException.class);
    file.close();
  }

  /** A named pipe, to have a file that makes its reader wait. */
  private Path namedPipe() throws Exception {
    Path pipe = directory.resolve("pipe");
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/mkfifo")), "a system with named pipes");
    assertThat(new ProcessBuilder("/usr/bin/mkfifo", pipe.toString()).start().waitFor()).isZero();
    return pipe;
  }

  @TrefoilTest(seeds = 5)
  void oneOperationAtATimeAndCloseEndsIt() throws Exception {
    AsyncFile file = AsyncFile.open(namedPipe(), StandardOpenOption.READ, StandardOpenOption.WRITE);
    Nursery.open(
        nursery -> {
          nursery.spawn(
              "reader", () -> log.add(catchThrowable(() -> file.read(ByteBuffer.allocate(1)))));
          Testing.waitAllTasksBlocked();
          assertThatThrownBy(() -> file.write(ByteBuffer.allocate(1)))
              .isInstanceOf(ResourceBusy.class)
              .hasMessageContainingAll("AsyncFile", "reader");
          file.close();
        });
    assertThat(log).singleElement().isInstanceOf(ClosedChannelException.class);
    assertThat(file.isOpen()).isFalse();
  }

  @TrefoilTest(seeds = 5)
  void filesOfOtherFileSystemsWorkAsFarAsTheirChannelsDo() throws Exception {
    URI zip = URI.create("jar:" + directory.resolve("a.zip").toUri());
    try (FileSystem system = FileSystems.newFileSystem(zip, Map.of("create", "true"))) {
      Path path = system.getPath("entry");
      Files.writeString(path, "zipped");
      try (AsyncFile file = AsyncFile.open(path)) {
        assertThat(new String(file.readAllBytes(), UTF_8)).isEqualTo("zipped");
        assertThatThrownBy(() -> file.force(false))
            .isInstanceOf(UnsupportedOperationException.class)
            .hasMessageContaining("FileChannel");
      }
    }
    Files.delete(directory.resolve("a.zip"));
  }

  @Test
  void worksDirectlyOutsideOfRuns() throws IOException {
    try (AsyncFile file = file("content")) {
      assertThat(file.position(3).readAllBytes()).hasSize(4);
    }
  }
}
