package dev.trefoil.tests.hazmat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.trefoil.hazmat.CancelReason;
import dev.trefoil.hazmat.Cancelled;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.ParkingLot;
import dev.trefoil.hazmat.Task;
import dev.trefoil.hazmat.TaskError;
import dev.trefoil.hazmat.TaskState;
import dev.trefoil.tasks.CancelScope;
import dev.trefoil.tasks.ExceptionGroup;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.tasks.Trefoil;
import dev.trefoil.testing.Testing;
import dev.trefoil.testing.TrefoilTest;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;

@Tag("R68")
@Tag("R190")
final class TaskCancelTest {
  private final List<String> log = new ArrayList<>();
  private final ParkingLot lot = new ParkingLot();

  @TrefoilTest(seeds = 20)
  void cancelReturnsWhenTheTargetHasReallyEnded() {
    Nursery.open(
        nursery -> {
          Task<?> task =
              nursery.spawn(
                  () -> {
                    try {
                      Trefoil.sleepForever();
                    } finally {
                      lot.park();
                      log.add("cleaned up");
                    }
                  });
          Testing.waitAllTasksBlocked();
          nursery.spawn(
              () -> {
                Testing.waitAllTasksBlocked();
                lot.unpark();
              });
          assertThat(task.cancel()).isTrue();
          log.add("cancel returned");
          assertThat(task.state()).isEqualTo(TaskState.CANCELLED);
        });
    assertThat(log).containsExactly("cleaned up", "cancel returned");
  }

  @TrefoilTest(seeds = 20)
  void aTaskThatIsCancelledAloneEndsQuietlyAndItsSiblingsGoOn() {
    Nursery.open(
        nursery -> {
          Task<?> task = nursery.spawn(Trefoil::sleepForever);
          Task<String> sibling =
              nursery.spawn(
                  () -> {
                    Trefoil.sleep(Duration.ofMillis(1));
                    return "alive";
                  });
          task.cancel();
          assertThat(nursery.cancelScope().cancelCalled()).isFalse();
          assertThat(sibling.join()).isEqualTo("alive");
        });
  }

  @TrefoilTest(seeds = 20)
  @Tag("R67")
  void joiningATaskThatWasCancelledFailsWithTheCancellationAsTheCause() {
    Nursery.open(
        nursery -> {
          Task<?> task = nursery.spawn(Trefoil::sleepForever);
          task.cancel();
          assertThatThrownBy(task::join)
              .isInstanceOf(TaskError.class)
              .cause()
              .isInstanceOfSatisfying(
                  Cancelled.class,
                  cause -> assertThat(cause.reason().source()).isEqualTo(CancelReason.Source.TASK));
        });
  }

  @TrefoilTest(seeds = 20)
  void cancellingATaskThatHasEndedDoesNothing() {
    Nursery.open(
        nursery -> {
          Task<String> task = nursery.spawn(() -> "done");
          task.join();
          assertThat(task.cancel()).isFalse();
          assertThat(task.join()).isEqualTo("done");
        });
  }

  @TrefoilTest(seeds = 20)
  void aTargetThatEndsWithoutACancelPointWasNotCancelled() {
    Nursery.open(
        nursery -> {
          Task<String> task = nursery.spawn(() -> lot.park());
          Testing.waitAllTasksBlocked();
          lot.unpark(dev.trefoil.hazmat.Outcome.of("kept"));
          assertThat(task.cancel()).isFalse();
          assertThat(task.join()).isEqualTo("kept");
        });
  }

