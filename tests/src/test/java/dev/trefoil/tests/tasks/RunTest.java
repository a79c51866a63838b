package dev.trefoil.tests.tasks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.trefoil.hazmat.Backend;
import dev.trefoil.hazmat.Body;
import dev.trefoil.hazmat.Cancelled;
import dev.trefoil.hazmat.Clock;
import dev.trefoil.hazmat.EntryPoint;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.Instrument;
import dev.trefoil.hazmat.KernelError;
import dev.trefoil.hazmat.Run;
import dev.trefoil.hazmat.RunFinished;
import dev.trefoil.hazmat.RunOptions;
import dev.trefoil.hazmat.Task;
import dev.trefoil.tasks.CancelScope;
import dev.trefoil.tasks.ExceptionGroup;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.tasks.Trefoil;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The way into a run and out of it. */
class RunTest {
  private static final String BACKENDS = "dev.trefoil.tests.tasks.Schedules#backends";
  private static final String SCHEDULES = "dev.trefoil.tests.tasks.Schedules#all";
  private static final long HANG_GUARD = 30;

  // ---- results and errors

  @ParameterizedTest
  @MethodSource(BACKENDS)
  @Tag("T1")
  void runReturnsWhatMainReturns(RunOptions options) {
    Object result = new Object();
    assertThat(Trefoil.run(options, () -> result)).isSameAs(result);
    Body<Object, RuntimeException> none = () -> null;
    assertThat(Trefoil.run(options, none)).isNull();
  }

  @Test
  @Tag("T1")
  void runWithoutOptionsUsesTheDefaults() {
    assertThat(Trefoil.run(() -> Hazmat.currentRun().backend())).isNotEqualTo(Backend.AUTO);
    List<String> trace = new ArrayList<>();
    Trefoil.run(
        () -> {
          trace.add("ran");
        });
    assertThat(trace).containsExactly("ran");
  }

  @ParameterizedTest
  @MethodSource(BACKENDS)
  @Tag("T1")
  void mainsErrorComesOutAsTheVerySameObjectWhateverItsKind(RunOptions options) {
    for (Throwable failure : Schedules.kindsOfFailure()) {
      assertThat(
              catchThrowable(
                  () ->
                      Trefoil.run(
                          options,
                          () -> {
                            Hazmat.yieldBriefly();
                            throw failure;
                          })))
          .isSameAs(failure);
    }
  }

  @ParameterizedTest
  @MethodSource(BACKENDS)
  @Tag("T1")
  void anErrorGroupOutOfMainIsNotUnwrappedFurther(RunOptions options) {
    ExceptionGroup group = new ExceptionGroup("mine", List.of(new IllegalStateException("one")));
    assertThat(
            catchThrowable(
                () ->
                    Trefoil.run(
                        options,
                        () -> {
                          throw group;
                        })))
        .isSameAs(group);
  }

  @ParameterizedTest
  @MethodSource(BACKENDS)
  @Tag("T1")
  void aBrokenRunFailsWithAKernelErrorInPlaceOfMainsResult(RunOptions options) {
    IllegalStateException fault = new IllegalStateException("plugin");
    assertThatThrownBy(
            () ->
                Trefoil.run(
                    options,
                    () -> {
                      Hazmat.spawnSystemTask(
                          "broken",
                          () -> {
                            throw fault;
                          });
                      Trefoil.sleepForever();
                    }))
        .isInstanceOf(KernelError.class)
        .hasMessageContaining("broken")
        .hasCause(fault);
  }

  @ParameterizedTest
  @MethodSource(BACKENDS)
  @Tag("T1")
  void aFreshRunInTheSameThreadWorksAfterOneThatFailedOrBroke(RunOptions options) {
    assertThatThrownBy(
            () ->
                Trefoil.run(
                    options,
                    () -> {
                      throw new IllegalStateException("failed");
                    }))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(
            () ->
                Trefoil.run(
                    options,
                    () -> {
                      Hazmat.currentCallSoonThreadAndSignalSafe()
                          .callSoonThreadAndSignalSafe(
                              () -> {
                                throw new IllegalStateException("broke");
                              });
                      Trefoil.sleepForever();
                    }))
        .isInstanceOf(KernelError.class);
    assertThat(Hazmat.inRun()).isFalse();
    assertThat(Trefoil.run(options, () -> "works")).isEqualTo("works");
  }

