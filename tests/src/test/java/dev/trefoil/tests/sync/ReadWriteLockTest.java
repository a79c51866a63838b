package dev.trefoil.tests.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.trefoil.hazmat.Backend;
import dev.trefoil.hazmat.BrokenResource;
import dev.trefoil.hazmat.Cancelled;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.ParkingLot;
import dev.trefoil.hazmat.Task;
import dev.trefoil.hazmat.TaskAction;
import dev.trefoil.hazmat.WouldBlock;
import dev.trefoil.sync.Lockable;
import dev.trefoil.sync.ReadWriteLock;
import dev.trefoil.sync.ReadWriteLockStatistics;
import dev.trefoil.tasks.CancelScope;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.testing.Checkpoints;
import dev.trefoil.testing.Testing;
import dev.trefoil.testing.TrefoilTest;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

final class ReadWriteLockTest {
  private final ReadWriteLock lock = new ReadWriteLock("it");
  private final Lockable read = lock.readLock();
  private final Lockable write = lock.writeLock();
  private final ParkingLot gate = new ParkingLot();
  private final List<String> log = new ArrayList<>();

  private static Task<?> spawn(Nursery nursery, String name, TaskAction body) {
    Task<?> task = nursery.spawn(name, body);
    Testing.waitAllTasksBlocked();
    return task;
  }

  /** A task that gets in, says so, and stays until the gate lets one out. */
  private Task<?> spawnHolder(Nursery nursery, String name, Lockable side) {
    return spawn(
        nursery,
        name,
        () ->
            side.withLock(
                () -> {
                  log.add(name);
                  gate.<Object>park();
                }));
  }

  private void openGate() {
    gate.unparkAll();
    Testing.waitAllTasksBlocked();
  }

  private void assertFree() {
    assertThat(lock.statistics()).isEqualTo(new ReadWriteLockStatistics(null, List.of(), 0, 0));
    assertThat(write.tryAcquire()).isTrue();
    write.release();
  }

  // ---- who may be in together

  @TrefoilTest(seeds = 20)
  void readersReadTogetherAndAWriterWaitsForTheLastOfThem() {
    Nursery.open(
        nursery -> {
          spawnHolder(nursery, "reader 1", read);
          spawnHolder(nursery, "reader 2", read);
          assertThat(log).containsExactly("reader 1", "reader 2");
          spawnHolder(nursery, "writer", write);
          assertThat(log).hasSize(2);
          gate.unpark();
          Testing.waitAllTasksBlocked();
          assertThat(log).hasSize(2);
          gate.unpark();
          Testing.waitAllTasksBlocked();
          assertThat(log).hasSize(3).endsWith("writer");
          openGate();
        });
    assertFree();
  }

  @TrefoilTest(seeds = 20)
  void writerKeepsAllOthersOut() {
    Nursery.open(
        nursery -> {
          spawnHolder(nursery, "writer 1", write);
          spawnHolder(nursery, "reader", read);
          spawnHolder(nursery, "writer 2", write);
          assertThat(log).containsExactly("writer 1");
          assertThat(read.isLocked()).isTrue();
          assertThat(write.isLocked()).isTrue();
          openGate();
          assertThat(log).containsExactly("writer 1", "reader");
          openGate();
          openGate();
        });
    assertThat(log).containsExactly("writer 1", "reader", "writer 2");
    assertFree();
  }

  @TrefoilTest(seeds = 20)
  void oneSideExcludesTheOtherWhateverTasksDo() {
    int[] readers = {0};
    int[] writers = {0};
    int[] mostReaders = {0};
    Nursery.open(
        nursery -> {
          for (int i = 0; i < 6; i++) {
            int number = i;
            nursery.spawn(
                () -> {
                  for (int round = 0; round < 15; round++) {
                    int mixed = round * 7 + number;
                    CancelScope scope = CancelScope.create();
                    if (mixed % 4 == 0) {
                      nursery.spawn(() -> scope.cancel());
                    }
                    int[] own = mixed % 3 == 0 ? writers : readers;
                    scope.run(
                        () ->
                            (own == writers ? write : read)
                                .withLock(
                                    () -> {
                                      own[0]++;
                                      try {
                                        mostReaders[0] = Math.max(mostReaders[0], readers[0]);
                                        for (int step = 0; step <= mixed % 4; step++) {
                                          assertThat(writers[0] == 0 || readers[0] == 0).isTrue();
                                          assertThat(writers[0]).isLessThanOrEqualTo(1);
                                          Hazmat.yieldBriefly();
                                        }
                                      } finally {
                                        own[0]--;
                                      }
                                    }));
                  }
                });
          }
        });
    assertThat(mostReaders[0]).isGreaterThan(1);
    assertFree();
  }

