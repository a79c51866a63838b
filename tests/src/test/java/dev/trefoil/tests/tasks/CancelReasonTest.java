package dev.trefoil.tests.tasks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.trefoil.hazmat.CancelReason;
import dev.trefoil.hazmat.CancelReason.Source;
import dev.trefoil.hazmat.Cancelled;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.RunOptions;
import dev.trefoil.hazmat.Task;
import dev.trefoil.tasks.CancelScope;
import dev.trefoil.tasks.ExceptionGroup;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.tasks.Trefoil;
import dev.trefoil.testing.MockClock;
import dev.trefoil.testing.Testing;
import dev.trefoil.testing.TrefoilTest;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Who cancelled, and why. */
@Tag("T95")
class CancelReasonTest {

  /** The reason that a checkpoint of the current task reports. */
  private static CancelReason reasonHere() {
    return catchThrowableOfType(Cancelled.class, Hazmat::yieldBriefly).reason();
  }

  private static CancelReason reasonOfSleep() {
    return catchThrowableOfType(Cancelled.class, Trefoil::sleepForever).reason();
  }

  @TrefoilTest(seeds = 20)
  void anExplicitCancelNamesTheTaskThatCancelledAndItsWords() {
    Nursery.open(
        nursery -> {
          CancelScope scope = CancelScope.create();
          Task<CancelReason> victim =
              nursery.spawn("victim", () -> scope.run(CancelReasonTest::reasonOfSleep));
          Testing.waitAllTasksBlocked();
          nursery.spawn("culprit", () -> scope.cancel("no longer needed"));
          CancelReason reason = victim.join();
          assertThat(reason.source()).isEqualTo(Source.EXPLICIT);
          assertThat(reason.text()).isEqualTo("no longer needed");
          assertThat(reason.task()).contains("culprit");
          assertThat(reason.toString())
              .contains("an explicit cancel", "culprit", "no longer needed");
        });
  }

  @TrefoilTest
  void theErrorsMessageTellsTheReason() {
    CancelScope scope = CancelScope.create();
    scope.run(
        () -> {
          scope.cancel("because");
          assertThat(catchThrowable(Hazmat::yieldBriefly)).hasMessageContaining("because");
        });
  }

  @TrefoilTest(seeds = 20)
  void theFirstReasonSticks(MockClock clock) {
    CancelScope scope = CancelScope.withTimeout(Duration.ofSeconds(1));
    scope.run(
        () -> {
          scope.cancel("first");
          scope.cancel("second");
          assertThat(reasonHere().text()).isEqualTo("first");
          clock.jump(Duration.ofSeconds(2));
          assertThat(reasonHere().text()).isEqualTo("first");
        });
  }

  @TrefoilTest
  void theFirstReasonSticksAlsoBeforeTheScopeIsEntered() {
    CancelScope scope = CancelScope.withDeadline(Long.MIN_VALUE);
    scope.cancel("early");
    scope.cancel("still early");
    scope.run(() -> assertThat(reasonHere().text()).isEqualTo("early"));
  }

  @TrefoilTest
  void withoutWordsThereIsNoText() {
    CancelScope scope = CancelScope.create();
    scope.run(
        () -> {
          scope.cancel();
          assertThat(reasonHere().text()).isNull();
          assertThat(reasonHere().source()).isEqualTo(Source.EXPLICIT);
        });
  }

  @Test
  void aCancelOutsideARunNamesNoTask() {
    CancelScope scope = CancelScope.create();
    scope.cancel("from outside");
    CancelReason reason = Trefoil.run(() -> scope.run(CancelReasonTest::reasonHere));
    assertThat(reason.task()).isNull();
    assertThat(reason.text()).isEqualTo("from outside");
  }

