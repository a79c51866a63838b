package dev.trefoil.tests.tasks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.trefoil.hazmat.Action;
import dev.trefoil.hazmat.CancelReason;
import dev.trefoil.hazmat.Cancelled;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.KeyboardInterrupt;
import dev.trefoil.hazmat.Outcome;
import dev.trefoil.hazmat.ParkingLot;
import dev.trefoil.hazmat.RunStatistics;
import dev.trefoil.hazmat.Task;
import dev.trefoil.hazmat.TaskError;
import dev.trefoil.hazmat.TaskState;
import dev.trefoil.tasks.CancelScope;
import dev.trefoil.tasks.ExceptionGroup;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.tasks.TaskGroup;
import dev.trefoil.tasks.TaskGroup.Wait;
import dev.trefoil.tasks.TaskTimeout;
import dev.trefoil.tasks.Timeout;
import dev.trefoil.tasks.Trefoil;
import dev.trefoil.testing.Checkpoints;
import dev.trefoil.testing.MockClock;
import dev.trefoil.testing.Testing;
import dev.trefoil.testing.TrefoilTest;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;

/** Task groups: what they wait for, and where results and failures go. */
final class TaskGroupTest {
  private final List<String> log = new ArrayList<>();
  private final ParkingLot lot = new ParkingLot();
  private final IOException failure = new IOException("failure");

  private static Duration seconds(int count) {
    return Duration.ofSeconds(count);
  }

  /** A body that ends after a time, with a result. */
  private static String after(int time, String result) {
    Trefoil.sleep(seconds(time));
    return result;
  }

  private String failAfter(int time) throws IOException {
    Trefoil.sleep(seconds(time));
    throw failure;
  }

  private static void assertCancelledByGroup(Task<?> task) {
    assertThat(task.state()).isEqualTo(TaskState.CANCELLED);
    assertThat(((Outcome.Failure<?>) task.outcome()).error())
        .isInstanceOfSatisfying(
            Cancelled.class,
            error -> assertThat(error.reason().source()).isEqualTo(CancelReason.Source.TASK));
  }

  private static void assertClean(RunStatistics before) {
    RunStatistics after = Hazmat.currentRun().statistics();
    assertThat(after.tasksLiving()).isEqualTo(before.tasksLiving());
    assertThat(after.deadlines()).isEqualTo(before.deadlines());
    assertThat(after.cancelStatuses()).isEqualTo(before.cancelStatuses());
  }

  // ---- all

  @TrefoilTest(seeds = 20)
  @Tag("T69")
  void allWaitsForAllAndGivesTheResultsInTheOrderOfCreation(MockClock clock) {
    clock.setAutojumpThreshold(Duration.ZERO);
    RunStatistics before = Hazmat.currentRun().statistics();
    TaskGroup<String> group =
        TaskGroup.open(
            members -> {
              members.spawn(() -> after(3, "first"));
              members.spawn("named", () -> after(1, "second"));
              members.spawn(() -> after(2, "third"));
            });
    assertThat(group.results()).containsExactly("first", "second", "third");
    assertThat(group.exceptions()).containsExactly(null, null, null);
    assertThat(group.completed().name()).isEqualTo("named");
    assertThat(group.result()).isEqualTo("second");
    assertThat(group.exception()).isNull();
    assertThat(group.tasks()).hasSize(3);
    assertClean(before);
  }

  @TrefoilTest(seeds = 20)
  @Tag("T69")
  void theFirstErrorCancelsTheRestAndIsThrownByTheResultsOnly(MockClock clock) {
    clock.setAutojumpThreshold(Duration.ZERO);
    RunStatistics before = Hazmat.currentRun().statistics();
    List<Task<?>> tasks = new ArrayList<>();
    TaskGroup<String> group =
        TaskGroup.open(
            Wait.ALL,
            members -> {
              tasks.add(members.spawn(() -> after(9, "cancelled")));
              tasks.add(members.spawn(() -> failAfter(2)));
              tasks.add(members.spawn(() -> after(9, "cancelled too")));
            });
    assertThat(group.completed()).isSameAs(tasks.get(1));
    assertThat(group.exception()).isSameAs(failure);
    assertThatThrownBy(group::results).isInstanceOf(TaskError.class).hasCause(failure);
    assertThatThrownBy(group::result)
        .isInstanceOf(TaskError.class)
        .hasCause(failure)
        .hasMessageContaining(tasks.get(1).toString());
    assertCancelledByGroup(tasks.get(0));
    assertCancelledByGroup(tasks.get(2));
    assertThat(group.exceptions()).hasSize(3).doesNotContainNull().contains(failure);
    assertClean(before);
  }

