package dev.trefoil.tests.tasks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.trefoil.hazmat.CancelStatus;
import dev.trefoil.hazmat.Cancelled;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.Task;
import dev.trefoil.hazmat.TaskState;
import dev.trefoil.tasks.CancelScope;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.tasks.Trefoil;
import dev.trefoil.testing.MockClock;
import dev.trefoil.testing.Testing;
import dev.trefoil.testing.TrefoilTest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Deadlines and timeouts of scopes. */
class DeadlineTest {
  private static final long SECOND = Duration.ofSeconds(1).toNanos();

  private final List<String> trace = new ArrayList<>();

  private static Duration seconds(long number) {
    return Duration.ofSeconds(number);
  }

  // ---- passing

  @TrefoilTest(seeds = 20)
  @Tag("T14")
  void aScopeIsCancelledWhenItsDeadlinePassesNotBefore(MockClock clock) {
    CancelScope scope = CancelScope.withDeadline(5 * SECOND);
    Nursery.open(
        nursery -> {
          Task<?> sleeper = nursery.spawn(() -> scope.run(Trefoil::sleepForever));
          Testing.waitAllTasksBlocked();
          clock.jump(Duration.ofNanos(5 * SECOND - 1));
          Testing.waitAllTasksBlocked();
          assertThat(sleeper.state()).isEqualTo(TaskState.PARKED);
          assertThat(scope.cancelCalled()).isFalse();
          clock.jump(Duration.ofNanos(1));
          Testing.waitAllTasksBlocked();
          assertThat(sleeper.state()).isEqualTo(TaskState.TERMINATED);
        });
    assertThat(scope.cancelledCaught()).isTrue();
  }

  @TrefoilTest(seeds = 20)
  @Tag("T12")
  @Tag("T14")
  void aDeadlineThatIsPastOnEntryCancelsAtOnce(MockClock clock) {
    clock.jump(seconds(10));
    for (long deadline : new long[] {10 * SECOND, 9 * SECOND, 0, Long.MIN_VALUE}) {
      CancelScope scope = CancelScope.withDeadline(deadline);
      scope.run(
          () -> {
            assertThat(catchThrowable(Hazmat::yieldIfCancelled)).isInstanceOf(Cancelled.class);
            trace.add("runs to its first checkpoint");
            Hazmat.yieldBriefly();
            trace.add("not reached");
          });
      assertThat(scope.cancelledCaught()).isTrue();
    }
    assertThat(trace).hasSize(4).containsOnly("runs to its first checkpoint");
  }

  @TrefoilTest(seeds = 20)
  @Tag("T15")
  void aTimeoutOfZeroCancelsAtOnce() {
    CancelScope scope = CancelScope.withTimeout(Duration.ZERO);
    scope.run(Hazmat::yieldIfCancelled);
    assertThat(scope.cancelledCaught()).isTrue();
  }

  @TrefoilTest(seeds = 20)
  @Tag("T14")
  @Tag("T19")
  void theEarliestDeadlineAppliesAndItsScopeCatches(MockClock clock) {
    clock.setAutojumpThreshold(Duration.ZERO);
    CancelScope outer = CancelScope.withTimeout(seconds(2));
    CancelScope inner = CancelScope.withTimeout(seconds(5));
    outer.run(() -> inner.run(Trefoil::sleepForever));
    assertThat(Trefoil.currentTime()).isEqualTo(2 * SECOND);
    assertThat(outer.cancelledCaught()).isTrue();
    assertThat(inner.cancelledCaught()).isFalse();

    CancelScope longer = CancelScope.withTimeout(seconds(5));
    CancelScope shorter = CancelScope.withTimeout(seconds(2));
    longer.run(() -> shorter.run(Trefoil::sleepForever));
    assertThat(Trefoil.currentTime()).isEqualTo(4 * SECOND);
    assertThat(longer.cancelledCaught()).isFalse();
    assertThat(shorter.cancelledCaught()).isTrue();
  }

