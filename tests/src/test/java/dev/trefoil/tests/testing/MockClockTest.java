package dev.trefoil.tests.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.trefoil.hazmat.Abort;
import dev.trefoil.hazmat.CancelStatus;
import dev.trefoil.hazmat.EntryPoint;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.Instrument;
import dev.trefoil.hazmat.Outcome;
import dev.trefoil.hazmat.RunOptions;
import dev.trefoil.hazmat.Task;
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

@Tag("T85")
class MockClockTest {
  private static final long END_OF_TIME = Long.MAX_VALUE - 1;
  private static final long HOUR = Duration.ofHours(1).toNanos();

  private final List<String> trace = new ArrayList<>();

  // ---- standing still, jumping

  @TrefoilTest
  void standsStillAtZeroUntilToldOtherwise(MockClock clock) {
    assertThat(Trefoil.currentTime()).isZero();
    Testing.waitAllTasksBlocked(Duration.ofMillis(1));
    assertThat(Trefoil.currentTime()).isZero();
    assertThat(clock.rate()).isZero();
    assertThat(clock.autojumpThreshold()).isEqualTo(MockClock.NEVER);
  }

  @TrefoilTest(seeds = 10)
  void jumpWakesWhomItPasses(MockClock clock) {
    Nursery.open(
        nursery -> {
          for (int hours : new int[] {2, 1, 3}) {
            nursery.spawn(
                () -> {
                  Trefoil.sleep(Duration.ofHours(hours));
                  trace.add(hours + " at " + Trefoil.currentTime() / HOUR);
                });
          }
          Testing.waitAllTasksBlocked();
          clock.jump(Duration.ofHours(2).minusNanos(1));
          Testing.waitAllTasksBlocked();
          assertThat(trace).containsExactly("1 at 1");
          clock.jump(Duration.ofNanos(1));
          Testing.waitAllTasksBlocked();
          assertThat(trace).containsExactly("1 at 1", "2 at 2");
          clock.jump(Duration.ofHours(1));
        });
    assertThat(trace).containsExactly("1 at 1", "2 at 2", "3 at 3");
  }

  @TrefoilTest
  void deadlinesThatAJumpPassesFireInTheNextPass(MockClock clock) {
    CancelScope scope = CancelScope.withTimeout(Duration.ofHours(1));
    scope.run(
        () -> {
          clock.jump(Duration.ofHours(2));
          Hazmat.yieldIfCancelled();
          trace.add("not processed yet");
          Hazmat.yieldBriefly();
          trace.add("never");
        });
    assertThat(trace).containsExactly("not processed yet");
    assertThat(scope.cancelledCaught()).isTrue();
  }

