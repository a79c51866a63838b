package dev.trefoil.tests.hazmat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.trefoil.hazmat.Abort;
import dev.trefoil.hazmat.AbortFunction;
import dev.trefoil.hazmat.Cancelled;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.Outcome;
import dev.trefoil.hazmat.RaiseCancel;
import dev.trefoil.hazmat.Task;
import dev.trefoil.hazmat.TaskState;
import dev.trefoil.tasks.CancelScope;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.testing.Checkpoints;
import dev.trefoil.testing.MockClock;
import dev.trefoil.testing.Testing;
import dev.trefoil.testing.TrefoilTest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;

/** What happens between a sleeper, its abort function, whoever cancels and whoever wakes. */
final class AbortProtocolTest {
  private final List<String> log = new ArrayList<>();
  private final CancelScope scope = CancelScope.create();
  private int aborts;
  private RaiseCancel raiseCancel;

  private Abort succeed(RaiseCancel ignored) {
    aborts++;
    return Abort.SUCCEEDED;
  }

  private Abort refuse(RaiseCancel raise) {
    aborts++;
    raiseCancel = raise;
    return Abort.FAILED;
  }

  /** Spawns a task that sleeps in {@link #scope} and logs how the sleep ends. */
  private Task<?> spawnSleeper(Nursery nursery, AbortFunction abort) {
    Task<?> sleeper =
        nursery.spawn("sleeper", () -> scope.run(() -> sleepAndLog("sleeper", abort)));
    Testing.waitAllTasksBlocked();
    return sleeper;
  }

  private void sleepAndLog(String name, AbortFunction abort) {
    try {
      Object value = Hazmat.<Object>yieldIndefinitely(abort);
      log.add(name + " got " + value);
    } catch (Cancelled cancelled) {
      log.add(name + " cancelled");
      throw cancelled;
    }
  }

  private static void assertCancelledHere() {
    assertThatThrownBy(Hazmat::yieldBriefly).isInstanceOf(Cancelled.class);
  }

  // ---- the plain cases

  @TrefoilTest
  @Tag("R41")
  void yieldingIndefinitelyIsACheckpoint() {
    Task<?> task = Hazmat.currentTask();
    Nursery.open(
        nursery -> {
          nursery.spawn(() -> Hazmat.reschedule(task));
          Checkpoints.assertCheckpoints(() -> Hazmat.<Object>yieldIndefinitely(this::succeed));
        });
    assertThat(aborts).isZero();
  }

  @TrefoilTest(seeds = 20)
  @Tag("R36")
  @Tag("R41")
  @Tag("R42")
  void successfulAbortIsTheOneRescheduleAndRaisesCancelled() {
    Nursery.open(
        nursery -> {
          Task<?> sleeper = spawnSleeper(nursery, this::succeed);
          scope.cancel();
          assertThat(aborts).isOne();
          assertThat(sleeper.state()).isEqualTo(TaskState.RUNNABLE);
          assertThat(log).as("the sleeper runs later").isEmpty();
        });
    assertThat(log).containsExactly("sleeper cancelled");
    assertThat(scope.cancelledCaught()).isTrue();
  }

  @TrefoilTest(seeds = 20)
  @Tag("R41")
  @Tag("R42")
  void taskThatIsAlreadyCancelledIsAbortedRightAfterItHasGoneToSleep() {
    scope.run(
        () -> {
          scope.cancel();
          Task<?> task = Hazmat.currentTask();
          Hazmat.yieldIndefinitely(
              raise -> {
                log.add("abort while " + task.state());
                return Abort.SUCCEEDED;
              });
        });
    assertThat(log).containsExactly("abort while PARKED");
    assertThat(scope.cancelledCaught()).isTrue();
  }

