package dev.trefoil.tests.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.trefoil.hazmat.Backend;
import dev.trefoil.hazmat.Cancelled;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.RunOptions;
import dev.trefoil.hazmat.Task;
import dev.trefoil.hazmat.TaskAction;
import dev.trefoil.hazmat.WouldBlock;
import dev.trefoil.sync.Held;
import dev.trefoil.sync.Lockable;
import dev.trefoil.tasks.CancelScope;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.tasks.Trefoil;
import dev.trefoil.testing.Checkpoints;
import dev.trefoil.testing.Testing;
import dev.trefoil.testing.TrefoilTest;
import dev.trefoil.tests.hazmat.EveryBackend;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;

/** What everything lock-like promises, where one task can have it at a time. */
abstract class LockableContract {
  final List<String> log = new ArrayList<>();
  Lockable lock;

  /** Makes one that is free, for one holder at a time, and that messages call {@code name}. */
  abstract Lockable make(String name);

  @BeforeEach
  void makeLock() {
    lock = make("it");
  }

  /** Spawns a task that has done what it can before this returns. */
  static Task<?> spawn(Nursery nursery, String name, TaskAction body) {
    Task<?> task = nursery.spawn(name, body);
    Testing.waitAllTasksBlocked();
    return task;
  }

  /** A task that acquires, logs its name, and releases. */
  void spawnPasser(Nursery nursery, String name) {
    spawn(nursery, name, () -> lock.withLock(() -> log.add(name)));
  }

  void assertFree() {
    assertThat(lock.isLocked()).isFalse();
    assertThat(lock.tryAcquire()).isTrue();
    lock.release();
    assertThat(lock.isLocked()).isFalse();
  }

  // ---- free and held

  @TrefoilTest
  @Tag("R153")
  @Tag("R156")
  @Tag("R158")
  @Tag("R162")
  void newOneIsFree() {
    assertFree();
  }

  @TrefoilTest(seeds = 20)
  @Tag("R154")
  @Tag("R155")
  @Tag("R156")
  @Tag("R160")
  @Tag("R161")
  @Tag("R162")
  @Tag("T26")
  @Tag("T28")
  @Tag("T29")
  void acquiringLocksAndReleasingUnlocks() {
    for (int i = 0; i < 3; i++) {
      lock.acquire();
      assertThat(lock.isLocked()).isTrue();
      lock.release();
      assertFree();
    }
  }

  @TrefoilTest(seeds = 20)
  @Tag("T27")
  void tryAcquireTakesWhatIsFreeAndNothingElse() {
    assertThat(lock.tryAcquire()).isTrue();
    assertThat(lock.isLocked()).isTrue();
    Nursery.open(
        nursery ->
            spawn(
                nursery,
                "late",
                () -> {
                  assertThat(lock.tryAcquire()).isFalse();
                  assertThatThrownBy(lock::acquireNowait)
                      .isInstanceOf(WouldBlock.class)
                      .hasMessageContainingAll("'it'", "'late'", "acquire()");
                }));
    lock.release();
    lock.acquireNowait();
    assertThat(lock.isLocked()).isTrue();
    lock.release();
    assertFree();
  }

  @TrefoilTest(seeds = 20)
  @Tag("R155")
  @Tag("R159")
  @Tag("T26")
  @Tag("T28")
  @Tag("T29")
  void releasingWhatIsNotHeldIsRefusedAndChangesNothing() {
    assertThatThrownBy(lock::release)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("'it'");
    assertFree();
  }

  // ---- checkpoints

  @TrefoilTest(seeds = 20)
  @Tag("R154")
  @Tag("R160")
  @Tag("T26")
  @Tag("T28")
  @Tag("T29")
  void acquiringIsACheckpointWhetherItWaitsOrNot() {
    Checkpoints.assertCheckpoints(lock::acquire);
    Nursery.open(
        nursery -> {
          spawn(
              nursery,
              "waiter",
              () -> {
                Checkpoints.assertCheckpoints(lock::acquire);
                lock.release();
              });
          lock.release();
        });
    Checkpoints.assertCheckpoints(() -> lock.withLock(() -> log.add("in")));
    Checkpoints.assertCheckpoints(() -> lock.hold().close());
  }