  @TrefoilTest(seeds = 20)
  @Tag("T69")
  void anErrorCancelsNobodyBeforeTheGroupWaits(MockClock clock) {
    clock.setAutojumpThreshold(Duration.ZERO);
    TaskGroup<String> group =
        TaskGroup.open(
            members -> {
              Task<String> failing = members.spawn(() -> failAfter(1));
              Task<String> other = members.spawn(() -> after(3, "not cancelled"));
              Trefoil.sleep(seconds(2));
              assertThat(failing.state()).isEqualTo(TaskState.CRASHED);
              assertThat(other.join()).isEqualTo("not cancelled");
            });
    assertThat(group.exception()).isSameAs(failure);
  }

  @TrefoilTest(seeds = 20)
  @Tag("T69")
  @Tag("T72")
  void resultsThrowTheFailureThatCameFirstWhoeverWasCreatedBefore(MockClock clock) {
    clock.setAutojumpThreshold(Duration.ZERO);
    TaskGroup<String> group =
        TaskGroup.open(
            Wait.NONE,
            members -> {
              members.spawn(() -> after(9, "cancelled"));
              members.spawn(() -> failAfter(1));
              Trefoil.sleep(seconds(2));
            });
    assertThatThrownBy(group::results).isInstanceOf(TaskError.class).hasCause(failure);
  }

  @TrefoilTest(seeds = 20)
  @Tag("T69")
  void theGroupWaitsUntilTheCancelledHaveReallyEnded(MockClock clock) {
    clock.setAutojumpThreshold(Duration.ZERO);
    TaskGroup.open(
        members -> {
          members.spawn(
              () -> {
                try {
                  Trefoil.sleepForever();
                } finally {
                  Trefoil.sleep(seconds(5));
                  log.add("cleaned up");
                }
              });
          members.spawn(() -> failAfter(1));
        });
    assertThat(log).containsExactly("cleaned up");
  }

  /** Ends with {@code whileCleaningUp}, which may wait, and is not cancelled a second time. */
  private static void sleepUntilCancelledThen(Action<RuntimeException> whileCleaningUp) {
    try {
      Trefoil.sleepForever();
    } finally {
      CancelScope.create().shielded().run(whileCleaningUp);
    }
  }

  @TrefoilTest(seeds = 20)
  @Tag("T69")
  void membersThatComeWhileTheGroupIsCancelledAreCancelledToo() {
    List<Task<?>> late = new ArrayList<>();
    Nursery.open(
        nursery -> {
          late.add(nursery.spawn(Trefoil::sleepForever));
          TaskGroup.open(
              Wait.NONE,
              members -> {
                members.spawn(
                    () ->
                        sleepUntilCancelledThen(
                            () -> {
                              late.add(members.spawn(Trefoil::sleepForever));
                              late.getLast().awaitEnd();
                              late.add(members.spawnDaemon(Trefoil::sleepForever));
                              late.getLast().awaitEnd();
                              members.addTask(late.getFirst());
                              late.getFirst().awaitEnd();
                            }));
                Testing.waitAllTasksBlocked();
              });
        });
    assertThat(late).hasSize(3).allSatisfy(TaskGroupTest::assertCancelledByGroup);
  }

  @TrefoilTest(seeds = 20)
  @Tag("T69")
  void aMemberWithAnErrorPendingIsCancelledAllTheSame() {
    TaskGroup<Object> group =
        TaskGroup.open(
            Wait.NONE,
            members -> {
              Task<?> member =
                  members.spawn(
                      () -> {
                        CancelScope.create().shielded().run(() -> lot.park());
                        try {
                          Hazmat.yieldBriefly();
                        } catch (IllegalStateException caught) {
                          log.add("caught " + caught.getMessage());
                        }
                        Trefoil.sleepForever();
                      });
              Testing.waitAllTasksBlocked();
              member.interrupt(() -> new IllegalStateException("nudge"));
              lot.unpark();
            });
    assertThat(group.tasks()).singleElement().satisfies(TaskGroupTest::assertCancelledByGroup);
  }

  @TrefoilTest(seeds = 20)
  @Tag("T69")
  @Tag("T72")
  void theResultsThrowTheFailureThatCameFirstWhateverTheGroupWaitsFor() {
    TaskGroup<Object> group =
        TaskGroup.open(
            Wait.NONE,
            members -> {
              members.spawn(Trefoil::sleepForever);
              members.spawn(() -> failAfter(0)).awaitEnd();
            });
    assertThatThrownBy(group::results).isInstanceOf(TaskError.class).hasCause(failure);
  }