  @TrefoilTest(seeds = 20)
  @Tag("T14")
  @Tag("T19")
  void ofEqualDeadlinesTheOuterScopeCatches(MockClock clock) {
    clock.setAutojumpThreshold(Duration.ZERO);
    CancelScope outer = CancelScope.withDeadline(SECOND);
    CancelScope inner = CancelScope.withDeadline(SECOND);
    outer.run(
        () -> {
          inner.run(Trefoil::sleepForever);
          trace.add("between");
        });
    assertThat(trace).isEmpty();
    assertThat(outer.cancelledCaught()).isTrue();
    assertThat(inner.cancelledCaught()).isFalse();
  }

  @TrefoilTest(seeds = 20)
  @Tag("T14")
  void aScopeLeftInTimeLeavesNoDeadlineBehind(MockClock clock) {
    int before = Hazmat.currentRun().statistics().deadlines();
    CancelScope scope = CancelScope.withDeadline(SECOND);
    scope.run(() -> assertThat(Hazmat.currentRun().statistics().deadlines()).isEqualTo(before + 1));
    assertThat(Hazmat.currentRun().statistics().deadlines()).isEqualTo(before);
    clock.jump(seconds(2));
    Hazmat.yieldBriefly();
    assertThat(scope.cancelCalled()).isFalse();
    scope.setDeadline(0);
    Hazmat.yieldBriefly();
    assertThat(scope.cancelCalled()).isFalse();
    assertThat(Hazmat.currentRun().statistics().deadlines()).isEqualTo(before);
  }

  // ---- moving

  @TrefoilTest(seeds = 20)
  @Tag("T14")
  void aDeadlineMovedEarlierWhileAsleepWakesEarlier(MockClock clock) {
    CancelScope scope = CancelScope.withDeadline(10 * SECOND);
    Nursery.open(
        nursery -> {
          nursery.spawn(() -> scope.run(Trefoil::sleepForever));
          Testing.waitAllTasksBlocked();
          scope.setDeadline(3 * SECOND);
          assertThat(scope.deadline()).isEqualTo(3 * SECOND);
          clock.jump(seconds(3));
        });
    assertThat(scope.cancelledCaught()).isTrue();
    assertThat(Trefoil.currentTime()).isEqualTo(3 * SECOND);
  }

  @TrefoilTest(seeds = 20)
  @Tag("T14")
  void aDeadlineMovedLaterWhileAsleepWakesLater(MockClock clock) {
    CancelScope scope = CancelScope.withDeadline(3 * SECOND);
    Nursery.open(
        nursery -> {
          Task<?> sleeper = nursery.spawn(() -> scope.run(Trefoil::sleepForever));
          Testing.waitAllTasksBlocked();
          scope.setDeadline(10 * SECOND);
          clock.jump(seconds(9));
          Testing.waitAllTasksBlocked();
          assertThat(sleeper.state()).isEqualTo(TaskState.PARKED);
          clock.jump(seconds(1));
        });
    assertThat(scope.cancelledCaught()).isTrue();
  }

  @TrefoilTest(seeds = 20)
  @Tag("T14")
  void aDeadlineThatIsTakenAwayWhileAsleepNeverPasses(MockClock clock) {
    CancelScope scope = CancelScope.withDeadline(3 * SECOND);
    Nursery.open(
        nursery -> {
          Task<?> sleeper = nursery.spawn(() -> scope.run(Trefoil::sleepForever));
          Testing.waitAllTasksBlocked();
          scope.setDeadline(CancelStatus.NO_DEADLINE);
          clock.jump(Duration.ofDays(10_000));
          Testing.waitAllTasksBlocked();
          assertThat(sleeper.state()).isEqualTo(TaskState.PARKED);
          scope.cancel();
        });
  }

