package dev.trefoil.tests.hazmat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.trefoil.hazmat.Abort;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.KeyboardInterrupt;
import dev.trefoil.hazmat.Outcome;
import dev.trefoil.hazmat.ParkingLot;
import dev.trefoil.hazmat.RaiseCancel;
import dev.trefoil.hazmat.Run;
import dev.trefoil.hazmat.RunOptions;
import dev.trefoil.hazmat.Task;
import dev.trefoil.tasks.CancelScope;
import dev.trefoil.tasks.ExceptionGroup;
import dev.trefoil.tasks.Kernel;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.tasks.Trefoil;
import dev.trefoil.testing.Testing;
import dev.trefoil.testing.TrefoilTest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;

/** How a keyboard interrupt gets to the main task, whoever asks for it. */
@Tag("T4")
final class KeyboardInterruptTest {
  private final ParkingLot lot = new ParkingLot();
  private final List<String> log = new ArrayList<>();

  private static void raise() {
    assertThat(Hazmat.currentRun().raiseKeyboardInterrupt()).isTrue();
  }

  /** Until all that was submitted so far has been delivered. */
  private static void passes() {
    for (int i = 0; i < 3; i++) {
      Hazmat.yieldBriefly();
    }
  }

  @TrefoilTest(seeds = 20)
  void mainTaskMeetsItAtItsNextCancelPointOnceAndNobodyElseDoes() {
    List<Task<?>> others = new ArrayList<>();
    Nursery.open(
        nursery -> {
          others.add(nursery.spawn(() -> lot.park()));
          Testing.waitAllTasksBlocked();
          raise();
          assertThatThrownBy(KeyboardInterruptTest::passes).isInstanceOf(KeyboardInterrupt.class);
          passes();
          assertThat(others.getFirst().hasEnded()).isFalse();
          lot.unpark();
        });
    assertThat(others.getFirst().outcome()).isInstanceOf(Outcome.Value.class);
  }

  @TrefoilTest(seeds = 20)
  void sleepingMainTaskIsWokenAndLeavesNoTrace() {
    Nursery.open(
        nursery -> {
          nursery.spawn(
              () -> {
                Testing.waitAllTasksBlocked();
                raise();
              });
          assertThatThrownBy(lot::park).isInstanceOf(KeyboardInterrupt.class);
          assertThat(lot.isEmpty()).isTrue();
        });
  }

  @TrefoilTest(seeds = 20)
  @Tag("T16")
  void itComesAheadOfCancelledScopesAndPassesThroughShields() {
    CancelScope outer = CancelScope.create();
    outer.run(
        () -> {
          raise();
          outer.cancel();
          assertThatThrownBy(
                  () ->
                      CancelScope.create()
                          .shielded()
                          .run(
                              () -> {
                                passes();
                                log.add("not reached");
                              }))
              .isInstanceOf(KeyboardInterrupt.class);
          Hazmat.yieldBriefly();
          log.add("not reached");
        });
    assertThat(log).isEmpty();
  }

  @TrefoilTest(seeds = 20)
  void schedulePointsThatAreNoCancelPointsDoNotRaiseIt() {
    raise();
    for (int i = 0; i < 100; i++) {
      Hazmat.yieldBrieflyNoCancel();
    }
    assertThatThrownBy(Hazmat::yieldIfCancelled).isInstanceOf(KeyboardInterrupt.class);
    Hazmat.yieldIfCancelled();
  }

  @TrefoilTest(seeds = 20)
  void anAbortThatAnswersFailedLeavesItPending() {
    AtomicReference<RaiseCancel> ignored = new AtomicReference<>();
    Task<?> main = Hazmat.currentTask();
    Nursery.open(
        nursery -> {
          nursery.spawn(
              () -> {
                Testing.waitAllTasksBlocked();
                raise();
                Testing.waitAllTasksBlocked();
                Hazmat.reschedule(main, Outcome.of("woken"));
              });
          Object value =
              Hazmat.yieldIndefinitely(
                  "STUBBORN",
                  raiseCancel -> {
                    ignored.set(raiseCancel);
                    return Abort.FAILED;
                  });
          assertThat(value).isEqualTo("woken");
          assertThat(ignored.get()).isNotNull();
          assertThatThrownBy(Hazmat::yieldBriefly).isInstanceOf(KeyboardInterrupt.class);
        });
  }

  @TrefoilTest(seeds = 20)
  void severalBeforeItIsRaisedAreOne() {
    for (int i = 0; i < 10; i++) {
      raise();
    }
    assertThatThrownBy(KeyboardInterruptTest::passes).isInstanceOf(KeyboardInterrupt.class);
    passes();
  }

