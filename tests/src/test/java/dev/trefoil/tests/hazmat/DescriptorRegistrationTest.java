package dev.trefoil.tests.hazmat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.Instrument;
import dev.trefoil.hazmat.Task;
import dev.trefoil.hazmat.TaskState;
import dev.trefoil.tasks.CancelScope;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.testing.Testing;
import dev.trefoil.testing.TrefoilTest;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** One wait after the other for the same number, whatever has become of it meanwhile. */
@EnabledOnOs(OS.LINUX)
@Timeout(60)
final class DescriptorRegistrationTest {
  private static final Duration A_WHILE = Duration.ofMillis(5);

  /** More than a run that sleeps looks for I/O in a while, and less than one that does not sleep. */
  private static final int MANY = 50;

  private final List<String> log = new ArrayList<>();
  @AutoClose private final NativeSockets sockets = NativeSockets.open();

  private void waitReadableOnce(int fd) {
    NativeSockets.write(sockets.right);
    Hazmat.waitReadable(fd);
    NativeSockets.readOne(fd);
  }

  private void waitReadableOnceAndReplaceBy(NativeSockets other) {
    waitReadableOnce(sockets.left);
    NativeSockets.replace(sockets.left, other.left);
  }

  private Task<?> spawnReader(Nursery nursery, int fd) {
    return nursery.spawn(
        () -> {
          Hazmat.waitReadable(fd);
          log.add("reader woke");
        });
  }

  /** Waits until nothing happens, and looks whether the run sleeps meanwhile. */
  private static void waitAllTasksAsleep() {
    AtomicInteger looks = new AtomicInteger();
    Instrument counter =
        new Instrument() {
          @Override
          public void beforeIoWait(long timeoutNanos) {
            looks.incrementAndGet();
          }
        };
    Hazmat.currentRun().addInstrument(counter);
    Testing.waitAllTasksBlocked(A_WHILE);
    Hazmat.currentRun().removeInstrument(counter);
    assertThat(looks.get()).isLessThan(MANY);
  }

  // ---- the same descriptor

  @TrefoilTest(seeds = 20)
  @Tag("R3")
  void waitReturnsAsLongAsSomethingIsLeftToRead() {
    Nursery.open(
        nursery -> {
          Task<?> reader =
              nursery.spawn(
                  () -> {
                    for (int i = 0; i < 4; i++) {
                      Hazmat.waitReadable(sockets.left);
                      NativeSockets.readOne(sockets.left);
                      log.add("read");
                    }
                  });
          Testing.waitAllTasksBlocked();
          for (int i = 0; i < 3; i++) {
            NativeSockets.write(sockets.right);
          }
          Testing.waitAllTasksBlocked();
          assertThat(log).hasSize(3);
          assertThat(reader.state()).isEqualTo(TaskState.PARKED);
          NativeSockets.write(sockets.right);
        });
    assertThat(log).hasSize(4);
  }

  @TrefoilTest(seeds = 20)
  @Tag("R3")
  void readerThatComesBackLateFindsWhatHasComeMeanwhile() {
    waitReadableOnce(sockets.left);
    NativeSockets.write(sockets.right);
    waitAllTasksAsleep();
    Hazmat.waitReadable(sockets.left);
    Hazmat.waitReadable(sockets.left);
  }

  @TrefoilTest(seeds = 20)
  @Tag("R3")
  @Tag("R4")
  @Tag("R53")
  void readinessThatNobodyWaitsForAnyMoreDoesNotKeepTheRunBusy() {
    NativeSockets.write(sockets.right);
    Nursery.open(
        nursery -> {
          nursery.spawn(() -> Hazmat.waitReadable(sockets.left)).join();
          nursery.spawn(() -> Hazmat.waitWritable(sockets.left)).join();
          Task<?> other = spawnReader(nursery, sockets.right);
          waitAllTasksAsleep();
          assertThat(other.state()).isEqualTo(TaskState.PARKED);
          nursery.cancelScope().cancel();
        });
  }

  @TrefoilTest(seeds = 20)
  @Tag("R3")
  @Tag("R4")
  void directionsTakeTurnsWithoutDisturbingEachOther() {
    for (int i = 0; i < 5; i++) {
      Nursery.open(
          nursery -> {
            Task<?> reader = spawnReader(nursery, sockets.left);
            Hazmat.waitWritable(sockets.left);
            waitAllTasksAsleep();
            assertThat(reader.state()).isEqualTo(TaskState.PARKED);
            NativeSockets.write(sockets.right);
            reader.join();
          });
      NativeSockets.readOne(sockets.left);
    }
    assertThat(log).hasSize(5);
  }

