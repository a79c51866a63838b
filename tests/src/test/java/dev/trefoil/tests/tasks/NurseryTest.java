package dev.trefoil.tests.tasks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.trefoil.hazmat.Cancelled;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.ParkingLot;
import dev.trefoil.hazmat.Task;
import dev.trefoil.hazmat.TaskState;
import dev.trefoil.tasks.CancelScope;
import dev.trefoil.tasks.ExceptionGroup;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.tasks.Trefoil;
import dev.trefoil.testing.Checkpoints;
import dev.trefoil.testing.Testing;
import dev.trefoil.testing.TrefoilTest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;

/** Where tasks live and how they fail. */
class NurseryTest {
  private final List<String> trace = new ArrayList<>();

  /** Sleeps until cancelled, says so, and lets the cancellation pass. */
  private void sleepAndTell(String name) {
    try {
      Trefoil.sleepForever();
    } catch (Cancelled cancelled) {
      trace.add(name + " cancelled");
      throw cancelled;
    }
  }

  // ---- waiting

  @TrefoilTest(seeds = 20)
  @Tag("T6")
  void leavingWaitsForAllChildrenAndTheirChildren() {
    Nursery.open(
        nursery -> {
          for (int number = 0; number < 3; number++) {
            int rounds = number;
            nursery.spawn(
                () -> {
                  for (int round = 0; round < rounds; round++) {
                    Hazmat.yieldBriefly();
                  }
                  nursery.spawn(
                      () -> {
                        Hazmat.yieldBriefly();
                        trace.add("grandchild");
                      });
                });
          }
        });
    trace.add("left");
    assertThat(trace).containsExactly("grandchild", "grandchild", "grandchild", "left");
  }

  @TrefoilTest(seeds = 20)
  @Tag("T6")
  void callReturnsWhatTheBodyReturnedAfterTheChildrenHaveEnded() {
    String result =
        Nursery.call(
            nursery -> {
              nursery.spawn(
                  () -> {
                    Hazmat.yieldBriefly();
                    trace.add("child");
                  });
              trace.add("body");
              return "result";
            });
    assertThat(result).isEqualTo("result");
    assertThat(trace).containsExactly("body", "child");
  }

  @TrefoilTest
  @Tag("T6")
  void leavingAnEmptyNurseryIsASchedulePointButNoCancelPoint() {
    Task<?> self = Hazmat.currentTask();
    CancelScope scope = CancelScope.create();
    scope.run(
        () -> {
          scope.cancel();
          long schedulePoints = self.schedulePoints();
          long cancelPoints = self.cancelPoints();
          Nursery.open(nursery -> {});
          assertThat(self.schedulePoints()).isGreaterThan(schedulePoints);
          assertThat(self.cancelPoints()).isEqualTo(cancelPoints);
        });
    assertThat(scope.cancelledCaught()).isFalse();
  }

  @TrefoilTest(seeds = 20)
  @Tag("T6")
  void leavingIsNeverTheSourceOfACancellation() {
    CancelScope scope = CancelScope.create();
    scope.run(
        () -> {
          Nursery.open(
              nursery -> {
                nursery.spawn(
                    () ->
                        CancelScope.create()
                            .shielded()
                            .run(
                                () -> {
                                  Testing.waitAllTasksBlocked();
                                  scope.cancel();
                                  Hazmat.yieldBriefly();
                                  trace.add("child ends unharmed");
                                }));
              });
          trace.add("behind the nursery");
          Hazmat.yieldBriefly();
          trace.add("behind a checkpoint");
        });
    assertThat(trace).containsExactly("child ends unharmed", "behind the nursery");
    assertThat(scope.cancelledCaught()).isTrue();
  }

  @TrefoilTest(seeds = 20)
  @Tag("T6")
  void leavingACancelledNurseryStillWaitsForChildrenThatCleanUp() {
    Nursery.open(
        nursery -> {
          nursery.spawn(
              () -> {
                try {
                  Trefoil.sleepForever();
                } finally {
                  CancelScope.create()
                      .shielded()
                      .run(
                          () -> {
                            Testing.waitAllTasksBlocked();
                            trace.add("cleaned up");
                          });
                }
              });
          Testing.waitAllTasksBlocked();
          nursery.cancelScope().cancel();
        });
    trace.add("left");
    assertThat(trace).containsExactly("cleaned up", "left");
  }

  // ---- cancelling the nursery

