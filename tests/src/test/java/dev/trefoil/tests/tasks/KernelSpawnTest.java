package dev.trefoil.tests.tasks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.ParkingLot;
import dev.trefoil.hazmat.RunOptions;
import dev.trefoil.hazmat.Task;
import dev.trefoil.hazmat.TaskAction;
import dev.trefoil.hazmat.TaskState;
import dev.trefoil.tasks.CancelScope;
import dev.trefoil.tasks.Kernel;
import dev.trefoil.tasks.Trefoil;
import dev.trefoil.testing.MockClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Tasks that spawn tasks in a kernel. */
@Timeout(60)
final class KernelSpawnTest {
  private static final String SCHEDULES = "dev.trefoil.tests.tasks.Schedules#all";
  private static final String BACKENDS = "dev.trefoil.tests.tasks.Schedules#backends";

  private final List<String> log = new ArrayList<>();
  private final ParkingLot lot = new ParkingLot();

  private static void runInKernel(RunOptions options, TaskAction main) throws Exception {
    try (Kernel kernel = Kernel.builder().options(options).logErrors(false).build()) {
      kernel.run(
          () -> {
            try {
              main.run();
            } catch (Throwable failed) {
              // The kernel would wait for the others, which the test has left asleep.
              kernel.stop();
              throw failed;
            }
          });
    }
  }

  private void note(String line) {
    log.add(line);
  }

  private void park() {
    lot.park();
  }

  @ParameterizedTest
  @MethodSource(SCHEDULES)
  @Tag("R64")
  void spawnReturnsWhenTheChildHasRunUntilItFirstGaveUpTheThread(RunOptions options)
      throws Exception {
    runInKernel(
        options,
        () -> {
          Task<?> child =
              Kernel.spawn(
                  () -> {
                    log.add("child");
                    lot.park("FIRST_WAIT");
                    log.add("child again");
                  });
          log.add("parent");
          assertThat(child.cycles()).isEqualTo(1);
          assertThat(child.stateLabel()).isEqualTo("FIRST_WAIT");
          lot.unpark();
          child.join();
          assertThat(child.cycles()).isEqualTo(2);
        });
    assertThat(log).containsExactly("child", "parent", "child again");
  }

  @ParameterizedTest
  @MethodSource(SCHEDULES)
  @Tag("R64")
  void aChildThatNeverWaitsHasEndedWhenSpawnReturns(RunOptions options) throws Exception {
    runInKernel(
        options,
        () -> {
          assertThat(Kernel.spawn(() -> "done").result()).isEqualTo("done");
          Task<?> crashed =
              Kernel.spawn(
                  (TaskAction)
                      () -> {
                        throw new IllegalArgumentException("at once");
                      });
          assertThat(crashed.exception()).hasMessage("at once");
        });
  }

  @ParameterizedTest
  @MethodSource(SCHEDULES)
  @Tag("R64")
  void spawningIsNoCancelPointButASchedulePoint(RunOptions options) throws Exception {
    runInKernel(
        options,
        () -> {
          CancelScope scope = CancelScope.create();
          scope.cancel();
          scope.run(
              () -> {
                Task<?> self = Hazmat.currentTask();
                long cancelPoints = self.cancelPoints();
                long schedulePoints = self.schedulePoints();
                Task<?> child = Kernel.spawn(() -> note("child"));
                assertThat(self.cancelPoints()).isEqualTo(cancelPoints);
                assertThat(self.schedulePoints()).isGreaterThan(schedulePoints);
                assertThat(child.hasEnded()).isTrue();
                log.add("parent");
              });
        });
    assertThat(log).containsExactly("child", "parent");
  }

  @ParameterizedTest
  @MethodSource(SCHEDULES)
  @Tag("R64")
  void aSpawnedTaskIsOutsideTheScopesOfItsSpawnerAndOutlivesIt(RunOptions options)
      throws Exception {
    runInKernel(
        options,
        () -> {
          CancelScope scope = CancelScope.create();
          List<Task<?>> tasks = new ArrayList<>();
          scope.run(() -> tasks.add(Kernel.spawn(this::park)));
          scope.cancel();
          Task<?> child = tasks.getFirst();
          Task<?> middle =
              Kernel.spawn(
                  () -> {
                    tasks.add(Kernel.spawn(this::park));
                  });
          middle.join();
          assertThat(tasks).hasSize(2).noneMatch(Task::hasEnded);
          lot.unparkAll();
          child.join();
          tasks.getLast().join();
        });
  }