  @TrefoilTest(seeds = 20)
  @Tag("R37")
  @Tag("R46")
  void failedAbortLeavesTheTaskAsleepAndTheCancelForTheNextCancelPoint() {
    Nursery.open(
        nursery -> {
          Task<?> sleeper =
              nursery.spawn(
                  () ->
                      scope.run(
                          () -> {
                            sleepAndLog("sleeper", this::refuse);
                            assertCancelledHere();
                            log.add("cancelled after all");
                          }));
          Testing.waitAllTasksBlocked();
          scope.cancel();
          Testing.waitAllTasksBlocked();
          assertThat(sleeper.state()).isEqualTo(TaskState.PARKED);
          assertThat(log).isEmpty();
          Hazmat.reschedule(sleeper, Outcome.of("the result"));
        });
    assertThat(log).containsExactly("sleeper got the result", "cancelled after all");
    assertThat(aborts).isOne();
  }

  @TrefoilTest(seeds = 20)
  @Tag("R46")
  void operationThatIgnoresACancelCompletesNormally() {
    Nursery.open(
        nursery -> {
          Task<?> sleeper = spawnSleeper(nursery, this::refuse);
          scope.cancel();
          Hazmat.reschedule(sleeper, Outcome.of("the result"));
        });
    assertThat(log).containsExactly("sleeper got the result");
    assertThat(scope.cancelCalled()).isTrue();
    assertThat(scope.cancelledCaught()).isFalse();
  }

  // ---- at most once

  @TrefoilTest(seeds = 20)
  @Tag("R41")
  @Tag("R42")
  void abortIsCalledAtMostOnceThoughSeveralScopesAreCancelled() {
    CancelScope outermost = CancelScope.create();
    CancelScope innermost = CancelScope.create();
    Nursery.open(
        nursery -> {
          Task<?> sleeper =
              nursery.spawn(
                  () ->
                      outermost.run(
                          () ->
                              scope.run(
                                  () ->
                                      innermost.run(() -> sleepAndLog("sleeper", this::refuse)))));
          Testing.waitAllTasksBlocked();
          innermost.cancel();
          outermost.cancel();
          scope.cancel();
          nursery.cancelScope().cancel();
          assertThat(aborts).isOne();
          Hazmat.reschedule(sleeper);
        });
    assertThat(aborts).isOne();
    assertThat(log).containsExactly("sleeper got null");
  }

  @TrefoilTest(seeds = 20)
  @Tag("R41")
  @Tag("R42")
  void everySleepHasAnAbortOfItsOwn() {
    Nursery.open(
        nursery -> {
          Task<?> sleeper =
              nursery.spawn(
                  () ->
                      scope.run(
                          () -> {
                            sleepAndLog("first", this::refuse);
                            sleepAndLog("second", this::refuse);
                          }));
          Testing.waitAllTasksBlocked();
          scope.cancel();
          Hazmat.reschedule(sleeper);
          Testing.waitAllTasksBlocked();
          assertThat(aborts).isEqualTo(2);
          assertThat(sleeper.state()).isEqualTo(TaskState.PARKED);
          Hazmat.reschedule(sleeper);
        });
    assertThat(log).containsExactly("first got null", "second got null");
  }

  @TrefoilTest(seeds = 20)
  @Tag("R42")
  void abortMayCancelOtherScopesAndEachSleeperIsStillAbortedOnce() {
    CancelScope left = CancelScope.create();
    CancelScope right = CancelScope.create();
    int[] leftAborts = {0};
    int[] rightAborts = {0};
    Nursery.open(
        nursery -> {
          nursery.spawn(
              () ->
                  left.run(
                      () ->
                          sleepAndLog(
                              "left",
                              raise -> {
                                leftAborts[0]++;
                                right.cancel();
                                left.cancel();
                                return Abort.SUCCEEDED;
                              })));
          nursery.spawn(
              () ->
                  right.run(
                      () ->
                          sleepAndLog(
                              "right",
                              raise -> {
                                rightAborts[0]++;
                                left.cancel();
                                scope.cancel();
                                return Abort.SUCCEEDED;
                              })));
          spawnSleeper(nursery, this::succeed);
          left.cancel();
          assertThat(leftAborts).containsExactly(1);
          assertThat(rightAborts).containsExactly(1);
          assertThat(aborts).isOne();
        });
    assertThat(log)
        .containsExactlyInAnyOrder("left cancelled", "right cancelled", "sleeper cancelled");
  }