  @TrefoilTest(seeds = 20)
  @Tag("R155")
  @Tag("R161")
  @Tag("T27")
  void nothingElseIsACheckpoint() {
    Checkpoints.assertNoCheckpoints(
        () -> {
          assertThat(lock.tryAcquire()).isTrue();
          lock.isLocked();
          lock.release();
          lock.acquireNowait();
        });
    Nursery.open(
        nursery -> {
          spawn(
              nursery,
              "loser",
              () ->
                  Checkpoints.assertNoCheckpoints(
                      () -> {
                        assertThat(lock.tryAcquire()).isFalse();
                        assertThatThrownBy(lock::acquireNowait).isInstanceOf(WouldBlock.class);
                      }));
          spawnPasser(nursery, "waiter");
          Checkpoints.assertNoCheckpoints(lock::release);
        });
  }

  @TrefoilTest(backends = Backend.CONTINUATION, seeds = 5)
  void acquiresWhereTheTaskCannotBeSuspendedAndNeedNotBe() {
    // The kernel skips some switches, so that it takes a few to meet one that it does not.
    for (int i = 0; i < 100; i++) {
      Pinned.run(() -> lock.acquire());
      lock.release();
      assertFree();
    }
  }

  // ---- fairness

  @TrefoilTest(seeds = 20)
  @Tag("R154")
  @Tag("R155")
  @Tag("R160")
  @Tag("R161")
  @Tag("T26")
  @Tag("T28")
  @Tag("T29")
  void waitersGetItInTheOrderInWhichTheyCame() {
    lock.acquire();
    Nursery.open(
        nursery -> {
          spawnPasser(nursery, "a");
          spawnPasser(nursery, "b");
          spawnPasser(nursery, "c");
          assertThat(log).isEmpty();
          lock.release();
        });
    assertThat(log).containsExactly("a", "b", "c");
    assertFree();
  }

  @TrefoilTest(seeds = 20)
  @Tag("R154")
  @Tag("R156")
  @Tag("R160")
  @Tag("R162")
  @Tag("T26")
  @Tag("T28")
  @Tag("T29")
  void isHandedOverWithoutEverBeingFree() {
    lock.acquire();
    Nursery.open(
        nursery -> {
          spawn(
              nursery,
              "waiter",
              () -> {
                lock.acquire();
                log.add("waiter");
                Trefoil.sleepForever();
              });
          nursery.spawn(
              () -> {
                while (log.isEmpty()) {
                  assertThat(lock.isLocked()).isTrue();
                  Hazmat.yieldBriefly();
                }
                assertThat(lock.isLocked()).isTrue();
                nursery.cancelScope().cancel();
              });
          Hazmat.yieldBriefly();
          lock.release();
          assertThat(lock.isLocked()).isTrue();
        });
  }

  @TrefoilTest(seeds = 20)
  @Tag("R154")
  @Tag("R160")
  @Tag("T27")
  void nobodyOvertakesAWaiter() {
    lock.acquire();
    Nursery.open(
        nursery -> {
          spawnPasser(nursery, "waiter");
          nursery.spawn(
              () -> {
                // Runs at any time between the release and the waiter's turn, or before, or after.
                while (log.isEmpty()) {
                  assertThat(lock.tryAcquire()).isFalse();
                  Hazmat.yieldBriefly();
                }
              });
          Hazmat.yieldBriefly();
          lock.release();
          assertThat(lock.tryAcquire()).isFalse();
          lock.withLock(() -> log.add("releaser"));
        });
    assertThat(log).containsExactly("waiter", "releaser");
  }

  @TrefoilTest(seeds = 20)
  @Tag("R154")
  @Tag("R160")
  @Tag("T26")
  @Tag("T28")
  @Tag("T29")
  void tasksThatAcquireAgainAndAgainTakeTurns() {
    lock.acquire();
    Nursery.open(
        nursery -> {
          for (String name : List.of("a", "b", "c")) {
            spawn(
                nursery,
                name,
                () -> {
                  for (int i = 0; i < 10; i++) {
                    lock.withLock(
                        () -> {
                          log.add(name);
                          Hazmat.yieldBriefly();
                        });
                  }
                });
          }
          lock.release();
        });
    List<String> rounds =
        Collections.nCopies(10, List.of("a", "b", "c")).stream().flatMap(List::stream).toList();
    assertThat(log).isEqualTo(rounds);
  }

