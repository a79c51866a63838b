package dev.trefoil.tests.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.trefoil.hazmat.Cancelled;
import dev.trefoil.hazmat.EntryPoint;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.Instrument;
import dev.trefoil.hazmat.ParkingLot;
import dev.trefoil.hazmat.Task;
import dev.trefoil.tasks.CancelScope;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.tasks.Trefoil;
import dev.trefoil.testing.Checkpoints;
import dev.trefoil.testing.MockClock;
import dev.trefoil.testing.Testing;
import dev.trefoil.testing.TrefoilTest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("T84")
class WaitAllTasksBlockedTest {
  private static final Duration CUSHION = Duration.ofMillis(20);

  private final List<String> trace = new ArrayList<>();

  @Tag("R53")
  @TrefoilTest(seeds = 20)
  void returnsWhenEveryOtherTaskWaits() {
    ParkingLot lot = new ParkingLot();
    Nursery.open(
        nursery -> {
          for (int i = 0; i < 10; i++) {
            int yields = i;
            nursery.spawn(
                () -> {
                  for (int y = 0; y < yields; y++) {
                    Hazmat.yieldBriefly();
                  }
                  lot.park();
                });
          }
          Testing.waitAllTasksBlocked();
          assertThat(lot.size()).isEqualTo(10);
          lot.unparkAll();
        });
  }

  @TrefoilTest(seeds = 20)
  void systemTasksAreWaitedForToo() {
    Task<Object> system =
        Hazmat.spawnSystemTask(
            "busy",
            () -> {
              for (int i = 0; i < 10; i++) {
                Hazmat.yieldBriefly();
              }
              return "done";
            });
    Testing.waitAllTasksBlocked();
    assertThat(system.outcome()).isNotNull();
  }

  @TrefoilTest
  void isACheckpointEvenIfNobodyElseIsThere() {
    Checkpoints.assertCheckpoints(Testing::waitAllTasksBlocked);
    CancelScope scope = CancelScope.create();
    scope.cancel();
    scope.run(
        () -> {
          Testing.waitAllTasksBlocked();
          trace.add("not cancelled");
        });
    assertThat(trace).isEmpty();
  }

  @TrefoilTest
  void doesNotReturnWhileATaskIsAlwaysRunnable() {
    Nursery.open(
        nursery -> {
          nursery.spawn(
              () -> {
                Testing.waitAllTasksBlocked();
                trace.add("idle");
              });
          for (int i = 0; i < 1000; i++) {
            Hazmat.yieldBriefly();
          }
          trace.add("spun");
        });
    assertThat(trace).containsExactly("spun", "idle");
  }

  @TrefoilTest(seeds = 5)
  void smallestCushionWakesFirstAndEqualOnesTogether() {
    PollCounter polls = new PollCounter();
    Hazmat.currentRun().addInstrument(polls);
    List<Wake> wakes = new ArrayList<>();
    Nursery.open(
        nursery -> {
          for (int millis : new int[] {40, 10, 0, 10, 40, 10}) {
            nursery.spawn(
                () -> {
                  Testing.waitAllTasksBlocked(Duration.ofMillis(millis));
                  wakes.add(new Wake(millis, polls.count));
                });
          }
        });
    assertThat(wakes).extracting(Wake::millis).containsExactly(0, 10, 10, 10, 40, 40);
    assertThat(wakes.stream().map(Wake::poll).distinct()).hasSize(3);
    assertThat(wakes.stream().distinct()).hasSize(3);
  }

  private record Wake(int millis, int poll) {}

  private static final class PollCounter implements Instrument {
    int count;

    @Override
    public void beforeIoWait(long timeoutNanos) {
      count++;
    }
  }

  @TrefoilTest
  void wakingOneStartsTheTimeOfTheOthersAnew() {
    long[] lastStep = new long[1];
    Nursery.open(
        nursery -> {
          nursery.spawn(
              () -> {
                Testing.waitAllTasksBlocked(CUSHION);
                lastStep[0] = System.nanoTime();
              });
          Testing.waitAllTasksBlocked(CUSHION.plusMillis(5));
          assertThat(System.nanoTime() - lastStep[0])
              .isGreaterThanOrEqualTo(CUSHION.plusMillis(5).toNanos());
        });
  }

  @TrefoilTest
  void taskThatRunsMeanwhileStartsTheTimeAnew() {
    long[] lastStep = new long[1];
    Nursery.open(
        nursery -> {
          nursery.spawn(
              () -> {
                for (int i = 0; i < 3; i++) {
                  Trefoil.sleep(CUSHION.dividedBy(2));
                  lastStep[0] = System.nanoTime();
                }
                trace.add("slept");
              });
          Testing.waitAllTasksBlocked(CUSHION);
          trace.add("idle");
          assertThat(System.nanoTime() - lastStep[0]).isGreaterThanOrEqualTo(CUSHION.toNanos());
        });
    assertThat(trace).containsExactly("slept", "idle");
  }

