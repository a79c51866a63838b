package dev.trefoil.tests.tasks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.trefoil.hazmat.CancelReason;
import dev.trefoil.hazmat.Cancelled;
import dev.trefoil.hazmat.EntryPoint;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.KernelError;
import dev.trefoil.hazmat.ParkingLot;
import dev.trefoil.hazmat.RunFinished;
import dev.trefoil.hazmat.RunOptions;
import dev.trefoil.hazmat.Task;
import dev.trefoil.hazmat.TaskState;
import dev.trefoil.tasks.Kernel;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.tasks.Trefoil;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The end of a kernel. */
@Timeout(60)
@Tag("R63")
final class KernelShutdownTest {
  private static final String BACKENDS = "dev.trefoil.tests.tasks.Schedules#backends";
  private static final String SCHEDULES = "dev.trefoil.tests.tasks.Schedules#all";

  private final List<String> log = new ArrayList<>();
  private final ParkingLot lot = new ParkingLot();

  private static Kernel kernel(RunOptions options) {
    return Kernel.builder().options(options).logErrors(false).build();
  }

  /** Sleeps, and says what happens when it is cancelled; takes some time over it. */
  private void sleepAndTell(String name) {
    try {
      Trefoil.sleepForever();
    } finally {
      log.add(name + " is cancelled");
      Hazmat.yieldBriefly();
      Trefoil.sleep(Duration.ofMillis(1));
      log.add(name + " has ended");
    }
  }

  @ParameterizedTest
  @MethodSource(SCHEDULES)
  @Tag("T66")
  void eachTaskIsCancelledAndWaitedForTheNewestFirstDaemonsToo(RunOptions options) {
    Kernel kernel = kernel(options);
    Task<?> first = kernel.addTask(() -> sleepAndTell("first"));
    Task<?> daemon = kernel.addTask(() -> sleepAndTell("daemon"), true);
    Task<?> last = kernel.addTask(() -> sleepAndTell("last"));
    kernel.addTask(
        () -> {
          Trefoil.sleep(Duration.ofMillis(1));
          kernel.stop();
        });
    kernel.run();
    assertThat(log).isEmpty();
    kernel.shutdown();
    assertThat(log)
        .containsExactly(
            "last is cancelled",
            "last has ended",
            "daemon is cancelled",
            "daemon has ended",
            "first is cancelled",
            "first has ended");
    assertThat(List.of(first, daemon, last))
        .allMatch(Task::isCancelled)
        .allSatisfy(
            task ->
                assertThat(task.exception())
                    .isInstanceOfSatisfying(
                        Cancelled.class,
                        cancelled ->
                            assertThat(cancelled.reason().source())
                                .isEqualTo(CancelReason.Source.TASK)));
  }

  @ParameterizedTest
  @MethodSource(SCHEDULES)
  void aTaskThatGoesOnAfterItsCancellationIsWaitedForAndTheOthersRunMeanwhile(RunOptions options) {
    Kernel kernel = kernel(options);
    kernel.addTask(
        () -> {
          while (true) {
            lot.unpark();
            Trefoil.sleep(Duration.ofMillis(1));
          }
        });
    Task<String> stubborn =
        kernel.addTask(
            () -> {
              try {
                Trefoil.sleepForever();
              } catch (Cancelled caught) {
                lot.park();
                log.add("woken by the other");
              }
              return "went on";
            });
    kernel.addTask(kernel::stop);
    kernel.run();
    kernel.shutdown();
    assertThat(stubborn.result()).isEqualTo("went on");
    assertThat(log).containsExactly("woken by the other");
  }

  @ParameterizedTest
  @MethodSource(SCHEDULES)
  void aTaskThatHasNeverRunIsCancelledAtItsFirstCancelPoint(RunOptions options) {
    Kernel kernel = kernel(options);
    Task<?> task =
        kernel.addTask(
            () -> {
              log.add("began");
              Hazmat.yieldBriefly();
              log.add("went on");
            });
    kernel.shutdown();
    assertThat(log).containsExactly("began");
    assertThat(task.state()).isEqualTo(TaskState.CANCELLED);
  }

  @ParameterizedTest
  @MethodSource(SCHEDULES)
  void aTaskWithAnErrorPendingIsCancelledAllTheSame(RunOptions options) {
    Kernel kernel = kernel(options);
    Task<?> task =
        kernel.addTask(
            () -> {
              lot.park();
              try {
                Trefoil.sleepForever();
              } catch (IllegalStateException nudge) {
                Trefoil.sleepForever();
              }
            },
            true);
    kernel.run(
        () -> {
          while (lot.isEmpty()) {
            Hazmat.yieldBriefly();
          }
          lot.unpark();
          task.interrupt(() -> new IllegalStateException("nudge"));
          Kernel.current().stop();
        });
    kernel.shutdown();
    assertThat(task.isCancelled()).isTrue();
  }

  @ParameterizedTest
  @MethodSource(SCHEDULES)
  void aTaskThatCrashesOnItsCancellationDoesNotKeepTheOthersFromEnding(RunOptions options) {
    Kernel kernel = kernel(options);
    Task<?> other = kernel.addTask(() -> sleepAndTell("other"));
    Task<?> crashing =
        kernel.addTask(
            () -> {
              try {
                Trefoil.sleepForever();
              } finally {
                throwAgain();
              }
            });
    kernel.addTask(kernel::stop);
    kernel.run();
    kernel.shutdown();
    assertThat(crashing.exception()).hasMessage("in the clean-up");
    assertThat(other.isCancelled()).isTrue();
  }

