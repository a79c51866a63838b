package dev.trefoil.tests.tasks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.trefoil.hazmat.Cancelled;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.Task;
import dev.trefoil.tasks.CancelScope;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.tasks.Trefoil;
import dev.trefoil.testing.Checkpoints;
import dev.trefoil.testing.MockClock;
import dev.trefoil.testing.Testing;
import dev.trefoil.testing.TrefoilTest;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Waiting for time to pass. */
class SleepTest {
  private static final Duration SECOND = Duration.ofSeconds(1);

  private final List<String> trace = new ArrayList<>();

  @TrefoilTest(seeds = 20)
  @Tag("T23")
  @Tag("R74")
  void sleepersWakeInTheOrderOfTheirTimes(MockClock clock) {
    clock.setAutojumpThreshold(Duration.ZERO);
    Nursery.open(
        nursery -> {
          for (int seconds : new int[] {5, 1, 4, 2, 3}) {
            nursery.spawn(
                () -> {
                  Trefoil.sleep(Duration.ofSeconds(seconds));
                  trace.add(seconds + " at " + Duration.ofNanos(Trefoil.currentTime()));
                });
          }
        });
    assertThat(trace)
        .containsExactly("1 at PT1S", "2 at PT2S", "3 at PT3S", "4 at PT4S", "5 at PT5S");
  }

  @TrefoilTest
  @Tag("R74")
  void sleepersWithTheSameTimeWakeInTheOrderInWhichTheyWentToSleep(MockClock clock) {
    clock.setAutojumpThreshold(Duration.ZERO);
    Nursery.open(
        nursery ->
            IntStream.range(0, 10)
                .forEach(
                    number ->
                        nursery.spawn(
                            () -> {
                              Trefoil.sleep(SECOND);
                              trace.add(String.valueOf(number));
                            })));
    assertThat(trace).containsExactly("0", "1", "2", "3", "4", "5", "6", "7", "8", "9");
  }

  @TrefoilTest(seeds = 20)
  @Tag("T23")
  @Tag("R74")
  void sleepLastsItsTimeExactly(MockClock clock) {
    Nursery.open(
        nursery -> {
          Task<?> sleeper = nursery.spawn(() -> Trefoil.sleep(SECOND));
          Testing.waitAllTasksBlocked();
          clock.jump(SECOND.minusNanos(1));
          Testing.waitAllTasksBlocked();
          assertThat(sleeper.outcome()).isNull();
          clock.jump(Duration.ofNanos(1));
          Testing.waitAllTasksBlocked();
          assertThat(sleeper.outcome()).isNotNull();
        });
  }

  @TrefoilTest(seeds = 20)
  @Tag("T23")
  void sleepUntilEndsAtThatTime(MockClock clock) {
    clock.setAutojumpThreshold(Duration.ZERO);
    clock.jump(SECOND);
    Trefoil.sleepUntil(3 * SECOND.toNanos());
    assertThat(Trefoil.currentTime()).isEqualTo(3 * SECOND.toNanos());
  }

  @TrefoilTest(seeds = 20)
  @Tag("T23")
  void sleepingUntilThePastIsJustACheckpoint(MockClock clock) {
    clock.jump(SECOND);
    for (long time : new long[] {SECOND.toNanos(), 0, Long.MIN_VALUE}) {
      Checkpoints.assertCheckpoints(() -> Trefoil.sleepUntil(time));
    }
    assertThat(Trefoil.currentTime()).isEqualTo(SECOND.toNanos());
    CancelScope scope = CancelScope.create();
    scope.cancel();
    scope.run(() -> Trefoil.sleepUntil(0));
    assertThat(scope.cancelledCaught()).isTrue();
  }

  @TrefoilTest(seeds = 20)
  @Tag("R35")
  @Tag("R74")
  @Tag("T23")
  void sleepingForNoTimeIsACheckpointThatLetsEveryOtherRunnableTaskRun() {
    Nursery.open(
        nursery -> {
          for (int number = 0; number < 5; number++) {
            nursery.spawn(() -> trace.add("other"));
          }
          Checkpoints.assertCheckpoints(() -> Trefoil.sleep(Duration.ZERO));
          Trefoil.sleep(Duration.ZERO);
          trace.add("back");
        });
    assertThat(trace).containsExactly("other", "other", "other", "other", "other", "back");
  }

  @TrefoilTest(seeds = 20)
  @Tag("R35")
  @Tag("R74")
  @Tag("T23")
  void everySleepCanBeCancelled() {
    CancelScope scope = CancelScope.create();
    scope.run(
        () -> {
          scope.cancel();
          assertThat(catchThrowable(() -> Trefoil.sleep(Duration.ZERO)))
              .isInstanceOf(Cancelled.class);
          assertThat(catchThrowable(() -> Trefoil.sleep(SECOND))).isInstanceOf(Cancelled.class);
          assertThat(catchThrowable(() -> Trefoil.sleepUntil(Long.MAX_VALUE)))
              .isInstanceOf(Cancelled.class);
          assertThat(catchThrowable(Trefoil::sleepForever)).isInstanceOf(Cancelled.class);
        });
  }

