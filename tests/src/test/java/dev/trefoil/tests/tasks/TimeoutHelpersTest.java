package dev.trefoil.tests.tasks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.trefoil.hazmat.Cancelled;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.tasks.CancelScope;
import dev.trefoil.tasks.ExceptionGroup;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.tasks.TooSlow;
import dev.trefoil.tasks.Trefoil;
import dev.trefoil.testing.MockClock;
import dev.trefoil.testing.TrefoilTest;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Going on, or failing, when the time is over. */
class TimeoutHelpersTest {
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final Duration NEGATIVE = Duration.ofSeconds(-1);

  private final List<String> trace = new ArrayList<>();

  // ---- move on

  @TrefoilTest(seeds = 20)
  @Tag("T21")
  void moveOnGoesOnBehindTheBodyWhenTheTimeIsOver(MockClock clock) {
    clock.setAutojumpThreshold(Duration.ZERO);
    CancelScope after = CancelScope.moveOnAfter(SECOND, Trefoil::sleepForever);
    assertThat(after.cancelCalled()).isTrue();
    assertThat(after.cancelledCaught()).isTrue();
    assertThat(Trefoil.currentTime()).isEqualTo(SECOND.toNanos());
    CancelScope at = CancelScope.moveOnAt(2 * SECOND.toNanos(), Trefoil::sleepForever);
    assertThat(at.cancelledCaught()).isTrue();
    assertThat(Trefoil.currentTime()).isEqualTo(2 * SECOND.toNanos());
  }

  @TrefoilTest(seeds = 20)
  @Tag("T21")
  void moveOnTellsThatTheBodyEndedInTime(MockClock clock) {
    clock.setAutojumpThreshold(Duration.ZERO);
    CancelScope scope =
        CancelScope.moveOnAfter(
            SECOND,
            () -> {
              Trefoil.sleep(Duration.ofMillis(999));
              trace.add("in time");
            });
    assertThat(trace).containsExactly("in time");
    assertThat(scope.cancelCalled()).isFalse();
    assertThat(scope.cancelledCaught()).isFalse();
  }

  @TrefoilTest(seeds = 20)
  @Tag("T21")
  void moveOnLetsErrorsOfTheBodyPass(MockClock clock) {
    clock.setAutojumpThreshold(Duration.ZERO);
    IOException failure = new IOException("failed");
    assertThat(
            catchThrowable(
                () ->
                    CancelScope.moveOnAfter(
                        SECOND,
                        () -> {
                          try {
                            Trefoil.sleepForever();
                          } finally {
                            throwIt(failure);
                          }
                        })))
        .isSameAs(failure);
  }

  private static void throwIt(IOException failure) throws IOException {
    throw failure;
  }

  @TrefoilTest(seeds = 20)
  @Tag("T19")
  @Tag("T21")
  void moveOnDoesNotSwallowTheCancellationOfAnOuterScope(MockClock clock) {
    clock.setAutojumpThreshold(Duration.ZERO);
    CancelScope outer = CancelScope.create();
    outer.run(
        () -> {
          outer.cancel();
          CancelScope.moveOnAfter(SECOND, Trefoil::sleepForever);
          trace.add("not reached");
        });
    assertThat(trace).isEmpty();
    assertThat(outer.cancelledCaught()).isTrue();
  }

  @TrefoilTest(seeds = 20)
  @Tag("T21")
  void moveOnCoversTheTasksOfANurseryInside(MockClock clock) {
    clock.setAutojumpThreshold(Duration.ZERO);
    CancelScope scope =
        CancelScope.moveOnAfter(
            SECOND,
            () ->
                Nursery.open(
                    nursery -> {
                      nursery.spawn(Trefoil::sleepForever);
                      nursery.spawn(() -> Trefoil.sleep(Duration.ofDays(1)));
                    }));
    assertThat(scope.cancelledCaught()).isTrue();
    assertThat(Trefoil.currentTime()).isEqualTo(SECOND.toNanos());
  }

  // ---- fail

  @TrefoilTest(seeds = 20)
  @Tag("T22")
  void failThrowsTooSlowWhenTheTimeIsOver(MockClock clock) {
    clock.setAutojumpThreshold(Duration.ZERO);
    assertThatThrownBy(() -> CancelScope.failAfter(SECOND, Trefoil::sleepForever))
        .isInstanceOf(TooSlow.class)
        .hasMessageContaining("PT1S");
    assertThat(Trefoil.currentTime()).isEqualTo(SECOND.toNanos());
    assertThatThrownBy(
            () ->
                CancelScope.failAfter(
                    SECOND,
                    () -> {
                      Trefoil.sleepForever();
                      return "never";
                    }))
        .isInstanceOf(TooSlow.class);
    long deadline = 3 * SECOND.toNanos();
    assertThatThrownBy(() -> CancelScope.failAt(deadline, Trefoil::sleepForever))
        .isInstanceOf(TooSlow.class);
    assertThat(Trefoil.currentTime()).isEqualTo(deadline);
    assertThatThrownBy(
            () ->
                CancelScope.failAt(
                    deadline,
                    () -> {
                      Hazmat.yieldBriefly();
                      return "never";
                    }))
        .isInstanceOf(TooSlow.class);
  }