  @TrefoilTest
  void negativeJumpIsRefusedAndChangesNothing(MockClock clock) {
    clock.jump(Duration.ofNanos(5));
    assertThatThrownBy(() -> clock.jump(Duration.ofNanos(-1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("backwards", "PT-0.000000001S");
    assertThat(clock.now()).isEqualTo(5);
    clock.jump(Duration.ZERO);
    assertThat(clock.now()).isEqualTo(5);
  }

  @TrefoilTest
  void jumpsBeyondTheEndOfTimeEndThere(MockClock clock) {
    clock.jump(Duration.ofSeconds(Long.MAX_VALUE));
    assertThat(clock.now()).isEqualTo(END_OF_TIME);
    clock.jump(Duration.ofNanos(Long.MAX_VALUE));
    assertThat(clock.now()).isEqualTo(END_OF_TIME);
    clock.setRate(1);
    assertThat(clock.now()).isEqualTo(END_OF_TIME);
    assertThat(clock.nanosUntil(END_OF_TIME)).isZero();
    assertThat(clock.nanosUntil(CancelStatus.NO_DEADLINE)).isEqualTo(Long.MAX_VALUE);
    Hazmat.yieldBriefly();
  }

  // ---- rate

  @TrefoilTest
  void rateMultipliesRealTime(MockClock clock) {
    clock.setRate(1000);
    long real = System.nanoTime();
    long deadline = clock.now() + Duration.ofSeconds(20).toNanos();
    Trefoil.sleepUntil(deadline);
    assertThat(clock.now()).isGreaterThanOrEqualTo(deadline);
    assertThat(System.nanoTime() - real)
        .isBetween(Duration.ofMillis(20).toNanos(), Duration.ofSeconds(19).toNanos());
  }

  @TrefoilTest
  void rateBelowOneIsSlowerThanRealTime(MockClock clock) {
    clock.setRate(0.25);
    long real = System.nanoTime();
    Trefoil.sleep(Duration.ofMillis(5));
    assertThat(System.nanoTime() - real).isGreaterThanOrEqualTo(Duration.ofMillis(20).toNanos());
  }

  @TrefoilTest
  void changingTheRateDoesNotMoveTheTime(MockClock clock) {
    clock.jump(Duration.ofHours(1));
    for (double rate : new double[] {1e6, 1e-12, 1e3, 0.5, 1e6, 1}) {
      long before = clock.now();
      long real = System.nanoTime();
      clock.setRate(rate);
      clock.setRate(0);
      long after = clock.now();
      assertThat(after - before).isBetween(0L, (long) ((System.nanoTime() - real) * rate));
    }
    clock.setRate(1);
    long before = clock.now();
    clock.setRate(0);
    assertThat(clock.now()).isGreaterThanOrEqualTo(before);
  }

  @TrefoilTest
  void saysHowLongToSleepInRealTime(MockClock clock) {
    clock.jump(Duration.ofNanos(1000));
    assertThat(clock.nanosUntil(1001)).isEqualTo(Long.MAX_VALUE);
    assertThat(clock.nanosUntil(1000)).isZero();
    assertThat(clock.nanosUntil(Long.MIN_VALUE)).isZero();
    clock.setRate(1e-12);
    assertThat(clock.nanosUntil(1001)).isBetween(999_999_999_999L, 1_000_000_000_001L);
    assertThat(clock.nanosUntil(END_OF_TIME)).isEqualTo(Long.MAX_VALUE);
    clock.setRate(1e-300);
    assertThat(clock.nanosUntil(1001)).isEqualTo(Long.MAX_VALUE);
  }

  @TrefoilTest
  void rateThatIsTooFastForTheEndOfTimeStopsThere(MockClock clock) {
    clock.jump(Duration.ofHours(1));
    clock.setRate(Double.MAX_VALUE);
    long real = System.nanoTime();
    while (System.nanoTime() == real) {
      Thread.onSpinWait();
    }
    assertThat(clock.now()).isEqualTo(END_OF_TIME);
    clock.setRate(0);
    assertThat(clock.now()).isEqualTo(END_OF_TIME);
  }

  @TrefoilTest
  void rateThatIsNegativeOrNotFiniteIsRefused(MockClock clock) {
    for (double rate : new double[] {-1, -1e-300, Double.NaN, Double.POSITIVE_INFINITY}) {
      assertThatThrownBy(() -> clock.setRate(rate))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContainingAll("rate", String.valueOf(rate));
      assertThatThrownBy(() -> new MockClock(rate, MockClock.NEVER))
          .isInstanceOf(IllegalArgumentException.class);
    }
    assertThat(clock.rate()).isZero();
  }

  // ---- autojump

  @TrefoilTest(seeds = 10)
  void autojumpGoesToTheNextDeadlineOnly(MockClock clock) {
    clock.setAutojumpThreshold(Duration.ZERO);
    Nursery.open(
        nursery -> {
          for (int hours : new int[] {5, 1, 300_000, 3}) {
            nursery.spawn(
                () -> {
                  Trefoil.sleep(Duration.ofHours(hours));
                  trace.add(hours + " at " + Trefoil.currentTime() / (double) HOUR);
                });
          }
        });
    assertThat(trace).containsExactly("1 at 1.0", "3 at 3.0", "5 at 5.0", "300000 at 300000.0");
  }

  @TrefoilTest
  void autojumpComesOnlyAfterTheThresholdOfIdleness(MockClock clock) {
    Duration threshold = Duration.ofMillis(20);
    clock.setAutojumpThreshold(threshold);
    long[] lastStep = new long[1];
    Nursery.open(
        nursery -> {
          nursery.spawn(
              () -> {
                for (int i = 0; i < 100; i++) {
                  Hazmat.yieldBriefly();
                }
                lastStep[0] = System.nanoTime();
              });
          Trefoil.sleep(Duration.ofHours(1));
          assertThat(System.nanoTime() - lastStep[0]).isGreaterThanOrEqualTo(threshold.toNanos());
          assertThat(clock.now()).isEqualTo(HOUR);
        });
  }

  @TrefoilTest
  void forcedWakeUpDoesNotCountTowardsTheThreshold(MockClock clock) {
    Duration threshold = Duration.ofMillis(20);
    clock.setAutojumpThreshold(threshold);
    long[] lastCall = new long[1];
    onFirstSleeps(3, timeout -> lastCall[0] = System.nanoTime());
    Trefoil.sleep(Duration.ofHours(1));
    assertThat(System.nanoTime() - lastCall[0]).isGreaterThanOrEqualTo(threshold.toNanos());
  }

  @Tag("T84")
  @TrefoilTest
  void autojumpNeverComesWhileSomebodyWaitsUntilAllAreBlocked(MockClock clock) {
    clock.setAutojumpThreshold(Duration.ZERO);
    Nursery.open(
        nursery -> {
          nursery.spawn(() -> Trefoil.sleep(Duration.ofHours(1)));
          Testing.waitAllTasksBlocked();
          assertThat(clock.now()).isZero();
          Testing.waitAllTasksBlocked(Duration.ofMillis(20));
          assertThat(clock.now()).isZero();
        });
    assertThat(clock.now()).isEqualTo(HOUR);
  }

  @Tag("T84")
  @TrefoilTest
  void autojumpNeverComesHoweverLongSomebodyWaitsUntilAllAreBlocked(MockClock clock) {
    clock.setAutojumpThreshold(Duration.ZERO);
    List<Long> timeouts = new ArrayList<>();
    Nursery.open(
        nursery -> {
          nursery.spawn(() -> Testing.waitAllTasksBlocked(Duration.ofSeconds(Long.MAX_VALUE)));
          Testing.waitAllTasksBlocked();
          onFirstSleeps(
              3,
              timeout -> {
                timeouts.add(timeout);
                if (timeouts.size() == 3) {
                  nursery.cancelScope().cancel();
                }
              });
          Trefoil.sleep(Duration.ofHours(1));
        });
    assertThat(clock.now()).isZero();
    assertThat(timeouts).containsExactly(Long.MAX_VALUE, Long.MAX_VALUE, Long.MAX_VALUE);
  }

  @TrefoilTest
  void autojumpComesAfterTheOneThatWaitedUntilAllAreBlockedWasCancelled(MockClock clock) {
    clock.setAutojumpThreshold(Duration.ZERO);
    Nursery.open(
        nursery -> {
          nursery.spawn(() -> Testing.waitAllTasksBlocked(Duration.ofDays(1)));
          Testing.waitAllTasksBlocked();
          nursery.cancelScope().cancel();
        });
    Trefoil.sleep(Duration.ofHours(1));
    assertThat(clock.now()).isEqualTo(HOUR);
  }

  @TrefoilTest
  void withoutADeadlineAutojumpNeitherJumpsNorKeepsTheProcessorBusy(MockClock clock) {
    clock.setAutojumpThreshold(Duration.ZERO);
    Task<?> sleeper = Hazmat.currentTask();
    List<Long> timeouts = new ArrayList<>();
    onFirstSleeps(
        3,
        timeout -> {
          timeouts.add(timeout);
          if (timeouts.size() == 3) {
            Hazmat.reschedule(sleeper);
          }
        });
    Hazmat.<Object>yieldIndefinitely(raiseCancel -> Abort.FAILED);
    assertThat(clock.now()).isZero();
    assertThat(timeouts).containsExactly(Long.MAX_VALUE, Long.MAX_VALUE, Long.MAX_VALUE);
  }

  @TrefoilTest
  void deadlineThatWasTakenBackIsNotJumpedTo(MockClock clock) {
    clock.setAutojumpThreshold(Duration.ofMillis(1));
    CancelScope scope = CancelScope.withTimeout(Duration.ofHours(1));
    scope.run(
        () -> {
          scope.setDeadline(CancelStatus.NO_DEADLINE);
          Trefoil.sleep(Duration.ofHours(2));
        });
    assertThat(clock.now()).isEqualTo(2 * HOUR);
    assertThat(scope.cancelCalled()).isFalse();
  }

  @TrefoilTest
  void changedThresholdActsAtOnceEvenWhileTheRunSleeps(MockClock clock) {
    clock.setAutojumpThreshold(Duration.ofDays(1));
    onFirstSleeps(
        1,
        timeout -> {
          trace.add(Duration.ofNanos(timeout).toString());
          clock.setAutojumpThreshold(Duration.ZERO);
        });
    Trefoil.sleep(Duration.ofHours(1));
    assertThat(clock.now()).isEqualTo(HOUR);
    assertThat(trace).containsExactly("PT24H");
  }

  @TrefoilTest
  void switchingAutojumpOffActsAtOnce(MockClock clock) {
    clock.setAutojumpThreshold(Duration.ZERO);
    Nursery.open(
        nursery -> {
          nursery.spawn(() -> Trefoil.sleep(Duration.ofHours(1)));
          Testing.waitAllTasksBlocked();
          clock.setAutojumpThreshold(MockClock.NEVER);
          // Real idleness, in which the clock would jump.
          Task<?> main = Hazmat.currentTask();
          onFirstSleeps(2, timeout -> trace.add("timeout " + (timeout == Long.MAX_VALUE)));
          onFirstSleeps(2, 2, timeout -> Hazmat.reschedule(main));
          Hazmat.<Object>yieldIndefinitely(raiseCancel -> Abort.FAILED);
          assertThat(clock.now()).isZero();
          assertThat(trace).containsExactly("timeout true", "timeout true");
          clock.setAutojumpThreshold(Duration.ZERO);
        });
    assertThat(clock.now()).isEqualTo(HOUR);
  }

  @TrefoilTest
  void autojumpAndARateGoTogether(MockClock clock) {
    clock.setRate(1);
    clock.setAutojumpThreshold(Duration.ofMillis(5));
    long real = System.nanoTime();
    Trefoil.sleep(Duration.ofHours(1));
    assertThat(clock.now()).isGreaterThanOrEqualTo(HOUR);
    assertThat(System.nanoTime() - real).isLessThan(HOUR / 60);
  }

  @TrefoilTest
  void negativeThresholdIsRefused(MockClock clock) {
    assertThatThrownBy(() -> clock.setAutojumpThreshold(Duration.ofNanos(-1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("threshold");
    assertThatThrownBy(() -> new MockClock(0, Duration.ofNanos(-1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("threshold");
    assertThat(clock.autojumpThreshold()).isEqualTo(MockClock.NEVER);
  }

  @FunctionalInterface
  private interface Call {
    void run(long timeoutNanos);
  }

  private static void onFirstSleeps(int times, Call call) {
    onFirstSleeps(1, times, call);
  }

  /** Makes calls come from outside the first times that the run is about to go to sleep. */
  private static void onFirstSleeps(int from, int to, Call call) {
    EntryPoint entry = Hazmat.currentCallSoonThreadAndSignalSafe();
    Hazmat.currentRun()
        .addInstrument(
            new Instrument() {
              private int sleeps;

              @Override
              public void beforeIoWait(long timeoutNanos) {
                sleeps++;
                if (sleeps >= from && sleeps <= to) {
                  entry.callSoonThreadAndSignalSafe(() -> call.run(timeoutNanos));
                }
              }
            });
  }

  // ---- whom it belongs to

  @Test
  void timeGoesOnFromRunToRun() {
    MockClock clock = MockClock.autojump();
    clock.jump(Duration.ofHours(1));
    RunOptions options = RunOptions.defaults().withClock(clock);
    Trefoil.run(options, () -> Trefoil.sleep(Duration.ofHours(1)));
    clock.jump(Duration.ofHours(1));
    Trefoil.run(options, () -> Trefoil.sleep(Duration.ofHours(1)));
    assertThat(clock.now()).isEqualTo(4 * HOUR);
  }

  @TrefoilTest
  void otherThreadsCannotMoveItDuringARun(MockClock clock) throws Exception {
    List<Outcome<Object>> outcomes = new ArrayList<>();
    Thread stranger =
        Thread.ofPlatform()
            .start(
                () -> {
                  outcomes.add(refused(() -> clock.jump(Duration.ofHours(1))));
                  outcomes.add(refused(() -> clock.setRate(1)));
                  outcomes.add(refused(() -> clock.setAutojumpThreshold(Duration.ZERO)));
                });
    stranger.join();
    assertThat(outcomes)
        .hasSize(3)
        .allSatisfy(
            outcome ->
                assertThatThrownBy(outcome::unwrap)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContainingAll("run-", "callSoonThreadAndSignalSafe"));
    assertThat(clock.now()).isZero();
    assertThat(clock.rate()).isZero();
    assertThat(clock.autojumpThreshold()).isEqualTo(MockClock.NEVER);
  }

  private static Outcome<Object> refused(Runnable action) {
    return Outcome.capture(
        () -> {
          action.run();
          return "accepted";
        });
  }

  @TrefoilTest
  void servesOneRunAtATime(MockClock clock) throws Exception {
    List<Outcome<Object>> outcomes = new ArrayList<>();
    Thread other =
        Thread.ofPlatform()
            .start(
                () ->
                    outcomes.add(
                        refused(
                            () ->
                                Trefoil.run(
                                    RunOptions.defaults().withClock(clock),
                                    () -> trace.add("ran")))));
    other.join();
    assertThatThrownBy(outcomes.getFirst()::unwrap)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("one for each run");
    assertThat(trace).isEmpty();
    clock.jump(Duration.ofHours(1));
    assertThat(clock.now()).isEqualTo(HOUR);
  }
}