  private static void throwAgain() {
    throw new IllegalStateException("in the clean-up");
  }

  @ParameterizedTest
  @MethodSource(SCHEDULES)
  void spawningDuringShutdownIsRefusedSaveIntoNurseries(RunOptions options) {
    Kernel kernel = kernel(options);
    List<Throwable> refusals = new ArrayList<>();
    kernel.addTask(
        () -> {
          try {
            Trefoil.sleepForever();
          } finally {
            refusals.add(catchThrowable(() -> Kernel.spawn(() -> log.add("spawned"))));
            Nursery.open(nursery -> nursery.spawn(() -> log.add("in a nursery")));
          }
        },
        true);
    kernel.run(() -> Hazmat.yieldBriefly());
    kernel.shutdown();
    assertThat(refusals)
        .singleElement()
        .satisfies(
            refusal ->
                assertThat(refusal)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("shut down"));
    assertThat(log).containsExactly("in a nursery");
  }

  @ParameterizedTest
  @MethodSource(BACKENDS)
  void aStopThatCameTooLateForARunDoesNotCutTheShutdownShort(RunOptions options) {
    Kernel kernel = kernel(options);
    Task<?> first = kernel.addTask(() -> sleepAndTell("first"), true);
    kernel.run(() -> Hazmat.yieldBriefly());
    kernel.stop();
    kernel.shutdown();
    assertThat(first.hasEnded()).isTrue();
  }

  @ParameterizedTest
  @MethodSource(BACKENDS)
  void aStopDuringTheShutdownHasNoEffect(RunOptions options) {
    Kernel kernel = kernel(options);
    Task<?> task =
        kernel.addTask(
            () -> {
              try {
                Trefoil.sleepForever();
              } finally {
                kernel.stop();
                sleepQuietly();
                log.add("ended");
              }
            },
            true);
    kernel.run(() -> Hazmat.yieldBriefly());
    kernel.shutdown();
    assertThat(task.hasEnded()).isTrue();
    assertThat(log).containsExactly("ended");
  }

  private static void sleepQuietly() {
    Trefoil.sleep(Duration.ofMillis(1));
  }

  @ParameterizedTest
  @MethodSource(BACKENDS)
  void afterShutdownEverythingIsRefusedButAnotherShutdown(RunOptions options) {
    Kernel kernel = kernel(options);
    EntryPoint entry = kernel.run(() -> Hazmat.currentCallSoonThreadAndSignalSafe());
    kernel.shutdown();
    kernel.shutdown();
    kernel.close();
    List<Runnable> calls =
        List.of(kernel::run, () -> kernel.run(() -> "never"), () -> kernel.addTask(() -> "never"));
    for (Runnable call : calls) {
      assertThatThrownBy(call::run)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("has been shut down")
          .hasMessageContaining("another kernel");
    }
    assertThatThrownBy(() -> entry.callSoonThreadAndSignalSafe(() -> {}))
        .isInstanceOf(RunFinished.class);
  }

  @Test
  void aKernelThatWasNeverUsedIsShutDownWithoutAdo() {
    Kernel kernel = Kernel.create();
    kernel.shutdown();
    assertThatThrownBy(kernel::run).hasMessageContaining("has been shut down");
  }

  @ParameterizedTest
  @MethodSource(BACKENDS)
  @Tag("T66")
  void leavingTheBlockOfAKernelShutsItDownAndKeepsTheErrorInFlight(RunOptions options) {
    List<Task<?>> daemon = new ArrayList<>();
    assertThatThrownBy(
            () -> {
              try (Kernel kernel = kernel(options)) {
                daemon.add(kernel.addTask(() -> sleepAndTell("daemon"), true));
                kernel.run(
                    () -> {
                      Hazmat.yieldBriefly();
                      throw new IllegalArgumentException("main");
                    });
              }
            })
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("main")
        .hasNoSuppressedExceptions();
    assertThat(log).containsExactly("daemon is cancelled", "daemon has ended");
  }

  @ParameterizedTest
  @MethodSource(BACKENDS)
  @Tag("R50")
  void aRunThatBreaksDuringTheShutdownFailsItWhenAllTasksHaveEnded(RunOptions options) {
    Kernel kernel = kernel(options);
    Task<?> task =
        kernel.addTask(
            () -> {
              try {
                Trefoil.sleepForever();
              } finally {
                Hazmat.currentCallSoonThreadAndSignalSafe()
                    .callSoonThreadAndSignalSafe(
                        () -> {
                          throw new IllegalArgumentException("broken");
                        });
                lot.park();
              }
            },
            true);
    Task<?> other = kernel.addTask(() -> lot.park(), true);
    kernel.run(() -> Hazmat.yieldBriefly());
    assertThatThrownBy(kernel::shutdown)
        .isInstanceOf(KernelError.class)
        .hasRootCauseMessage("broken");
    assertThat(List.of(task, other)).allMatch(Task::hasEnded);
    kernel.shutdown();
  }
}