  @TrefoilTest(seeds = 20)
  @Tag("T22")
  void failReturnsTheBodysResultIfItEndsInTime(MockClock clock) {
    clock.setAutojumpThreshold(Duration.ZERO);
    String after =
        CancelScope.failAfter(
            SECOND,
            () -> {
              Trefoil.sleep(Duration.ofMillis(999));
              return "in time";
            });
    assertThat(after).isEqualTo("in time");
    String at = CancelScope.failAt(Long.MAX_VALUE, () -> "no limit");
    assertThat(at).isEqualTo("no limit");
    CancelScope.failAfter(SECOND, Hazmat::yieldBriefly);
    CancelScope.failAt(Long.MAX_VALUE, Hazmat::yieldBriefly);
  }

  @TrefoilTest(seeds = 20)
  @Tag("T22")
  void aBodyThatEndsLateWithoutHavingBeenInterruptedIsNotTooSlow(MockClock clock) {
    String result =
        CancelScope.failAfter(
            SECOND,
            () -> {
              clock.jump(Duration.ofSeconds(5));
              return "late";
            });
    assertThat(result).isEqualTo("late");
    CancelScope.failAfter(
        Duration.ZERO,
        () -> {
          trace.add("no checkpoint");
        });
    assertThat(trace).containsExactly("no checkpoint");
  }

  @TrefoilTest(seeds = 20)
  @Tag("T18")
  @Tag("T22")
  void aBodyThatSwallowsTheCancellationIsNotTooSlow() {
    String result =
        CancelScope.failAfter(
            Duration.ZERO,
            () -> {
              assertThat(catchThrowable(Hazmat::yieldBriefly)).isInstanceOf(Cancelled.class);
              return "swallowed";
            });
    assertThat(result).isEqualTo("swallowed");
  }

  @TrefoilTest(seeds = 20)
  @Tag("T22")
  void anExplicitCancelOfTheNurseryInsideIsNotTooSlow(MockClock clock) {
    CancelScope.failAfter(
        SECOND,
        () ->
            Nursery.open(
                nursery -> {
                  nursery.cancelScope().cancel();
                  Trefoil.sleepForever();
                }));
    assertThat(Trefoil.currentTime()).isZero();
  }

  @TrefoilTest(seeds = 20)
  @Tag("T19")
  @Tag("T22")
  void theOuterOfTwoEqualTimeoutsIsTheOneThatFails(MockClock clock) {
    clock.setAutojumpThreshold(Duration.ZERO);
    assertThatThrownBy(
            () ->
                CancelScope.failAfter(
                    SECOND,
                    () -> {
                      try {
                        CancelScope.failAfter(SECOND, Trefoil::sleepForever);
                      } catch (TooSlow inner) {
                        trace.add("inner");
                      }
                    }))
        .isInstanceOf(TooSlow.class);
    assertThat(trace).isEmpty();
  }

  @TrefoilTest(seeds = 20)
  @Tag("T22")
  void anInnerTooSlowPassesAnOuterTimeoutAsAnOrdinaryError(MockClock clock) {
    clock.setAutojumpThreshold(Duration.ZERO);
    CancelScope outer = CancelScope.withTimeout(Duration.ofSeconds(10));
    assertThatThrownBy(() -> outer.run(() -> CancelScope.failAfter(SECOND, Trefoil::sleepForever)))
        .isInstanceOf(TooSlow.class);
    assertThat(outer.cancelCalled()).isFalse();
  }

  @TrefoilTest(seeds = 20)
  @Tag("T6")
  @Tag("T22")
  void aFailureThatTheTimeoutProvokedIsReportedRatherThanTooSlow(MockClock clock) {
    clock.setAutojumpThreshold(Duration.ZERO);
    assertThatThrownBy(
            () ->
                CancelScope.failAfter(
                    SECOND,
                    () ->
                        Nursery.open(
                            nursery ->
                                nursery.spawn(
                                    () -> {
                                      try {
                                        Trefoil.sleepForever();
                                      } catch (Cancelled cancelled) {
                                        throw new IOException("cleanup");
                                      }
                                    }))))
        .isInstanceOf(ExceptionGroup.class);
  }

  // ---- wrong use

  @Test
  @Tag("T21")
  @Tag("T22")
  void negativeTimeoutsAreRefusedBeforeTheBodyRuns() {
    assertThatThrownBy(() -> CancelScope.moveOnAfter(NEGATIVE, Hazmat::yieldBriefly))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("timeout")
        .hasMessageContaining("PT-1S");
    assertThatThrownBy(() -> CancelScope.failAfter(NEGATIVE, Hazmat::yieldBriefly))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("timeout");
    assertThatThrownBy(() -> CancelScope.failAfter(NEGATIVE, () -> "result"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("timeout");
  }
}