  @TrefoilTest(seeds = 20)
  @Tag("T69")
  void whoIsSpawnedWhileTheMembersAreBeingCancelledIsCancelledToo(MockClock clock) {
    clock.setAutojumpThreshold(Duration.ZERO);
    RunStatistics before = Hazmat.currentRun().statistics();
    List<Task<?>> late = new ArrayList<>();
    Nursery.open(
        nursery -> {
          Task<?> added = nursery.spawn(Trefoil::sleepForever);
          TaskGroup.open(
              Wait.NONE,
              members ->
                  members.spawn(
                      () -> {
                        try {
                          Trefoil.sleepForever();
                        } finally {
                          late.add(members.spawn(Trefoil::sleepForever));
                          late.add(members.spawnDaemon(Trefoil::sleepForever));
                          late.add(added);
                          members.addTask(added);
                          late.forEach(Task::awaitEnd);
                        }
                      }));
        });
    assertThat(late).hasSize(3).allSatisfy(TaskGroupTest::assertCancelledByGroup);
    assertClean(before);
  }

  @TrefoilTest(seeds = 20)
  @Tag("T69")
  @Tag("T4")
  void aKeyboardInterruptWhileTheMembersAreBeingCancelledLeavesNobodyBehind(MockClock clock) {
    RunStatistics before = Hazmat.currentRun().statistics();
    assertThatThrownBy(
            () ->
                Nursery.open(
                    nursery -> {
                      nursery.spawn(
                          () -> {
                            Testing.waitAllTasksBlocked();
                            assertThat(Hazmat.currentRun().raiseKeyboardInterrupt()).isTrue();
                            Testing.waitAllTasksBlocked();
                            log.add("raised");
                            lot.unpark();
                          });
                      TaskGroup.open(
                          Wait.NONE,
                          members ->
                              members.spawn(
                                  () -> {
                                    try {
                                      Trefoil.sleepForever();
                                    } finally {
                                      CancelScope.create().shielded().run(() -> lot.park());
                                      log.add("cleaned up");
                                    }
                                  }));
                      log.add("left");
                      Hazmat.yieldBriefly();
                    }))
        .isInstanceOfSatisfying(
            ExceptionGroup.class,
            group ->
                assertThat(group.leaves()).singleElement().isInstanceOf(KeyboardInterrupt.class));
    assertThat(log).containsExactly("raised", "cleaned up", "left");
    assertClean(before);
  }

  @TrefoilTest(seeds = 20)
  @Tag("T69")
  @Tag("T74")
  void aTimeoutThatComesWhileTheMembersAreBeingCancelledIsRaisedBehindTheGroup(MockClock clock) {
    clock.setAutojumpThreshold(Duration.ZERO);
    Timeout timeout =
        Timeout.ignoreAfter(
            seconds(1),
            () -> {
              TaskGroup.open(
                  Wait.NONE,
                  members ->
                      members.spawn(
                          () -> {
                            try {
                              Trefoil.sleepForever();
                            } finally {
                              Trefoil.sleep(seconds(5));
                              log.add("cleaned up");
                            }
                          }));
              log.add("left");
              Hazmat.yieldBriefly();
              log.add("not reached");
            });
    assertThat(timeout.expired()).isTrue();
    assertThat(log).containsExactly("cleaned up", "left");
  }

  @TrefoilTest(seeds = 20)
  @Tag("T69")
  void anErrorOfTheBodyCancelsAllAndIsTheOnlyOneToBeThrown(MockClock clock) {
    clock.setAutojumpThreshold(Duration.ZERO);
    RunStatistics before = Hazmat.currentRun().statistics();
    List<Task<?>> tasks = new ArrayList<>();
    IOException ofBody = new IOException("of the body");
    assertThatThrownBy(
            () ->
                TaskGroup.<Object, Exception>open(
                    members -> {
                      tasks.add(members.spawn(() -> failAfter(0)));
                      tasks.add(members.spawn(Trefoil::sleepForever));
                      tasks.add(
                          members.spawn(
                              () -> {
                                try {
                                  Trefoil.sleepForever();
                                } finally {
                                  failAfter(0);
                                }
                              }));
                      Trefoil.sleep(seconds(1));
                      throw ofBody;
                    }))
        .isSameAs(ofBody)
        .hasNoSuppressedExceptions();
    assertCancelledByGroup(tasks.get(1));
    assertThat(tasks.get(2).state()).isEqualTo(TaskState.CRASHED);
    assertClean(before);
  }

  @TrefoilTest(seeds = 20)
  @Tag("T69")
  void cancellingTheOneWhoWaitsCancelsAllMembers() {
    List<Task<?>> tasks = new ArrayList<>();
    Nursery.open(
        nursery -> {
          Task<?> opener =
              nursery.spawn(
                  () -> {
                    TaskGroup.open(
                        members -> {
                          tasks.add(members.spawn(Trefoil::sleepForever));
                          tasks.add(members.spawn(Trefoil::sleepForever));
                        });
                    log.add("not reached");
                  });
          Testing.waitAllTasksBlocked();
          assertThat(opener.cancel()).isTrue();
          assertThat(opener.state()).isEqualTo(TaskState.CANCELLED);
        });
    tasks.forEach(TaskGroupTest::assertCancelledByGroup);
    assertThat(log).isEmpty();
  }