  @TrefoilTest(seeds = 20)
  @Tag("T14")
  void aDeadlineMovedIntoThePastCancelsInTheNextPassNotBefore() {
    CancelScope scope = CancelScope.create();
    Nursery.open(
        nursery -> {
          Task<?> sleeper = nursery.spawn(() -> scope.run(Trefoil::sleepForever));
          Testing.waitAllTasksBlocked();
          scope.setDeadline(Trefoil.currentTime() - 1);
          assertThat(sleeper.state()).isEqualTo(TaskState.PARKED);
          Hazmat.yieldBriefly();
          assertThat(sleeper.state()).isNotEqualTo(TaskState.PARKED);
        });
    assertThat(scope.cancelledCaught()).isTrue();
  }

  @TrefoilTest(seeds = 20)
  @Tag("T14")
  void movingTheDeadlineLaterCannotUndoACancel(MockClock clock) {
    CancelScope byDeadline = CancelScope.withDeadline(SECOND);
    byDeadline.run(
        () -> {
          clock.jump(seconds(1));
          assertThat(catchThrowable(Hazmat::yieldBriefly)).isInstanceOf(Cancelled.class);
          byDeadline.setDeadline(CancelStatus.NO_DEADLINE);
          assertThat(catchThrowable(Hazmat::yieldBriefly)).isInstanceOf(Cancelled.class);
        });
    assertThat(byDeadline.cancelCalled()).isTrue();
    CancelScope byCall = CancelScope.create();
    byCall.run(
        () -> {
          byCall.cancel();
          byCall.setDeadline(100 * SECOND);
          assertThat(byCall.deadline()).isEqualTo(100 * SECOND);
          assertThat(catchThrowable(Hazmat::yieldBriefly)).isInstanceOf(Cancelled.class);
        });
    assertThat(Hazmat.currentRun().statistics().deadlines()).isZero();
  }

  @TrefoilTest(seeds = 20)
  @Tag("T14")
  @Tag("R31")
  void aDeadlineThatPassesDuringACheckpointIsNoticedByIt(MockClock clock) {
    CancelScope scope = CancelScope.withDeadline(SECOND);
    scope.run(
        () -> {
          clock.jump(seconds(1));
          Hazmat.yieldBriefly();
          trace.add("not reached");
        });
    assertThat(trace).isEmpty();
    assertThat(scope.cancelledCaught()).isTrue();
  }

  // ---- asking

  @TrefoilTest(seeds = 20)
  @Tag("T17")
  void askingCancelCalledAfterTheDeadlinePerformsTheCancel(MockClock clock) {
    CancelScope scope = CancelScope.withDeadline(SECOND);
    Nursery.open(
        nursery -> {
          Task<?> sleeper = nursery.spawn(() -> scope.run(Trefoil::sleepForever));
          Testing.waitAllTasksBlocked();
          clock.jump(seconds(1));
          assertThat(sleeper.state()).isEqualTo(TaskState.PARKED);
          assertThat(scope.cancelCalled()).isTrue();
          assertThat(sleeper.state()).isEqualTo(TaskState.RUNNABLE);
          scope.setDeadline(CancelStatus.NO_DEADLINE);
          assertThat(scope.cancelCalled()).isTrue();
        });
    assertThat(scope.cancelledCaught()).isTrue();
  }

  @TrefoilTest
  @Tag("T17")
  void askingCancelCalledBeforeEntryOrAfterLeavingCancelsNothing(MockClock clock) {
    CancelScope early = CancelScope.withDeadline(0);
    assertThat(early.cancelCalled()).isFalse();
    CancelScope late = CancelScope.withDeadline(SECOND);
    late.run(Hazmat::yieldBriefly);
    clock.jump(seconds(5));
    assertThat(late.cancelCalled()).isFalse();
  }

  @TrefoilTest
  @Tag("T14")
  void theDeadlineCanBeReadAndChangedBeforeEntry() {
    CancelScope scope = CancelScope.create();
    assertThat(scope.deadline()).isEqualTo(CancelStatus.NO_DEADLINE);
    scope.setDeadline(7);
    assertThat(scope.deadline()).isEqualTo(7);
    scope.setDeadline(CancelStatus.NO_DEADLINE);
    scope.run(
        () -> {
          assertThat(scope.deadline()).isEqualTo(CancelStatus.NO_DEADLINE);
          assertThat(Trefoil.currentEffectiveDeadline()).isEqualTo(CancelStatus.NO_DEADLINE);
        });
  }

