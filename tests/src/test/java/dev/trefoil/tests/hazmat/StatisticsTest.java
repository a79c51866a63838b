package dev.trefoil.tests.hazmat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.trefoil.hazmat.CancelStatus;
import dev.trefoil.hazmat.EntryPoint;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.IoStatistics;
import dev.trefoil.hazmat.ParkingLot;
import dev.trefoil.hazmat.RunStatistics;
import dev.trefoil.hazmat.Task;
import dev.trefoil.tasks.CancelScope;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.testing.Checkpoints;
import dev.trefoil.testing.MockClock;
import dev.trefoil.testing.Testing;
import dev.trefoil.testing.TrefoilTest;
import java.io.IOException;
import java.nio.channels.Pipe;
import java.time.Duration;
import org.junit.jupiter.api.Tag;

final class StatisticsTest {
  private final ParkingLot lot = new ParkingLot();

  private static RunStatistics statistics() {
    return Hazmat.currentRun().statistics();
  }

  @TrefoilTest
  @Tag("T39")
  void freshRunHasItsMainTaskAndNothingElse() {
    assertThat(statistics())
        .extracting(
            RunStatistics::tasksLiving,
            RunStatistics::tasksRunnable,
            RunStatistics::nanosToNextDeadline,
            RunStatistics::deadlines,
            RunStatistics::entryQueueSize)
        .containsExactly(1, 0, Long.MAX_VALUE, 0, 0);
    assertThat(statistics().io())
        .extracting(IoStatistics::tasksWaitingRead, IoStatistics::tasksWaitingWrite)
        .containsExactly(0, 0);
  }

  @TrefoilTest(seeds = 20)
  @Tag("T39")
  void tasksAreCountedFromSpawnToEndAndTheRunnableAmongThem() {
    Nursery.open(
        nursery -> {
          for (int i = 0; i < 3; i++) {
            nursery.spawn(() -> lot.<Object>park());
          }
          assertThat(statistics().tasksLiving()).isEqualTo(4);
          assertThat(statistics().tasksRunnable()).isEqualTo(3);
          Testing.waitAllTasksBlocked();
          assertThat(statistics().tasksLiving()).isEqualTo(4);
          assertThat(statistics().tasksRunnable()).isZero();
          lot.unpark(2);
          assertThat(statistics().tasksRunnable()).isEqualTo(2);
          Testing.waitAllTasksBlocked();
          assertThat(statistics().tasksLiving()).isEqualTo(2);
          lot.unparkAll();
        });
    assertThat(statistics().tasksLiving()).isOne();
  }

  @TrefoilTest(seeds = 20)
  @Tag("T39")
  void deadlinesAreCountedAndTheNextIsTold(MockClock clock) {
    CancelScope.moveOnAfter(
        Duration.ofSeconds(10),
        () -> {
          assertThat(statistics().deadlines()).isOne();
          CancelScope.moveOnAfter(
              Duration.ofSeconds(3),
              () -> {
                assertThat(statistics().deadlines()).isEqualTo(2);
                assertThat(statistics().nanosToNextDeadline()).isEqualTo(3_000_000_000L);
                clock.jump(Duration.ofSeconds(4));
                assertThat(statistics().nanosToNextDeadline()).isEqualTo(-1_000_000_000L);
              });
          assertThat(statistics().deadlines()).isOne();
          assertThat(statistics().nanosToNextDeadline()).isEqualTo(6_000_000_000L);
        });
    assertThat(statistics().deadlines()).isZero();
  }

  @TrefoilTest
  @Tag("T39")
  void deadlineIsOverdueHoweverFarInThePastItIs(MockClock clock) {
    clock.jump(Duration.ofSeconds(1));
    CancelScope scope = CancelScope.create();
    scope.run(
        () -> {
          scope.setDeadline(Long.MIN_VALUE);
          assertThat(statistics().nanosToNextDeadline()).isEqualTo(Long.MIN_VALUE);
          scope.setDeadline(-5);
          assertThat(statistics().nanosToNextDeadline()).isEqualTo(-1_000_000_005L);
        });
  }

  @TrefoilTest
  @Tag("T39")
  void entryCallsAreCountedUntilTheyRun() {
    EntryPoint entry = Hazmat.currentCallSoonThreadAndSignalSafe();
    for (int i = 0; i < 3; i++) {
      entry.callSoonThreadAndSignalSafe(() -> {});
    }
    entry.callSoonThreadAndSignalSafe(StatisticsTest::nothing, true);
    assertThat(statistics().entryQueueSize()).isEqualTo(4);
    Testing.waitAllTasksBlocked();
    assertThat(statistics().entryQueueSize()).isZero();
  }

  private static void nothing() {}

  @TrefoilTest
  @Tag("T39")
  void openCancelStatusesAreCounted() {
    int before = statistics().cancelStatuses();
    CancelStatus node = Hazmat.currentTask().cancelStatus().newChild(this);
    assertThat(statistics().cancelStatuses()).isEqualTo(before + 1);
    node.close();
    assertThat(statistics().cancelStatuses()).isEqualTo(before);
  }

  @TrefoilTest
  @Tag("T39")
  void tasksThatWaitForIoAreCountedByDirection() throws IOException {
    Pipe pipe = Pipe.open();
    pipe.source().configureBlocking(false);
    Nursery.open(
        nursery -> {
          Task<?> reader = nursery.spawn(() -> Hazmat.waitSocketReadable(pipe.source()));
          Testing.waitAllTasksBlocked();
          assertThat(statistics().io().tasksWaitingRead()).isOne();
          assertThat(statistics().io().tasksWaitingWrite()).isZero();
          assertThat(statistics().io().backend()).contains("selector");
          nursery.cancelScope().cancel();
          assertThat(reader.state().isFinal()).isFalse();
          assertThat(statistics().io().tasksWaitingRead()).isZero();
        });
    pipe.source().close();
    pipe.sink().close();
  }

  @TrefoilTest
  @Tag("T39")
  void lookingIsNoCheckpoint() {
    Checkpoints.assertNoCheckpoints(StatisticsTest::statistics);
  }

  @TrefoilTest
  @Tag("T39")
  @Tag("T14")
  void timeToADeadlineAsFarAwayAsNumbersGoHasTheRightSign() {
    CancelScope scope = CancelScope.create();
    scope.run(
        () -> {
          scope.setDeadline(Long.MIN_VALUE);
          assertThat(Hazmat.currentRun().statistics().nanosToNextDeadline()).isNegative();
          scope.setDeadline(Long.MAX_VALUE - 1);
          assertThat(Hazmat.currentRun().statistics().nanosToNextDeadline()).isPositive();
        });
  }
}