  @TrefoilTest(seeds = 20)
  @Tag("T6")
  @Tag("T11")
  void cancellingTheNurserysOwnScopeEndsItWithoutAnError() {
    Nursery.open(
        nursery -> {
          nursery.spawn(() -> sleepAndTell("child"));
          nursery.spawn(() -> sleepAndTell("child"));
          Testing.waitAllTasksBlocked();
          nursery.cancelScope().cancel();
          sleepAndTell("body");
        });
    assertThat(trace)
        .containsExactlyInAnyOrder("child cancelled", "child cancelled", "body cancelled");
  }

  @TrefoilTest(seeds = 20)
  @Tag("T6")
  void callReturnsNullIfTheNurserysCancellationCutTheBodyShortAndElseTheResult() {
    String cut =
        Nursery.call(
            nursery -> {
              nursery.cancelScope().cancel();
              Hazmat.yieldBriefly();
              return "not reached";
            });
    assertThat(cut).isNull();
    String whole =
        Nursery.call(
            nursery -> {
              nursery.spawn(() -> sleepAndTell("child"));
              nursery.cancelScope().cancel();
              return "whole";
            });
    assertThat(whole).isEqualTo("whole");
    assertThat(trace).containsExactly("child cancelled");
  }

  @TrefoilTest(seeds = 20)
  @Tag("T6")
  @Tag("T19")
  void cancellationsOfAnEnclosingScopeAloneComeAsOneWithoutAGroup() throws Throwable {
    CancelScope scope = CancelScope.create();
    scope.run(
        () -> {
          Throwable raised =
              catchThrowable(
                  () ->
                      Nursery.open(
                          outer -> {
                            outer.spawn(
                                () -> Nursery.open(inner -> inner.spawn(Trefoil::sleepForever)));
                            outer.spawn(Trefoil::sleepForever);
                            outer.spawn(() -> Testing.waitAllTasksBlocked());
                            Testing.waitAllTasksBlocked();
                            scope.cancel("enough");
                            Trefoil.sleepForever();
                          }));
          assertThat(raised).isInstanceOf(Cancelled.class).hasMessageContaining("enough");
          throw raised;
        });
    assertThat(scope.cancelledCaught()).isTrue();
  }

  // ---- failing

  @TrefoilTest(seeds = 20)
  @Tag("T5")
  @Tag("T6")
  void evenASingleFailureComesInAGroupWhateverItsKindAndWhereverItHappened() {
    for (Throwable failure : Schedules.kindsOfFailure()) {
      if (failure instanceof Exception exception) {
        assertThat(
                groupOf(
                        nursery -> {
                          throw exception;
                        })
                    .exceptions())
            .containsExactly(failure);
      }
      assertThat(groupOf(nursery -> nursery.spawn(() -> raise(failure))).exceptions())
          .containsExactly(failure);
    }
  }

  private static ExceptionGroup groupOf(Nursery.BodyAction body) {
    return catchThrowableOfType(ExceptionGroup.class, () -> Nursery.open(body));
  }

  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
  private static <X extends Throwable> Object raise(Throwable failure) throws X {
    throw (X) failure;
  }

  @TrefoilTest
  @Tag("T5")
  void aGroupThatCodeRaisesItselfIsWrappedAndNeverUnwrapped() {
    ExceptionGroup own = new ExceptionGroup("own", List.of(new IOException("one")));
    ExceptionGroup ofBody =
        groupOf(
            nursery -> {
              throw own;
            });
    assertThat(ofBody).isNotSameAs(own);
    assertThat(ofBody.exceptions()).containsExactly(own);
    assertThat(groupOf(nursery -> nursery.spawn(() -> raise(own))).exceptions())
        .containsExactly(own);
  }

  @TrefoilTest(seeds = 20)
  @Tag("T6")
  void failuresOfBodyAndChildrenComeInTheOrderInWhichTheyHappened() {
    ExceptionGroup group =
        groupOf(
            nursery -> {
              for (int number = 0; number < 4; number++) {
                String name = "child " + number;
                int rounds = number;
                nursery.spawn(() -> failWhenCancelled(name, rounds));
              }
              nursery.spawn(
                  () -> {
                    Testing.waitAllTasksBlocked();
                    trace.add("first");
                    throw new IOException("first");
                  });
              failWhenCancelled("body", 2);
            });
    assertThat(group.exceptions()).hasSize(6);
    assertThat(group.exceptions()).extracting(Throwable::getMessage).isEqualTo(trace);
  }

