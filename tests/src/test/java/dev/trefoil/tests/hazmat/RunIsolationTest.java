package dev.trefoil.tests.hazmat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.trefoil.hazmat.Abort;
import dev.trefoil.hazmat.CancelReason;
import dev.trefoil.hazmat.CancelStatus;
import dev.trefoil.hazmat.EntryPoint;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.KernelProvider;
import dev.trefoil.hazmat.ParkingLot;
import dev.trefoil.hazmat.Run;
import dev.trefoil.hazmat.RunOptions;
import dev.trefoil.hazmat.Task;
import dev.trefoil.hazmat.TaskOwner;
import dev.trefoil.hazmat.TaskSpec;
import dev.trefoil.tasks.CancelScope;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.tasks.Trefoil;
import dev.trefoil.testing.Testing;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Tag;

/** Runs that exist at the same time, in one process or one thread. */
final class RunIsolationTest {
  private final List<String> log = new ArrayList<>();

  /** Executes {@code body} on a thread and returns what comes of it; a hang fails. */
  private static <T> T on(Thread.Builder builder, Callable<T> body) throws Exception {
    FutureTask<T> future = new FutureTask<>(body);
    builder.start(future);
    return resultOf(future);
  }

  private static <T> T resultOf(FutureTask<T> future) throws Exception {
    try {
      return future.get(60, TimeUnit.SECONDS);
    } catch (ExecutionException failed) {
      throw new AssertionError(failed.getCause());
    } catch (TimeoutException hang) {
      throw new AssertionError("hangs", hang);
    }
  }

  // ---- several runs

  @EverySchedule
  @Tag("R12")
  @Tag("R50")
  void runsInTwoThreadsDoNotDisturbEachOther(RunOptions options) throws Exception {
    CyclicBarrier together = new CyclicBarrier(2);
    Callable<Integer> program =
        () ->
            Trefoil.<Integer, Exception>run(
                options,
                () -> {
                  together.await(30, TimeUnit.SECONDS);
                  Run own = Hazmat.currentRun();
                  int[] steps = {0};
                  Nursery.open(
                      nursery -> {
                        for (int i = 0; i < 5; i++) {
                          nursery.spawn(
                              () -> {
                                for (int step = 0; step < 100; step++) {
                                  Hazmat.yieldBriefly();
                                  assertThat(Hazmat.currentRun()).isSameAs(own);
                                  assertThat(Hazmat.currentTask().run()).isSameAs(own);
                                  steps[0]++;
                                }
                              });
                        }
                      });
                  return steps[0];
                });
    FutureTask<Integer> first = new FutureTask<>(program);
    FutureTask<Integer> second = new FutureTask<>(program);
    Thread.ofPlatform().start(first);
    Thread.ofPlatform().start(second);
    assertThat(resultOf(first)).isEqualTo(500);
    assertThat(resultOf(second)).isEqualTo(500);
  }

  @EveryBackend
  @Tag("R50")
  void aBrokenRunDoesNotDisturbAnother(RunOptions options) throws Exception {
    String result =
        Trefoil.<String, Exception>run(
            options,
            () -> {
              ParkingLot lot = new ParkingLot();
              return Nursery.call(
                  nursery -> {
                    Task<String> waiter = nursery.spawn(() -> lot.<String>park());
                    Testing.waitAllTasksBlocked();
                    Throwable other =
                        on(
                            Thread.ofPlatform(),
                            () ->
                                catchThrowable(
                                    () ->
                                        Trefoil.run(
                                            options,
                                            () -> {
                                              Hazmat.spawnSystemTask(
                                                  "broken",
                                                  () -> {
                                                    throw new IllegalStateException();
                                                  });
                                              Trefoil.sleepForever();
                                            })));
                    assertThat(other).hasMessageContaining("broken");
                    lot.unpark(dev.trefoil.hazmat.Outcome.of("undisturbed"));
                    return waiter.join();
                  });
            });
    assertThat(result).isEqualTo("undisturbed");
  }

  @EveryBackend
  @Tag("R50")
  void aThreadCanRunOneAfterTheOther(RunOptions options) {
    for (int i = 0; i < 3; i++) {
      int number = i;
      assertThat(Trefoil.<Integer, RuntimeException>run(options, () -> number)).isEqualTo(number);
      assertThatThrownBy(
              () ->
                  Trefoil.run(
                      options,
                      () -> {
                        throw new IllegalArgumentException("run " + number);
                      }))
          .hasMessage("run " + number);
      assertThat(Hazmat.inRun()).isFalse();
    }
  }

  @EveryBackend
  @Tag("T42")
  void threadBelongsToARunOnlyMeanwhile(RunOptions options) {
    assertThat(Hazmat.inRun()).isFalse();
    assertThat(Hazmat.inTask()).isFalse();
    Trefoil.run(
        options,
        () -> {
          assertThat(Hazmat.inRun()).isTrue();
          assertThat(Hazmat.inTask()).isTrue();
        });
    assertThat(Hazmat.inRun()).isFalse();
    assertThat(Hazmat.inTask()).isFalse();
  }

