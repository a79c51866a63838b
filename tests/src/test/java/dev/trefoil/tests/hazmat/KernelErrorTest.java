package dev.trefoil.tests.hazmat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.trefoil.hazmat.Abort;
import dev.trefoil.hazmat.AbortFunction;
import dev.trefoil.hazmat.CancelReason;
import dev.trefoil.hazmat.Cancelled;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.KernelError;
import dev.trefoil.hazmat.ParkingLot;
import dev.trefoil.hazmat.RunOptions;
import dev.trefoil.hazmat.Task;
import dev.trefoil.tasks.CancelScope;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.tasks.Trefoil;
import dev.trefoil.testing.MockClock;
import dev.trefoil.testing.Testing;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;

/**
 * What breaks a run: always a KernelError that names the culprit, always the end of everything in
 * that run, and never more than that.
 */
final class KernelErrorTest {
  private static final RuntimeException FAULT = new RuntimeException("the fault");

  private final List<String> log = new ArrayList<>();

  /** Runs something that breaks the run; shows that a fresh run in the same thread works. */
  private static KernelError breakRun(
      RunOptions options, dev.trefoil.hazmat.Action<Exception> main) {
    KernelError error = catchThrowableOfType(KernelError.class, () -> Trefoil.run(options, main));
    assertThat(error).isNotNull();
    assertThat(
            Trefoil.<String, RuntimeException>run(
                options.withClock(new MockClock()),
                () -> {
                  Hazmat.yieldBriefly();
                  return "fresh";
                }))
        .isEqualTo("fresh");
    return error;
  }

  private static void sleepWith(AbortFunction abort) {
    Hazmat.<Object>yieldIndefinitely("BROKEN_WAIT", abort);
  }

  private static Abort throwFault(dev.trefoil.hazmat.RaiseCancel ignored) {
    throw FAULT;
  }

  private void spawnBystander(Nursery nursery) {
    nursery.spawn(
        "bystander",
        () -> {
          try {
            Trefoil.sleepForever();
          } catch (Cancelled cancelled) {
            log.add("bystander cancelled by " + cancelled.reason().source());
            throw cancelled;
          }
        });
  }

  // ---- aborts

  @EverySchedule
  @Tag("R38")
  @Tag("R50")
  void throwingAbortBreaksTheRunAndLeavesTheCancellerUnharmed(RunOptions options) {
    KernelError error =
        breakRun(
            options,
            () ->
                Nursery.open(
                    nursery -> {
                      CancelScope scope = CancelScope.create();
                      spawnBystander(nursery);
                      nursery.spawn(
                          "sleeper", () -> scope.run(() -> sleepWith(KernelErrorTest::throwFault)));
                      Testing.waitAllTasksBlocked();
                      scope.cancel();
                      log.add("canceller goes on");
                    }));
    assertThat(error).hasMessageContainingAll("abort", "sleeper", "BROKEN_WAIT", "threw");
    assertThat(error).hasCause(FAULT);
    assertThat(log).containsExactlyInAnyOrder("canceller goes on", "bystander cancelled by CRASH");
  }

  @EverySchedule
  @Tag("R38")
  @Tag("R50")
  void abortThatAnswersNullBreaksTheRun(RunOptions options) {
    KernelError error =
        breakRun(
            options,
            () ->
                Nursery.open(
                    nursery -> {
                      CancelScope scope = CancelScope.create();
                      spawnBystander(nursery);
                      nursery.spawn("sleeper", () -> scope.run(() -> sleepWith(raise -> null)));
                      Testing.waitAllTasksBlocked();
                      scope.cancel();
                      log.add("canceller goes on");
                    }));
    assertThat(error)
        .hasMessageContainingAll("abort", "sleeper", "null", "SUCCEEDED", "FAILED")
        .hasNoCause();
    assertThat(log).containsExactlyInAnyOrder("canceller goes on", "bystander cancelled by CRASH");
  }

  @EverySchedule
  @Tag("R38")
  void throwingAbortOnEntryBreaksTheRun(RunOptions options) {
    KernelError error =
        breakRun(
            options,
            () ->
                Nursery.open(
                    nursery -> {
                      spawnBystander(nursery);
                      Testing.waitAllTasksBlocked();
                      nursery.cancelScope().cancel();
                      sleepWith(KernelErrorTest::throwFault);
                    }));
    assertThat(error).hasMessageContaining("main").hasCause(FAULT);
  }

  @EverySchedule
  @Tag("R38")
  void throwingAbortTriggeredByADeadlineBreaksTheRun(RunOptions options) {
    KernelError error =
        breakRun(
            options.withClock(MockClock.autojump()),
            () ->
                Nursery.open(
                    nursery -> {
                      spawnBystander(nursery);
                      nursery.spawn(
                          "sleeper",
                          () ->
                              CancelScope.moveOnAfter(
                                  Duration.ofHours(1),
                                  () -> sleepWith(KernelErrorTest::throwFault)));
                    }));
    assertThat(error).hasMessageContaining("sleeper").hasCause(FAULT);
    assertThat(log).containsExactly("bystander cancelled by CRASH");
  }