  @TrefoilTest(seeds = 20)
  @Tag("R42")
  void abortThatCancelsAnEnclosingScopeIsNotCalledAgain() {
    CancelScope outer = CancelScope.create();
    Nursery.open(
        nursery -> {
          nursery.spawn(
              () ->
                  outer.run(
                      () ->
                          scope.run(
                              () ->
                                  sleepAndLog(
                                      "sleeper",
                                      raise -> {
                                        aborts++;
                                        outer.cancel();
                                        return Abort.SUCCEEDED;
                                      }))));
          Testing.waitAllTasksBlocked();
          scope.cancel();
        });
    assertThat(aborts).isOne();
    assertThat(log).containsExactly("sleeper cancelled");
    assertThat(outer.cancelledCaught()).as("the outermost scope is responsible").isTrue();
    assertThat(scope.cancelledCaught()).isFalse();
  }

  @TrefoilTest(seeds = 20)
  @Tag("R42")
  void abortThatShieldsAnotherSleeperSavesIt() {
    CancelScope outer = CancelScope.create();
    CancelScope saved = CancelScope.create();
    Nursery.open(
        nursery -> {
          Task<?> second =
              Nursery.call(
                  ignored -> {
                    nursery.spawn(
                        () ->
                            outer.run(
                                () ->
                                    Nursery.open(
                                        inner -> {
                                          inner.spawn(
                                              () ->
                                                  sleepAndLog(
                                                      "first",
                                                      raise -> {
                                                        saved.setShield(true);
                                                        return Abort.SUCCEEDED;
                                                      }));
                                          Testing.waitAllTasksBlocked();
                                          inner.spawn(
                                              "second",
                                              () ->
                                                  saved.run(
                                                      () -> sleepAndLog("second", this::succeed)));
                                        })));
                    Testing.waitAllTasksBlocked();
                    Testing.waitAllTasksBlocked();
                    return Hazmat.currentRun().tasks().stream()
                        .filter(task -> task.name().equals("second"))
                        .findAny()
                        .orElseThrow();
                  });
          outer.cancel();
          assertThat(aborts).isZero();
          assertThat(second.state()).isEqualTo(TaskState.PARKED);
          Hazmat.reschedule(second);
        });
    assertThat(log).containsExactlyInAnyOrder("first cancelled", "second got null");
  }

  // ---- cancel against wake-up

  @TrefoilTest(seeds = 20)
  @Tag("R39")
  @Tag("R41")
  void cancelAfterTheWakeUpWaitsForTheNextCancelPoint() {
    Nursery.open(
        nursery -> {
          Task<?> sleeper =
              nursery.spawn(
                  () ->
                      scope.run(
                          () -> {
                            sleepAndLog("sleeper", this::succeed);
                            assertCancelledHere();
                            log.add("cancelled at the next cancel point");
                          }));
          Testing.waitAllTasksBlocked();
          Hazmat.reschedule(sleeper, Outcome.of("the result"));
          scope.cancel();
          assertThat(aborts).isZero();
        });
    assertThat(log).containsExactly("sleeper got the result", "cancelled at the next cancel point");
  }

  @TrefoilTest(seeds = 20)
  @Tag("R36")
  @Tag("R39")
  void wakeUpAfterASuccessfulAbortIsRefused() {
    Nursery.open(
        nursery -> {
          Task<?> sleeper = spawnSleeper(nursery, this::succeed);
          scope.cancel();
          assertThatThrownBy(() -> Hazmat.reschedule(sleeper, Outcome.of("too late")))
              .isInstanceOf(IllegalStateException.class)
              .hasMessageContainingAll("sleeper", "already", "SUCCEEDED");
        });
    assertThat(log).containsExactly("sleeper cancelled");
  }