  // ---- when it returns

  @ParameterizedTest
  @MethodSource(SCHEDULES)
  @Tag("T1")
  void runReturnsOnlyAfterTheSystemTasksHaveCleanedUp(RunOptions options) {
    List<String> trace = new ArrayList<>();
    Trefoil.run(
        options,
        () -> {
          Hazmat.spawnSystemTask(
              "service",
              () -> {
                try {
                  Trefoil.sleepForever();
                } catch (Cancelled end) {
                  CancelScope.create()
                      .shielded()
                      .run(
                          () -> {
                            for (int i = 0; i < 5; i++) {
                              Hazmat.yieldBriefly();
                            }
                            trace.add("cleaned up");
                          });
                  throw end;
                }
                return null;
              });
          Hazmat.yieldBriefly();
          trace.add("main ends");
        });
    trace.add("run returned");
    assertThat(trace).containsExactly("main ends", "cleaned up", "run returned");
  }

  @ParameterizedTest
  @MethodSource(SCHEDULES)
  @Tag("T1")
  void runReturnsOnlyAfterTheAcceptedEntryCallsHaveRun(RunOptions options) {
    AtomicInteger calls = new AtomicInteger();
    EntryPoint entry =
        Trefoil.run(
            options,
            () -> {
              EntryPoint own = Hazmat.currentCallSoonThreadAndSignalSafe();
              for (int i = 0; i < 100; i++) {
                own.callSoonThreadAndSignalSafe(calls::incrementAndGet);
              }
              return own;
            });
    assertThat(calls).hasValue(100);
    assertThatThrownBy(() -> entry.callSoonThreadAndSignalSafe(calls::incrementAndGet))
        .isInstanceOf(RunFinished.class);
  }

  @ParameterizedTest
  @MethodSource(BACKENDS)
  @Tag("T1")
  void runEndsOnlyWhenMainHasEndedThoughNothingElseIsLeft(RunOptions options) {
    List<String> trace = new ArrayList<>();
    Trefoil.run(
        options,
        () -> {
          Trefoil.sleep(Duration.ofMillis(1));
          trace.add("main ends");
        });
    assertThat(trace).containsExactly("main ends");
  }

  // ---- several runs

  @ParameterizedTest
  @MethodSource(BACKENDS)
  @Tag("T1")
  void aRunInsideARunIsRefusedAndTheOuterOneGoesOn(RunOptions options) {
    String result =
        Trefoil.run(
            options,
            () -> {
              assertThatThrownBy(() -> Trefoil.run(options, () -> "inner"))
                  .isInstanceOf(IllegalStateException.class)
                  .hasMessageContaining("run inside a run")
                  .hasMessageContaining("Spawn");
              Hazmat.yieldBriefly();
              return "outer";
            });
    assertThat(result).isEqualTo("outer");
  }

  @ParameterizedTest
  @MethodSource(BACKENDS)
  @Tag("T1")
  void runsInDifferentThreadsDoNotDisturbEachOther(RunOptions options) throws Exception {
    CyclicBarrier bothRun = new CyclicBarrier(2);
    List<FutureTask<Run>> runs =
        IntStream.range(0, 2)
            .mapToObj(
                number ->
                    new FutureTask<>(
                        () ->
                            Trefoil.run(
                                options.withBlockedWarningAfter(Duration.ZERO),
                                () -> {
                                  bothRun.await(HANG_GUARD, TimeUnit.SECONDS);
                                  Run mine = Hazmat.currentRun();
                                  for (int i = 0; i < 1_000; i++) {
                                    Hazmat.yieldBriefly();
                                    assertThat(Hazmat.currentRun()).isSameAs(mine);
                                    assertThat(mine.statistics().tasksLiving()).isEqualTo(1);
                                  }
                                  bothRun.await(HANG_GUARD, TimeUnit.SECONDS);
                                  return mine;
                                })))
            .toList();
    runs.forEach(run -> Thread.ofPlatform().start(run));
    assertThat(runs.get(0).get(HANG_GUARD, TimeUnit.SECONDS))
        .isNotSameAs(runs.get(1).get(HANG_GUARD, TimeUnit.SECONDS));
  }