  @EverySchedule
  @Tag("R38")
  void throwingAbortTriggeredByAnEntryCallBreaksTheRunAndNotTheCall(RunOptions options) {
    KernelError error =
        breakRun(
            options,
            () ->
                Nursery.open(
                    nursery -> {
                      CancelScope scope = CancelScope.create();
                      nursery.spawn(
                          "sleeper", () -> scope.run(() -> sleepWith(KernelErrorTest::throwFault)));
                      Testing.waitAllTasksBlocked();
                      Hazmat.currentCallSoonThreadAndSignalSafe()
                          .callSoonThreadAndSignalSafe(
                              () -> {
                                scope.cancel();
                                log.add("call goes on");
                              });
                    }));
    assertThat(error).hasMessageContaining("sleeper").hasCause(FAULT);
    assertThat(log).containsExactly("call goes on");
  }

  @EverySchedule
  @Tag("R38")
  void everyAbortThatThrowsIsReportedAndAllSleepersEnd(RunOptions options) {
    KernelError error =
        breakRun(
            options,
            () ->
                Nursery.open(
                    nursery -> {
                      for (String name : List.of("a", "b", "c")) {
                        nursery.spawn(name, () -> sleepWith(KernelErrorTest::throwFault));
                      }
                      Testing.waitAllTasksBlocked();
                      nursery.cancelScope().cancel();
                      log.add("canceller goes on");
                    }));
    List<Throwable> all = new ArrayList<>(List.of(error.getSuppressed()));
    all.add(error);
    for (String name : List.of("'a'", "'b'", "'c'")) {
      assertThat(all).anyMatch(each -> each.getMessage().contains(name));
    }
    assertThat(log).containsExactly("canceller goes on");
  }

  @EverySchedule
  @Tag("R38")
  @Tag("R42")
  void abortThatReschedulesAndAnswersSucceededBreaksTheRun(RunOptions options) {
    KernelError error =
        breakRun(
            options,
            () ->
                Nursery.open(
                    nursery -> {
                      CancelScope scope = CancelScope.create();
                      nursery.spawn(
                          "sleeper",
                          () ->
                              scope.run(
                                  () -> {
                                    Task<?> sleeper = Hazmat.currentTask();
                                    sleepWith(
                                        raise -> {
                                          Hazmat.reschedule(sleeper);
                                          return Abort.SUCCEEDED;
                                        });
                                    log.add("sleeper got what it was rescheduled with");
                                  }));
                      Testing.waitAllTasksBlocked();
                      scope.cancel();
                      log.add("canceller goes on");
                    }));
    assertThat(error).hasMessageContainingAll("sleeper", "SUCCEEDED", "rescheduled");
    assertThat(log)
        .containsExactlyInAnyOrder("canceller goes on", "sleeper got what it was rescheduled with");
  }

  @EverySchedule
  @Tag("R38")
  @Tag("R39")
  void abortThatReschedulesTheTaskTwiceBreaksTheRun(RunOptions options) {
    KernelError error =
        breakRun(
            options,
            () ->
                Nursery.open(
                    nursery -> {
                      CancelScope scope = CancelScope.create();
                      nursery.spawn(
                          "sleeper",
                          () ->
                              scope.run(
                                  () -> {
                                    Task<?> sleeper = Hazmat.currentTask();
                                    sleepWith(
                                        raise -> {
                                          Hazmat.reschedule(sleeper);
                                          Hazmat.reschedule(sleeper);
                                          return Abort.FAILED;
                                        });
                                  }));
                      Testing.waitAllTasksBlocked();
                      scope.cancel();
                    }));
    assertThat(error).hasMessageContaining("sleeper");
    assertThat(error.getCause()).hasMessageContaining("already");
  }

  // ---- other culprits

  @EverySchedule
  @Tag("R50")
  void throwingExitListenerBreaksTheRunAndTheOthersAreStillTold(RunOptions options) {
    KernelError error =
        breakRun(
            options,
            () ->
                Nursery.open(
                    nursery -> {
                      Task<?> task = nursery.spawn("ending", () -> "done");
                      task.addExitListener(
                          ended -> {
                            throw FAULT;
                          });
                      task.addExitListener(ended -> log.add("second listener"));
                      task.join();
                    }));
    assertThat(error).hasMessageContainingAll("listener", "ending").hasCause(FAULT);
    assertThat(log).containsExactly("second listener");
  }

  @EverySchedule
  @Tag("R50")
  void errorOfTheRunOutranksWhatTheMainTaskReturnsOrThrows(RunOptions options) {
    KernelError error =
        breakRun(
            options,
            () -> {
              Hazmat.spawnSystemTask(
                  "broken",
                  () -> {
                    throw FAULT;
                  });
              try {
                Trefoil.sleepForever();
              } catch (Cancelled cancelled) {
                log.add("main cancelled by " + cancelled.reason().source());
                throw new IllegalArgumentException("main fails too");
              }
            });
    assertThat(error).hasMessageContaining("broken").hasCause(FAULT);
    assertThat(log).containsExactly("main cancelled by " + CancelReason.Source.CRASH);
  }