  @TrefoilTest(seeds = 20)
  @Tag("T69")
  void aScopeAroundTheGroupReachesItsMembersAndCatches() {
    RunStatistics before = Hazmat.currentRun().statistics();
    CancelScope scope = CancelScope.create();
    List<Task<?>> tasks = new ArrayList<>();
    Nursery.open(
        nursery -> {
          nursery.spawn(
              () ->
                  scope.run(
                      () ->
                          TaskGroup.open(
                              members -> tasks.add(members.spawn(Trefoil::sleepForever)))));
          Testing.waitAllTasksBlocked();
          scope.cancel();
        });
    assertThat(scope.cancelledCaught()).isTrue();
    assertThat(tasks.getFirst().state()).isEqualTo(TaskState.CANCELLED);
    assertClean(before);
  }

  @TrefoilTest(seeds = 20)
  @Tag("T69")
  @Tag("T74")
  void aTimeoutAroundTheGroupCancelsItsMembersOnce(MockClock clock) {
    clock.setAutojumpThreshold(Duration.ZERO);
    assertThatThrownBy(
            () ->
                Timeout.timeoutAfter(
                    seconds(1),
                    () ->
                        TaskGroup.open(
                            members ->
                                members.spawn(
                                    () -> {
                                      try {
                                        Trefoil.sleepForever();
                                      } finally {
                                        Trefoil.sleep(seconds(5));
                                        log.add("cleaned up");
                                      }
                                    }))))
        .isInstanceOf(TaskTimeout.class);
    assertThat(log).containsExactly("cleaned up");
  }

  @TrefoilTest(seeds = 20)
  @Tag("T69")
  void anEmptyGroupHasNoResults() {
    TaskGroup<Object> group = TaskGroup.open(members -> {});
    assertThat(group.results()).isEmpty();
    assertThat(group.exceptions()).isEmpty();
    assertThat(group.exception()).isNull();
    assertThat(group.completed()).isNull();
    assertThatThrownBy(group::result)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("has none");
  }

  @TrefoilTest(seeds = 20)
  @Tag("T69")
  void leavingIsACheckpointWhateverItWaitsFor() {
    for (Wait wait : Wait.values()) {
      Checkpoints.assertCheckpoints(() -> TaskGroup.open(wait, members -> {}));
      Checkpoints.assertCheckpoints(
          () -> TaskGroup.open(wait, members -> members.spawn(() -> "member")));
    }
  }

  @TrefoilTest(seeds = 20)
  @Tag("T69")
  void joiningInTheBodyMakesTheResultsAvailableThere() {
    TaskGroup.<String, RuntimeException>open(
        members -> {
          members.spawn(() -> "result");
          members.join();
          assertThat(members.results()).containsExactly("result");
          log.add("joined");
        });
    assertThat(log).containsExactly("joined");
  }

  // ---- any, object, none

  @TrefoilTest(seeds = 20)
  @Tag("T70")
  void anyWaitsForTheFirstToEndAndCancelsTheOthers(MockClock clock) {
    clock.setAutojumpThreshold(Duration.ZERO);
    List<Task<String>> tasks = new ArrayList<>();
    TaskGroup<String> group =
        TaskGroup.open(
            Wait.ANY,
            members -> {
              tasks.add(members.spawn(() -> after(2, "slow")));
              tasks.add(members.spawn(() -> after(1, "fast")));
              tasks.add(members.spawn(() -> failAfter(3)));
            });
    assertThat(group.completed()).isSameAs(tasks.get(1));
    assertThat(group.result()).isEqualTo("fast");
    assertCancelledByGroup(tasks.get(0));
    assertCancelledByGroup(tasks.get(2));
    assertThatThrownBy(group::results).isInstanceOf(TaskError.class);
  }

  @TrefoilTest(seeds = 20)
  @Tag("T70")
  void anyEndsWithTheFirstThatFailsToo(MockClock clock) {
    clock.setAutojumpThreshold(Duration.ZERO);
    TaskGroup<String> group =
        TaskGroup.open(
            Wait.ANY,
            members -> {
              members.spawn(() -> after(2, "slow"));
              members.spawn(() -> failAfter(1));
            });
    assertThatThrownBy(group::result).isInstanceOf(TaskError.class).hasCause(failure);
    assertThat(group.exception()).isSameAs(failure);
    assertThat(group.exceptions()).doesNotContainNull();
  }

  @TrefoilTest(seeds = 20)
  @Tag("T71")
  void objectWaitsForTheFirstResultThatIsNotNull(MockClock clock) {
    clock.setAutojumpThreshold(Duration.ZERO);
    TaskGroup<Integer> group =
        TaskGroup.open(
            Wait.OBJECT,
            members -> {
              members.spawn(
                  () -> {
                    Trefoil.sleep(seconds(1));
                    return null;
                  });
              members.spawn(
                  () -> {
                    Trefoil.sleep(seconds(2));
                    return 0;
                  });
              members.spawn(
                  () -> {
                    Trefoil.sleep(seconds(3));
                    return 3;
                  });
            });
    assertThat(group.result()).isZero();
    assertCancelledByGroup(group.tasks().getLast());
  }