  @TrefoilTest(seeds = 20)
  void aDeadlineIsNobodysDoing(MockClock clock) {
    clock.setAutojumpThreshold(Duration.ZERO);
    CancelScope.moveOnAfter(
        Duration.ofSeconds(1),
        () -> {
          CancelReason reason = reasonOfSleep();
          assertThat(reason.source()).isEqualTo(Source.DEADLINE);
          assertThat(reason.task()).isNull();
          assertThat(reason.toString()).contains("deadline");
        });
    CancelScope.moveOnAfter(
        Duration.ZERO, () -> assertThat(reasonHere().source()).isEqualTo(Source.DEADLINE));
    CancelScope asked = CancelScope.withTimeout(Duration.ofSeconds(1));
    asked.run(
        () -> {
          clock.jump(Duration.ofSeconds(1));
          assertThat(asked.cancelCalled()).isTrue();
          assertThat(reasonHere().source()).isEqualTo(Source.DEADLINE);
        });
  }

  @TrefoilTest(seeds = 20)
  void aFailureInANurseryNamesTheTaskThatFailedAndHow() {
    AtomicReference<CancelReason> seen = new AtomicReference<>();
    ExceptionGroup group =
        catchThrowableOfType(
            ExceptionGroup.class,
            () ->
                Nursery.open(
                    nursery -> {
                      nursery.spawn(
                          "culprit",
                          () -> {
                            throw new IOException("disk full");
                          });
                      seen.set(reasonOfSleep());
                    }));
    assertThat(group.exceptions()).hasSize(1);
    assertThat(seen.get().source()).isEqualTo(Source.NURSERY);
    assertThat(seen.get().task()).contains("culprit");
    assertThat(seen.get().text()).contains("disk full");
  }

  @TrefoilTest(seeds = 20)
  void aFailureOfANurserysBodyNamesItsTask() {
    List<CancelReason> seen = new ArrayList<>();
    assertThat(
            catchThrowable(
                () ->
                    Nursery.open(
                        nursery -> {
                          nursery.spawn(() -> seen.add(reasonOfSleep()));
                          Testing.waitAllTasksBlocked();
                          throw new IOException("disk full");
                        })))
        .isInstanceOf(ExceptionGroup.class);
    assertThat(seen.getFirst().source()).isEqualTo(Source.NURSERY);
    assertThat(seen.getFirst().task()).contains("main");
    assertThat(seen.getFirst().text()).contains("body", "disk full");
  }

  @TrefoilTest(seeds = 20)
  @Tag("T19")
  void theReasonIsThatOfTheOutermostVisibleCancel() {
    CancelScope outer = CancelScope.create();
    CancelScope middle = CancelScope.create();
    CancelScope inner = CancelScope.create();
    outer.run(
        () ->
            middle.run(
                () ->
                    inner.run(
                        () -> {
                          inner.cancel("inner");
                          assertThat(reasonHere().text()).isEqualTo("inner");
                          outer.cancel("outer");
                          assertThat(reasonHere().text()).isEqualTo("outer");
                          middle.setShield(true);
                          assertThat(reasonHere().text()).isEqualTo("inner");
                          middle.cancel("middle");
                          assertThat(reasonHere().text()).isEqualTo("middle");
                        })));
  }

  @ParameterizedTest
  @MethodSource("dev.trefoil.tests.tasks.Schedules#all")
  void systemTasksAreToldThatTheRunEnds(RunOptions options) {
    AtomicReference<CancelReason> seen = new AtomicReference<>();
    Trefoil.run(
        options,
        () -> {
          Hazmat.spawnSystemTask(
              "service",
              () -> {
                seen.set(reasonOfSleep());
                return null;
              });
        });
    assertThat(seen.get().source()).isEqualTo(Source.SHUTDOWN);
  }

  @TrefoilTest
  @Tag("T36")
  void closingForcefullyIsAReasonOfItsOwn() throws Exception {
    AtomicReference<CancelReason> seen = new AtomicReference<>();
    Trefoil.closeForcefully(() -> seen.set(reasonHere()));
    assertThat(seen.get().text()).contains("closing forcefully");
  }
}
