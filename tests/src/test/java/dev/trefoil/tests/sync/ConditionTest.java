package dev.trefoil.tests.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.trefoil.hazmat.BrokenResource;
import dev.trefoil.hazmat.Cancelled;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.KeyboardInterrupt;
import dev.trefoil.hazmat.ParkingLot;
import dev.trefoil.hazmat.Task;
import dev.trefoil.hazmat.TaskAction;
import dev.trefoil.sync.Condition;
import dev.trefoil.sync.ConditionStatistics;
import dev.trefoil.sync.Lock;
import dev.trefoil.sync.LockStatistics;
import dev.trefoil.tasks.CancelScope;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.testing.Checkpoints;
import dev.trefoil.testing.Testing;
import dev.trefoil.testing.TrefoilTest;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Tag;

final class ConditionTest {
  private final Lock lock = new Lock("it");
  private final Condition condition = new Condition(lock);
  private final List<String> log = new ArrayList<>();

  private Task<?> spawn(Nursery nursery, String name, TaskAction body) {
    Task<?> task = nursery.spawn(name, body);
    Testing.waitAllTasksBlocked();
    return task;
  }

  private Task<?> spawnWaiter(Nursery nursery, String name) {
    return spawn(nursery, name, () -> condition.withLock(() -> awaitAndLog(name)));
  }

  private void awaitAndLog(String name) {
    try {
      condition.await();
      log.add(name);
    } catch (Cancelled cancelled) {
      log.add(name + " cancelled");
      throw cancelled;
    } finally {
      assertThat(lock.statistics().owner()).isSameAs(Hazmat.currentTask());
    }
  }

  // ---- waiting and signalling

  @TrefoilTest(seeds = 20)
  @Tag("R168")
  @Tag("R170")
  @Tag("T30")
  void awaitReleasesTheLockAndHasItBackWhenItReturns() {
    Nursery.open(
        nursery -> {
          Task<?> waiter = spawnWaiter(nursery, "waiter");
          assertThat(condition.isLocked()).isFalse();
          assertThat(waiter.stateLabel()).isEqualTo("CONDITION_WAIT");
          condition.withLock(() -> condition.signal());
        });
    assertThat(log).containsExactly("waiter");
    assertThat(condition.isLocked()).isFalse();
  }

  @TrefoilTest(seeds = 20)
  @Tag("R168")
  @Tag("R170")
  @Tag("T30")
  void thoseWhoWaitedLongestAreSignalledFirst() {
    Nursery.open(
        nursery -> {
          for (String name : List.of("a", "b", "c", "d", "e")) {
            spawnWaiter(nursery, name);
          }
          condition.withLock(() -> condition.signal());
          Testing.waitAllTasksBlocked();
          assertThat(log).containsExactly("a");
          condition.withLock(() -> condition.signal(2));
          Testing.waitAllTasksBlocked();
          assertThat(log).containsExactly("a", "b", "c");
          condition.withLock(() -> condition.signal(100));
        });
    assertThat(log).containsExactly("a", "b", "c", "d", "e");
  }

  @TrefoilTest(seeds = 20)
  @Tag("R171")
  @Tag("T30")
  void signalAllWakesAllOneByOneAsTheLockIsPassedOn() {
    Nursery.open(
        nursery -> {
          for (String name : List.of("a", "b", "c")) {
            spawn(
                nursery,
                name,
                () ->
                    condition.withLock(
                        () -> {
                          condition.await();
                          log.add(name + " in");
                          Hazmat.yieldBriefly();
                          log.add(name + " out");
                        }));
          }
          condition.withLock(
              () -> {
                condition.signalAll();
                Testing.waitAllTasksBlocked();
                assertThat(log).isEmpty();
              });
        });
    assertThat(log).containsExactly("a in", "a out", "b in", "b out", "c in", "c out");
  }