  @TrefoilTest(seeds = 20)
  @Tag("T71")
  void objectEndsWithAnErrorToo(MockClock clock) {
    clock.setAutojumpThreshold(Duration.ZERO);
    TaskGroup<String> group =
        TaskGroup.open(
            Wait.OBJECT,
            members -> {
              members.spawn(() -> after(2, "slow"));
              members.spawn(() -> failAfter(1));
            });
    assertThat(group.exception()).isSameAs(failure);
    assertCancelledByGroup(group.tasks().getFirst());
  }

  @TrefoilTest(seeds = 20)
  @Tag("T71")
  void objectWithoutAnyResultHasCompletedWithNothing() {
    TaskGroup<Object> group =
        TaskGroup.open(
            Wait.OBJECT,
            members -> {
              members.spawn(Hazmat::yieldBriefly);
              members.spawn(Hazmat::yieldBriefly);
            });
    assertThat(group.completed()).isNull();
    assertThat(group.results()).containsExactly(null, null);
  }

  @TrefoilTest(seeds = 20)
  @Tag("T72")
  void noneWaitsForNothingAndCancelsAll() {
    List<Task<?>> tasks = new ArrayList<>();
    TaskGroup<Object> group =
        TaskGroup.open(
            Wait.NONE,
            members -> {
              tasks.add(members.spawn(Trefoil::sleepForever));
              tasks.add(members.spawn(Trefoil::sleepForever));
            });
    tasks.forEach(TaskGroupTest::assertCancelledByGroup);
    assertThat(group.completed()).isNull();
    assertThatThrownBy(group::result)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("waits for nothing");
  }

  // ---- one by one

  @TrefoilTest(seeds = 20)
  @Tag("T73")
  void nextDoneAndNextResultCollectInTheOrderOfCompletion(MockClock clock) {
    clock.setAutojumpThreshold(Duration.ZERO);
    TaskGroup<String> group =
        TaskGroup.open(
            members -> {
              members.spawn(() -> after(3, "third"));
              Task<String> first = members.spawn(() -> after(1, "first"));
              members.spawn(() -> after(2, "second"));
              members.spawn(() -> after(4, "not collected"));
              assertThat(members.nextDone()).isSameAs(first);
              assertThat(members.nextResult()).isEqualTo("second");
              assertThat(members.nextResult()).isEqualTo("third");
            });
    assertThat(group.results()).containsExactly("not collected");
  }

  @TrefoilTest(seeds = 20)
  @Tag("T73")
  void aFailureThatWasCollectedCancelsNobody(MockClock clock) {
    clock.setAutojumpThreshold(Duration.ZERO);
    TaskGroup<String> group =
        TaskGroup.open(
            members -> {
              members.spawn(() -> failAfter(1));
              members.spawn(() -> failAfter(2));
              members.spawn(() -> after(3, "alive"));
              assertThat(members.nextDone().state()).isEqualTo(TaskState.CRASHED);
              assertThatThrownBy(members::nextResult)
                  .isInstanceOf(TaskError.class)
                  .hasCause(failure);
            });
    assertThat(group.results()).containsExactly("alive");
  }

  @TrefoilTest(seeds = 20)
  @Tag("T73")
  void iteratingCollectsAllInTheOrderOfCompletion(MockClock clock) {
    clock.setAutojumpThreshold(Duration.ZERO);
    TaskGroup<String> group =
        TaskGroup.open(
            members -> {
              members.spawn(() -> after(3, "c"));
              members.spawn(() -> after(1, "a"));
              members.spawn(() -> after(2, "b"));
              for (Task<? extends String> task : members) {
                log.add(task.join());
              }
            });
    assertThat(log).containsExactly("a", "b", "c");
    assertThat(group.results()).isEmpty();
  }

  @TrefoilTest(seeds = 20)
  @Tag("T73")
  void iteratingBehindTheGroupGoesThroughAllThatWereNotCollected(MockClock clock) {
    clock.setAutojumpThreshold(Duration.ZERO);
    List<Task<?>> tasks = new ArrayList<>();
    TaskGroup<String> group =
        TaskGroup.open(
            members -> {
              tasks.add(members.spawn(() -> after(4, "c")));
              tasks.add(members.spawn(() -> after(2, "a")));
              members.spawn(() -> after(1, "collected"));
              tasks.add(members.spawn(() -> after(3, "b")));
              assertThat(members.nextResult()).isEqualTo("collected");
            });
    tasks.forEach(Task::join);
    assertThat(group.results()).containsExactly("c", "a", "b");
    for (Task<? extends String> task : group) {
      log.add(task.result());
    }
    assertThat(log).containsExactly("a", "b", "c");
    assertThat(group.nextDone()).isNull();
    assertThat(group.results()).isEmpty();
  }

