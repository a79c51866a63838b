package dev.trefoil.tests.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.trefoil.hazmat.Backend;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.Instrument;
import dev.trefoil.hazmat.RunOptions;
import dev.trefoil.hazmat.Task;
import dev.trefoil.sync.UniversalEvent;
import dev.trefoil.sync.UniversalEventStatistics;
import dev.trefoil.tasks.CancelScope;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.tasks.Trefoil;
import dev.trefoil.testing.Checkpoints;
import dev.trefoil.testing.Testing;
import dev.trefoil.testing.TrefoilTest;
import dev.trefoil.tests.hazmat.EveryBackend;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("T79")
final class UniversalEventTest {
  private static final int ROUNDS = 300;

  private final UniversalEvent event = new UniversalEvent();
  private final List<String> log = new ArrayList<>();

  /** Lets the thread spin until so many wait. */
  private static void spinUntilWaiting(UniversalEvent event, int tasks, int threads) {
    UniversalEventStatistics wanted = new UniversalEventStatistics(false, tasks, threads);
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (!event.statistics().equals(wanted)) {
      assertThat(System.nanoTime()).as("%s", event.statistics()).isLessThan(deadline);
      Thread.yield();
    }
  }

  private static void meet(CyclicBarrier barrier) {
    try {
      barrier.await(30, TimeUnit.SECONDS);
    } catch (Exception hang) {
      throw new AssertionError(hang);
    }
  }

  private static FutureTask<Boolean> startAwaiting(UniversalEvent event) {
    return OtherThread.start(
        () -> {
          event.await();
          return event.isSet();
        });
  }

  // ---- tasks of one run

  @TrefoilTest(seeds = 20)
  void isUnsetAtFirstAndThenWhatWasSaidLast() {
    assertThat(event.isSet()).isFalse();
    event.set();
    event.set();
    assertThat(event.isSet()).isTrue();
    event.clear();
    assertThat(event.isSet()).isFalse();
  }

  @TrefoilTest(seeds = 20)
  void wakesTasksOfItsSettersRunAsAnEventDoes() {
    Nursery.open(
        nursery -> {
          for (String name : List.of("a", "b")) {
            nursery.spawn(
                () -> {
                  event.await();
                  log.add(name + (event.isSet() ? " set" : " unset"));
                });
          }
          Testing.waitAllTasksBlocked();
          assertThat(event.statistics()).isEqualTo(new UniversalEventStatistics(false, 2, 0));
          event.set();
          event.clear();
          nursery.spawn(
              () -> {
                event.await();
                log.add("late");
              });
          Testing.waitAllTasksBlocked();
          assertThat(log).containsExactlyInAnyOrder("a unset", "b unset");
          event.set();
        });
    assertThat(log).endsWith("late");
  }

  @TrefoilTest(seeds = 20)
  void waiterThatAStrangerHasWokenDoesNotKeepTheOthersAsleep() {
    Nursery.open(
        nursery -> {
          Task<?>[] first = new Task<?>[1];
          nursery.spawn(
              () -> {
                first[0] = Hazmat.currentTask();
                event.await();
                log.add("first");
              });
          Testing.waitAllTasksBlocked();
          nursery.spawn(
              () -> {
                event.await();
                log.add("second");
              });
          Testing.waitAllTasksBlocked();
          Hazmat.reschedule(first[0]);
          event.set();
        });
    assertThat(log).containsExactlyInAnyOrder("first", "second");
  }

  @TrefoilTest(seeds = 20)
  void awaitIsACheckpointWhetherItWaitsOrNot() throws Exception {
    Nursery.open(
        nursery -> {
          nursery.spawn(() -> Checkpoints.assertCheckpoints(event::await));
          Testing.waitAllTasksBlocked();
          Checkpoints.assertNoCheckpoints(
              () -> {
                event.set();
                event.clear();
                event.set();
                event.statistics();
              });
        });
    Checkpoints.assertCheckpoints(event::await);
  }

  @TrefoilTest(seeds = 20)
  void cancelledTaskLeavesNoTraceAndAWokenOneReturns() {
    CancelScope early = CancelScope.create();
    CancelScope late = CancelScope.create();
    Nursery.open(
        nursery -> {
          for (CancelScope scope : List.of(early, late)) {
            nursery.spawn(
                () ->
                    scope.run(
                        () -> {
                          event.await();
                          log.add("woken");
                        }));
          }
          Testing.waitAllTasksBlocked();
          early.cancel();
          assertThat(event.statistics().tasksWaiting()).isOne();
          event.set();
          late.cancel();
        });
    assertThat(log).containsExactly("woken");
    assertThat(early.cancelledCaught()).isTrue();
    assertThat(late.cancelledCaught()).isFalse();
  }