  // ---- fairness

  @TrefoilTest(seeds = 20)
  void readerThatComesBehindAWaitingWriterDoesNotOvertakeIt() {
    Nursery.open(
        nursery -> {
          spawnHolder(nursery, "reader 1", read);
          spawnHolder(nursery, "writer", write);
          spawnHolder(nursery, "reader 2", read);
          assertThat(log).containsExactly("reader 1");
          assertThat(read.isLocked()).isTrue();
          assertThat(read.tryAcquire()).isFalse();
          assertThatThrownBy(read::acquireNowait)
              .isInstanceOf(WouldBlock.class)
              .hasMessageContainingAll(
                  "the read side of ReadWriteLock 'it'", "'main'", "2 waiting");
          openGate();
          assertThat(log).containsExactly("reader 1", "writer");
          openGate();
          openGate();
        });
    assertThat(log).containsExactly("reader 1", "writer", "reader 2");
  }

  @TrefoilTest(seeds = 20)
  void readersNextToEachOtherInTheQueueGetInTogetherAndNoneBehindTheNextWriter() {
    Nursery.open(
        nursery -> {
          spawnHolder(nursery, "writer 1", write);
          spawnHolder(nursery, "reader 1", read);
          spawnHolder(nursery, "reader 2", read);
          spawnHolder(nursery, "writer 2", write);
          spawnHolder(nursery, "reader 3", read);
          assertThat(lock.statistics().readersWaiting()).isEqualTo(3);
          assertThat(lock.statistics().writersWaiting()).isOne();
          openGate();
          assertThat(log).hasSize(3).contains("reader 1", "reader 2");
          openGate();
          assertThat(log).hasSize(4).endsWith("writer 2");
          openGate();
          openGate();
        });
    assertThat(log).hasSize(5).endsWith("reader 3");
    assertFree();
  }

  // ---- cancellation

  @TrefoilTest(seeds = 20)
  void readersGetInAtOnceWhenTheWriterBeforeThemIsCancelled() {
    CancelScope scope = CancelScope.create();
    Nursery.open(
        nursery -> {
          spawnHolder(nursery, "reader 1", read);
          spawn(nursery, "writer", () -> scope.run(() -> write.withLock(() -> log.add("wrong"))));
          Task<?> second = spawnHolder(nursery, "reader 2", read);
          scope.cancel();
          assertThat(lock.statistics().readers()).contains(second);
          assertThat(read.tryAcquire()).isTrue();
          read.release();
          Testing.waitAllTasksBlocked();
          assertThat(log).containsExactly("reader 1", "reader 2");
          openGate();
        });
    assertThat(scope.cancelledCaught()).isTrue();
    assertFree();
  }

  @TrefoilTest(seeds = 20)
  void cancelledReaderLeavesNoTrace() {
    CancelScope scope = CancelScope.create();
    write.acquire();
    Nursery.open(
        nursery -> {
          spawn(nursery, "reader", () -> scope.run(() -> read.withLock(() -> log.add("wrong"))));
          scope.cancel();
          assertThat(lock.statistics().readersWaiting()).isZero();
          write.release();
          assertFree();
        });
    assertThat(log).isEmpty();
  }

  @TrefoilTest(seeds = 20)
  void readerThatIsCancelledAfterItWasLetInReturnsHolding() {
    CancelScope scope = CancelScope.create();
    write.acquire();
    Nursery.open(
        nursery -> {
          spawn(
              nursery,
              "reader",
              () ->
                  scope.run(
                      () -> {
                        read.acquire();
                        log.add("holds");
                        assertThatThrownBy(Hazmat::yieldBriefly).isInstanceOf(Cancelled.class);
                        read.release();
                      }));
          write.release();
          scope.cancel();
          assertThat(write.tryAcquire()).isFalse();
        });
    assertThat(log).containsExactly("holds");
    assertFree();
  }

  // ---- checkpoints

  @TrefoilTest(seeds = 20)
  void readingIsACheckpointWhetherItWaitsOrNot() {
    Checkpoints.assertCheckpoints(read::acquire);
    Checkpoints.assertNoCheckpoints(read::release);
    write.acquire();
    Nursery.open(
        nursery -> {
          spawn(
              nursery,
              "reader",
              () -> {
                Checkpoints.assertCheckpoints(read::acquire);
                read.release();
              });
          Checkpoints.assertNoCheckpoints(write::release);
        });
    CancelScope scope = CancelScope.create();
    scope.cancel();
    scope.run(read::acquire);
    assertThat(scope.cancelledCaught()).isTrue();
    assertFree();
  }