  @TrefoilTest(seeds = 20)
  @Tag("R154")
  @Tag("R160")
  void noTwoTasksHaveItAtOnceWhateverTheyDo() {
    int[] inside = {0};
    int[] times = {0};
    Nursery.open(
        nursery -> {
          for (int i = 0; i < 5; i++) {
            int number = i;
            nursery.spawn(
                () -> {
                  for (int round = 0; round < 20; round++) {
                    int mixed = round;
                    CancelScope scope = CancelScope.create();
                    if ((mixed + number) % 3 == 0) {
                      nursery.spawn(() -> scope.cancel());
                    }
                    scope.run(
                        () ->
                            lock.withLock(
                                () -> {
                                  times[0]++;
                                  assertThat(++inside[0]).isOne();
                                  try {
                                    for (int i2 = 0; i2 < mixed % 4; i2++) {
                                      Hazmat.yieldBriefly();
                                    }
                                  } finally {
                                    inside[0]--;
                                  }
                                }));
                  }
                });
          }
        });
    assertThat(times[0]).isPositive();
    assertFree();
  }

  // ---- cancellation

  @TrefoilTest(seeds = 20)
  @Tag("R154")
  @Tag("R160")
  @Tag("T26")
  @Tag("T28")
  @Tag("T29")
  void cancelledWaiterLeavesNoTrace() {
    CancelScope scope = CancelScope.create();
    lock.acquire();
    Nursery.open(
        nursery -> {
          spawn(nursery, "cancelled", () -> scope.run(() -> lock.withLock(() -> log.add("wrong"))));
          spawnPasser(nursery, "next");
          scope.cancel();
          lock.release();
        });
    assertThat(scope.cancelledCaught()).isTrue();
    assertThat(log).containsExactly("next");
    assertFree();
  }

  @TrefoilTest(seeds = 20)
  @Tag("R154")
  @Tag("R160")
  @Tag("T26")
  @Tag("T28")
  @Tag("T29")
  void lastWaiterThatIsCancelledLeavesItFree() {
    CancelScope scope = CancelScope.create();
    lock.acquire();
    Nursery.open(
        nursery -> {
          spawn(nursery, "cancelled", () -> scope.run(() -> lock.withLock(() -> log.add("wrong"))));
          scope.cancel();
          lock.release();
          // At once: before the cancelled task has run.
          assertFree();
        });
    assertThat(log).isEmpty();
  }

  @TrefoilTest(seeds = 20)
  @Tag("R154")
  @Tag("R160")
  @Tag("T26")
  @Tag("T28")
  @Tag("T29")
  void waiterThatIsCancelledAfterTheHandOffReturnsHolding() {
    CancelScope scope = CancelScope.create();
    lock.acquire();
    Nursery.open(
        nursery -> {
          spawn(
              nursery,
              "lucky",
              () ->
                  scope.run(
                      () -> {
                        lock.acquire();
                        log.add("holds");
                        try {
                          Hazmat.yieldIfCancelled();
                          log.add("wrong");
                        } catch (Cancelled cancelled) {
                          log.add("cancelled");
                          lock.release();
                          throw cancelled;
                        }
                      }));
          lock.release();
          scope.cancel();
          assertThat(lock.isLocked()).isTrue();
        });
    assertThat(log).containsExactly("holds", "cancelled");
    assertFree();
  }

  @TrefoilTest(seeds = 20)
  @Tag("R154")
  @Tag("R160")
  void acquiringInACancelledScopeRaisesAlsoIfItIsFree() {
    CancelScope scope = CancelScope.create();
    scope.cancel();
    scope.run(
        () -> {
          assertThatThrownBy(lock::acquire).isInstanceOf(Cancelled.class);
          assertThatThrownBy(lock::hold).isInstanceOf(Cancelled.class);
          assertThatThrownBy(() -> lock.withLock(() -> log.add("wrong")))
              .isInstanceOf(Cancelled.class);
          assertFree();
        });
    assertThat(log).isEmpty();
    assertFree();
  }

  @TrefoilTest(seeds = 20)
  @Tag("T27")
  void tryingIsNoCancelPoint() {
    CancelScope scope = CancelScope.create();
    scope.cancel();
    scope.run(
        () -> {
          assertThat(lock.tryAcquire()).isTrue();
          lock.release();
          lock.acquireNowait();
          lock.release();
        });
    assertThat(scope.cancelledCaught()).isFalse();
  }

