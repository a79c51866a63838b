package dev.trefoil.tests.hazmat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.trefoil.hazmat.Backend;
import dev.trefoil.hazmat.Cancelled;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.Task;
import dev.trefoil.tasks.CancelScope;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.tasks.Trefoil;
import dev.trefoil.testing.Checkpoints;
import dev.trefoil.testing.MockClock;
import dev.trefoil.testing.TrefoilTest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;

final class CheckpointTest {
  private static final Duration SECOND = Duration.ofSeconds(1);

  private final List<String> log = new ArrayList<>();

  private void logAndYield(String name, int times) {
    for (int i = 1; i <= times; i++) {
      log.add(name + i);
      Hazmat.yieldBriefly();
    }
  }

  // ---- yieldBriefly

  @TrefoilTest
  @Tag("R31")
  void yieldBrieflyGoesBehindEverythingRunnable() {
    Nursery.open(
        nursery -> {
          nursery.spawn(() -> logAndYield("a", 2));
          nursery.spawn(() -> logAndYield("b", 2));
          nursery.spawn(() -> logAndYield("c", 2));
          Hazmat.yieldBriefly();
          log.add("|");
          Hazmat.yieldBriefly();
          log.add("|");
        });
    assertThat(log).containsExactly("a1", "b1", "c1", "|", "a2", "b2", "c2", "|");
  }

  @TrefoilTest(seeds = 20)
  @Tag("R31")
  void everyRunnableTaskRunsOnceInEachBatch() {
    Nursery.open(
        nursery -> {
          for (String name : List.of("a", "b", "c", "d")) {
            nursery.spawn(() -> logAndYield(name, 5));
          }
        });
    for (int batch = 0; batch < 5; batch++) {
      int number = batch + 1;
      assertThat(log.subList(4 * batch, 4 * number))
          .containsExactlyInAnyOrder("a" + number, "b" + number, "c" + number, "d" + number);
    }
  }

  @TrefoilTest(seeds = 20)
  @Tag("R31")
  void yieldBrieflyRaisesIfCancelledAgainAndAgain() {
    CancelScope scope = CancelScope.create();
    scope.run(
        () -> {
          scope.cancel();
          for (int i = 0; i < 3; i++) {
            assertThatThrownBy(Hazmat::yieldBriefly).isInstanceOf(Cancelled.class);
          }
        });
    assertThatCode(Hazmat::yieldBriefly).doesNotThrowAnyException();
  }

  @TrefoilTest(seeds = 20)
  @Tag("R31")
  void yieldBrieflyNoticesADeadlineThatHasJustPassed(MockClock clock) {
    CancelScope scope = CancelScope.withTimeout(SECOND);
    scope.run(
        () -> {
          clock.jump(SECOND);
          Hazmat.yieldBriefly();
          log.add("not reached");
        });
    assertThat(scope.cancelledCaught()).isTrue();
    assertThat(log).isEmpty();
  }

  @TrefoilTest(seeds = 20)
  @Tag("R31")
  void yieldBrieflyRaisesOnlyAfterOthersHaveRun() {
    Nursery.open(
        nursery -> {
          CancelScope scope = CancelScope.create();
          scope.run(
              () -> {
                nursery.spawn(() -> log.add("other"));
                scope.cancel();
                // Once in the same batch, in either order, and once behind it.
                assertThatThrownBy(Hazmat::yieldBriefly).isInstanceOf(Cancelled.class);
                assertThatThrownBy(Hazmat::yieldBriefly).isInstanceOf(Cancelled.class);
                log.add("raised");
              });
        });
    assertThat(log).containsExactly("other", "raised");
  }

  // ---- the halves

  @TrefoilTest(seeds = 20)
  @Tag("R32")
  void yieldIfCancelledDoesNothingIfNotCancelled() {
    Nursery.open(
        nursery -> {
          nursery.spawn(() -> log.add("other"));
          for (int i = 0; i < 100; i++) {
            Hazmat.yieldIfCancelled();
          }
          log.add("here");
        });
    assertThat(log).containsExactly("here", "other");
  }

  @TrefoilTest(seeds = 20)
  @Tag("R32")
  void yieldIfCancelledLetsOthersRunAndThenRaises() {
    Nursery.open(
        nursery -> {
          CancelScope scope = CancelScope.create();
          scope.run(
              () -> {
                nursery.spawn(() -> log.add("other"));
                scope.cancel();
                assertThatThrownBy(Hazmat::yieldIfCancelled).isInstanceOf(Cancelled.class);
                assertThatThrownBy(Hazmat::yieldIfCancelled).isInstanceOf(Cancelled.class);
                log.add("raised");
              });
        });
    assertThat(log).containsExactly("other", "raised");
  }