  @TrefoilTest(seeds = 20)
  @Tag("T73")
  void withoutMembersThereIsNoNextOne() {
    TaskGroup.<Object, RuntimeException>open(
        members -> {
          assertThat(members.nextDone()).isNull();
          assertThat(members.iterator().hasNext()).isFalse();
          assertThatThrownBy(members::nextResult)
              .isInstanceOf(IllegalStateException.class)
              .hasMessageContaining("nextDone()");
          Checkpoints.assertCheckpoints(members::nextDone);
          members.spawn(() -> "member");
          Testing.waitAllTasksBlocked();
          Checkpoints.assertCheckpoints(members::nextDone);
        });
  }

  @TrefoilTest(seeds = 20)
  @Tag("T73")
  void collectingThatIsCancelledHasTakenNothing(MockClock clock) {
    clock.setAutojumpThreshold(Duration.ZERO);
    TaskGroup<String> group =
        TaskGroup.open(
            members -> {
              members.spawn(() -> after(2, "kept"));
              CancelScope.moveOnAfter(seconds(1), members::nextDone);
              Timeout.ignoreAfter(Duration.ZERO, members::nextDone);
            });
    assertThat(group.results()).containsExactly("kept");
  }

  @TrefoilTest(seeds = 20)
  @Tag("T73")
  void severalMayCollectAndEachMemberGoesToOneOfThem(MockClock clock) {
    clock.setAutojumpThreshold(Duration.ZERO);
    List<String> collected = new ArrayList<>();
    TaskGroup.<String, RuntimeException>open(
        members -> {
          for (int number = 1; number <= 6; number++) {
            String name = "m" + number;
            int time = number;
            members.spawn(() -> after(time, name));
          }
          Nursery.open(
              nursery -> {
                for (int count = 0; count < 4; count++) {
                  nursery.spawn(
                      () -> {
                        for (Task<? extends String> task : members) {
                          collected.add(task.join());
                        }
                      });
                }
              });
        });
    assertThat(collected).containsExactlyInAnyOrder("m1", "m2", "m3", "m4", "m5", "m6");
  }

  @TrefoilTest(seeds = 20)
  @Tag("T73")
  void aMemberThatIsJoinedLeavesTheGroupAndItsFailureCancelsNobody(MockClock clock) {
    clock.setAutojumpThreshold(Duration.ZERO);
    TaskGroup<String> group =
        TaskGroup.open(
            members -> {
              Task<String> failing = members.spawn(() -> failAfter(1));
              Task<String> ended = members.spawn(() -> failAfter(2));
              members.spawn(() -> after(4, "alive"));
              assertThatThrownBy(failing::join).isInstanceOf(TaskError.class).hasCause(failure);
              Trefoil.sleep(seconds(2));
              assertThat(ended.state()).isEqualTo(TaskState.CRASHED);
              assertThatThrownBy(ended::join).hasCause(failure);
            });
    assertThat(group.results()).containsExactly("alive");
  }

  @TrefoilTest(seeds = 20)
  @Tag("T73")
  void aMemberThatAnotherMemberJoinsLeavesTheGroupWhileItWaits(MockClock clock) {
    clock.setAutojumpThreshold(Duration.ZERO);
    TaskGroup<String> group =
        TaskGroup.open(
            members -> {
              Task<String> failing = members.spawn(() -> failAfter(1));
              members.spawn(
                  () -> {
                    assertThatThrownBy(failing::join).hasCause(failure);
                    return after(1, "joined it");
                  });
            });
    assertThat(group.results()).containsExactly("joined it");
  }

  @TrefoilTest(seeds = 20)
  @Tag("T73")
  void aMemberThatSomebodyCancelsAloneLeavesTheGroupQuietly(MockClock clock) {
    clock.setAutojumpThreshold(Duration.ZERO);
    TaskGroup<String> group =
        TaskGroup.open(
            members -> {
              Task<String> unwanted = members.spawn(() -> after(9, "unwanted"));
              members.spawn(() -> after(2, "alive"));
              members.spawnDaemon(unwanted::cancel);
            });
    assertThat(group.results()).containsExactly("alive");
  }

