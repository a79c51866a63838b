package dev.trefoil.tests.hazmat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.trefoil.hazmat.CancelStatus;
import dev.trefoil.hazmat.Cancelled;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.Outcome;
import dev.trefoil.hazmat.Task;
import dev.trefoil.tasks.CancelScope;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.testing.Checkpoints;
import dev.trefoil.testing.MockClock;
import dev.trefoil.testing.Testing;
import dev.trefoil.testing.TrefoilTest;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;

/** {@link Hazmat#sleepUntil}; what applications see of it is in the tests of their sleeps. */
final class SleepUntilTest {
  private static final Duration SECOND = Duration.ofSeconds(1);

  @TrefoilTest(seeds = 20)
  @Tag("R72")
  @Tag("T23")
  void sleeperWakesAtItsTimeAndSaysUntilThenWhatItWaitsFor(MockClock clock) {
    Nursery.open(
        nursery -> {
          Task<?> sleeper = nursery.spawn(() -> Hazmat.sleepUntil("TIDE_WAIT", SECOND.toNanos()));
          clock.jump(SECOND.minusNanos(1));
          Testing.waitAllTasksBlocked();
          assertThat(sleeper.stateLabel()).isEqualTo("TIDE_WAIT");
          clock.jump(Duration.ofNanos(1));
          Testing.waitAllTasksBlocked();
          assertThat(sleeper.outcome()).isInstanceOf(Outcome.Value.class);
        });
    assertThat(Hazmat.currentRun().statistics().deadlines()).isZero();
  }

  @TrefoilTest(seeds = 20)
  @Tag("T23")
  void sleepUntilThePastIsJustACheckpoint(MockClock clock) {
    clock.jump(SECOND);
    Checkpoints.assertCheckpoints(() -> Hazmat.sleepUntil("TIDE_WAIT", SECOND.toNanos()));
    assertThat(clock.now()).isEqualTo(SECOND.toNanos());
  }

  @TrefoilTest(seeds = 20)
  @Tag("T23")
  void deadlineOfAScopeIsTheScopesAlsoIfItIsTheSame(MockClock clock) {
    clock.setAutojumpThreshold(Duration.ZERO);
    CancelScope scope =
        CancelScope.moveOnAt(
            SECOND.toNanos(),
            () -> {
              assertThatThrownBy(() -> Hazmat.sleepUntil("TIDE_WAIT", SECOND.toNanos()))
                  .isInstanceOf(Cancelled.class);
              Hazmat.yieldBriefly();
            });
    assertThat(scope.cancelledCaught()).isTrue();
  }

  @TrefoilTest(seeds = 20)
  @Tag("T23")
  void cancellingTheTaskAloneIsNoWakeUp(MockClock clock) {
    Nursery.open(
        nursery -> {
          Task<?> sleeper = nursery.spawn(() -> Hazmat.sleepUntil("TIDE_WAIT", SECOND.toNanos()));
          Testing.waitAllTasksBlocked();
          sleeper.cancel();
          assertThat(sleeper.outcome()).isInstanceOf(Outcome.Failure.class);
        });
    assertThat(Hazmat.currentRun().statistics().deadlines()).isZero();
  }

  @TrefoilTest(seeds = 20)
  @Tag("T23")
  void sleeperWhomSomebodyElseReschedulesLeavesNoAlarm(MockClock clock) {
    for (Outcome<?> outcome : List.of(Outcome.nothing(), Outcome.failure(new IOException()))) {
      Nursery.open(
          nursery -> {
            Task<?> sleeper =
                nursery.spawn(
                    () ->
                        assertThatThrownBy(() -> Hazmat.sleepUntil("TIDE_WAIT", SECOND.toNanos()))
                            .isInstanceOfAny(IllegalStateException.class, IOException.class));
            Testing.waitAllTasksBlocked();
            Hazmat.reschedule(sleeper, outcome);
          });
      assertThat(Hazmat.currentRun().statistics().deadlines()).isZero();
    }
    assertThat(clock.now()).isZero();
  }

  @TrefoilTest(seeds = 20)
  @Tag("T23")
  void sleeperWithoutATimeSleepsUntilCancelled(MockClock clock) {
    Nursery.open(
        nursery -> {
          Task<?> sleeper =
              nursery.spawn(() -> Hazmat.sleepUntil("TIDE_WAIT", CancelStatus.NO_DEADLINE));
          Testing.waitAllTasksBlocked();
          clock.jump(MockClock.NEVER);
          Testing.waitAllTasksBlocked();
          assertThat(sleeper.outcome()).isNull();
          nursery.cancelScope().cancel();
        });
  }
}