  // ---- a run inside a run

  @EveryBackend
  @Tag("R50")
  void runInsideARunIsRefusedAndTheOuterOneGoesOn(RunOptions options) {
    Trefoil.run(
        options,
        () -> {
          assertThatThrownBy(() -> Trefoil.run(options, () -> log.add("inner")))
              .isInstanceOf(IllegalStateException.class)
              .hasMessageContainingAll("run inside a run", "Spawn a task");
          assertThatThrownBy(
                  () ->
                      KernelProvider.find()
                          .run(RunOptions.defaults(), TaskSpec.of(() -> log.add("inner"))))
              .isInstanceOf(IllegalStateException.class);
          Hazmat.yieldBriefly();
          log.add("outer");
        });
    assertThat(log).containsExactly("outer");
  }

  @EveryBackend
  @Tag("R50")
  void runInsideAnEntryCallIsRefused(RunOptions options) {
    Trefoil.run(
        options,
        () -> {
          Hazmat.currentCallSoonThreadAndSignalSafe()
              .callSoonThreadAndSignalSafe(
                  () ->
                      assertThatThrownBy(() -> Trefoil.run(options, () -> log.add("inner")))
                          .isInstanceOf(IllegalStateException.class));
          Testing.waitAllTasksBlocked();
        });
    assertThat(log).isEmpty();
  }

  // ---- threads that call run

  @EveryBackend
  @Tag("R50")
  void runCanBeStartedFromAVirtualThread(RunOptions options) throws Exception {
    String result =
        on(
            Thread.ofVirtual(),
            () ->
                Trefoil.<String, RuntimeException>run(
                    options,
                    () -> {
                      Nursery.open(nursery -> nursery.spawn(() -> Hazmat.yieldBriefly()));
                      return "from a virtual thread";
                    }));
    assertThat(result).isEqualTo("from a virtual thread");
  }

  @EveryBackend
  @Tag("R50")
  void interruptOfTheCallingThreadIsNeitherObeyedNorLost(RunOptions options) {
    try {
      Thread.currentThread().interrupt();
      Trefoil.run(
          options,
          () -> {
            for (int i = 0; i < 10; i++) {
              Hazmat.yieldBriefly();
            }
            Trefoil.sleep(java.time.Duration.ofMillis(1));
            Testing.waitAllTasksBlocked();
            log.add("undisturbed");
          });
      assertThat(Thread.currentThread().isInterrupted()).isTrue();
    } finally {
      assertThat(Thread.interrupted()).isTrue();
    }
    assertThat(log).containsExactly("undisturbed");
  }

  // ---- things of another run

  /** Runs {@code body} in a run with a task that sleeps in a scope of another, living run. */
  private static void withForeignSleeper(RunOptions options, ForeignBody body) throws Exception {
    CountDownLatch asleep = new CountDownLatch(1);
    Task<?>[] sleeper = new Task<?>[1];
    CancelScope scope = CancelScope.create();
    CancelStatus[] status = new CancelStatus[1];
    ParkingLot lot = new ParkingLot();
    Object[] got = new Object[1];
    FutureTask<Void> other =
        new FutureTask<>(
            () -> {
              Trefoil.run(
                  options,
                  () ->
                      Nursery.open(
                          nursery -> {
                            sleeper[0] =
                                nursery.spawn(
                                    "foreigner",
                                    () ->
                                        scope.run(
                                            () -> {
                                              status[0] = Hazmat.currentTask().cancelStatus();
                                              got[0] = lot.park();
                                            }));
                            Testing.waitAllTasksBlocked();
                            asleep.countDown();
                          }));
              return null;
            });
    Thread.ofPlatform().start(other);
    assertThat(asleep.await(30, TimeUnit.SECONDS)).isTrue();
    EntryPoint entry = sleeper[0].run().entryPoint();
    try {
      body.run(sleeper[0], scope, status[0], lot);
    } finally {
      entry.callSoonThreadAndSignalSafe(
          () -> lot.unpark(dev.trefoil.hazmat.Outcome.of("the proper wake-up")));
    }
    resultOf(other);
    assertThat(got[0]).isEqualTo("the proper wake-up");
    assertThat(scope.cancelCalled()).isFalse();
  }

  private interface ForeignBody {
    void run(Task<?> sleeper, CancelScope scope, CancelStatus status, ParkingLot lot)
        throws Exception;
  }

  private static void assertRefused(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("EntryPoint.callSoonThreadAndSignalSafe");
  }