  @TrefoilTest(seeds = 20)
  @Tag("R170")
  @Tag("T30")
  void signalledTasksQueueBehindThoseWhoWaitForTheLockAlready() {
    Nursery.open(
        nursery -> {
          spawnWaiter(nursery, "signalled");
          lock.acquire();
          spawn(nursery, "earlier", () -> lock.withLock(() -> log.add("earlier")));
          condition.signal();
          spawn(nursery, "later", () -> lock.withLock(() -> log.add("later")));
          assertThat(condition.statistics())
              .isEqualTo(
                  new ConditionStatistics(0, new LockStatistics(true, Hazmat.currentTask(), 3)));
          lock.release();
        });
    assertThat(log).containsExactly("earlier", "signalled", "later");
  }

  @TrefoilTest(seeds = 20)
  @Tag("R170")
  @Tag("R171")
  void signallingNobodyDoesNothingAndIsNotRemembered() {
    condition.withLock(
        () -> {
          condition.signal();
          condition.signal(3);
          condition.signalAll();
        });
    Nursery.open(
        nursery -> {
          spawnWaiter(nursery, "waiter");
          condition.withLock(() -> condition.signal(0));
          Testing.waitAllTasksBlocked();
          assertThat(log).isEmpty();
          condition.withLock(() -> condition.signal());
        });
  }

  @TrefoilTest(seeds = 20)
  @Tag("R168")
  void taskNeverWakesWithoutASignal() {
    Nursery.open(
        nursery -> {
          spawnWaiter(nursery, "waiter");
          for (int i = 0; i < 20; i++) {
            condition.withLock(Hazmat::yieldBriefly);
          }
          assertThat(log).isEmpty();
          condition.withLock(() -> condition.signal());
        });
  }

  @TrefoilTest(seeds = 20)
  @Tag("R164")
  void severalConditionsMayShareALock() {
    Condition other = new Condition(lock);
    Nursery.open(
        nursery -> {
          spawnWaiter(nursery, "first");
          spawn(
              nursery,
              "second",
              () ->
                  other.withLock(
                      () -> {
                        other.await();
                        log.add("second");
                      }));
          lock.withLock(() -> other.signalAll());
          Testing.waitAllTasksBlocked();
          assertThat(log).containsExactly("second");
          other.withLock(() -> condition.signal());
        });
    assertThat(log).containsExactly("second", "first");
  }

  @TrefoilTest
  @Tag("R164")
  @Tag("R165")
  void hasALockOfItsOwnIfNoneIsGiven() {
    Condition one = new Condition();
    Condition two = new Condition();
    one.acquire();
    assertThat(one.isLocked()).isTrue();
    assertThat(two.isLocked()).isFalse();
    assertThatThrownBy(() -> new Condition(null))
        .isInstanceOf(NullPointerException.class)
        .hasMessageContaining("lock");
  }