  // ---- batches

  @ParameterizedTest
  @MethodSource(SCHEDULES)
  @Tag("T1")
  void everythingRunnableAtTheStartOfAPassRunsOnceInIt(RunOptions options) {
    List<Integer> trace = new ArrayList<>();
    Trefoil.run(
        options,
        () ->
            Nursery.open(
                nursery -> {
                  for (int number = 0; number < 5; number++) {
                    int mine = number;
                    nursery.spawn(
                        () -> {
                          for (int round = 0; round < 10; round++) {
                            trace.add(mine);
                            Hazmat.yieldBriefly();
                          }
                        });
                  }
                }));
    for (int round = 0; round < 10; round++) {
      assertThat(trace.subList(5 * round, 5 * round + 5))
          .as("round %s", round)
          .containsExactlyInAnyOrder(0, 1, 2, 3, 4);
    }
  }

  @ParameterizedTest
  @MethodSource(SCHEDULES)
  @Tag("T1")
  void whatBecomesRunnableDuringAPassWaitsForTheNext(RunOptions options) {
    List<String> trace = new ArrayList<>();
    Trefoil.run(
        options,
        () ->
            Nursery.open(
                nursery -> {
                  for (int number = 0; number < 4; number++) {
                    nursery.spawn(
                        () -> {
                          trace.add("parent");
                          nursery.spawn(
                              () -> {
                                trace.add("child");
                              });
                        });
                  }
                }));
    assertThat(trace.subList(0, 4)).containsOnly("parent");
    assertThat(trace.subList(4, 8)).containsOnly("child");
  }

  @ParameterizedTest
  @MethodSource(BACKENDS)
  @Tag("T1")
  void batchesAreFirstInFirstOutUnlessASeedSaysOtherwise(RunOptions options) {
    assertThat(orderOfTenTasks(options)).containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
    assertThat(orderOfTenTasks(options.withSeed(1)))
        .isEqualTo(orderOfTenTasks(options.withSeed(1)))
        .isNotEqualTo(orderOfTenTasks(options));
  }

  private static List<Integer> orderOfTenTasks(RunOptions options) {
    List<Integer> trace = new ArrayList<>();
    Trefoil.run(
        options,
        () ->
            Nursery.open(
                nursery -> {
                  for (int number = 0; number < 10; number++) {
                    int mine = number;
                    nursery.spawn(
                        () -> {
                          trace.add(mine);
                        });
                  }
                }));
    return trace;
  }

  @ParameterizedTest
  @MethodSource(SCHEDULES)
  @Tag("T1")
  void deadlinesAndEntryCallsAreLookedAtBetweenPassesHoweverBusyTheTasks(RunOptions options) {
    Trefoil.run(
        options,
        () ->
            Nursery.open(
                nursery -> {
                  boolean[] called = {false};
                  for (int number = 0; number < 3; number++) {
                    nursery.spawn(
                        () -> {
                          while (true) {
                            Hazmat.yieldBriefly();
                          }
                        });
                  }
                  Hazmat.currentCallSoonThreadAndSignalSafe()
                      .callSoonThreadAndSignalSafe(() -> called[0] = true);
                  CancelScope timeout =
                      CancelScope.moveOnAfter(Duration.ofMillis(2), Trefoil::sleepForever);
                  assertThat(timeout.cancelledCaught()).isTrue();
                  assertThat(called[0]).isTrue();
                  nursery.cancelScope().cancel();
                }));
  }

