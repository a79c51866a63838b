package dev.trefoil.tests.tasks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.ParkingLot;
import dev.trefoil.hazmat.RunOptions;
import dev.trefoil.hazmat.Task;
import dev.trefoil.hazmat.TaskAction;
import dev.trefoil.tasks.CancelScope;
import dev.trefoil.tasks.Kernel;
import dev.trefoil.tasks.Trefoil;
import dev.trefoil.tests.hazmat.KernelLog;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a kernel says about tasks that nobody looks after. */
@Timeout(60)
final class KernelReportsTest {
  private static final String SCHEDULES = "dev.trefoil.tests.tasks.Schedules#all";
  private static final String BACKENDS = "dev.trefoil.tests.tasks.Schedules#backends";

  private final KernelLog reports = KernelLog.capture("dev.trefoil.tasks");
  private final List<String> log = new ArrayList<>();

  @AfterEach
  void stopCapturing() {
    reports.close();
  }

  private static Kernel.Builder builder(RunOptions options) {
    return Kernel.builder().options(options);
  }

  private static Task<?> spawnCrashing(String message) {
    TaskAction crash =
        () -> {
          throw new IOException(message);
        };
    return Kernel.spawn(crash);
  }

  // ---- crashes

  @ParameterizedTest
  @MethodSource(SCHEDULES)
  @Tag("R59")
  void aCrashIsLoggedOnceWithTheErrorAndTheTaskAlsoTheMainTasks(RunOptions options) {
    List<String> names = new ArrayList<>();
    try (Kernel kernel = builder(options).build()) {
      IllegalArgumentException failure = new IllegalArgumentException("main");
      assertThat(
              catchThrowable(
                  () ->
                      kernel.run(
                          () -> {
                            names.add(spawnCrashing("child").toString());
                            throw failure;
                          })))
          .isSameAs(failure);
    }
    assertThat(reports.messages()).hasSize(2).allMatch(line -> line.contains("crashed"));
    assertThat(reports.messages().getFirst()).contains(names.getFirst());
    assertThat(reports.thrown()).extracting(Throwable::getMessage).containsExactly("child", "main");
  }

  @ParameterizedTest
  @MethodSource(SCHEDULES)
  @Tag("R59")
  @Tag("R184")
  void cancellationsAndHandledErrorsAreNotLogged(RunOptions options) {
    try (Kernel kernel = builder(options).build()) {
      kernel.run(
          () -> {
            Task<?> task = Kernel.spawn(Trefoil::sleepForever);
            task.cancel();
            Task<?> ended = Kernel.spawn(() -> CancelScope.moveOnAfter(Duration.ZERO, () -> {}));
            ended.join();
            Kernel.spawn(Trefoil::sleepForever, true);
          });
    }
    assertThat(reports.messages()).isEmpty();
  }

  @ParameterizedTest
  @MethodSource(BACKENDS)
  @Tag("R59")
  void whatGoesWrongWhileATaskIsCancelledIsLogged(RunOptions options) {
    try (Kernel kernel = builder(options).build()) {
      kernel.run(
          () -> {
            Task<?> task =
                Kernel.spawn(
                    () -> {
                      try (AutoCloseable failing =
                          () -> {
                            throw new IOException("closing");
                          }) {
                        log.add("open: " + failing);
                        Trefoil.sleepForever();
                      }
                    });
            task.cancel();
          });
    }
    assertThat(reports.thrown())
        .singleElement()
        .satisfies(error -> assertThat(error.getSuppressed()[0]).hasMessage("closing"));
  }

  @ParameterizedTest
  @MethodSource(BACKENDS)
  @Tag("R59")
  void withoutLoggingCrashesAreSilentIfTheyAreAskedFor(RunOptions options) {
    try (Kernel kernel = builder(options).logErrors(false).build()) {
      kernel.run(
          () -> {
            Task<?> task = spawnCrashing("asked for");
            assertThatThrownBy(task::join).hasRootCauseMessage("asked for");
          });
    }
    assertThat(reports.messages()).isEmpty();
  }

  @ParameterizedTest
  @MethodSource(BACKENDS)
  @Tag("R59")
  void anErrorThatCannotDescribeItselfDoesNotBreakTheKernel(RunOptions options) {
    class Indescribable extends RuntimeException {
      private static final long serialVersionUID = 1L;

      @Override
      public String toString() {
        throw new StackOverflowError("no words");
      }
    }
    try (Kernel kernel = builder(options).build()) {
      kernel.addTask(
          () -> {
            throw new Indescribable();
          });
      assertThat(kernel.run(() -> "unharmed")).isEqualTo("unharmed");
    }
  }