  @TrefoilTest(seeds = 20)
  @Tag("R35")
  @Tag("T23")
  void aCancelledSleepLeavesNoDeadlineBehind() {
    Nursery.open(
        nursery -> {
          for (int number = 0; number < 100; number++) {
            nursery.spawn(() -> Trefoil.sleep(Duration.ofDays(1)));
          }
          Testing.waitAllTasksBlocked();
          assertThat(Hazmat.currentRun().statistics().deadlines()).isEqualTo(100);
          nursery.cancelScope().cancel();
        });
    assertThat(Hazmat.currentRun().statistics().deadlines()).isZero();
  }

  @TrefoilTest(seeds = 20)
  @Tag("R35")
  void sleepingForNoTimeNoticesADeadlineThatPassesMeanwhile(MockClock clock) {
    CancelScope scope =
        CancelScope.moveOnAfter(
            SECOND,
            () -> {
              clock.jump(SECOND);
              Trefoil.sleep(Duration.ZERO);
              trace.add("not reached");
            });
    assertThat(trace).isEmpty();
    assertThat(scope.cancelledCaught()).isTrue();
  }

  @TrefoilTest(seeds = 20)
  @Tag("R74")
  void tasksThatSleepForNoTimeAgainAndAgainStarveNoInput() throws Exception {
    Pipe pipe = Pipe.open();
    try (var source = pipe.source();
        var sink = pipe.sink()) {
      source.configureBlocking(false);
      Nursery.open(
          nursery -> {
            for (int number = 0; number < 10; number++) {
              nursery.spawn(
                  () -> {
                    while (true) {
                      Trefoil.sleep(Duration.ZERO);
                    }
                  });
            }
            nursery.spawn(
                () -> {
                  Hazmat.waitSocketReadable(source);
                  trace.add("readable");
                  nursery.cancelScope().cancel();
                });
            Trefoil.sleep(Duration.ZERO);
            sink.write(ByteBuffer.wrap(new byte[1]));
          });
    }
    assertThat(trace).containsExactly("readable");
  }

  @TrefoilTest(seeds = 20)
  @Tag("T23")
  void sleepingForEverEndsOnlyByCancellation(MockClock clock) {
    Nursery.open(
        nursery -> {
          Task<?> sleeper = nursery.spawn(Trefoil::sleepForever);
          Testing.waitAllTasksBlocked();
          clock.jump(Duration.ofDays(100_000));
          Testing.waitAllTasksBlocked();
          assertThat(sleeper.outcome()).isNull();
          nursery.cancelScope().cancel();
        });
  }

  @TrefoilTest(seeds = 20)
  @Tag("T23")
  void reschedulingASleeperThatIsNotYoursIsAnErrorThatSaysSo() {
    Nursery.open(
        nursery -> {
          for (Duration time : List.of(SECOND, Duration.ofSeconds(Long.MAX_VALUE))) {
            Task<?> sleeper =
                nursery.spawn(
                    () ->
                        assertThatThrownBy(() -> Trefoil.sleep(time))
                            .isInstanceOf(IllegalStateException.class)
                            .hasMessageContaining("reschedule"));
            Testing.waitAllTasksBlocked();
            Hazmat.reschedule(sleeper);
          }
          Task<?> sleeper =
              nursery.spawn(
                  () ->
                      assertThatThrownBy(Trefoil::sleepForever)
                          .isInstanceOf(IllegalStateException.class)
                          .hasMessageContaining("reschedule"));
          Testing.waitAllTasksBlocked();
          Hazmat.reschedule(sleeper);
        });
  }

  @TrefoilTest
  @Tag("R74")
  @Tag("T23")
  void aSleeperSaysWhatItDoes() {
    Nursery.open(
        nursery -> {
          Task<?> sleeper = nursery.spawn(() -> Trefoil.sleep(Duration.ofDays(1)));
          Testing.waitAllTasksBlocked();
          assertThat(sleeper.stateLabel()).isEqualTo("TIME_SLEEP");
          nursery.cancelScope().cancel();
        });
  }

  @TrefoilTest
  @Tag("T23")
  void negativeTimesAreRefusedWithoutACheckpoint() {
    Checkpoints.assertNoCheckpoints(
        () ->
            assertThatThrownBy(() -> Trefoil.sleep(Duration.ofMillis(-1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("duration")
                .hasMessageContaining("PT-0.001S"));
  }

  @Test
  @Tag("T23")
  void sleepingOutsideARunIsRefusedWithAdvice() {
    assertThatThrownBy(() -> Trefoil.sleep(SECOND))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("Trefoil.run");
    assertThatThrownBy(Trefoil::sleepForever)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("Trefoil.run");
  }
}