  @TrefoilTest(seeds = 20)
  @Tag("R3")
  void waitThatFollowsACancelledOneIsNotForgotten() {
    waitReadableOnce(sockets.left);
    CancelScope scope = CancelScope.create();
    Nursery.open(
        nursery -> {
          nursery.spawn(() -> scope.run(() -> Hazmat.waitReadable(sockets.left)));
          Testing.waitAllTasksBlocked();
          scope.cancel();
          spawnReader(nursery, sockets.left);
          waitAllTasksAsleep();
          NativeSockets.write(sockets.right);
        });
    assertThat(log).hasSize(1);
  }

  // ---- another one with the same number, of which the run was told nothing

  @TrefoilTest(seeds = 20)
  @Tag("R3")
  void descriptorThatWasOpenedInThePlaceOfAnotherIsWaitedFor() {
    try (NativeSockets other = NativeSockets.open()) {
      Nursery.open(
          nursery -> {
            nursery.spawn(
                () -> {
                  waitReadableOnceAndReplaceBy(other);
                  log.add("replaced");
                  Hazmat.waitReadable(sockets.left);
                  log.add("woke");
                });
            Testing.waitAllTasksBlocked();
            assertThat(log).containsExactly("replaced");
            NativeSockets.write(other.right);
          });
    }
    assertThat(log).containsExactly("replaced", "woke");
  }

  @TrefoilTest(seeds = 20)
  @Tag("R3")
  @Tag("R53")
  void taskWhoseReplacedDescriptorIsReadableIsNotTakenForBlocked() {
    try (NativeSockets other = NativeSockets.open()) {
      NativeSockets.write(other.right);
      Nursery.open(
          nursery -> {
            nursery.spawn(
                () -> {
                  waitReadableOnceAndReplaceBy(other);
                  Hazmat.waitReadable(sockets.left);
                  log.add("woke");
                });
            Testing.waitAllTasksBlocked();
            assertThat(log).containsExactly("woke");
          });
    }
  }

  @TrefoilTest
  @Tag("R3")
  void replacedDescriptorIsFoundReadableAlthoughOthersKeepTheRunBusy() {
    try (NativeSockets other = NativeSockets.open();
        NativeSockets noisy = NativeSockets.open()) {
      NativeSockets.write(noisy.right);
      NativeSockets.write(other.right);
      Nursery.open(
          nursery -> {
            nursery.spawn(
                () -> {
                  while (true) {
                    Hazmat.waitReadable(noisy.left);
                  }
                });
            nursery
                .spawn(
                    () -> {
                      waitReadableOnceAndReplaceBy(other);
                      Hazmat.waitReadable(sockets.left);
                    })
                .join();
            nursery.cancelScope().cancel();
          });
    }
  }

  @TrefoilTest(seeds = 20)
  @Tag("R3")
  void descriptorThatWasClosedAfterItsLastWaitIsTheNextWaitersError() {
    waitReadableOnce(sockets.left);
    sockets.closeLeft();
    assertThatThrownBy(() -> Hazmat.waitReadable(sockets.left))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContainingAll(String.valueOf(sockets.left), "not open");
    assertThat(Hazmat.currentRun().statistics().io().tasksWaitingRead()).isZero();
  }

  // ---- a closed number that leaves a duplicate behind

  @TrefoilTest(seeds = 20)
  @Tag("R3")
  @Tag("R53")
  void duplicateOfAClosedDescriptorDoesNotKeepTheRunBusy() {
    int duplicate = NativeSockets.duplicate(sockets.left);
    try {
      Nursery.open(
          nursery -> {
            Task<?> other = spawnReader(nursery, sockets.right);
            waitReadableOnce(sockets.left);
            sockets.closeLeft();
            NativeSockets.write(sockets.right);
            waitAllTasksAsleep();
            NativeSockets.write(duplicate);
            other.join();
            Hazmat.waitReadable(duplicate);
          });
    } finally {
      NativeSockets.close(duplicate);
    }
  }

  @TrefoilTest(seeds = 20)
  @Tag("R3")
  @Tag("R53")
  void duplicateOfAReplacedDescriptorIsNotTakenForTheOneInItsPlace() {
    int duplicate = NativeSockets.duplicate(sockets.left);
    try (NativeSockets other = NativeSockets.open()) {
      Nursery.open(
          nursery -> {
            Task<?> reader =
                nursery.spawn(
                    () -> {
                      waitReadableOnceAndReplaceBy(other);
                      do {
                        Hazmat.waitReadable(sockets.left);
                      } while (NativeSockets.drain(sockets.left) == 0);
                    });
            Testing.waitAllTasksBlocked();
            NativeSockets.write(sockets.right);
            waitAllTasksAsleep();
            assertThat(reader.state()).isEqualTo(TaskState.PARKED);
            NativeSockets.write(other.right);
          });
    } finally {
      NativeSockets.close(duplicate);
    }
  }
}
