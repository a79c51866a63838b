package dev.trefoil.tests.hazmat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.trefoil.hazmat.ClosedResource;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.IoStatistics;
import dev.trefoil.hazmat.ResourceBusy;
import dev.trefoil.hazmat.RunOptions;
import dev.trefoil.hazmat.Task;
import dev.trefoil.hazmat.TaskState;
import dev.trefoil.tasks.CancelScope;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.tasks.Trefoil;
import dev.trefoil.testing.Checkpoints;
import dev.trefoil.testing.MockClock;
import dev.trefoil.testing.Testing;
import dev.trefoil.testing.TrefoilTest;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Waiting for bare file descriptors. */
@EnabledOnOs(OS.LINUX)
final class DescriptorWaitTest {
  private final List<String> log = new ArrayList<>();
  @AutoClose private final NativeSockets sockets = NativeSockets.open();

  private Task<?> spawnReader(Nursery nursery, String name, int fd) {
    Task<?> task =
        nursery.spawn(
            name,
            () -> {
              Hazmat.waitReadable(fd);
              log.add(name + " woke");
            });
    Testing.waitAllTasksBlocked();
    return task;
  }

  private Task<?> spawnWriter(Nursery nursery, String name, int fd) {
    Task<?> task =
        nursery.spawn(
            name,
            () -> {
              Hazmat.waitWritable(fd);
              log.add(name + " woke");
            });
    Testing.waitAllTasksBlocked();
    return task;
  }

  // ---- readiness

  @TrefoilTest(seeds = 20)
  @Tag("R3")
  void readerWakesWhenDataHasCome() {
    Nursery.open(
        nursery -> {
          Task<?> reader = spawnReader(nursery, "reader", sockets.left);
          assertThat(reader.stateLabel()).isEqualTo("READ_WAIT");
          NativeSockets.write(sockets.right);
        });
    assertThat(NativeSockets.drain(sockets.left)).isOne();
  }

  @TrefoilTest
  @Tag("R3")
  @Tag("R4")
  void waitingForWhatIsReadyIsStillACheckpoint() {
    NativeSockets.write(sockets.right);
    for (int i = 0; i < 3; i++) {
      Checkpoints.assertCheckpoints(() -> Hazmat.waitReadable(sockets.left));
      Checkpoints.assertCheckpoints(() -> Hazmat.waitWritable(sockets.left));
    }
  }

  @TrefoilTest(seeds = 20)
  @Tag("R4")
  void writerWakesWhenThereIsRoomAgain() {
    NativeSockets.fill(sockets.left);
    Nursery.open(
        nursery -> {
          Task<?> writer = spawnWriter(nursery, "writer", sockets.left);
          assertThat(writer.stateLabel()).isEqualTo("WRITE_WAIT");
          NativeSockets.drain(sockets.right);
        });
    assertThat(log).containsExactly("writer woke");
  }

  @TrefoilTest(seeds = 20)
  @Tag("R3")
  @Tag("R4")
  void hangUpWakesReaderAndWriter() {
    NativeSockets.fill(sockets.left);
    Nursery.open(
        nursery -> {
          spawnReader(nursery, "reader", sockets.left);
          spawnWriter(nursery, "writer", sockets.left);
          sockets.closeRight();
        });
    assertThat(log).containsExactlyInAnyOrder("reader woke", "writer woke");
  }

  @TrefoilTest(seeds = 20)
  @Tag("R3")
  @Tag("R53")
  void taskWhoseDescriptorIsReadableIsNotTakenForBlocked() {
    Nursery.open(
        nursery -> {
          spawnReader(nursery, "reader", sockets.left);
          NativeSockets.write(sockets.right);
          Testing.waitAllTasksBlocked();
          assertThat(log).containsExactly("reader woke");
        });
  }

  // ---- who waits

  @TrefoilTest(seeds = 20)
  @Tag("R3")
  @Tag("T35")
  void secondReaderIsRefusedWithTheNamesOfBoth() {
    Nursery.open(
        nursery -> {
          spawnReader(nursery, "first", sockets.left);
          assertThatThrownBy(() -> Hazmat.waitReadable(sockets.left))
              .isInstanceOf(ResourceBusy.class)
              .hasMessageContainingAll(
                  "'first'", "'main'", "file descriptor " + sockets.left, "readable");
          assertThat(log).as("the first still waits").isEmpty();
          NativeSockets.write(sockets.right);
        });
    assertThat(log).containsExactly("first woke");
  }