  @ParameterizedTest
  @MethodSource(SCHEDULES)
  @Tag("R58")
  void theCrashHookIsCalledBeforeAnybodyWhoWaitsForTheTaskRuns(RunOptions options) {
    try (Kernel kernel =
        builder(options)
            .logErrors(false)
            .crashHook(
                (task, error) -> {
                  assertThat(task.hasEnded()).isTrue();
                  assertThat(Hazmat.inRun()).isTrue();
                  log.add("hook " + error.getMessage());
                })
            .build()) {
      ParkingLot lot = new ParkingLot();
      kernel.run(
          () -> {
            Task<?> task =
                Kernel.spawn(
                    () -> {
                      lot.park();
                      throw new IOException("crash");
                    });
            lot.unpark();
            assertThatThrownBy(task::join).hasRootCauseMessage("crash");
            log.add("joined");
            Kernel.spawn(Trefoil::sleepForever).cancel();
          });
    }
    assertThat(log).containsExactly("hook crash", "joined");
  }

  @ParameterizedTest
  @MethodSource(BACKENDS)
  @Tag("R58")
  void aCrashHookThatThrowsIsReportedAndTheKernelGoesOn(RunOptions options) {
    try (Kernel kernel =
        builder(options)
            .logErrors(false)
            .crashHook(
                (task, error) -> {
                  throw new IllegalStateException("hook");
                })
            .build()) {
      kernel.addTask(
          () -> {
            throw new IOException("crash");
          });
      kernel.run();
      assertThat(kernel.run(() -> "unharmed")).isEqualTo("unharmed");
    }
    assertThat(reports.messages()).singleElement().asString().contains("crash hook");
    assertThat(reports.thrown()).extracting(Throwable::getMessage).containsExactly("hook");
  }

  // ---- never joined

  @ParameterizedTest
  @MethodSource(SCHEDULES)
  @Tag("T67")
  void aResultThatNobodyHasAskedForIsReportedAtShutdown(RunOptions options) {
    List<String> names = new ArrayList<>();
    try (Kernel kernel = builder(options).build()) {
      kernel.run(
          () -> {
            names.add(Kernel.spawn(() -> "lost").toString());
          });
      assertThat(reports.messages()).isEmpty();
    }
    assertThat(reports.messages())
        .singleElement()
        .asString()
        .contains(names.getFirst())
        .contains("never joined")
        .contains("result");
  }

  @ParameterizedTest
  @MethodSource(BACKENDS)
  @Tag("T67")
  void aFailureThatWasNotLoggedIsReportedAtShutdownWithItsStack(RunOptions options) {
    try (Kernel kernel = builder(options).logErrors(false).build()) {
      kernel.run(
          () -> {
            spawnCrashing("lost");
          });
    }
    assertThat(reports.messages()).singleElement().asString().contains("never joined");
    assertThat(reports.thrown()).extracting(Throwable::getMessage).containsExactly("lost");
  }

  @ParameterizedTest
  @MethodSource(SCHEDULES)
  @Tag("T67")
  @Tag("R61")
  void nothingIsReportedOfTasksThatLoseNothing(RunOptions options) {
    try (Kernel kernel = builder(options).build()) {
      Task<String> added = kernel.addTask(() -> "added from outside");
      List<Task<?>> later = new ArrayList<>();
      kernel.run(
          () -> {
            Kernel.spawn(() -> {});
            Kernel.spawn(() -> "daemon", true);
            Kernel.spawn(() -> "joined").join();
            Kernel.spawn(() -> "looked at").result();
            Kernel.spawn(() -> "cancelled").cancel();
            Kernel.spawn(Trefoil::sleepForever).cancel();
            later.add(Kernel.spawn(() -> "asked for after the run"));
            return "main";
          });
      assertThat(added.hasEnded()).isTrue();
      assertThat(later.getFirst().exception()).isNull();
    }
    assertThat(reports.messages()).isEmpty();
  }

  @ParameterizedTest
  @MethodSource(BACKENDS)
  @Tag("T67")
  void aTaskThatWasCollectedIsReportedWithoutWaitingForTheShutdown(RunOptions options) {
    try (Kernel kernel = builder(options).build()) {
      WeakReference<?> lost = kernel.run(() -> new WeakReference<>(Kernel.spawn(() -> "lost")));
      while (lost.get() != null) {
        System.gc();
        Thread.onSpinWait();
      }
      while (reports.messages().isEmpty()) {
        kernel.run(
            () -> {
              Kernel.spawn(() -> "another").join();
            });
        Thread.onSpinWait();
      }
      assertThat(reports.messages()).first().asString().contains("never joined");
    }
  }
}