  @TrefoilTest(seeds = 20)
  @Tag("T73")
  void cancelRemainingCancelsWhatRunsAndKeepsWhatHasEnded(MockClock clock) {
    clock.setAutojumpThreshold(Duration.ZERO);
    RunStatistics before = Hazmat.currentRun().statistics();
    List<Task<?>> running = new ArrayList<>();
    TaskGroup<String> group =
        TaskGroup.open(
            members -> {
              members.spawn(() -> after(1, "ended"));
              running.add(members.spawn(() -> after(9, "running")));
              running.add(
                  members.spawn(
                      () -> {
                        try {
                          return after(9, "running");
                        } finally {
                          Trefoil.sleep(seconds(1));
                          log.add("cleaned up");
                        }
                      }));
              Trefoil.sleep(seconds(2));
              members.cancelRemaining();
              assertThat(log).containsExactly("cleaned up");
              running.forEach(TaskGroupTest::assertCancelledByGroup);
              members.cancelRemaining();
              members.spawn(() -> "another");
            });
    assertThat(group.results()).containsExactly("ended", "another");
    assertClean(before);
  }

  @TrefoilTest(seeds = 20)
  @Tag("T73")
  void cancelRemainingThatIsCancelledStillLeavesNobodyBehind(MockClock clock) {
    clock.setAutojumpThreshold(Duration.ZERO);
    RunStatistics before = Hazmat.currentRun().statistics();
    TaskGroup<String> group =
        TaskGroup.open(
            members -> {
              members.spawn(
                  () -> {
                    try {
                      return after(9, "running");
                    } finally {
                      Trefoil.sleep(seconds(5));
                      log.add("cleaned up");
                    }
                  });
              Hazmat.yieldBriefly();
              Testing.waitAllTasksBlocked();
              Timeout.ignoreAfter(seconds(1), members::cancelRemaining);
              assertThat(log).isEmpty();
            });
    assertThat(log).containsExactly("cleaned up");
    assertThat(group.results()).isEmpty();
    assertClean(before);
  }

  // ---- daemons

  @TrefoilTest(seeds = 20)
  @Tag("T73")
  void daemonsAreNotWaitedForAndHaveNoPartInTheResults(MockClock clock) {
    clock.setAutojumpThreshold(Duration.ZERO);
    List<Task<?>> daemons = new ArrayList<>();
    TaskGroup<String> group =
        TaskGroup.open(
            members -> {
              members.spawn(() -> after(2, "member"));
              daemons.add(members.spawnDaemon(Trefoil::sleepForever));
              daemons.add(members.spawnDaemon(() -> failAfter(1)));
            });
    assertThat(group.results()).containsExactly("member");
    assertThat(group.exceptions()).hasSize(1);
    assertCancelledByGroup(daemons.get(0));
    assertThat(daemons.get(1).state()).isEqualTo(TaskState.CRASHED);
  }

  @TrefoilTest(seeds = 20)
  @Tag("T73")
  void daemonsAreCancelledIfTheBodyFails() {
    List<Task<?>> daemons = new ArrayList<>();
    assertThatThrownBy(
            () ->
                TaskGroup.<Object, Exception>open(
                    members -> {
                      daemons.add(members.spawnDaemon(Trefoil::sleepForever));
                      throw failure;
                    }))
        .isSameAs(failure);
    assertCancelledByGroup(daemons.getFirst());
  }

  // ---- existing tasks

  @TrefoilTest(seeds = 20)
  @Tag("T69")
  @Tag("T73")
  void existingTasksCanBeAddedBeforeAndAfterTheyHaveEnded(MockClock clock) {
    clock.setAutojumpThreshold(Duration.ZERO);
    Nursery.open(
        nursery -> {
          Task<String> ended = nursery.spawn(() -> "ended");
          Task<String> running = nursery.spawn(() -> after(1, "running"));
          Task<String> tooLong = nursery.spawn(() -> after(99, "too long"));
          Testing.waitAllTasksBlocked();
          TaskGroup<String> group =
              TaskGroup.open(
                  members -> {
                    members.addTask(running);
                    members.spawn(() -> after(2, "spawned"));
                    members.addTask(ended);
                  });
          assertThat(group.results()).containsExactly("ended", "running", "spawned");
          TaskGroup<String> second =
              TaskGroup.open(
                  Wait.ANY,
                  members -> {
                    members.addTask(tooLong);
                    members.addTask(ended);
                  });
          assertThat(second.result()).isEqualTo("ended");
          assertCancelledByGroup(tooLong);
        });
  }

  @TrefoilTest(seeds = 20)
  @Tag("T73")
  void theFailureOfATaskOfANurseryIsOneOfTheNurseryAsWell(MockClock clock) {
    clock.setAutojumpThreshold(Duration.ZERO);
    assertThatThrownBy(
            () ->
                Nursery.open(
                    nursery -> {
                      Task<String> failing = nursery.spawn(() -> failAfter(1));
                      TaskGroup.<String, RuntimeException>open(
                          members -> {
                            members.addTask(failing);
                            log.add("added");
                          });
                    }))
        .isInstanceOfSatisfying(
            ExceptionGroup.class, group -> assertThat(group.leaves()).containsExactly(failure));
    assertThat(log).containsExactly("added");
  }