  @TrefoilTest(seeds = 20)
  @Tag("R4")
  @Tag("T35")
  void secondWriterIsRefusedWithTheNamesOfBoth() {
    NativeSockets.fill(sockets.left);
    Nursery.open(
        nursery -> {
          spawnWriter(nursery, "first", sockets.left);
          assertThatThrownBy(() -> Hazmat.waitWritable(sockets.left))
              .isInstanceOf(ResourceBusy.class)
              .hasMessageContainingAll("'first'", "'main'", "writable");
          NativeSockets.drain(sockets.right);
        });
    assertThat(log).containsExactly("first woke");
  }

  @TrefoilTest(seeds = 20)
  @Tag("R3")
  @Tag("R4")
  void wakingTheReaderKeepsTheWriterRegistered() {
    NativeSockets.fill(sockets.left);
    Nursery.open(
        nursery -> {
          Task<?> reader = spawnReader(nursery, "reader", sockets.left);
          Task<?> writer = spawnWriter(nursery, "writer", sockets.left);
          NativeSockets.write(sockets.right);
          reader.join();
          Testing.waitAllTasksBlocked();
          assertThat(writer.state()).isEqualTo(TaskState.PARKED);
          NativeSockets.drain(sockets.right);
        });
    assertThat(log).containsExactly("reader woke", "writer woke");
  }

  @TrefoilTest(seeds = 20)
  @Tag("R3")
  @Tag("R4")
  void wakingTheWriterKeepsTheReaderRegistered() {
    NativeSockets.fill(sockets.left);
    Nursery.open(
        nursery -> {
          Task<?> reader = spawnReader(nursery, "reader", sockets.left);
          Task<?> writer = spawnWriter(nursery, "writer", sockets.left);
          NativeSockets.drain(sockets.right);
          writer.join();
          Testing.waitAllTasksBlocked();
          assertThat(reader.state()).isEqualTo(TaskState.PARKED);
          NativeSockets.write(sockets.right);
        });
    assertThat(log).containsExactly("writer woke", "reader woke");
  }

  // ---- cancelling

  @TrefoilTest(seeds = 20)
  @Tag("R3")
  void cancelledWaitLeavesNoTrace() {
    CancelScope scope = CancelScope.create();
    Nursery.open(
        nursery -> {
          nursery.spawn(() -> scope.run(() -> Hazmat.waitReadable(sockets.left)));
          Testing.waitAllTasksBlocked();
          scope.cancel();
          assertThat(Hazmat.currentRun().statistics().io().tasksWaitingRead()).isZero();
          spawnReader(nursery, "next", sockets.left);
          NativeSockets.write(sockets.right);
        });
    assertThat(log).containsExactly("next woke");
    assertThat(scope.cancelledCaught()).isTrue();
  }

  @TrefoilTest(seeds = 20)
  @Tag("R3")
  @Tag("R4")
  void cancellingTheReaderKeepsTheWriterRegistered() {
    NativeSockets.fill(sockets.left);
    CancelScope scope = CancelScope.create();
    Nursery.open(
        nursery -> {
          nursery.spawn(() -> scope.run(() -> Hazmat.waitReadable(sockets.left)));
          spawnWriter(nursery, "writer", sockets.left);
          scope.cancel();
          NativeSockets.drain(sockets.right);
        });
    assertThat(log).containsExactly("writer woke");
  }

  @TrefoilTest(seeds = 20)
  @Tag("R3")
  @Tag("R31")
  void whatBecameReadyInTimeIsNotTimedOut(MockClock clock) {
    Nursery.open(
        nursery -> {
          Task<CancelScope> reader =
              nursery.spawn(
                  () ->
                      CancelScope.moveOnAfter(
                          Duration.ofSeconds(1), () -> Hazmat.waitReadable(sockets.left)));
          Testing.waitAllTasksBlocked();
          NativeSockets.write(sockets.right);
          clock.jump(Duration.ofSeconds(2));
          assertThat(reader.join().cancelledCaught()).isFalse();
        });
  }

  // ---- closing