  @ParameterizedTest
  @MethodSource(SCHEDULES)
  @Tag("R61")
  @Tag("R65")
  void aDaemonHasNoParentAndRunsUntilShutdown(RunOptions options) throws Exception {
    List<Task<?>> tasks = new ArrayList<>();
    runInKernel(
        options,
        () -> {
          Task<?> self = Hazmat.currentTask();
          Task<?> child = Kernel.spawn(this::park);
          Task<?> daemon = Kernel.spawn(Trefoil::sleepForever, true);
          tasks.add(daemon);
          assertThat(child.owner().parentTask()).isSameAs(self);
          assertThat(daemon.owner().parentTask()).isNull();
          lot.unpark();
          child.join();
          assertThat(child.owner().parentTask()).isNull();
        });
    assertThat(tasks.getFirst().state()).isEqualTo(TaskState.CANCELLED);
  }

  @ParameterizedTest
  @MethodSource(SCHEDULES)
  @Tag("R66")
  @Tag("R70")
  void idsRiseInTheOrderOfSpawning(RunOptions options) throws Exception {
    runInKernel(
        options,
        () -> {
          long self = Hazmat.currentTask().id();
          assertThat(Kernel.spawn(() -> {}).id()).isEqualTo(self + 1);
          assertThat(Kernel.spawn(() -> {}, true).id()).isEqualTo(self + 2);
        });
  }

  @ParameterizedTest
  @MethodSource(BACKENDS)
  @Tag("R71")
  @Tag("R75")
  void aTaskKnowsItsBodyAndTheCurrentTaskIsFoundWithoutSwitching(RunOptions options)
      throws Exception {
    runInKernel(
        options,
        () -> {
          TaskAction body = () -> log.add(Hazmat.currentTask().toString());
          Task<?> task = Kernel.spawn(body);
          assertThat(task.body()).isSameAs(body);
          assertThat(log).containsExactly(task.toString());
          long points = Hazmat.currentTask().schedulePoints();
          assertThat(Hazmat.currentTask().schedulePoints()).isEqualTo(points);
        });
  }

  @ParameterizedTest
  @MethodSource(SCHEDULES)
  @Tag("R69")
  void aTaskOfAKernelCanBeCancelledWithAnErrorOfTheCallersChoice(RunOptions options)
      throws Exception {
    runInKernel(
        options,
        () -> {
          Task<?> task = Kernel.spawn(Trefoil::sleepForever);
          IllegalArgumentException error = new IllegalArgumentException("chosen");
          assertThat(task.cancel(() -> error)).isTrue();
          assertThat(task.exception()).isSameAs(error);
          assertThat(task.cancel()).isFalse();
        });
  }

  @ParameterizedTest
  @MethodSource(BACKENDS)
  @Tag("R74")
  void sleepingForNothingLetsTheOtherTasksRunAndSleepsEndInOrder(RunOptions options)
      throws Exception {
    MockClock clock = MockClock.autojump();
    runInKernel(
        options.withClock(clock),
        () -> {
          for (int seconds : new int[] {3, 1, 2, 1}) {
            Kernel.spawn(
                () -> {
                  Trefoil.sleep(Duration.ofSeconds(seconds));
                  log.add("slept " + seconds);
                });
          }
          Kernel.spawn(
              () -> {
                log.add("a1");
                Trefoil.sleep(Duration.ZERO);
                log.add("a2");
              });
          log.add("b1");
          Trefoil.sleep(Duration.ZERO);
          log.add("b2");
        });
    assertThat(log)
        .containsExactly("a1", "b1", "a2", "b2", "slept 1", "slept 1", "slept 2", "slept 3");
  }
}