  @TrefoilTest(seeds = 20)
  void aSecondCancelDoesNotRaiseAgainButWaits() {
    Nursery.open(
        nursery -> {
          Task<?> task =
              nursery.spawn(
                  () -> {
                    try {
                      Trefoil.sleepForever();
                    } catch (Cancelled once) {
                      log.add("raised");
                    }
                    lot.park();
                    log.add("ended");
                  });
          Testing.waitAllTasksBlocked();
          Task<Boolean> first = nursery.spawn(() -> task.cancel());
          Testing.waitAllTasksBlocked();
          Task<Boolean> second = nursery.spawn(() -> task.cancel());
          Testing.waitAllTasksBlocked();
          assertThat(lot.size()).isOne();
          lot.unpark();
          assertThat(first.join()).isTrue();
          assertThat(second.join()).isFalse();
        });
    assertThat(log).containsExactly("raised", "ended");
  }

  @TrefoilTest(seeds = 20)
  @Tag("R69")
  void anotherErrorCanBeRaisedAndIsAFailureOfTheTask() {
    IOException stop = new IOException("stop");
    assertThatThrownBy(
            () ->
                Nursery.open(
                    nursery -> {
                      Task<?> task = nursery.spawn(Trefoil::sleepForever);
                      CancelScope.create()
                          .shielded()
                          .run(
                              () -> {
                                assertThat(task.cancel(() -> stop)).isTrue();
                              });
                      assertThat(task.state()).isEqualTo(TaskState.CRASHED);
                    }))
        .isInstanceOfSatisfying(
            ExceptionGroup.class, group -> assertThat(group.exceptions()).containsExactly(stop));
  }

  @TrefoilTest(seeds = 20)
  @Tag("T68")
  void interruptDoesNotWaitAndALaterCancelOnlyWaits() {
    Nursery.open(
        nursery -> {
          Task<?> task = nursery.spawn(Trefoil::sleepForever);
          Testing.waitAllTasksBlocked();
          assertThat(task.interrupt()).isTrue();
          assertThat(task.state()).isEqualTo(TaskState.RUNNABLE);
          task.cancel();
          assertThat(task.state()).isEqualTo(TaskState.CANCELLED);
        });
  }

  @TrefoilTest(seeds = 20)
  @Tag("T68")
  void cancellingTakesThePlaceOfAnErrorThatIsPending() {
    Nursery.open(
        nursery -> {
          List<Task<?>> tasks = new ArrayList<>();
          for (int i = 0; i < 2; i++) {
            tasks.add(nursery.spawn(this::sleepThroughNudges));
          }
          Testing.waitAllTasksBlocked();
          lot.unparkAll();
          tasks.forEach(task -> task.interrupt(() -> new IllegalStateException("nudge")));
          assertThat(tasks.getFirst().interrupt()).isTrue();
          assertThat(tasks.getFirst().cancel()).isFalse();
          assertThat(tasks.getLast().cancel()).isTrue();
          assertThat(tasks).allMatch(Task::isCancelled);
        });
  }

  private void sleepThroughNudges() {
    lot.park();
    try {
      Trefoil.sleepForever();
    } catch (IllegalStateException nudge) {
      Trefoil.sleepForever();
    }
  }

  @TrefoilTest(seeds = 20)
  @Tag("T68")
  void aTaskIsNotRaisedASecondCancelWhileItCleansUp() {
    Nursery.open(
        nursery -> {
          Task<?> task =
              nursery.spawn(
                  () -> {
                    try {
                      Trefoil.sleepForever();
                    } finally {
                      lot.park();
                      log.add("cleaned up");
                    }
                  });
          Testing.waitAllTasksBlocked();
          assertThat(task.interrupt()).isTrue();
          Testing.waitAllTasksBlocked();
          assertThat(task.interrupt()).isFalse();
          Task<Boolean> canceller = nursery.spawn(() -> task.cancel());
          Testing.waitAllTasksBlocked();
          lot.unpark();
          assertThat(canceller.join()).isFalse();
        });
    assertThat(log).containsExactly("cleaned up");
  }