  @TrefoilTest(seeds = 20)
  @Tag("R3")
  @Tag("R4")
  @Tag("T35")
  @Tag("T43")
  void notifyClosingWakesReaderAndWriterWithClosedResource() {
    NativeSockets.fill(sockets.left);
    Nursery.open(
        nursery -> {
          nursery.spawn(
              () ->
                  assertThatThrownBy(() -> Hazmat.waitReadable(sockets.left))
                      .isInstanceOf(ClosedResource.class)
                      .hasMessageContaining("file descriptor " + sockets.left));
          nursery.spawn(
              () ->
                  assertThatThrownBy(() -> Hazmat.waitWritable(sockets.left))
                      .isInstanceOf(ClosedResource.class));
          Testing.waitAllTasksBlocked();
          Checkpoints.assertNoCheckpoints(() -> Hazmat.notifyClosing(sockets.left));
          assertThat(Hazmat.currentRun().statistics().io())
              .extracting(IoStatistics::tasksWaitingRead, IoStatistics::tasksWaitingWrite)
              .containsExactly(0, 0);
          sockets.closeLeft();
        });
  }

  @TrefoilTest
  @Tag("T43")
  void notifyClosingOfWhatNobodyWaitsForDoesNothing() {
    assertThatCode(() -> Hazmat.notifyClosing(sockets.left)).doesNotThrowAnyException();
    Hazmat.waitWritable(sockets.left);
    assertThatCode(
            () -> {
              Hazmat.notifyClosing(sockets.left);
              Hazmat.notifyClosing(sockets.left);
              Hazmat.notifyClosing(123_456);
            })
        .doesNotThrowAnyException();
    Hazmat.waitWritable(sockets.left);
  }

  @TrefoilTest(seeds = 20)
  @Tag("R3")
  void numberThatIsUsedAgainIsANewDescriptor() {
    for (int i = 0; i < 10; i++) {
      try (NativeSockets again = NativeSockets.open()) {
        CancelScope scope = CancelScope.create();
        Nursery.open(
            nursery -> {
              nursery.spawn(() -> scope.run(() -> Hazmat.waitReadable(again.left)));
              Testing.waitAllTasksBlocked();
              scope.cancel();
              Task<?> reader = spawnReader(nursery, "reader", again.left);
              NativeSockets.write(again.right);
              reader.join();
            });
        Hazmat.notifyClosing(again.left);
      }
    }
    assertThat(log).hasSize(10);
  }

  @EveryBackend
  @Tag("R3")
  void descriptorMayBeWaitedForInOneRunAfterTheOther(RunOptions options) {
    for (int i = 0; i < 3; i++) {
      Trefoil.run(
          options,
          () -> {
            NativeSockets.write(sockets.right);
            Hazmat.waitReadable(sockets.left);
            NativeSockets.drain(sockets.left);
          });
    }
  }

  // ---- what cannot be waited for

  @TrefoilTest(seeds = 20)
  @Tag("R3")
  @Tag("R4")
  void descriptorThatIsNotOpenIsTheCallersErrorAndNotTheRuns() {
    Hazmat.waitWritable(sockets.right);
    sockets.closeLeft();
    for (int fd : new int[] {sockets.left, 123_456, -1}) {
      assertThatThrownBy(() -> Hazmat.waitReadable(fd))
          .isInstanceOf(UncheckedIOException.class)
          .hasMessageContaining(String.valueOf(fd));
      assertThatThrownBy(() -> Hazmat.waitWritable(fd))
          .isInstanceOf(UncheckedIOException.class)
          .hasMessageContaining(String.valueOf(fd));
    }
    Hazmat.waitWritable(sockets.right);
    assertThat(Hazmat.currentRun().statistics().io().tasksWaitingRead()).isZero();
  }

  @TrefoilTest
  @Tag("R3")
  void regularFileIsRefusedAsNotMeaningful(@TempDir Path directory) throws IOException {
    Path file = Files.writeString(directory.resolve("file"), "text");
    try (FileInputStream stream = new FileInputStream(file.toFile())) {
      assertThat(stream.read()).isEqualTo('t');
      assertThatThrownBy(() -> Hazmat.waitReadable(descriptorOf(file)))
          .isInstanceOf(UncheckedIOException.class)
          .hasMessageContaining("regular file");
    }
  }

  /** The number under which this process has a file open. */
  private static int descriptorOf(Path file) throws IOException {
    try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
      Path real = file.toRealPath();
      return open.filter(fd -> Files.isSymbolicLink(fd) && real.equals(targetOf(fd)))
          .mapToInt(fd -> Integer.parseInt(fd.getFileName().toString()))
          .findFirst()
          .orElseThrow();
    }
  }

  private static Path targetOf(Path fd) {
    try {
      return Files.readSymbolicLink(fd);
    } catch (IOException closedMeanwhile) {
      return Path.of("");
    }
  }
}