  @TrefoilTest(seeds = 20)
  @Tag("R168")
  @Tag("R170")
  @Tag("R171")
  @Tag("T30")
  void whoDoesNotHoldTheLockIsRefused() {
    lock.acquire();
    Nursery.open(
        nursery ->
            spawn(
                nursery,
                "other",
                () -> {
                  for (var operation :
                      List.<ThrowingCallable>of(
                          condition::await,
                          () -> condition.awaitFor(() -> true),
                          () -> condition.awaitNonNull(() -> "value"),
                          condition::signal,
                          () -> condition.signal(2),
                          condition::signalAll)) {
                    assertThatThrownBy(operation)
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContainingAll("Lock 'it'", "'main'", "'other'");
                  }
                }));
    lock.release();
    assertThatThrownBy(condition::signal).hasMessageContaining("not held by anybody");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> condition.signal(-1))
        .withMessageContainingAll("count", "-1");
  }

  @TrefoilTest(seeds = 20)
  @Tag("R168")
  @Tag("R170")
  void waitingIsACheckpointAndSignallingIsNot() {
    Nursery.open(
        nursery -> {
          spawn(
              nursery,
              "waiter",
              () -> condition.withLock(() -> Checkpoints.assertCheckpoints(condition::await)));
          lock.acquire();
          Checkpoints.assertNoCheckpoints(
              () -> {
                condition.signal();
                condition.signalAll();
              });
          Checkpoints.assertCheckpoints(() -> condition.awaitFor(() -> true));
          Checkpoints.assertCheckpoints(
              () ->
                  assertThatThrownBy(
                          () ->
                              condition.awaitFor(
                                  () -> {
                                    throw new IllegalArgumentException("predicate");
                                  }))
                      .hasMessage("predicate"));
          lock.release();
        });
  }

  @TrefoilTest(seeds = 20)
  @Tag("R168")
  @Tag("R169")
  void waitingIsACheckpointAlsoForWhoDoesNotHoldTheLock() {
    for (var operation :
        List.<ThrowingCallable>of(condition::await, () -> condition.awaitFor(() -> true))) {
      Checkpoints.assertCheckpoints(
          () -> assertThatThrownBy(operation).isInstanceOf(IllegalStateException.class));
      CancelScope scope = CancelScope.create();
      scope.run(
          () -> {
            scope.cancel();
            assertThatThrownBy(operation).isInstanceOf(Cancelled.class);
          });
    }
  }

  // ---- predicates

  @TrefoilTest(seeds = 20)
  @Tag("R169")
  void awaitForLooksAfterEachSignalWithTheLockHeld() {
    int[] value = {0};
    Nursery.open(
        nursery -> {
          spawn(
              nursery,
              "waiter",
              () ->
                  condition.withLock(
                      () -> {
                        condition.awaitFor(
                            () -> {
                              assertThat(lock.statistics().owner()).isSameAs(Hazmat.currentTask());
                              log.add("looks at " + value[0]);
                              return value[0] == 3;
                            });
                        log.add("done");
                      }));
          for (int i = 1; i <= 3; i++) {
            condition.withLock(
                () -> {
                  value[0]++;
                  condition.signal();
                });
            Testing.waitAllTasksBlocked();
          }
        });
    assertThat(log).containsExactly("looks at 0", "looks at 1", "looks at 2", "looks at 3", "done");
  }

  @TrefoilTest(seeds = 20)
  @Tag("R169")
  void whatHoldsAtOnceIsNotWaitedForAndTheLockStaysHeld() {
    condition.withLock(
        () -> {
          Nursery.open(
              nursery -> {
                nursery.spawn(
                    () -> {
                      assertThat(lock.tryAcquire()).isFalse();
                      log.add("other");
                    });
              });
          condition.awaitFor(() -> true);
          assertThat(condition.<String>awaitNonNull(() -> "value")).isEqualTo("value");
          assertThat(lock.statistics().owner()).isSameAs(Hazmat.currentTask());
        });
  }

  @TrefoilTest(seeds = 20)
  @Tag("R169")
  void awaitNonNullReturnsWhatComes() {
    Deque<String> items = new ArrayDeque<>();
    Nursery.open(
        nursery -> {
          for (String name : List.of("a", "b")) {
            spawn(
                nursery,
                name,
                () ->
                    condition.withLock(
                        () -> log.add(name + " got " + condition.awaitNonNull(items::poll))));
          }
          for (String item : List.of("1", "2")) {
            condition.withLock(
                () -> {
                  items.add(item);
                  condition.signal();
                });
          }
        });
    assertThat(log).containsExactly("a got 1", "b got 2");
  }

  @TrefoilTest(seeds = 20)
  @Tag("R169")
  void errorOfThePredicateComesOutWithTheLockHeld() {
    boolean[] broken = {false};
    Nursery.open(
        nursery -> {
          spawn(
              nursery,
              "waiter",
              () ->
                  condition.withLock(
                      () -> {
                        assertThatThrownBy(
                                () ->
                                    condition.awaitFor(
                                        () -> {
                                          if (broken[0]) {
                                            throw new IllegalArgumentException("predicate");
                                          }
                                          return false;
                                        }))
                            .hasMessage("predicate");
                        assertThat(lock.statistics().owner()).isSameAs(Hazmat.currentTask());
                      }));
          broken[0] = true;
          condition.withLock(() -> condition.signal());
        });
    assertThat(condition.isLocked()).isFalse();
  }

  // ---- cancellation

  @TrefoilTest(seeds = 20)
  @Tag("R168")
  @Tag("T30")
  void cancelledWaiterThrowsHoldingTheLockHoweverLateThatIs() {
    CancelScope scope = CancelScope.create();
    Nursery.open(
        nursery -> {
          spawn(
              nursery,
              "waiter",
              () -> scope.run(() -> condition.withLock(() -> awaitAndLog("waiter"))));
          lock.acquire();
          scope.cancel();
          Testing.waitAllTasksBlocked();
          assertThat(log).isEmpty();
          assertThat(condition.statistics().tasksWaiting()).isZero();
          assertThat(lock.statistics().tasksWaiting()).isOne();
          lock.release();
        });
    assertThat(log).containsExactly("waiter cancelled");
    assertThat(lock.isLocked()).isFalse();
  }

  @TrefoilTest(seeds = 20)
  @Tag("R168")
  void awaitInACancelledScopeThrowsWithoutHavingGivenTheLockAway() {
    CancelScope scope = CancelScope.create();
    scope.cancel();
    lock.acquire();
    Nursery.open(
        nursery -> {
          spawn(nursery, "other", () -> lock.withLock(() -> log.add("other")));
          scope.run(() -> awaitAndLog("main"));
          assertThat(log).containsExactly("main cancelled");
          lock.release();
        });
    assertThat(log).containsExactly("main cancelled", "other");
  }

  @TrefoilTest(seeds = 20)
  @Tag("R168")
  void cancelledWaiterGetsNoSignal() {
    CancelScope scope = CancelScope.create();
    Nursery.open(
        nursery -> {
          spawn(
              nursery,
              "cancelled",
              () -> scope.run(() -> condition.withLock(() -> awaitAndLog("cancelled"))));
          spawnWaiter(nursery, "next");
          scope.cancel();
          condition.withLock(() -> condition.signal());
        });
    assertThat(log).containsExactlyInAnyOrder("cancelled cancelled", "next");
  }

  @TrefoilTest(seeds = 20)
  @Tag("R170")
  void waiterThatIsCancelledAfterTheSignalUsesItUp() {
    CancelScope scope = CancelScope.create();
    Nursery.open(
        nursery -> {
          spawn(
              nursery,
              "cancelled",
              () -> scope.run(() -> condition.withLock(() -> awaitAndLog("cancelled"))));
          spawnWaiter(nursery, "next");
          lock.acquire();
          condition.signal();
          scope.cancel();
          lock.release();
          Testing.waitAllTasksBlocked();
          assertThat(log).containsExactly("cancelled cancelled");
          condition.withLock(() -> condition.signal());
        });
    assertThat(log).containsExactly("cancelled cancelled", "next");
  }

  @TrefoilTest(seeds = 20)
  @Tag("R168")
  void waiterThatIsCancelledWhenItHasTheLockAlreadyReturns() {
    CancelScope scope = CancelScope.create();
    Nursery.open(
        nursery -> {
          spawn(
              nursery,
              "lucky",
              () -> scope.run(() -> condition.withLock(() -> awaitAndLog("lucky"))));
          lock.acquire();
          condition.signal();
          lock.release();
          scope.cancel();
        });
    assertThat(log).containsExactly("lucky");
    assertThat(scope.cancelledCaught()).isFalse();
  }

  @TrefoilTest(seeds = 20)
  @Tag("R168")
  void taskThatIsInterruptedThrowsHoldingTheLock() {
    Nursery.open(
        nursery -> {
          Task<?> waiter = spawnWaiter(nursery, "waiter");
          lock.acquire();
          waiter.interrupt();
          Testing.waitAllTasksBlocked();
          lock.release();
        });
    assertThat(log).containsExactly("waiter cancelled");
    assertThat(lock.isLocked()).isFalse();
  }

  @TrefoilTest(seeds = 20)
  @Tag("R168")
  void keyboardInterruptWhileTakingTheLockBackThrowsHoldingIt() {
    CancelScope scope = CancelScope.create();
    Nursery.open(
        nursery -> {
          nursery.spawn(
              "holder",
              () -> {
                Testing.waitAllTasksBlocked();
                lock.acquire();
                scope.cancel();
                Testing.waitAllTasksBlocked();
                assertThat(lock.statistics().tasksWaiting()).isOne();
                Hazmat.currentRun().raiseKeyboardInterrupt();
                Testing.waitAllTasksBlocked();
                assertThat(lock.statistics().tasksWaiting()).isOne();
                lock.release();
              });
          scope.run(
              () ->
                  condition.withLock(
                      () -> {
                        try {
                          condition.await();
                        } catch (KeyboardInterrupt interrupt) {
                          log.add("interrupted");
                          assertThat(interrupt.getSuppressed()[0]).isInstanceOf(Cancelled.class);
                        }
                        assertThat(lock.statistics().owner()).isSameAs(Hazmat.currentTask());
                      }));
        });
    assertThat(log).containsExactly("interrupted");
    assertThat(lock.isLocked()).isFalse();
  }

  // ---- breaking

  @TrefoilTest(seeds = 20)
  @Tag("R168")
  @Tag("T26")
  void lockThatBreaksBreaksThoseWhoWaitForTheCondition() {
    Nursery.open(
        nursery -> {
          spawn(
              nursery,
              "waiter",
              () -> {
                lock.acquire();
                assertThatThrownBy(condition::await)
                    .isInstanceOf(BrokenResource.class)
                    .hasMessageContainingAll("Lock 'it'", "'loser'", "'waiter'");
                log.add("waiter");
              });
          spawn(nursery, "loser", lock::acquire);
        });
    assertThat(log).containsExactly("waiter");
  }

  @TrefoilTest(seeds = 20)
  @Tag("R168")
  @Tag("T26")
  void lockThatBreaksBreaksThoseWhoWereSignalledAndThoseWhoWereCancelled() {
    ParkingLot gate = new ParkingLot();
    CancelScope scope = CancelScope.create();
    Nursery.open(
        nursery -> {
          spawn(nursery, "signalled", () -> loseTheLock("signalled"));
          spawn(nursery, "cancelled", () -> scope.run(() -> loseTheLock("cancelled")));
          spawn(nursery, "waiting", () -> loseTheLock("waiting"));
          spawn(
              nursery,
              "loser",
              () -> {
                lock.acquire();
                condition.signal();
                scope.cancel();
                gate.<Object>park();
              });
          gate.unpark();
        });
    assertThat(log).containsExactlyInAnyOrder("signalled", "cancelled", "waiting");
  }

  private void loseTheLock(String name) {
    lock.acquire();
    assertThatThrownBy(condition::await)
        .isInstanceOf(BrokenResource.class)
        .hasMessageContainingAll("Lock 'it'", "'loser'", "'" + name + "'");
    log.add(name);
  }

  // ---- at work

  @TrefoilTest(seeds = 20)
  @Tag("R172")
  @Tag("R168")
  @Tag("R170")
  void producersAndConsumersLoseNothing() {
    Deque<Integer> items = new ArrayDeque<>();
    List<Integer> got = new ArrayList<>();
    Nursery.open(
        nursery -> {
          for (int consumer = 0; consumer < 3; consumer++) {
            nursery.spawn(
                () -> {
                  for (int i = 0; i < 10; i++) {
                    try (var _ = condition.hold()) {
                      while (items.isEmpty()) {
                        condition.await();
                      }
                      got.add(items.remove());
                    }
                  }
                });
          }
          for (int i = 0; i < 30; i++) {
            int item = i;
            nursery.spawn(
                () ->
                    condition.withLock(
                        () -> {
                          items.add(item);
                          condition.signal();
                        }));
          }
        });
    assertThat(got).hasSize(30).doesNotHaveDuplicates();
  }
}