  /** Turns its cancellation into a failure, some schedule points later. */
  private void failWhenCancelled(String name, int rounds) throws IOException {
    try {
      Trefoil.sleepForever();
    } catch (Cancelled cancelled) {
      CancelScope.create()
          .shielded()
          .run(
              () -> {
                for (int round = 0; round < rounds; round++) {
                  Hazmat.yieldBriefly();
                }
              });
      trace.add(name);
      throw new IOException(name);
    }
  }

  @TrefoilTest(seeds = 20)
  @Tag("T6")
  void theFirstFailureOfAChildCancelsTheBodyAndTheSiblings() {
    ExceptionGroup group =
        groupOf(
            nursery -> {
              nursery.spawn(() -> sleepAndTell("sibling"));
              nursery.spawn(
                  () -> {
                    Testing.waitAllTasksBlocked();
                    throw new IOException("failed");
                  });
              sleepAndTell("body");
            });
    assertThat(trace).containsExactlyInAnyOrder("sibling cancelled", "body cancelled");
    assertThat(group.exceptions())
        .singleElement()
        .isInstanceOf(IOException.class)
        .extracting(Throwable::getMessage)
        .isEqualTo("failed");
  }

  @TrefoilTest(seeds = 20)
  @Tag("T6")
  void aFailureOfTheBodyCancelsTheChildren() {
    IOException failure = new IOException("body");
    ExceptionGroup group =
        groupOf(
            nursery -> {
              nursery.spawn(() -> sleepAndTell("child"));
              Testing.waitAllTasksBlocked();
              throw failure;
            });
    assertThat(trace).containsExactly("child cancelled");
    assertThat(group.exceptions()).containsExactly(failure);
  }

  @TrefoilTest(seeds = 20)
  @Tag("T6")
  @Tag("T7")
  void siblingsSpawnedAfterAFailureStartAndAreCancelledToo() {
    ExceptionGroup group =
        groupOf(
            nursery -> {
              nursery.spawn(() -> raise(new IOException("failed")));
              assertThat(catchThrowable(Trefoil::sleepForever)).isInstanceOf(Cancelled.class);
              nursery.spawn(
                  () -> {
                    trace.add("late sibling starts");
                    sleepAndTell("late sibling");
                  });
            });
    assertThat(trace).containsExactly("late sibling starts", "late sibling cancelled");
    assertThat(group.exceptions()).hasSize(1);
  }

  @TrefoilTest(seeds = 20)
  @Tag("T6")
  void aFailureDoesNotReachBeyondItsNursery() {
    Nursery.open(
        outer -> {
          outer.spawn(
              () -> {
                Testing.waitAllTasksBlocked();
                trace.add("outer child");
              });
          assertThat(groupOf(inner -> inner.spawn(() -> raise(new IOException("inner")))))
              .isNotNull();
          Hazmat.yieldBriefly();
          assertThat(outer.cancelScope().cancelCalled()).isFalse();
        });
    assertThat(trace).containsExactly("outer child");
  }

  @TrefoilTest(seeds = 20)
  @Tag("T6")
  @Tag("T19")
  void onlyTheCancellationsAreTakenOutOfNestedGroupsAndTheirShapeStays() {
    ExceptionGroup group =
        groupOf(
            outer -> {
              outer.spawn(() -> Nursery.open(inner -> failAndSleepIn(inner, "deep")));
              outer.spawn(() -> failWhenCancelled("shallow", 0));
              outer.spawn(() -> sleepAndTell("sleeper"));
              Testing.waitAllTasksBlocked();
              outer.cancelScope().cancel();
              Trefoil.sleepForever();
            });
    assertThat(group.leaves())
        .extracting(Throwable::getMessage)
        .containsExactlyInAnyOrder("deep", "shallow");
    assertThat(group.exceptions()).hasSize(2);
    ExceptionGroup nested =
        (ExceptionGroup)
            group.exceptions().stream().filter(ExceptionGroup.class::isInstance).findAny().get();
    assertThat(nested.exceptions()).singleElement().isInstanceOf(IOException.class);
  }

  private void failAndSleepIn(Nursery nursery, String name) {
    nursery.spawn(() -> failWhenCancelled(name, 1));
    nursery.spawn(Trefoil::sleepForever);
    Trefoil.sleepForever();
  }

  @TrefoilTest(seeds = 20)
  @Tag("T6")
  void aChildThatWasCancelledByItsOwnScopeIsNoFailure() {
    Nursery.open(
        nursery -> {
          Task<String> child =
              nursery.spawn(
                  () -> {
                    CancelScope scope = CancelScope.create();
                    scope.cancel();
                    scope.run(Trefoil::sleepForever);
                    return "fine";
                  });
          assertThat(child.join()).isEqualTo("fine");
          Hazmat.yieldBriefly();
        });
  }

