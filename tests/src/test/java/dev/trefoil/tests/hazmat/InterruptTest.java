package dev.trefoil.tests.hazmat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.trefoil.hazmat.Abort;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.Outcome;
import dev.trefoil.hazmat.ParkingLot;
import dev.trefoil.hazmat.RaiseCancel;
import dev.trefoil.hazmat.Task;
import dev.trefoil.hazmat.TaskState;
import dev.trefoil.tasks.CancelScope;
import dev.trefoil.tasks.ExceptionGroup;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.tasks.Trefoil;
import dev.trefoil.testing.Testing;
import dev.trefoil.testing.TrefoilTest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;

/** {@link Task#interrupt}: an error raised once. */
@Tag("R68")
@Tag("R69")
final class InterruptTest {
  private final List<String> log = new ArrayList<>();
  private final ParkingLot lot = new ParkingLot();
  private final IOException stop = new IOException("stop");

  private void park(String name) {
    try {
      lot.park();
      log.add(name + " was unparked");
    } catch (Throwable error) {
      log.add(name + " got " + error.getMessage());
    }
  }

  @TrefoilTest(seeds = 20)
  void sleeperIsAbortedAtOnceAndGoesOnUndisturbedAfterCatching() {
    Nursery.open(
        nursery -> {
          Task<?> task =
              nursery.spawn(
                  () -> {
                    park("first");
                    Hazmat.yieldBriefly();
                    park("second");
                  });
          Testing.waitAllTasksBlocked();
          assertThat(task.interrupt(() -> stop)).isTrue();
          assertThat(lot.isEmpty()).isTrue();
          Testing.waitAllTasksBlocked();
          assertThat(lot.size()).isOne();
          lot.unpark();
        });
    assertThat(log).containsExactly("first got stop", "second was unparked");
  }

  @TrefoilTest(seeds = 20)
  void theErrorIsTheOneGivenAndFailsTheTaskIfNotCaught() {
    assertThatThrownBy(
            () ->
                Nursery.open(
                    nursery -> {
                      Task<?> task = nursery.spawn(() -> Trefoil.sleepForever());
                      Testing.waitAllTasksBlocked();
                      task.interrupt(() -> stop);
                    }))
        .isInstanceOfSatisfying(
            ExceptionGroup.class, group -> assertThat(group.exceptions()).containsExactly(stop));
  }

  @TrefoilTest(seeds = 20)
  void taskThatWasAlreadyWokenKeepsWhatItWasWokenWithAndGetsItAtItsNextCancelPoint() {
    Nursery.open(
        nursery -> {
          Task<?> task =
              nursery.spawn(
                  () -> {
                    park("task");
                    assertThatThrownBy(Hazmat::yieldBriefly).isSameAs(stop);
                    Hazmat.yieldBriefly();
                  });
          Testing.waitAllTasksBlocked();
          lot.unpark();
          assertThat(task.interrupt(() -> stop)).isTrue();
        });
    assertThat(log).containsExactly("task was unparked");
  }

  @TrefoilTest(seeds = 20)
  void aSecondOneWhileOneIsPendingIsRefused() {
    Nursery.open(
        nursery -> {
          Task<?> task =
              nursery.spawn(() -> assertThatThrownBy(Hazmat::yieldBriefly).isSameAs(stop));
          assertThat(task.interrupt(() -> stop)).isTrue();
          assertThat(task.interrupt(() -> new IOException("again"))).isFalse();
        });
  }

  @TrefoilTest
  void anEndedTaskIsNotInterrupted() {
    Nursery.open(
        nursery -> {
          Task<?> task = nursery.spawn(() -> {});
          task.join();
          assertThat(task.interrupt(() -> stop)).isFalse();
        });
  }