  @TrefoilTest(seeds = 20)
  @Tag("R39")
  @Tag("R40")
  @Tag("R41")
  void raceOfCancelAndWakeUpEndsInExactlyOneOfThem() {
    boolean[] undone = {false};
    Nursery.open(
        nursery -> {
          Task<?> sleeper =
              spawnSleeper(
                  nursery,
                  raise -> {
                    undone[0] = true;
                    return Abort.SUCCEEDED;
                  });
          nursery.spawn(() -> scope.cancel());
          nursery.spawn(
              () -> {
                if (!undone[0]) {
                  Hazmat.reschedule(sleeper, Outcome.of("the result"));
                }
              });
        });
    assertThat(log).containsExactly(undone[0] ? "sleeper cancelled" : "sleeper got the result");
  }

  @TrefoilTest(seeds = 20)
  @Tag("R40")
  void errorThatWakesWinsOverACancelThatComesLater() {
    IllegalArgumentException error = new IllegalArgumentException("broken");
    Nursery.open(
        nursery -> {
          Task<?> sleeper =
              nursery.spawn(
                  () ->
                      scope.run(
                          () ->
                              assertThatThrownBy(
                                      () -> Hazmat.<Object>yieldIndefinitely(this::succeed))
                                  .isSameAs(error)));
          Testing.waitAllTasksBlocked();
          Hazmat.reschedule(sleeper, Outcome.failure(error));
          scope.cancel();
        });
    assertThat(scope.cancelledCaught()).isFalse();
  }

  @TrefoilTest(seeds = 20)
  @Tag("R42")
  void abortMayRescheduleTheTaskItselfAndSayFailed() {
    Nursery.open(
        nursery -> {
          Task<?>[] sleeper = {null};
          sleeper[0] =
              spawnSleeper(
                  nursery,
                  raise -> {
                    Hazmat.reschedule(sleeper[0], Outcome.of("a consolation"));
                    return Abort.FAILED;
                  });
          scope.cancel();
        });
    assertThat(log).containsExactly("sleeper got a consolation");
  }

  // ---- delayed cancel

  @TrefoilTest(seeds = 20)
  @Tag("R37")
  @Tag("R43")
  @Tag("R44")
  void capturedRaiseCancelMayBeDeliveredByTheWakeUp() {
    Nursery.open(
        nursery -> {
          Task<?> sleeper = spawnSleeper(nursery, this::refuse);
          scope.cancel("enough");
          Testing.waitAllTasksBlocked();
          Hazmat.reschedule(sleeper, Outcome.capture(raiseCancel::raise));
        });
    assertThat(log).containsExactly("sleeper cancelled");
    assertThat(scope.cancelledCaught()).isTrue();
  }

  @TrefoilTest(seeds = 20)
  @Tag("R43")
  @Tag("R45")
  void wokenTaskMayRaiseTheCancelItself() {
    Nursery.open(
        nursery -> {
          Task<?> sleeper =
              nursery.spawn(
                  () ->
                      scope.run(
                          () -> {
                            sleepAndLog("sleeper", this::refuse);
                            throw raiseCancel.raise();
                          }));
          Testing.waitAllTasksBlocked();
          scope.cancel();
          Testing.waitAllTasksBlocked();
          Hazmat.reschedule(sleeper, Outcome.of("an answer"));
        });
    assertThat(log).containsExactly("sleeper got an answer");
    assertThat(scope.cancelledCaught()).isTrue();
  }

  @TrefoilTest(seeds = 20)
  @Tag("R45")
  void wokenTaskMayLetAnOperationThatFinishedAnywayWin() {
    Nursery.open(
        nursery -> {
          Task<?> sleeper =
              nursery.spawn(
                  () ->
                      scope.run(
                          () -> {
                            Object answer = Hazmat.yieldIndefinitely(this::refuse);
                            if (!answer.equals("finished")) {
                              throw raiseCancel.raise();
                            }
                            log.add("finished anyway");
                          }));
          Testing.waitAllTasksBlocked();
          scope.cancel();
          Hazmat.reschedule(sleeper, Outcome.of("finished"));
        });
    assertThat(log).containsExactly("finished anyway");
    assertThat(scope.cancelledCaught()).isFalse();
  }