  @EveryBackend
  @Tag("R39")
  @Tag("R26")
  @Tag("R28")
  @Tag("T13")
  void thingsOfAnotherRunAreRefusedAndNotHalfDone(RunOptions options) throws Exception {
    withForeignSleeper(
        options,
        (sleeper, scope, status, lot) ->
            Trefoil.run(
                options,
                () -> {
                  assertRefused(() -> Hazmat.reschedule(sleeper));
                  assertRefused(() -> lot.unpark());
                  assertRefused(() -> lot.unparkAll());
                  assertRefused(() -> lot.repark(new ParkingLot(), 1));
                  assertRefused(() -> new ParkingLot().repark(lot, 1));
                  assertRefused(() -> lot.<Object>park());
                  assertRefused(() -> scope.cancel());
                  assertRefused(() -> scope.setShield(true));
                  assertRefused(() -> status.cancel(CancelReason.explicit(null)));
                  assertRefused(() -> status.newChild(this));
                  assertRefused(() -> status.setDeadline(0));
                  assertRefused(sleeper::join);
                  assertRefused(() -> sleeper.addExitListener(ended -> {}));
                  assertThatThrownBy(
                          () ->
                              Hazmat.spawn(
                                  TaskSpec.of(() -> log.add("ran"))
                                      .owner(new NobodysOwner())
                                      .cancelStatus(status)))
                      .isInstanceOf(IllegalStateException.class)
                      .hasMessageContaining("another run");
                  Hazmat.yieldBriefly();
                }));
    assertThat(log).isEmpty();
  }

  @EveryBackend
  @Tag("R13")
  @Tag("R39")
  @Tag("R26")
  @Tag("T13")
  void foreignThreadIsRefusedAndNothingIsHalfDone(RunOptions options) throws Exception {
    withForeignSleeper(
        options,
        (sleeper, scope, status, lot) -> {
          Run run = sleeper.run();
          assertRefused(() -> Hazmat.reschedule(sleeper));
          assertRefused(() -> lot.unpark());
          assertRefused(() -> lot.unparkAll());
          assertRefused(() -> lot.repark(new ParkingLot(), 1));
          assertRefused(() -> lot.<Object>park());
          assertRefused(() -> lot.addBreaker(sleeper));
          assertRefused(() -> lot.breakLot(sleeper));
          assertRefused(() -> scope.cancel());
          assertRefused(() -> scope.setShield(true));
          assertRefused(() -> scope.setDeadline(0));
          assertRefused(() -> status.cancel(CancelReason.explicit(null)));
          assertRefused(() -> status.setShielded(true));
          assertRefused(() -> status.setDeadline(0));
          assertRefused(() -> status.newChild(this));
          assertRefused(status::enter);
          assertRefused(status::leave);
          assertRefused(status::close);
          assertRefused(sleeper::join);
          assertRefused(() -> sleeper.addExitListener(ended -> {}));
          assertRefused(() -> sleeper.setContext(dev.trefoil.hazmat.TaskContext.EMPTY));
          assertRefused(sleeper::stackTrace);
          assertRefused(run::statistics);
          assertRefused(run::dump);
          assertRefused(run::tasks);
          assertRefused(run::locals);
          assertRefused(() -> run.addInstrument(new dev.trefoil.hazmat.Instrument() {}));
          assertThat(lot.size()).isOne();
          assertThat(sleeper.name()).isEqualTo("foreigner");
        });
  }

  private static final class NobodysOwner implements TaskOwner {
    @Override
    public Task<?> parentTask() {
      return null;
    }

    @Override
    public void taskExited(Task<?> task) {}
  }

  // ---- run-local values

  @EveryBackend
  @Tag("R12")
  void localsLiveAndDieWithTheRun(RunOptions options) {
    Object key = new Object();
    for (int i = 0; i < 2; i++) {
      Trefoil.run(
          options,
          () -> {
            assertThat(Hazmat.currentRun().locals()).doesNotContainKey(key);
            Hazmat.currentRun().locals().put(key, "value");
            Nursery.open(
                nursery ->
                    nursery.spawn(
                        () ->
                            assertThat(Hazmat.currentRun().locals()).containsEntry(key, "value")));
          });
    }
  }

  // ---- outside

  @EveryBackend
  @Tag("R48")
  @Tag("T42")
  void everythingOutsideARunSaysHowToGetIn(RunOptions options) {
    List<org.assertj.core.api.ThrowableAssert.ThrowingCallable> calls =
        List.of(
            Hazmat::currentTask,
            Hazmat::currentRun,
            Hazmat::currentCallSoonThreadAndSignalSafe,
            Hazmat::yieldBriefly,
            Hazmat::yieldIfCancelled,
            Hazmat::yieldBrieflyNoCancel,
            () -> Hazmat.<Object>yieldIndefinitely(raise -> Abort.SUCCEEDED),
            () -> Hazmat.spawnSystemTask("none", () -> null),
            () -> Hazmat.spawn(TaskSpec.of(() -> null)),
            () -> Hazmat.waitReadable(0),
            () -> Hazmat.waitWritable(0),
            () -> Hazmat.notifyClosing(0),
            () -> Hazmat.waitUntilIdle(java.time.Duration.ZERO),
            () -> new ParkingLot().<Object>park(),
            () -> new ParkingLot().unpark(),
            () -> Nursery.open(nursery -> {}));
    Trefoil.run(options, () -> log.add("before, so that nothing of an old run is left"));
    for (var call : calls) {
      assertThatThrownBy(call)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContainingAll(
              "inside a Trefoil run", "Trefoil.run", "EntryPoint.callSoonThreadAndSignalSafe");
    }
  }
}