  @TrefoilTest(seeds = 20)
  @Tag("R32")
  void yieldIfCancelledDoesNotCountADeadlineThatTheRunHasNotSeen(MockClock clock) {
    CancelScope scope = CancelScope.withTimeout(SECOND);
    scope.run(
        () -> {
          clock.jump(SECOND);
          Hazmat.yieldIfCancelled();
          log.add("reached");
          Hazmat.yieldBrieflyNoCancel();
        });
    assertThat(log).containsExactly("reached");
    assertThat(scope.cancelledCaught()).isFalse();
  }

  @TrefoilTest(seeds = 20)
  @Tag("R33")
  void yieldBrieflyNoCancelIgnoresEveryCancellation() {
    CancelScope scope = CancelScope.create();
    scope.run(
        () -> {
          scope.cancel();
          for (int i = 0; i < 100; i++) {
            Hazmat.yieldBrieflyNoCancel();
          }
          log.add("reached");
        });
    assertThat(log).containsExactly("reached");
    assertThat(scope.cancelledCaught()).isFalse();
  }

  @TrefoilTest(seeds = 20)
  @Tag("R33")
  void yieldBrieflyNoCancelLetsOthersRunWithinABoundedNumberOfCalls() {
    Nursery.open(
        nursery -> {
          boolean[] ran = {false};
          nursery.spawn(() -> ran[0] = true);
          int calls = 0;
          while (!ran[0]) {
            Hazmat.yieldBrieflyNoCancel();
            assertThat(++calls).isLessThan(100);
          }
        });
  }

  @TrefoilTest
  @Tag("R34")
  void bothHalvesTogetherAreACheckpoint() {
    Checkpoints.assertCheckpoints(
        () -> {
          Hazmat.yieldIfCancelled();
          Hazmat.yieldBrieflyNoCancel();
        });
    Checkpoints.assertCheckpoints(Hazmat::yieldBriefly);
  }

  @TrefoilTest
  @Tag("R34")
  void oneHalfAloneIsNoCheckpoint() {
    assertThatThrownBy(() -> Checkpoints.assertCheckpoints(Hazmat::yieldIfCancelled))
        .isInstanceOf(AssertionError.class);
    assertThatThrownBy(() -> Checkpoints.assertCheckpoints(Hazmat::yieldBrieflyNoCancel))
        .isInstanceOf(AssertionError.class);
  }

  @TrefoilTest
  @Tag("R32")
  @Tag("R33")
  @Tag("R34")
  void scheduleAndCancelPointsAreCountedSeparately() {
    Task<?> task = Hazmat.currentTask();
    long schedulePoints = task.schedulePoints();
    long cancelPoints = task.cancelPoints();
    Hazmat.yieldIfCancelled();
    assertThat(task.cancelPoints()).isEqualTo(cancelPoints + 1);
    assertThat(task.schedulePoints()).isEqualTo(schedulePoints);
    Hazmat.yieldBrieflyNoCancel();
    assertThat(task.cancelPoints()).isEqualTo(cancelPoints + 1);
    assertThat(task.schedulePoints()).isEqualTo(schedulePoints + 1);
    Hazmat.yieldBriefly();
    assertThat(task.cancelPoints()).isEqualTo(cancelPoints + 2);
    assertThat(task.schedulePoints()).isEqualTo(schedulePoints + 2);
  }

  @TrefoilTest(
      seeds = 20,
      backends = {Backend.CONTINUATION, Backend.VIRTUAL_THREAD})
  @Tag("R34")
  void operationThatFailsStillLetsOthersRun() {
    Nursery.open(
        nursery -> {
          boolean[] stop = {false};
          nursery.spawn(() -> stop[0] = true);
          int failures = 0;
          while (!stop[0]) {
            assertThatThrownBy(CheckpointTest::attemptThatFails).hasMessage("refused");
            assertThat(++failures).isLessThan(100);
          }
        });
  }

  private static void attemptThatFails() {
    Hazmat.yieldIfCancelled();
    Hazmat.yieldBrieflyNoCancel();
    throw new IllegalArgumentException("refused");
  }

  // ---- sleep(0)

  @TrefoilTest
  @Tag("R35")
  void sleepingForNoTimeIsACheckpointThatLetsOthersRun() {
    Checkpoints.assertCheckpoints(() -> Trefoil.sleep(Duration.ZERO));
    Nursery.open(
        nursery -> {
          nursery.spawn(() -> log.add("other"));
          Trefoil.sleep(Duration.ZERO);
          log.add("here");
        });
    assertThat(log).containsExactly("other", "here");
  }

  @TrefoilTest(seeds = 20)
  @Tag("R35")
  void sleepingForNoTimeRaisesIfCancelled(MockClock clock) {
    CancelScope scope = CancelScope.withTimeout(SECOND);
    scope.run(
        () -> {
          clock.jump(SECOND);
          Trefoil.sleep(Duration.ZERO);
          log.add("not reached");
        });
    assertThat(log).isEmpty();
    assertThat(scope.cancelledCaught()).isTrue();
  }
}