  @TrefoilTest(backends = Backend.CONTINUATION, seeds = 5)
  void readsWhereTheTaskCannotBeSuspendedAndNeedNotBe() {
    for (int i = 0; i < 100; i++) {
      Pinned.run(() -> read.acquire());
      read.release();
      assertFree();
    }
  }

  // ---- wrong use

  @TrefoilTest(seeds = 20)
  void taskThatHoldsOneSideCanAcquireNeither() {
    for (Lockable held : List.of(read, write)) {
      held.acquire();
      for (Lockable more : List.of(read, write)) {
        for (var operation :
            List.<ThrowingCallable>of(more::acquire, more::tryAcquire, more::acquireNowait)) {
          assertThatThrownBy(operation)
              .isInstanceOf(IllegalStateException.class)
              .hasMessageContainingAll(
                  "'main'", "holds " + held, "cannot acquire " + more, "Release the one");
        }
      }
      held.release();
    }
    assertFree();
  }

  @TrefoilTest(seeds = 20)
  void sideIsReleasedByWhoHoldsJustThatSide() {
    read.acquire();
    assertThatThrownBy(write::release)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContainingAll("'main'", "does not hold the write side", "'it'");
    Nursery.open(
        nursery ->
            spawn(
                nursery,
                "thief",
                () ->
                    assertThatThrownBy(read::release)
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContainingAll("'thief'", "does not hold the read side")));
    assertThat(lock.statistics().readers()).hasSize(1);
    read.release();
    assertThatThrownBy(read::release).isInstanceOf(IllegalStateException.class);
    write.acquire();
    assertThatThrownBy(read::release)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContainingAll("held by task 'main'");
  }

  // ---- breaking

  private void assertBroken(String culprit) {
    for (Lockable side : List.of(read, write)) {
      assertThat(side.isLocked()).isTrue();
      for (var operation :
          List.<ThrowingCallable>of(side::acquire, side::tryAcquire, side::acquireNowait)) {
        assertThatThrownBy(operation)
            .isInstanceOf(BrokenResource.class)
            .hasMessageContainingAll("'it'", "'" + culprit + "'", "'main'");
      }
    }
  }

  @TrefoilTest(seeds = 20)
  void readerThatEndsWithoutReleasingBreaksItForWaitersAndNewcomers() {
    Nursery.open(
        nursery -> {
          spawn(
              nursery,
              "loser",
              () -> {
                read.acquire();
                gate.<Object>park();
              });
          spawn(
              nursery,
              "writer",
              () -> {
                assertThatThrownBy(write::acquire)
                    .isInstanceOf(BrokenResource.class)
                    .hasMessageContainingAll("'it'", "'loser'", "'writer'");
                log.add("writer");
              });
          spawn(
              nursery,
              "reader",
              () -> {
                assertThatThrownBy(read::acquire)
                    .isInstanceOf(BrokenResource.class)
                    .hasMessageContainingAll("'it'", "'loser'", "'reader'");
                log.add("reader");
              });
          openGate();
        });
    assertThat(log).containsExactlyInAnyOrder("writer", "reader");
    assertBroken("loser");
  }

  @TrefoilTest(seeds = 20)
  void readersThatStillHoldABrokenLockCanReleaseIt() {
    Nursery.open(
        nursery -> {
          spawnHolder(nursery, "reader", read);
          spawn(nursery, "loser", read::acquire);
          assertBroken("loser");
          assertThat(lock.statistics().readers()).hasSize(2);
          openGate();
          assertThat(lock.statistics().readers()).hasSize(1);
        });
    assertBroken("loser");
  }

  // ---- statistics

  @TrefoilTest
  void statisticsTellWhoIsInAndHowManyWait() {
    Nursery.open(
        nursery -> {
          Task<?> reader = spawnHolder(nursery, "reader", read);
          assertThat(lock.statistics())
              .isEqualTo(new ReadWriteLockStatistics(null, List.of(reader), 0, 0));
          Task<?> writer = spawnHolder(nursery, "writer", write);
          assertThat(writer.stateLabel()).isEqualTo("WRITE_LOCK_ACQUIRE");
          assertThat(lock.statistics())
              .isEqualTo(new ReadWriteLockStatistics(null, List.of(reader), 1, 0));
          openGate();
          assertThat(lock.statistics())
              .isEqualTo(new ReadWriteLockStatistics(writer, List.of(), 0, 0));
          Task<?> next = spawnHolder(nursery, "next", read);
          assertThat(next.stateLabel()).isEqualTo("READ_LOCK_ACQUIRE");
          openGate();
          openGate();
        });
    assertThat(lock).hasToString("ReadWriteLock 'it'");
  }
}
