package dev.trefoil.tests.hazmat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.RunGuard;
import dev.trefoil.hazmat.RunOptions;
import dev.trefoil.hazmat.Task;
import dev.trefoil.tasks.CancelScope;
import dev.trefoil.tasks.Trefoil;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;

/**
 * A task whose operations need never wait, and beside which no other is runnable, goes on without
 * switches. That it notices whatever wants its turn is shown by {@link BusyTasksTest}.
 */
@Timeout(60)
final class GoingOnAloneTest {
  /** Far more than the switches that may be skipped where somebody waits. */
  private static final int MANY = 1_000;

  private final RunGuard guard = new RunGuard("the guarded");
  private boolean over;

  private void operate() {
    if (guard.tryCheckpoint() == null) {
      guard.requireTask();
      Hazmat.yieldIfCancelled();
      Hazmat.yieldBrieflyNoCancel();
    }
  }

  private void operateUntilOver() {
    while (!over) {
      operate();
    }
  }

  private long stepsOfManyOperations() {
    Task<?> task = Hazmat.currentTask();
    long before = task.cycles();
    for (int i = 0; i < MANY; i++) {
      operate();
    }
    return task.cycles() - before;
  }

  @EveryBackend
  @Tag("R33")
  @Tag("R34")
  void taskAloneIsNotSwitched(RunOptions options) {
    assertThat(Trefoil.<Long, RuntimeException>run(options, this::stepsOfManyOperations)).isZero();
  }

  @EveryBackend
  @Tag("R34")
  void operationsCountAsCheckpoints(RunOptions options) {
    Trefoil.run(
        options,
        () -> {
          Task<?> task = Hazmat.currentTask();
          long schedulePoints = task.schedulePoints();
          long cancelPoints = task.cancelPoints();
          for (int i = 0; i < MANY; i++) {
            assertThat(guard.tryCheckpoint()).isSameAs(task);
          }
          assertThat(task.schedulePoints() - schedulePoints).isEqualTo(MANY);
          assertThat(task.cancelPoints() - cancelPoints).isEqualTo(MANY);
        });
  }

  @EveryBackend
  @Tag("R50")
  void itIsNotReportedToBlockTheRun(RunOptions options) throws InterruptedException {
    Duration limit = Duration.ofMillis(300);
    CountDownLatch reported = new CountDownLatch(1);
    try (KernelLog log =
        KernelLog.capture(
            message -> {
              if (message.contains("blockOnceReported")) {
                reported.countDown();
              }
            })) {
      Trefoil.run(
          options.withBlockedWarningAfter(limit),
          () -> {
            CancelScope.moveOnAfter(limit.multipliedBy(4), this::operateUntilOver);
            blockOnceReported(reported);
          });
      assertThat(log.messages()).hasSize(1);
    }
  }

  private static void blockOnceReported(CountDownLatch reported) throws InterruptedException {
    assertThat(reported.await(30, TimeUnit.SECONDS)).as("reported").isTrue();
  }

  @EveryBackend
  @Tag("R34")
  void whereNobodyCanSuspendThereIsNoCheckpoint(RunOptions options) {
    Trefoil.run(
        options,
        () -> {
          Hazmat.currentCallSoonThreadAndSignalSafe()
              .callSoonThreadAndSignalSafe(
                  () -> {
                    assertThat(guard.tryCheckpoint()).isNull();
                    assertThatIllegalStateException()
                        .isThrownBy(Hazmat::yieldIfCancelled)
                        .withMessageContaining("Cannot pass a checkpoint here");
                    over = true;
                  });
          operateUntilOver();
        });
    assertThatIllegalStateException()
        .isThrownBy(guard::tryCheckpoint)
        .withMessageContaining("inside a Trefoil run");
  }

  @EveryBackend
  @Tag("R32")
  @Tag("R34")
  void whoIsCancelledPassesNoCheckpoint(RunOptions options) {
    Trefoil.run(
        options,
        () -> {
          CancelScope scope = CancelScope.create();
          scope.run(
              () -> {
                scope.cancel();
                long before = Hazmat.currentTask().schedulePoints();
                assertThat(guard.tryCheckpoint()).isNull();
                assertThat(Hazmat.currentTask().schedulePoints()).isEqualTo(before);
                over = true;
              });
        });
    assertThat(over).isTrue();
  }
}