  @TrefoilTest
  @Tag("T14")
  @Tag("T24")
  void deadlineAfterIsThePointThatSeveralOperationsCanShare(MockClock clock) {
    clock.jump(seconds(100));
    long deadline = Trefoil.deadlineAfter(seconds(5));
    assertThat(deadline).isEqualTo(105 * SECOND);
    clock.jump(seconds(2));
    CancelScope.moveOnAt(
        deadline,
        () -> {
          assertThat(Trefoil.currentEffectiveDeadline()).isEqualTo(deadline);
          CancelScope.failAt(
              deadline, () -> assertThat(Trefoil.currentEffectiveDeadline()).isEqualTo(deadline));
        });
    assertThat(Trefoil.deadlineAfter(Duration.ZERO)).isEqualTo(Trefoil.currentTime());
  }

  @TrefoilTest
  @Tag("T14")
  void deadlineAfterMoreThanTheClockCanTellIsNone(MockClock clock) {
    clock.jump(seconds(1));
    assertThat(Trefoil.deadlineAfter(Duration.ofNanos(Long.MAX_VALUE)))
        .isEqualTo(CancelStatus.NO_DEADLINE);
    assertThat(Trefoil.deadlineAfter(Duration.ofSeconds(Long.MAX_VALUE)))
        .isEqualTo(CancelStatus.NO_DEADLINE);
  }