  @TrefoilTest(seeds = 20)
  @Tag("R43")
  void raiseCancelCarriesTheReasonOfTheCancelThatCausedTheAbort() {
    Nursery.open(
        nursery -> {
          Task<?> sleeper = spawnSleeper(nursery, this::refuse);
          scope.cancel("the user left");
          for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> raiseCancel.raise())
                .isInstanceOf(Cancelled.class)
                .hasMessageContaining("the user left");
          }
          Hazmat.reschedule(sleeper);
        });
  }

  @TrefoilTest(seeds = 20)
  @Tag("R43")
  void raiseCancelIsValidThoughTheTaskGotShieldedMeanwhile() {
    CancelScope shield = CancelScope.create();
    Nursery.open(
        nursery -> {
          Task<?> sleeper =
              nursery.spawn(
                  () ->
                      scope.run(
                          () ->
                              shield.run(
                                  () -> {
                                    sleepAndLog("sleeper", this::refuse);
                                  })));
          Testing.waitAllTasksBlocked();
          scope.cancel();
          shield.setShield(true);
          Hazmat.reschedule(sleeper, Outcome.capture(raiseCancel::raise));
        });
    assertThat(log).containsExactly("sleeper cancelled");
  }

  // ---- shields that change meanwhile

  @TrefoilTest(seeds = 20)
  @Tag("R41")
  void shieldRaisedDuringTheSleepKeepsACancelOutAndDroppedDeliversItAtOnce() {
    CancelScope shield = CancelScope.create();
    Nursery.open(
        nursery -> {
          Task<?> sleeper =
              nursery.spawn(
                  () -> scope.run(() -> shield.run(() -> sleepAndLog("sleeper", this::succeed))));
          Testing.waitAllTasksBlocked();
          shield.setShield(true);
          scope.cancel();
          Testing.waitAllTasksBlocked();
          assertThat(aborts).isZero();
          assertThat(sleeper.state()).isEqualTo(TaskState.PARKED);
          shield.setShield(false);
          assertThat(aborts).isOne();
          assertThat(sleeper.state()).isEqualTo(TaskState.RUNNABLE);
        });
    assertThat(log).containsExactly("sleeper cancelled");
    assertThat(scope.cancelledCaught()).isTrue();
    assertThat(shield.cancelledCaught()).isFalse();
  }

  @TrefoilTest(seeds = 20)
  @Tag("R41")
  void cancelReachesTheSleeperOnlyWhenTheLastOfNestedShieldsIsDropped() {
    CancelScope outerShield = CancelScope.create().shielded();
    CancelScope innerShield = CancelScope.create().shielded();
    Nursery.open(
        nursery -> {
          nursery.spawn(
              () ->
                  scope.run(
                      () ->
                          outerShield.run(
                              () -> innerShield.run(() -> sleepAndLog("sleeper", this::succeed)))));
          Testing.waitAllTasksBlocked();
          scope.cancel();
          innerShield.setShield(false);
          assertThat(aborts).isZero();
          innerShield.setShield(true);
          outerShield.setShield(false);
          assertThat(aborts).isZero();
          innerShield.setShield(false);
          assertThat(aborts).isOne();
        });
    assertThat(log).containsExactly("sleeper cancelled");
  }

  @TrefoilTest(seeds = 20)
  @Tag("R41")
  void shieldDoesNotKeepItsOwnScopesCancelOut() {
    CancelScope shield = CancelScope.create().shielded();
    Nursery.open(
        nursery -> {
          nursery.spawn(() -> shield.run(() -> sleepAndLog("sleeper", this::succeed)));
          Testing.waitAllTasksBlocked();
          shield.cancel();
          assertThat(aborts).isOne();
        });
    assertThat(shield.cancelledCaught()).isTrue();
  }

  @TrefoilTest(seeds = 20)
  @Tag("R37")
  void refusedCancelThatIsShieldedMeanwhileIsRaisedWhenTheShieldIsGone() {
    CancelScope shield = CancelScope.create();
    Nursery.open(
        nursery -> {
          Task<?> sleeper =
              nursery.spawn(
                  () ->
                      scope.run(
                          () -> {
                            shield.run(
                                () -> {
                                  sleepAndLog("sleeper", this::refuse);
                                  Hazmat.yieldBriefly();
                                  log.add("shielded");
                                });
                            assertCancelledHere();
                            log.add("cancelled outside");
                          }));
          Testing.waitAllTasksBlocked();
          scope.cancel();
          shield.setShield(true);
          Hazmat.reschedule(sleeper);
        });
    assertThat(log).containsExactly("sleeper got null", "shielded", "cancelled outside");
    assertThat(aborts).isOne();
  }

  // ---- where aborts run

  @TrefoilTest(seeds = 20)
  @Tag("R42")
  @Tag("R48")
  @Tag("T42")
  void abortTriggeredByATaskRunsOnThatTasksStack() {
    Task<?> canceller = Hazmat.currentTask();
    Nursery.open(
        nursery -> {
          spawnSleeper(
              nursery,
              raise -> {
                assertThat(Hazmat.inRun()).isTrue();
                assertThat(Hazmat.inTask()).isTrue();
                assertThat((Object) Hazmat.currentTask()).isSameAs(canceller);
                return succeed(raise);
              });
          scope.cancel();
        });
    assertThat(aborts).isOne();
  }

  @TrefoilTest(seeds = 20)
  @Tag("R42")
  @Tag("R48")
  @Tag("T42")
  void abortOnEntryRunsAsTheSleeperItself() {
    Task<?> sleeper = Hazmat.currentTask();
    scope.run(
        () -> {
          scope.cancel();
          Hazmat.yieldIndefinitely(
              raise -> {
                assertThat(Hazmat.inRun()).isTrue();
                assertThat(Hazmat.inTask()).isTrue();
                assertThat((Object) Hazmat.currentTask()).isSameAs(sleeper);
                return succeed(raise);
              });
        });
    assertThat(aborts).isOne();
  }

  @TrefoilTest(seeds = 20)
  @Tag("R42")
  @Tag("R48")
  @Tag("T42")
  void abortTriggeredByADeadlineRunsInTheRunButInNoTask(MockClock clock) {
    clock.setAutojumpThreshold(Duration.ZERO);
    CancelScope.moveOnAfter(
        Duration.ofSeconds(1),
        () ->
            Hazmat.yieldIndefinitely(
                raise -> {
                  assertThat(Hazmat.inRun()).isTrue();
                  assertThat(Hazmat.inTask()).isFalse();
                  assertThatThrownBy(Hazmat::currentTask)
                      .isInstanceOf(IllegalStateException.class)
                      .hasMessageContainingAll("task", "Capture");
                  return succeed(raise);
                }));
    assertThat(aborts).isOne();
  }

  @TrefoilTest(seeds = 20)
  @Tag("R42")
  void abortMustNotSuspend() {
    Nursery.open(
        nursery -> {
          spawnSleeper(
              nursery,
              raise -> {
                assertThatThrownBy(Hazmat::yieldBriefly)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("abort");
                return succeed(raise);
              });
          scope.cancel();
        });
    assertThat(aborts).isOne();
  }

  @TrefoilTest(seeds = 20)
  @Tag("R42")
  void abortMayWakeAndSpawnOtherTasks() {
    Nursery.open(
        nursery -> {
          Task<?> bystander = nursery.spawn(() -> sleepAndLog("bystander", this::succeed));
          spawnSleeper(
              nursery,
              raise -> {
                Hazmat.reschedule(bystander);
                nursery.spawn(() -> log.add("spawned"));
                return Abort.SUCCEEDED;
              });
          scope.cancel();
        });
    assertThat(log).containsExactlyInAnyOrder("bystander got null", "spawned", "sleeper cancelled");
  }
}