  @TrefoilTest
  void forcedWakeUpDoesNotCountAsIdleness() {
    Disturbance disturbance = new Disturbance(() -> trace.add("forced"));
    Hazmat.currentRun().addInstrument(disturbance);
    Testing.waitAllTasksBlocked(CUSHION);
    assertThat(trace).containsExactly("forced", "forced", "forced");
    assertThat(System.nanoTime() - disturbance.lastCall).isGreaterThanOrEqualTo(CUSHION.toNanos());
  }

  @TrefoilTest
  void movedDeadlineDoesNotCountAsIdleness() {
    CancelScope scope = CancelScope.withTimeout(Duration.ofHours(1));
    Disturbance disturbance =
        new Disturbance(() -> scope.setDeadline(scope.deadline() + 1_000_000_000L));
    scope.run(
        () -> {
          Hazmat.currentRun().addInstrument(disturbance);
          Testing.waitAllTasksBlocked(CUSHION);
          assertThat(System.nanoTime() - disturbance.lastCall)
              .isGreaterThanOrEqualTo(CUSHION.toNanos());
        });
    assertThat(disturbance.calls).isEqualTo(3);
  }

  /** Three times, as soon as the run is about to go to sleep, makes a call come from outside. */
  private static final class Disturbance implements Instrument {
    private final EntryPoint entry = Hazmat.currentCallSoonThreadAndSignalSafe();
    private final Runnable call;
    int calls;
    long lastCall;

    Disturbance(Runnable call) {
      this.call = call;
    }

    @Override
    public void beforeIoWait(long timeoutNanos) {
      if (timeoutNanos > 0 && calls < 3) {
        calls++;
        entry.callSoonThreadAndSignalSafe(
            () -> {
              call.run();
              lastCall = System.nanoTime();
            });
      }
    }
  }

  @TrefoilTest
  void pendingDeadlineDoesNotKeepItWaiting(MockClock clock) {
    Nursery.open(
        nursery -> {
          nursery.spawn(() -> Trefoil.sleep(Duration.ofDays(1)));
          Testing.waitAllTasksBlocked();
          assertThat(clock.now()).isZero();
          nursery.cancelScope().cancel();
        });
  }

  @Tag("R53")
  @TrefoilTest(seeds = 20)
  void cancelledWaiterWakesAtOnce() {
    Nursery.open(
        nursery -> {
          CancelScope scope = CancelScope.create();
          nursery.spawn(
              () ->
                  scope.run(
                      () -> {
                        try {
                          Testing.waitAllTasksBlocked(Duration.ofDays(1));
                        } catch (Cancelled cancelled) {
                          trace.add("cancelled");
                          throw cancelled;
                        }
                      }));
          Testing.waitAllTasksBlocked();
          scope.cancel();
          assertThat(trace).isEmpty();
        });
    assertThat(trace).containsExactly("cancelled");
  }

  @TrefoilTest
  void cancelledWaiterHoldsUpNobody() {
    Nursery.open(
        nursery -> {
          CancelScope scope = CancelScope.create();
          // The two share a cushion, so that one of several equal ones leaves.
          nursery.spawn(() -> scope.run(() -> Testing.waitAllTasksBlocked(CUSHION)));
          nursery.spawn(
              () -> {
                Testing.waitAllTasksBlocked(CUSHION);
                trace.add("idle");
              });
          Testing.waitAllTasksBlocked();
          scope.cancel();
        });
    assertThat(trace).containsExactly("idle");
  }

  @TrefoilTest
  void cushionShorterThanAMillisecondIsReached() {
    Testing.waitAllTasksBlocked(Duration.ofNanos(1));
    Testing.waitAllTasksBlocked(Duration.ofNanos(300_000));
    Testing.waitAllTasksBlocked(Duration.ofNanos(1_500_000));
  }

  @TrefoilTest
  void negativeCushionIsRefused() {
    assertThatThrownBy(() -> Testing.waitAllTasksBlocked(Duration.ofNanos(-1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("cushion", "PT-0.000000001S");
  }

  @TrefoilTest
  void cushionBeyondAllMeasureWaitsUntilCancelled() {
    Nursery.open(
        nursery -> {
          nursery.spawn(() -> Testing.waitAllTasksBlocked(Duration.ofSeconds(Long.MAX_VALUE)));
          Testing.waitAllTasksBlocked();
          assertThat(nursery.childTasks()).hasSize(1);
          nursery.cancelScope().cancel();
        });
  }

  @Test
  void outsideARunItIsRefused() {
    assertThatThrownBy(Testing::waitAllTasksBlocked)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("inside a Trefoil run");
  }
}