  @TrefoilTest
  @Tag("T14")
  void deadlineAfterANegativeTimeIsRefused() {
    assertThatThrownBy(() -> Trefoil.deadlineAfter(seconds(-1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("duration", "PT-1S");
    assertThatThrownBy(() -> Trefoil.deadlineAfter(null))
        .isInstanceOf(NullPointerException.class)
        .hasMessageContaining("duration");
  }

  // ---- timeouts

  @TrefoilTest(seeds = 20)
  @Tag("T15")
  void aTimeoutCountsFromEntryNotFromCreation(MockClock clock) {
    CancelScope scope = CancelScope.withTimeout(seconds(5));
    assertThat(scope.isRelative()).isTrue();
    assertThat(scope.timeout()).isEqualTo(seconds(5));
    clock.jump(seconds(100));
    scope.run(
        () -> {
          assertThat(scope.isRelative()).isNull();
          assertThat(scope.deadline()).isEqualTo(105 * SECOND);
          clock.jump(seconds(2));
          assertThat(scope.timeout()).isEqualTo(seconds(3));
          clock.setAutojumpThreshold(Duration.ZERO);
          Trefoil.sleepForever();
        });
    assertThat(Trefoil.currentTime()).isEqualTo(105 * SECOND);
    assertThat(scope.cancelledCaught()).isTrue();
  }

  @TrefoilTest
  @Tag("T15")
  void aTimeoutCanBeChangedBeforeEntryAndAfterIt(MockClock clock) {
    CancelScope scope = CancelScope.withTimeout(seconds(5));
    scope.setTimeout(seconds(7));
    scope.run(
        () -> {
          assertThat(scope.deadline()).isEqualTo(7 * SECOND);
          clock.jump(seconds(3));
          scope.setTimeout(seconds(1));
          assertThat(scope.deadline()).isEqualTo(4 * SECOND);
          clock.jump(seconds(2));
          assertThat(scope.timeout()).isEqualTo(seconds(-1));
        });
  }

  @TrefoilTest
  @Tag("T14")
  @Tag("T15")
  void theWrongKindOfLimitIsRefusedWithAdviceUntilTheScopeIsEntered() {
    CancelScope relative = CancelScope.withTimeout(seconds(5));
    assertThatThrownBy(relative::deadline)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("timeout()");
    assertThatThrownBy(() -> relative.setDeadline(1))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("setTimeout()");
    CancelScope absolute = CancelScope.withDeadline(Long.MAX_VALUE - 1);
    assertThat(absolute.isRelative()).isFalse();
    assertThatThrownBy(absolute::timeout)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("withTimeout");
    assertThatThrownBy(() -> absolute.setTimeout(seconds(1)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("withTimeout");
    relative.run(() -> relative.setDeadline(CancelStatus.NO_DEADLINE));
    absolute.run(
        () -> {
          assertThat(absolute.timeout()).isPositive();
          absolute.setTimeout(seconds(1));
        });
    CancelScope none = CancelScope.create();
    none.run(
        () ->
            assertThatThrownBy(none::timeout)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("setDeadline"));
  }

  @Test
  @Tag("T12")
  @Tag("T15")
  void negativeTimeoutsAreRefused() {
    assertThatThrownBy(() -> CancelScope.withTimeout(Duration.ofNanos(-1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("timeout")
        .hasMessageContaining("PT-0.000000001S");
    assertThatThrownBy(() -> CancelScope.withTimeout(seconds(1)).setTimeout(seconds(-1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("timeout");
  }

  @TrefoilTest
  @Tag("T15")
  void aTimeoutBeyondTheEndOfTimeIsNone() {
    CancelScope scope = CancelScope.withTimeout(Duration.ofSeconds(Long.MAX_VALUE));
    scope.run(
        () -> {
          assertThat(scope.deadline()).isEqualTo(CancelStatus.NO_DEADLINE);
          Hazmat.yieldBriefly();
        });
    assertThat(scope.cancelCalled()).isFalse();
  }

  @TrefoilTest
  @Tag("T15")
  void theTimeLeftIsNegativeHoweverFarInThePastTheDeadlineIs(MockClock clock) {
    clock.jump(seconds(1));
    CancelScope scope = CancelScope.withDeadline(Long.MIN_VALUE);
    scope.run(() -> assertThat(scope.timeout()).isNegative());
  }

  // ---- the effective deadline

  @TrefoilTest(seeds = 20)
  @Tag("T24")
  void theEffectiveDeadlineIsTheEarliestUpToTheNextShield(MockClock clock) {
    assertThat(Trefoil.currentEffectiveDeadline()).isEqualTo(CancelStatus.NO_DEADLINE);
    CancelScope outer = CancelScope.withDeadline(3 * SECOND);
    CancelScope middle = CancelScope.withDeadline(7 * SECOND);
    CancelScope inner = CancelScope.withDeadline(5 * SECOND);
    outer.run(
        () ->
            middle.run(
                () ->
                    inner.run(
                        () -> {
                          assertThat(Trefoil.currentEffectiveDeadline()).isEqualTo(3 * SECOND);
                          middle.setShield(true);
                          assertThat(Trefoil.currentEffectiveDeadline()).isEqualTo(5 * SECOND);
                          inner.setShield(true);
                          inner.setDeadline(CancelStatus.NO_DEADLINE);
                          assertThat(Trefoil.currentEffectiveDeadline())
                              .isEqualTo(CancelStatus.NO_DEADLINE);
                          outer.cancel();
                          assertThat(Trefoil.currentEffectiveDeadline())
                              .isEqualTo(CancelStatus.NO_DEADLINE);
                          inner.setShield(false);
                          middle.setShield(false);
                          assertThat(Trefoil.currentEffectiveDeadline()).isEqualTo(Long.MIN_VALUE);
                        })));
  }

  @TrefoilTest
  @Tag("T24")
  void currentTimeFollowsTheRunsClock(MockClock clock) {
    long before = Trefoil.currentTime();
    clock.jump(seconds(3));
    assertThat(Trefoil.currentTime()).isEqualTo(before + 3 * SECOND);
  }

  @Test
  @Tag("T24")
  void outsideARunThereIsNoTime() {
    assertThatThrownBy(Trefoil::currentTime)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("Trefoil.run");
    assertThatThrownBy(Trefoil::currentEffectiveDeadline)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("Trefoil.run");
  }
}