  @TrefoilTest(seeds = 20)
  void aCancelledScopeThatIsLeftThroughCheckpointsDoesNotLoseIt() {
    Nursery.open(
        nursery -> {
          CancelScope scope = CancelScope.create();
          Task<?> task =
              nursery.spawn(
                  () -> {
                    scope.run(
                        () -> {
                          try {
                            Hazmat.yieldBriefly();
                          } finally {
                            Hazmat.yieldBriefly();
                          }
                        });
                    Trefoil.sleepForever();
                  });
          task.interrupt();
          scope.cancel();
          task.cancel();
          assertThat(task.state()).isEqualTo(TaskState.CANCELLED);
        });
  }

  @TrefoilTest(seeds = 20)
  @Tag("R67")
  void aTaskIsJoinedOnceSomebodyWaitsForItsResultOrHasGotIt() {
    Nursery.open(
        nursery -> {
          Task<String> task = nursery.spawn(() -> lot.park());
          assertThat(task.isJoined()).isFalse();
          CancelScope impatient = CancelScope.create();
          nursery.spawn(() -> impatient.run(task::join));
          Testing.waitAllTasksBlocked();
          assertThat(task.isJoined()).isTrue();
          impatient.cancel();
          Testing.waitAllTasksBlocked();
          assertThat(task.isJoined()).isFalse();
          lot.unpark(dev.trefoil.hazmat.Outcome.of("result"));
          Testing.waitAllTasksBlocked();
          assertThat(task.isJoined()).isFalse();
          assertThat(task.join()).isEqualTo("result");
          assertThat(task.isJoined()).isTrue();
        });
  }

  @TrefoilTest
  void aTaskCannotCancelItself() {
    assertThatThrownBy(() -> Hazmat.currentTask().cancel())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("cannot cancel itself");
    Hazmat.yieldBriefly();
  }

  @TrefoilTest(seeds = 20)
  void aCancelledScopeDoesNotCatchWhatIsMeantForTheTask() {
    Nursery.open(
        nursery -> {
          CancelScope scope = CancelScope.create();
          Task<?> task =
              nursery.spawn(
                  () -> {
                    scope.run(Trefoil::sleepForever);
                    log.add("went on");
                  });
          Testing.waitAllTasksBlocked();
          task.interrupt();
          scope.cancel();
          task.cancel();
          assertThat(task.state()).isEqualTo(TaskState.CANCELLED);
        });
    assertThat(log).isEmpty();
  }

  @TrefoilTest(seeds = 20)
  void itGoesThroughANurseryWhoseTasksAreCancelledFirst() {
    Nursery.open(
        nursery -> {
          Task<?> task =
              nursery.spawn(
                  () ->
                      Nursery.open(
                          inner -> {
                            inner.spawn(
                                () -> {
                                  try {
                                    Trefoil.sleepForever();
                                  } finally {
                                    log.add("child");
                                  }
                                });
                          }));
          Testing.waitAllTasksBlocked();
          assertThat(task.cancel()).isTrue();
          assertThat(task.state()).isEqualTo(TaskState.CANCELLED);
        });
    assertThat(log).containsExactly("child");
  }

  @TrefoilTest(seeds = 20)
  void cancellingTheCancellerLeavesTheTargetCancelled() {
    Nursery.open(
        nursery -> {
          Task<?> task =
              nursery.spawn(
                  () -> {
                    try {
                      Trefoil.sleepForever();
                    } finally {
                      CancelScope.create().shielded().run(() -> lot.park());
                    }
                  });
          Testing.waitAllTasksBlocked();
          CancelScope impatient = CancelScope.create();
          nursery.spawn(
              () -> {
                Testing.waitAllTasksBlocked();
                impatient.cancel();
              });
          impatient.run(() -> task.cancel());
          assertThat(impatient.cancelledCaught()).isTrue();
          assertThat(task.state()).isEqualTo(TaskState.PARKED);
          lot.unpark();
          assertThat(task.cancel()).isFalse();
          assertThat(task.state()).isEqualTo(TaskState.CANCELLED);
        });
  }
}