  @EverySchedule
  @Tag("R50")
  void cleanupOfCancelledTasksStillRunsInABrokenRun(RunOptions options) {
    ParkingLot lot = new ParkingLot();
    breakRun(
        options,
        () ->
            Nursery.open(
                nursery -> {
                  nursery.spawn(
                      () -> {
                        try {
                          lot.park();
                        } finally {
                          CancelScope.create()
                              .shielded()
                              .run(
                                  () -> {
                                    Hazmat.yieldBriefly();
                                    log.add("cleaned up");
                                  });
                        }
                      });
                  Testing.waitAllTasksBlocked();
                  Hazmat.spawnSystemTask(
                      "broken",
                      () -> {
                        throw FAULT;
                      });
                }));
    assertThat(log).containsExactly("cleaned up");
    assertThat(lot.isEmpty()).isTrue();
  }

  @EveryBackend
  @Tag("R50")
  void culpritThatCannotEvenBeDescribedIsReportedAllTheSame(RunOptions options) {
    KernelError error =
        breakRun(
            options,
            () -> {
              var entry = Hazmat.currentCallSoonThreadAndSignalSafe();
              entry.callSoonThreadAndSignalSafe(new Nasty());
              entry.callSoonThreadAndSignalSafe(() -> log.add("the call behind it"));
              Hazmat.yieldBriefly();
            });
    assertThat(error).hasMessageContaining("entry call").hasCause(FAULT);
    assertThat(log).containsExactly("the call behind it");
  }

  @EveryBackend
  @Tag("R50")
  void exitListenerThatCannotEvenBeDescribedIsReportedAllTheSame(RunOptions options) {
    KernelError error =
        breakRun(
            options,
            () ->
                Nursery.open(
                    nursery -> {
                      Task<?> task = nursery.spawn("ending", () -> "done");
                      task.addExitListener(new Nasty());
                      task.join();
                    }));
    assertThat(error).hasMessageContainingAll("listener", "ending").hasCause(FAULT);
  }

  /** Throws wherever it can. */
  private static final class Nasty implements Runnable, Task.ExitListener {
    @Override
    public void run() {
      throw FAULT;
    }

    @Override
    public void taskExited(Task<?> task) {
      throw FAULT;
    }

    @Override
    public String toString() {
      throw new UnsupportedOperationException("no name");
    }
  }

  // ---- what is no culprit

  @EveryBackend
  @Tag("R50")
  void taskThatOverflowsItsStackFailsAloneAndTheRunGoesOn(RunOptions options) {
    String result =
        Trefoil.<String, RuntimeException>run(
            options,
            () ->
                Nursery.call(
                    nursery -> {
                      ParkingLot lot = new ParkingLot();
                      nursery.spawn(
                          () ->
                              assertThatThrownBy(KernelErrorTest::overflow)
                                  .isInstanceOf(StackOverflowError.class));
                      Task<?> other = nursery.spawn(() -> lot.<Object>park());
                      Testing.waitAllTasksBlocked();
                      lot.unpark();
                      other.join();
                      return "fine";
                    }));
    assertThat(result).isEqualTo("fine");
  }

  @SuppressWarnings("InfiniteRecursion") // the point of it
  private static int overflow() {
    return overflow() + 1;
  }

  @EveryBackend
  @Tag("R50")
  void errorThatATaskDiesOfIsTheFailureOfItsNurseryAndNotOfTheRun(RunOptions options) {
    for (Error fatal :
        List.of(
            new StackOverflowError("deep"), new OutOfMemoryError("full"), new AssertionError())) {
      assertThatThrownBy(
              () ->
                  Trefoil.run(
                      options,
                      () ->
                          Nursery.open(
                              nursery ->
                                  nursery.spawn(
                                      () -> {
                                        Hazmat.yieldBriefly();
                                        throw fatal;
                                      }))))
          .isInstanceOf(dev.trefoil.tasks.ExceptionGroup.class)
          .satisfies(
              group ->
                  assertThat(((dev.trefoil.tasks.ExceptionGroup) group).exceptions())
                      .containsExactly(fatal));
    }
  }

  @EveryBackend
  @Tag("R50")
  void taskThatRunsOutOfMemoryFailsAlone(RunOptions options) {
    Trefoil.run(
        options,
        () ->
            Nursery.open(
                nursery -> {
                  nursery.spawn(
                      () ->
                          assertThatThrownBy(KernelErrorTest::hoard)
                              .isInstanceOf(OutOfMemoryError.class));
                  nursery.spawn(
                      () -> {
                        Hazmat.yieldBriefly();
                        log.add("other task");
                      });
                }));
    assertThat(log).containsExactly("other task");
  }

  private static int hoard() {
    List<long[]> hoarded = new ArrayList<>();
    while (true) {
      hoarded.add(new long[Integer.MAX_VALUE - 8]);
    }
  }
}