  // ---- whose scopes count

  @TrefoilTest(seeds = 20)
  @Tag("T6")
  void childrenLiveInTheNurserysScopesNotInTheirSpawners() {
    Nursery.open(
        nursery -> {
          CancelScope spawnersOwn = CancelScope.create();
          spawnersOwn.run(
              () -> {
                spawnersOwn.cancel();
                nursery.spawn(
                    () -> {
                      Hazmat.yieldBriefly();
                      trace.add("child was not cancelled");
                    });
              });
          nursery.spawn(
              () ->
                  CancelScope.moveOnAt(
                      Long.MIN_VALUE,
                      () ->
                          nursery.spawn(
                              () -> {
                                Hazmat.yieldBriefly();
                                trace.add("sibling was not cancelled");
                              })));
        });
    assertThat(trace)
        .containsExactlyInAnyOrder("child was not cancelled", "sibling was not cancelled");
  }

  @TrefoilTest(seeds = 20)
  @Tag("T6")
  void aShieldAroundTheSpawnerDoesNotCoverTheChild() {
    Nursery.open(
        nursery -> {
          CancelScope.create()
              .shielded()
              .run(
                  () -> {
                    nursery.spawn(() -> sleepAndTell("child"));
                    Testing.waitAllTasksBlocked();
                    nursery.cancelScope().cancel();
                    Hazmat.yieldBriefly();
                    trace.add("spawner goes on");
                  });
        });
    assertThat(trace).containsExactlyInAnyOrder("child cancelled", "spawner goes on");
  }

  // ---- spawning

  @TrefoilTest(seeds = 20)
  @Tag("T7")
  void spawnReturnsBeforeTheChildHasRunAndIsNoCheckpoint() {
    Nursery.open(
        nursery -> {
          Checkpoints.assertNoCheckpoints(
              () -> {
                nursery.spawn(
                    () -> {
                      trace.add("child");
                    });
                trace.add("spawned");
              });
        });
    assertThat(trace).containsExactly("spawned", "child");
  }

  @TrefoilTest
  @Tag("T7")
  void spawnedTasksBearTheGivenNameAndGiveTheirResultByHandle() {
    Nursery.open(
        nursery -> {
          Task<Integer> answer = nursery.spawn("answer", () -> 42);
          Task<?> quiet = nursery.spawn("quiet", () -> {});
          assertThat(answer.name()).isEqualTo("answer");
          assertThat(quiet.name()).isEqualTo("quiet");
          assertThat(answer.join()).isEqualTo(42);
          assertThat(quiet.join()).isNull();
        });
  }

  @TrefoilTest(seeds = 20)
  @Tag("T7")
  void aTaskSpawnedIntoACancelledNurseryStartsAndIsCancelledAtItsFirstCheckpoint() {
    Nursery.open(
        nursery -> {
          nursery.cancelScope().cancel();
          nursery.spawn(
              () -> {
                trace.add("started");
                try {
                  Hazmat.yieldBriefly();
                } catch (Cancelled cancelled) {
                  trace.add("cancelled");
                  throw cancelled;
                }
              });
        });
    assertThat(trace).containsExactly("started", "cancelled");
  }

  @TrefoilTest(seeds = 20)
  @Tag("T7")
  void spawningIsAllowedWhileTheParentWaitsAsLongAsSomethingRuns() {
    Nursery.open(nursery -> nursery.spawn(() -> countDownBySpawning(nursery, 5)));
    trace.add("left");
    assertThat(trace).containsExactly("5", "4", "3", "2", "1", "left");
  }

  private void countDownBySpawning(Nursery nursery, int number) {
    Testing.waitAllTasksBlocked();
    trace.add(String.valueOf(number));
    if (number > 1) {
      nursery.spawn(() -> countDownBySpawning(nursery, number - 1));
    }
  }

  @TrefoilTest(seeds = 20)
  @Tag("T7")
  void aTaskSpawnedBetweenTheLastChildsEndAndTheParentsWakingIsStillWaitedFor() {
    Nursery.open(
        nursery -> {
          nursery.spawn(
              () ->
                  Hazmat.currentCallSoonThreadAndSignalSafe()
                      .callSoonThreadAndSignalSafe(
                          () ->
                              nursery.spawn(
                                  () -> {
                                    Hazmat.yieldBriefly();
                                    trace.add("straggler");
                                  })));
        });
    trace.add("left");
    assertThat(trace).containsExactly("straggler", "left");
  }