  @TrefoilTest(seeds = 20)
  void aShieldDefersItUntilItIsLeftOrDropped() {
    CancelScope shield = CancelScope.create().shielded();
    Nursery.open(
        nursery -> {
          Task<?> leaves =
              nursery.spawn(
                  () -> {
                    CancelScope.create().shielded().run(Hazmat::yieldBriefly);
                    assertThatThrownBy(Hazmat::yieldIfCancelled).isSameAs(stop);
                    log.add("left");
                  });
          leaves.interrupt(() -> stop);
          Task<?> sleeps = nursery.spawn(() -> shield.run(() -> park("sleeper")));
          Testing.waitAllTasksBlocked();
          sleeps.interrupt(() -> stop);
          Testing.waitAllTasksBlocked();
          assertThat(log).containsExactly("left");
          shield.setShield(false);
          assertThat(lot.isEmpty()).isTrue();
        });
    assertThat(log).containsExactly("left", "sleeper got stop");
  }

  @TrefoilTest(seeds = 20)
  void anAbortThatFailsLeavesItPending() {
    Nursery.open(
        nursery -> {
          Task<?> task =
              nursery.spawn(
                  () -> {
                    log.add(Hazmat.yieldIndefinitely(raiseCancel -> Abort.FAILED));
                    assertThatThrownBy(Hazmat::yieldBriefly).isSameAs(stop);
                  });
          Testing.waitAllTasksBlocked();
          task.interrupt(() -> stop);
          assertThat(task.state()).isEqualTo(TaskState.PARKED);
          Hazmat.reschedule(task, Outcome.of("finished anyway"));
        });
    assertThat(log).containsExactly("finished anyway");
  }

  @TrefoilTest(seeds = 20)
  void raisingItLaterUsesItUp() {
    RaiseCancel[] kept = new RaiseCancel[1];
    Nursery.open(
        nursery -> {
          Task<?> task =
              nursery.spawn(
                  () -> {
                    assertThatThrownBy(
                            () ->
                                Hazmat.<Object>yieldIndefinitely(
                                    raiseCancel -> {
                                      kept[0] = raiseCancel;
                                      return Abort.FAILED;
                                    }))
                        .isSameAs(stop);
                    Hazmat.yieldBriefly();
                    log.add("went on");
                  });
          Testing.waitAllTasksBlocked();
          task.interrupt(() -> stop);
          Hazmat.reschedule(task, Outcome.capture(() -> kept[0].raise()));
        });
    assertThat(log).containsExactly("went on");
  }

  @TrefoilTest(seeds = 20)
  void aTaskThatWaitsForItsNurseryHasItAsAnErrorOfTheNursery() {
    assertThatThrownBy(
            () ->
                Nursery.open(
                    outer -> {
                      Task<?> task =
                          outer.spawn(
                              () ->
                                  Nursery.open(
                                      inner -> inner.spawn(() -> park("child of the waiter"))));
                      Testing.waitAllTasksBlocked();
                      task.interrupt(() -> stop);
                    }))
        .isInstanceOfSatisfying(
            ExceptionGroup.class, group -> assertThat(group.leaves()).containsExactly(stop));
    assertThat(log).hasSize(1).first().asString().contains("child of the waiter got cancelled");
  }

  @TrefoilTest(seeds = 20)
  void aCancelledScopeGoesBeforeItAndItIsRaisedBehindTheScope() {
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
                            log.add("cleaned up");
                            Hazmat.yieldBriefly();
                          }
                        });
                    log.add("caught: " + scope.cancelledCaught());
                    assertThatThrownBy(Hazmat::yieldBriefly).isSameAs(stop);
                  });
          task.interrupt(() -> stop);
          scope.cancel();
        });
    assertThat(log).containsExactly("cleaned up", "caught: true");
  }

  @TrefoilTest(seeds = 20)
  @Tag("T76")
  void whatIsPendingCanBeTakenBack() {
    Nursery.open(
        nursery -> {
          Task<?> task =
              nursery.spawn(
                  () -> {
                    Hazmat.yieldBriefly();
                    log.add("not disturbed");
                  });
          assertThat(task.withdrawInterrupt()).isNull();
          task.interrupt(() -> stop);
          assertThat(task.withdrawInterrupt().get()).isSameAs(stop);
          assertThat(task.withdrawInterrupt()).isNull();
        });
    assertThat(log).containsExactly("not disturbed");
  }
}