  // ---- options

  @ParameterizedTest
  @MethodSource(BACKENDS)
  @Tag("T2")
  void theGivenClockIsStartedOnceAndTellsTheTimeAndDrivesTheDeadlines(RunOptions options) {
    HundredfoldClock clock = new HundredfoldClock();
    Trefoil.run(
        options.withClock(clock),
        () -> {
          assertThat(Hazmat.currentRun().clock()).isSameAs(clock);
          assertThat(clock.starts).isEqualTo(1);
          long before = Trefoil.currentTime();
          assertThat(before).isBetween(clock.origin, clock.now());
          Trefoil.sleep(Duration.ofMillis(500));
          assertThat(Trefoil.currentTime() - before)
              .isGreaterThanOrEqualTo(Duration.ofMillis(500).toNanos());
        });
    assertThat(clock.starts).isEqualTo(1);
    assertThat(clock.askedFor).isNotEmpty();
  }

  /** Runs a hundred times as fast as the system's clock. */
  private static final class HundredfoldClock implements Clock {
    private static final int RATE = 100;
    private final long began = System.nanoTime();
    private final long origin = 42;
    private final List<Long> askedFor = new ArrayList<>();
    private int starts;

    @Override
    public void start() {
      starts++;
    }

    @Override
    public long now() {
      return origin + (System.nanoTime() - began) * RATE;
    }

    @Override
    public long nanosUntil(long deadline) {
      if (deadline == Long.MAX_VALUE) {
        return Long.MAX_VALUE;
      }
      askedFor.add(deadline);
      return (deadline - now()) / RATE;
    }
  }

  @ParameterizedTest
  @MethodSource(BACKENDS)
  @Tag("T3")
  void instrumentsWatchFromTheStartInTheOrderOfTheirInstallation(RunOptions options) {
    List<String> trace = new ArrayList<>();
    Trefoil.run(
        options.withInstrument(new Recorder("1", trace)).withInstrument(new Recorder("2", trace)),
        () -> {
          trace.add("main");
        });
    assertThat(trace)
        .containsExactly(
            "1 before run",
            "2 before run",
            "1 spawned main",
            "2 spawned main",
            "main",
            "1 exited main",
            "2 exited main",
            "1 after run",
            "2 after run");
  }

  private record Recorder(String name, List<String> trace) implements Instrument {
    @Override
    public void beforeRun() {
      trace.add(name + " before run");
    }

    @Override
    public void taskSpawned(Task<?> task) {
      trace.add(name + " spawned " + task.name());
    }

    @Override
    public void taskExited(Task<?> task) {
      trace.add(name + " exited " + task.name());
    }

    @Override
    public void afterRun() {
      trace.add(name + " after run");
    }
  }

  @ParameterizedTest
  @MethodSource(BACKENDS)
  @Tag("T1")
  void theRunUsesTheBackendThatItWasAskedFor(RunOptions options) {
    assertThat(Trefoil.run(options, () -> Hazmat.currentRun().backend()))
        .isEqualTo(options.backend());
  }

  @ParameterizedTest
  @MethodSource(BACKENDS)
  @Tag("T1")
  void theMainTaskIsCalledMainAndIsTheFirst(RunOptions options) {
    Task<?> main = Trefoil.run(options, Hazmat::currentTask);
    assertThat(main.name()).isEqualTo("main");
    assertThat(main.id()).isEqualTo(1);
  }

  @Test
  @Tag("T24")
  void theClockStartsSomewhereElseInEachRun() {
    List<Long> times = new ArrayList<>(Collections.nCopies(5, 0L));
    times.replaceAll(ignored -> Trefoil.run(Trefoil::currentTime));
    long spread = Collections.max(times) - Collections.min(times);
    assertThat(spread).isGreaterThan(Duration.ofMinutes(1).toNanos());
  }
}