  // ---- holding for a while

  @TrefoilTest(seeds = 20)
  @Tag("R157")
  @Tag("R163")
  void withLockHoldsItAsLongAsTheBodyRuns() {
    String result =
        lock.withLock(
            () -> {
              assertThat(lock.isLocked()).isTrue();
              Hazmat.yieldBriefly();
              return "result";
            });
    assertThat(result).isEqualTo("result");
    assertFree();
    lock.withLock(
        () -> {
          assertThat(lock.isLocked()).isTrue();
        });
    assertFree();
  }

  @TrefoilTest(seeds = 20)
  @Tag("R157")
  @Tag("R163")
  void withLockReleasesHoweverTheBodyEnds() throws Exception {
    IOException failure = new IOException("failure");
    assertThatThrownBy(
            () ->
                lock.withLock(
                    () -> {
                      throw failure;
                    }))
        .isSameAs(failure);
    assertFree();
    CancelScope scope = CancelScope.create();
    scope.run(
        () ->
            lock.withLock(
                () -> {
                  scope.cancel();
                  Hazmat.yieldBriefly();
                }));
    assertThat(scope.cancelledCaught()).isTrue();
    assertFree();
  }

  @TrefoilTest
  @Tag("R157")
  @Tag("R163")
  void withLockWhoseBodyReleasesTooMuchSaysSoAndKeepsTheBodysError() {
    assertThatThrownBy(() -> lock.withLock(() -> lock.release()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("'it'");
    IOException failure = new IOException("failure");
    assertThatThrownBy(
            () ->
                lock.withLock(
                    () -> {
                      lock.release();
                      throw failure;
                    }))
        .isSameAs(failure)
        .satisfies(error -> assertThat(error.getSuppressed()[0]).hasMessageContaining("'it'"));
    assertFree();
  }

  @TrefoilTest(seeds = 20)
  @Tag("R157")
  @Tag("R163")
  void tryWithResourcesHoldsItAsLongAsTheBlock() {
    try (var _ = lock.hold()) {
      assertThat(lock.isLocked()).isTrue();
      Hazmat.yieldBriefly();
    }
    assertFree();
    Held held = lock.hold();
    held.close();
    held.close();
    assertFree();
  }

  // ---- wrong thread, wrong run

  private void assertOutsideRefused() {
    for (var operation :
        List.<ThrowingCallable>of(
            lock::acquire, lock::tryAcquire, lock::acquireNowait, lock::release, lock::hold)) {
      assertThatThrownBy(() -> OtherThread.run(operation))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("inside a Trefoil run");
    }
  }

  @EveryBackend
  @Tag("R153")
  void threadWithoutARunIsRefused(RunOptions options) {
    assertOutsideRefused();
    Trefoil.run(
        options,
        () -> {
          assertFree();
          lock.acquire();
          assertOutsideRefused();
          lock.release();
          assertOutsideRefused();
          assertFree();
        });
  }

  @EveryBackend
  @Tag("R153")
  void otherRunIsRefusedAsLongAsTheFirstOneLives(RunOptions options) throws Exception {
    CountDownLatch used = new CountDownLatch(1);
    CountDownLatch tried = new CountDownLatch(1);
    FutureTask<Void> first =
        OtherThread.start(
            () -> {
              Trefoil.run(
                  options,
                  () -> {
                    assertFree();
                    used.countDown();
                    assertThat(tried.await(30, TimeUnit.SECONDS)).isTrue();
                    assertFree();
                  });
              return null;
            });
    assertThat(used.await(30, TimeUnit.SECONDS)).isTrue();
    Trefoil.run(
        options,
        () -> {
          for (var operation :
              List.<ThrowingCallable>of(
                  lock::acquire, lock::tryAcquire, lock::acquireNowait, lock::hold)) {
            assertThatThrownBy(operation)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContainingAll("belongs to", "has not ended", "UniversalEvent");
          }
          assertThatThrownBy(lock::release).isInstanceOf(IllegalStateException.class);
        });
    tried.countDown();
    OtherThread.resultOf(first);
    Trefoil.run(options, this::assertFree);
  }
}