  @TrefoilTest(seeds = 20)
  void awaitInACancelledScopeRaisesAlsoIfItIsSet() throws Exception {
    event.set();
    CancelScope scope = CancelScope.create();
    scope.cancel();
    scope.run(event::await);
    assertThat(scope.cancelledCaught()).isTrue();
  }

  @TrefoilTest(seeds = 20)
  void awaitIsRefusedInCodeOfARunThatIsNoTask() {
    Throwable[] thrown = new Throwable[1];
    Hazmat.currentCallSoonThreadAndSignalSafe()
        .callSoonThreadAndSignalSafe(() -> thrown[0] = catchThrowable(event::await));
    Testing.waitAllTasksBlocked();
    assertThat(thrown[0])
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("Spawn a task");
    assertThat(event.statistics().tasksWaiting()).isZero();
  }

  @TrefoilTest(backends = Backend.CONTINUATION, seeds = 5)
  void awaitWhereTheTaskCannotBeSuspendedLeavesNoTrace() {
    assertThatThrownBy(() -> Pinned.run(() -> event.await()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("cannot be suspended");
    assertThat(event.statistics().tasksWaiting()).isZero();
    event.set();
    Hazmat.yieldBriefly();
  }

  // ---- threads by themselves

  @Test
  void threadsWaitForEachOther() throws Exception {
    for (int round = 0; round < ROUNDS; round++) {
      UniversalEvent own = new UniversalEvent();
      FutureTask<Boolean> first = startAwaiting(own);
      FutureTask<Boolean> second = startAwaiting(own);
      if (round % 2 == 0) {
        spinUntilWaiting(own, 0, 2);
      }
      own.set();
      assertThat(OtherThread.resultOf(first)).isTrue();
      assertThat(OtherThread.resultOf(second)).isTrue();
      assertThat(own.statistics()).isEqualTo(new UniversalEventStatistics(true, 0, 0));
    }
  }

  @Test
  void threadThatIsInterruptedStopsWaitingAndLeavesNoTrace() throws Exception {
    Throwable[] thrown = new Throwable[1];
    Thread thread =
        Thread.ofPlatform().daemon().start(() -> thrown[0] = catchThrowable(event::await));
    spinUntilWaiting(event, 0, 1);
    thread.interrupt();
    assertThat(thread.join(Duration.ofSeconds(30))).isTrue();
    assertThat(thrown[0]).isInstanceOf(InterruptedException.class);
    assertThat(event.statistics().threadsWaiting()).isZero();
  }

  @Test
  void threadThatWasInterruptedBeforeDoesNotBeginToWait() {
    event.set();
    Thread.currentThread().interrupt();
    assertThatThrownBy(event::await).isInstanceOf(InterruptedException.class);
    assertThat(Thread.interrupted()).isFalse();
  }

  @Test
  void interruptThatComesWithTheSettingIsEitherObeyedOrKept() throws Exception {
    for (int round = 0; round < ROUNDS; round++) {
      UniversalEvent own = new UniversalEvent();
      boolean[] wasInterrupted = new boolean[1];
      boolean[] isInterrupted = new boolean[1];
      AtomicBoolean done = new AtomicBoolean();
      Thread thread =
          Thread.ofPlatform()
              .daemon()
              .start(
                  () -> {
                    try {
                      own.await();
                    } catch (InterruptedException interrupted) {
                      wasInterrupted[0] = true;
                    }
                    while (!done.get()) {
                      Thread.onSpinWait();
                    }
                    isInterrupted[0] = Thread.currentThread().isInterrupted();
                  });
      spinUntilWaiting(own, 0, 1);
      CyclicBarrier together = new CyclicBarrier(2);
      FutureTask<Void> setter =
          OtherThread.start(
              () -> {
                meet(together);
                own.set();
                return null;
              });
      meet(together);
      thread.interrupt();
      done.set(true);
      OtherThread.resultOf(setter);
      assertThat(thread.join(Duration.ofSeconds(30))).isTrue();
      assertThat(isInterrupted[0]).isNotEqualTo(wasInterrupted[0]);
      assertThat(own.statistics()).isEqualTo(new UniversalEventStatistics(true, 0, 0));
    }
  }

  @Test
  void interruptThatComesAfterTheSettingIsKeptForWhoeverAsksNext() throws Exception {
    for (int round = 0; round < ROUNDS; round++) {
      UniversalEvent own = new UniversalEvent();
      AtomicBoolean done = new AtomicBoolean();
      Throwable[] thrown = new Throwable[1];
      boolean[] isInterrupted = new boolean[1];
      Thread thread =
          Thread.ofPlatform()
              .daemon()
              .start(
                  () -> {
                    thrown[0] = catchThrowable(own::await);
                    while (!done.get()) {
                      Thread.onSpinWait();
                    }
                    isInterrupted[0] = Thread.currentThread().isInterrupted();
                  });
      spinUntilWaiting(own, 0, 1);
      own.set();
      thread.interrupt();
      done.set(true);
      assertThat(thread.join(Duration.ofSeconds(30))).isTrue();
      assertThat(thrown[0]).isNull();
      assertThat(isInterrupted[0]).isTrue();
    }
  }

  // ---- threads and tasks

  @EveryBackend
  void threadWakesATask(RunOptions options) throws Exception {
    Trefoil.run(
        options,
        () -> {
          for (int round = 0; round < ROUNDS; round++) {
            UniversalEvent own = new UniversalEvent();
            int[] written = {0};
            FutureTask<Void> setter =
                OtherThread.start(
                    () -> {
                      written[0] = 42;
                      own.set();
                      return null;
                    });
            if (round % 2 == 0) {
              Hazmat.yieldBriefly();
            }
            own.await();
            assertThat(written[0]).isEqualTo(42);
            OtherThread.resultOf(setter);
          }
        });
  }

  @EveryBackend
  void taskWakesAThread(RunOptions options) throws Exception {
    for (int round = 0; round < ROUNDS; round++) {
      UniversalEvent own = new UniversalEvent();
      FutureTask<Boolean> waiter = startAwaiting(own);
      Trefoil.run(options, own::set);
      assertThat(OtherThread.resultOf(waiter)).isTrue();
    }
  }

  @EveryBackend
  void tasksOfSeveralRunsAndThreadsOfAllKindsWakeTogether(RunOptions options) throws Exception {
    for (int round = 0; round < 50; round++) {
      UniversalEvent own = new UniversalEvent();
      AtomicInteger woken = new AtomicInteger();
      List<FutureTask<Void>> all = new ArrayList<>();
      for (int run = 0; run < 2; run++) {
        all.add(
            OtherThread.start(
                () -> {
                  Trefoil.run(
                      options,
                      () ->
                          Nursery.open(
                              nursery -> {
                                for (int task = 0; task < 3; task++) {
                                  nursery.spawn(
                                      () -> {
                                        own.await();
                                        woken.incrementAndGet();
                                      });
                                }
                              }));
                  return null;
                }));
      }
      for (var kind : List.of(Thread.ofPlatform().daemon(), Thread.ofVirtual())) {
        FutureTask<Void> thread =
            new FutureTask<>(
                () -> {
                  own.await();
                  woken.incrementAndGet();
                  return null;
                });
        kind.start(thread);
        all.add(thread);
      }
      spinUntilWaiting(own, 6, 2);
      own.set();
      own.clear();
      for (FutureTask<Void> each : all) {
        OtherThread.resultOf(each);
      }
      assertThat(woken).hasValue(8);
      assertThat(own.statistics()).isEqualTo(new UniversalEventStatistics(false, 0, 0));
    }
  }

  @EveryBackend
  void cancellationThatComesWithTheSettingEndsTheWaitOneWayOrTheOther(RunOptions options)
      throws Exception {
    Trefoil.run(
        options,
        () -> {
          for (int round = 0; round < ROUNDS; round++) {
            UniversalEvent own = new UniversalEvent();
            CancelScope scope = CancelScope.create();
            boolean[] returned = {false};
            CyclicBarrier together = new CyclicBarrier(2);
            FutureTask<Void> setter =
                OtherThread.start(
                    () -> {
                      meet(together);
                      own.set();
                      return null;
                    });
            Nursery.open(
                nursery -> {
                  nursery.spawn(
                      () ->
                          scope.run(
                              () -> {
                                own.await();
                                returned[0] = true;
                              }));
                  Testing.waitAllTasksBlocked();
                  meet(together);
                  scope.cancel();
                });
            assertThat(returned[0]).isNotEqualTo(scope.cancelledCaught());
            OtherThread.resultOf(setter);
            assertThat(own.statistics()).isEqualTo(new UniversalEventStatistics(true, 0, 0));
            own.await();
          }
        });
  }

  @EveryBackend
  void setByAThreadWhileARunEndsHarmsNobody(RunOptions options) throws Exception {
    for (int round = 0; round < ROUNDS; round++) {
      UniversalEvent own = new UniversalEvent();
      CyclicBarrier together = new CyclicBarrier(2);
      FutureTask<Void> setter =
          OtherThread.start(
              () -> {
                meet(together);
                own.set();
                return null;
              });
      Trefoil.run(
          options,
          () ->
              Nursery.open(
                  nursery -> {
                    nursery.spawn(() -> own.await());
                    Testing.waitAllTasksBlocked();
                    meet(together);
                    nursery.cancelScope().cancel();
                  }));
      OtherThread.resultOf(setter);
      assertThat(own.isSet()).isTrue();
      assertThat(own.statistics().tasksWaiting()).isZero();
    }
  }

  @EveryBackend
  void taskOfOneRunWakesATaskOfAnother(RunOptions options) throws Exception {
    for (int round = 0; round < 50; round++) {
      UniversalEvent own = new UniversalEvent();
      FutureTask<Boolean> other =
          OtherThread.start(
              () ->
                  Trefoil.<Boolean, Exception>run(
                      options,
                      () -> {
                        own.await();
                        return own.isSet();
                      }));
      spinUntilWaiting(own, 1, 0);
      Trefoil.run(options, own::set);
      assertThat(OtherThread.resultOf(other)).isTrue();
    }
  }

  @EveryBackend
  void runThatEndsWhileItsTasksAreBeingWokenDoesNotConcernTheSetter(RunOptions options)
      throws Exception {
    UniversalEvent endOther = new UniversalEvent();
    AtomicReference<FutureTask<Void>> other = new AtomicReference<>();
    boolean[] armed = {false};
    // Called in the middle of set(), between waking the first waiter and the second.
    Instrument endsTheOtherRun =
        new Instrument() {
          @Override
          public void taskScheduled(Task<?> task) {
            if (armed[0] && task.name().equals("first")) {
              armed[0] = false;
              endOther.set();
              try {
                OtherThread.resultOf(other.get());
              } catch (Exception hang) {
                throw new AssertionError(hang);
              }
              log.add("other run has ended");
            }
          }
        };
    Trefoil.run(
        options.withInstrument(endsTheOtherRun),
        () ->
            Nursery.open(
                nursery -> {
                  nursery.spawn("first", () -> event.await());
                  Testing.waitAllTasksBlocked();
                  other.set(
                      OtherThread.start(
                          () -> {
                            Trefoil.run(
                                options,
                                () ->
                                    Nursery.open(
                                        inner -> {
                                          inner.spawn("second", () -> event.await());
                                          endOther.await();
                                          inner.cancelScope().cancel();
                                        }));
                            return null;
                          }));
                  spinUntilWaiting(event, 2, 0);
                  spinUntilWaiting(endOther, 1, 0);
                  armed[0] = true;
                  event.set();
                  log.add("set");
                }));
    assertThat(log).containsExactly("other run has ended", "set");
  }

  @EveryBackend
  void pingPongBetweenThreadAndTaskLosesNothing(RunOptions options) throws Exception {
    UniversalEvent ping = new UniversalEvent();
    UniversalEvent pong = new UniversalEvent();
    FutureTask<Integer> thread =
        OtherThread.start(
            () -> {
              int count = 0;
              for (; count < ROUNDS; count++) {
                ping.await();
                ping.clear();
                pong.set();
              }
              return count;
            });
    Trefoil.run(
        options,
        () -> {
          for (int i = 0; i < ROUNDS; i++) {
            ping.set();
            pong.await();
            pong.clear();
          }
        });
    assertThat(OtherThread.resultOf(thread)).isEqualTo(ROUNDS);
  }

  /** Work in a plain field, which nothing but the event makes visible. */
  private static final class Noted {
    final UniversalEvent event = new UniversalEvent();
    int work;
    int seen;
  }

  @Test
  void setThatFindsItSetIsNotLostToAClearThatComesWithIt() throws Exception {
    int count = 300 * ROUNDS;
    Noted[] current = {new Noted()};
    AtomicInteger setters = new AtomicInteger();
    AtomicInteger clearers = new AtomicInteger();
    current[0].event.set();
    FutureTask<Void> setter =
        OtherThread.start(
            () -> {
              for (int i = 1; i <= count; i++) {
                spinUntil(clearers, 2 * i - 1);
                Noted noted = current[0];
                noted.event.isSet(); // gets it close to this processor, so that the rest is quick
                setters.set(2 * i - 1);
                spinUntil(clearers, 2 * i);
                noted.work = 1;
                noted.event.set();
                setters.set(2 * i);
              }
              return null;
            });
    for (int i = 1; i <= count; i++) {
      Noted noted = new Noted();
      noted.event.set();
      current[0] = noted;
      clearers.set(2 * i - 1);
      spinUntil(setters, 2 * i - 1);
      noted.work = 0;
      clearers.set(2 * i);
      noted.event.clear();
      noted.seen = noted.work;
      spinUntil(setters, 2 * i);
      assertThat(noted.event.isSet() || noted.seen == 1)
          .as("the work is seen after the clear, or else announced by the event")
          .isTrue();
    }
    OtherThread.resultOf(setter);
  }

  private static void spinUntil(AtomicInteger counter, int value) {
    for (int spins = 1; counter.get() < value; spins++) {
      if (spins % 1000 == 0) {
        Thread.yield();
      } else {
        Thread.onSpinWait();
      }
    }
  }
}