  @EverySchedule
  @Tag("T1")
  @Tag("T6")
  void inANurseryItEndsTheChildrenAndTheRunThrowsIt(RunOptions options) {
    assertThatThrownBy(
            () ->
                Trefoil.run(
                    options,
                    () ->
                        Nursery.open(
                            nursery -> {
                              nursery.spawn(
                                  () -> {
                                    try {
                                      Trefoil.sleepForever();
                                    } finally {
                                      log.add("child left");
                                    }
                                  });
                              Testing.waitAllTasksBlocked();
                              raise();
                              Trefoil.sleepForever();
                            })))
        .isInstanceOfSatisfying(
            ExceptionGroup.class,
            group ->
                assertThat(group.exceptions())
                    .singleElement()
                    .isInstanceOf(KeyboardInterrupt.class));
    assertThat(log).containsExactly("child left");
  }

  @EverySchedule
  @Tag("T1")
  void whatTheMainTaskDoesNotMeetTheRunThrowsAtTheVeryEnd(RunOptions options) {
    assertThatThrownBy(
            () ->
                Trefoil.run(
                    options,
                    () -> {
                      Hazmat.spawnSystemTask(
                          "cleaner",
                          () -> {
                            try {
                              Trefoil.sleepForever();
                            } finally {
                              log.add("system task left");
                            }
                            return null;
                          });
                      Hazmat.yieldBrieflyNoCancel();
                      raise();
                    }))
        .isInstanceOf(KeyboardInterrupt.class);
    assertThat(log).containsExactly("system task left");
  }

  @EveryBackend
  @Tag("T1")
  void theErrorOfAMainTaskThatDidNotMeetItIsNotLost(RunOptions options) {
    IOException broken = new IOException("broken");
    assertThatThrownBy(
            () ->
                Trefoil.run(
                    options,
                    () -> {
                      raise();
                      throw broken;
                    }))
        .isInstanceOfSatisfying(
            KeyboardInterrupt.class,
            late -> assertThat(late.getSuppressed()).containsExactly(broken));
  }

  @EveryBackend
  void aRunThatIsOverRefusesIt(RunOptions options) {
    Run over = Trefoil.run(options, Hazmat::currentRun);
    assertThat(over.raiseKeyboardInterrupt()).isFalse();
  }

  @EveryBackend
  void itCanBeRaisedFromAnyThreadAndWakesASleepingRun(RunOptions options) throws Exception {
    AtomicReference<Run> run = new AtomicReference<>();
    CountDownLatch sleeps = new CountDownLatch(1);
    Thread interrupter =
        Thread.ofPlatform()
            .start(
                () -> {
                  try {
                    if (sleeps.await(1, TimeUnit.MINUTES)) {
                      run.get().raiseKeyboardInterrupt();
                    }
                  } catch (InterruptedException impossible) {
                    throw new AssertionError(impossible);
                  }
                });
    assertThatThrownBy(
            () ->
                Trefoil.run(
                    options,
                    () -> {
                      run.set(Hazmat.currentRun());
                      sleeps.countDown();
                      Trefoil.sleepForever();
                    }))
        .isInstanceOf(KeyboardInterrupt.class);
    interrupter.join();
  }

  @EveryBackend
  @Tag("R57")
  void aKernelsRunThrowsItAndLeavesTheTasksAsTheyAre(RunOptions options) {
    try (Kernel kernel = Kernel.builder().options(options).build()) {
      Task<?> sleeper =
          kernel.addTask(
              () -> {
                lot.park();
                log.add("went on");
              });
      kernel.addTask(
          () -> {
            Testing.waitAllTasksBlocked();
            raise();
            Testing.waitAllTasksBlocked();
            lot.unpark();
          });
      assertThatThrownBy(kernel::run).isInstanceOf(KeyboardInterrupt.class);
      assertThat(sleeper.hasEnded()).isFalse();
      kernel.run();
      assertThat(log).containsExactly("went on");
    }
  }

  @EveryBackend
  @Tag("R63")
  void aKernelIsShutDownToTheEndBeforeItIsThrown(RunOptions options) {
    Kernel kernel = Kernel.builder().options(options).build();
    Task<?> task =
        kernel.addTask(
            () -> {
              try {
                Trefoil.sleepForever();
              } finally {
                raise();
                CancelScope.create().shielded().run(() -> passes());
                log.add("cleaned up");
              }
            },
            true);
    kernel.addTask(() -> Testing.waitAllTasksBlocked());
    kernel.run();
    assertThatThrownBy(kernel::shutdown).isInstanceOf(KeyboardInterrupt.class);
    assertThat(task.hasEnded()).isTrue();
    assertThat(log).containsExactly("cleaned up");
    kernel.close();
  }
}