  @TrefoilTest(seeds = 20)
  @Tag("T7")
  void aTaskSpawnedByAnExitListenerOfTheLastChildIsStillWaitedFor() {
    Nursery.open(
        nursery ->
            nursery
                .spawn(Hazmat::yieldBriefly)
                .addExitListener(
                    task ->
                        nursery.spawn(
                            () -> {
                              Hazmat.yieldBriefly();
                              trace.add("straggler");
                            })));
    trace.add("left");
    assertThat(trace).containsExactly("straggler", "left");
  }

  @TrefoilTest(seeds = 20)
  @Tag("T7")
  void spawningIntoANurseryThatHasBeenLeftIsRefused() {
    Nursery[] kept = new Nursery[1];
    Nursery.open(nursery -> kept[0] = nursery);
    assertThatThrownBy(() -> kept[0].spawn(() -> trace.add("never")))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("has been left")
        .hasMessageContaining("still open");
    Hazmat.yieldBriefly();
    assertThat(trace).isEmpty();
    assertThat(Hazmat.currentRun().statistics().tasksLiving()).isEqualTo(1);
  }

  @TrefoilTest(seeds = 20)
  @Tag("T7")
  void aNurseryWhoseBodyFailedTakesTasksUntilItIsLeft() {
    groupOf(
        nursery -> {
          nursery.spawn(
              () -> {
                try {
                  Trefoil.sleepForever();
                } finally {
                  nursery.spawn(
                      () -> {
                        trace.add("started");
                      });
                }
              });
          Testing.waitAllTasksBlocked();
          throw new IOException("body");
        });
    assertThat(trace).containsExactly("started");
  }

  // ---- looking

  @TrefoilTest(seeds = 20)
  @Tag("T11")
  void childTasksAreThoseThatHaveNotEnded() {
    Nursery.open(
        nursery -> {
          ParkingLot gate = new ParkingLot();
          Task<?> first = nursery.spawn(() -> gate.park());
          Task<?> second = nursery.spawn(() -> gate.park());
          assertThat(nursery.childTasks()).containsExactly(first, second);
          Testing.waitAllTasksBlocked();
          Task<?> woken = gate.unpark();
          Testing.waitAllTasksBlocked();
          assertThat(woken.state()).isEqualTo(TaskState.TERMINATED);
          assertThat(nursery.childTasks()).hasSize(1).doesNotContain(woken);
          gate.unparkAll();
          Testing.waitAllTasksBlocked();
          assertThat(nursery.childTasks()).isEmpty();
        });
  }

  @TrefoilTest(seeds = 20)
  @Tag("T11")
  void parentTaskAndCancelScopeCanStillBeAskedForAfterLeaving() {
    Nursery[] kept = new Nursery[1];
    CancelScope[] scope = new CancelScope[1];
    Nursery.open(
        nursery -> {
          kept[0] = nursery;
          scope[0] = nursery.cancelScope();
          assertThat(nursery.isClosed()).isFalse();
          assertThat(nursery.parentTask()).isSameAs(Hazmat.currentTask());
          nursery.spawn(() -> assertThat(nursery.parentTask()).isNotSameAs(Hazmat.currentTask()));
        });
    assertThat(kept[0].isClosed()).isTrue();
    assertThat(kept[0].parentTask()).isSameAs(Hazmat.currentTask());
    assertThat(kept[0].cancelScope()).isSameAs(scope[0]);
    assertThat(kept[0].childTasks()).isEmpty();
  }

  @TrefoilTest(seeds = 20)
  @Tag("T11")
  void theScopeIsAnOrdinaryOneWithDeadlineAndShield() {
    CancelScope outer = CancelScope.create();
    outer.run(
        () ->
            Nursery.open(
                nursery -> {
                  nursery.spawn(() -> sleepAndTell("child"));
                  nursery.cancelScope().setShield(true);
                  Testing.waitAllTasksBlocked();
                  outer.cancel();
                  Testing.waitAllTasksBlocked();
                  assertThat(trace).isEmpty();
                  nursery.cancelScope().setDeadline(Long.MIN_VALUE);
                  assertThat(catchThrowable(Trefoil::sleepForever)).isInstanceOf(Cancelled.class);
                }));
    assertThat(trace).containsExactly("child cancelled");
    assertThat(outer.cancelledCaught()).isFalse();
  }
}