  // ---- wrong use

  @TrefoilTest(seeds = 20)
  @Tag("T73")
  void aGroupIsJoinedOnceAndByTheTaskThatOpenedIt() {
    TaskGroup<Object> group =
        TaskGroup.open(
            members -> {
              Task<?> member =
                  members.spawn(
                      () ->
                          assertThatThrownBy(members::join)
                              .isInstanceOf(IllegalStateException.class)
                              .hasMessageContaining("by the task that opened it"));
              member.join();
              members.join();
              assertThatThrownBy(members::join)
                  .isInstanceOf(IllegalStateException.class)
                  .hasMessageContaining("Expected one join")
                  .hasMessageContaining("task group of");
            });
    assertThatThrownBy(group::join).isInstanceOf(IllegalStateException.class);
  }

  @TrefoilTest
  @Tag("T73")
  void nothingCanBeSpawnedIntoAGroupThatHasBeenLeft() {
    TaskGroup<Object> group = TaskGroup.open(members -> {});
    Nursery.open(
        nursery -> {
          Task<Object> task = nursery.spawn(() -> "task");
          assertThatThrownBy(() -> group.spawn(() -> "late"))
              .isInstanceOf(IllegalStateException.class)
              .hasMessageContaining("has been joined")
              .hasMessageContaining("open another");
          assertThatThrownBy(() -> group.spawnDaemon(Hazmat::yieldBriefly))
              .isInstanceOf(IllegalStateException.class);
          assertThatThrownBy(() -> group.addTask(task))
              .isInstanceOf(IllegalStateException.class)
              .hasMessageContaining("Cannot add a task");
        });
    assertThat(Hazmat.currentRun().statistics().tasksLiving()).isOne();
  }

  @TrefoilTest(seeds = 20)
  @Tag("T73")
  void aTaskIsInOneGroupAtATimeAndOnce() {
    Nursery.open(
        nursery -> {
          Task<Object> added = nursery.spawn(() -> lot.park());
          TaskGroup.<Object, RuntimeException>open(
              outer -> {
                Task<Object> spawned = outer.spawn(() -> lot.park());
                outer.addTask(added);
                assertThatThrownBy(() -> outer.addTask(spawned))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("already in this one");
                assertThatThrownBy(() -> outer.addTask(added))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("already in this one");
                TaskGroup.<Object, RuntimeException>open(
                    inner -> {
                      assertThatThrownBy(() -> inner.addTask(spawned))
                          .isInstanceOf(IllegalStateException.class)
                          .hasMessageContaining("already in task group of");
                      assertThatThrownBy(() -> inner.addTask(added))
                          .isInstanceOf(IllegalStateException.class)
                          .hasMessageContaining("Collect it there first");
                      Testing.waitAllTasksBlocked();
                      lot.unpark();
                      Task<?> collected = outer.nextDone();
                      inner.addTask(collected == added ? added : spawned);
                      lot.unparkAll();
                    });
              });
        });
  }

  @TrefoilTest
  @Tag("T73")
  void aTaskThatWouldWaitForItselfIsRefused() {
    Task<?> main = Hazmat.currentTask();
    TaskGroup.<Object, RuntimeException>open(
        members -> {
          assertThatThrownBy(() -> members.addTask(main))
              .isInstanceOf(IllegalStateException.class)
              .hasMessageContaining("its own end");
          members.spawn(
              () ->
                  assertThatThrownBy(members::cancelRemaining)
                      .isInstanceOf(IllegalStateException.class)
                      .hasMessageContaining("its own end"));
        });
  }

  @TrefoilTest
  @Tag("T69")
  @Tag("T73")
  void resultsAreRefusedWhileMembersMayRun() {
    TaskGroup.<Object, RuntimeException>open(
        members -> {
          assertThatThrownBy(members::results)
              .isInstanceOf(IllegalStateException.class)
              .hasMessageContaining("join()");
          assertThatThrownBy(members::result).isInstanceOf(IllegalStateException.class);
          assertThatThrownBy(members::exception).isInstanceOf(IllegalStateException.class);
          assertThatThrownBy(members::exceptions).isInstanceOf(IllegalStateException.class);
          Hazmat.yieldBriefly();
        });
  }

  @TrefoilTest
  @Tag("T69")
  void aGroupWithoutABodyOrAPolicyIsRefusedAndLeavesNothingBehind() {
    RunStatistics before = Hazmat.currentRun().statistics();
    assertThatThrownBy(() -> TaskGroup.open(null))
        .isInstanceOf(NullPointerException.class)
        .hasMessageContaining("body: expected");
    assertThatThrownBy(() -> TaskGroup.open(null, members -> {}))
        .isInstanceOf(NullPointerException.class)
        .hasMessageContaining("wait: expected");
    assertClean(before);
  }
}
