package dev.trefoil.tests.hazmat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.trefoil.hazmat.CancelReason;
import dev.trefoil.hazmat.EntryPoint;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.KernelError;
import dev.trefoil.hazmat.KernelProvider;
import dev.trefoil.hazmat.ParkingLot;
import dev.trefoil.hazmat.RunDriver;
import dev.trefoil.hazmat.RunFinished;
import dev.trefoil.hazmat.RunOptions;
import dev.trefoil.hazmat.Task;
import dev.trefoil.hazmat.TaskAction;
import dev.trefoil.hazmat.TaskOwner;
import dev.trefoil.hazmat.TaskSpec;
import dev.trefoil.tasks.Trefoil;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;

/** A run that its holder drives. */
@Timeout(60)
final class RunDriverTest {
  private final List<String> log = new ArrayList<>();

  /** Lets tasks end as they like. */
  private static final TaskOwner NOBODY =
      new TaskOwner() {
        @Override
        public @Nullable Task<?> parentTask() {
          return null;
        }

        @Override
        public void taskExited(Task<?> task) {}
      };

  private static RunDriver open(RunOptions options) {
    return KernelProvider.find().open(options);
  }

  private static Task<?> spawn(RunDriver driver, TaskAction body) {
    return driver.enter(
        () -> Hazmat.spawn(TaskSpec.<@Nullable Void>of(TaskAction.asCallable(body)).owner(NOBODY)));
  }

  @EveryBackend
  @Tag("R60")
  void tasksSpawnedBetweenDrivesRunInTheOrderAdded(RunOptions options) {
    RunDriver driver = open(options);
    spawn(driver, () -> log.add("first"));
    spawn(driver, () -> log.add("second"));
    assertThat(log).isEmpty();
    driver.drive(() -> false);
    assertThat(log).containsExactly("first", "second");
    driver.end();
  }

  @EveryBackend
  @Tag("R62")
  void stoppingLeavesTasksSuspendedAndALaterDriveResumesThem(RunOptions options) {
    RunDriver driver = open(options);
    ParkingLot lot = new ParkingLot();
    Task<?> task =
        spawn(
            driver,
            () -> {
              log.add("before");
              lot.park();
              log.add("after");
            });
    spawn(driver, driver::stop);
    driver.drive(() -> false);
    assertThat(log).containsExactly("before");
    assertThat(driver.<String, RuntimeException>enter(task::stateLabel)).isEqualTo("PARKED");
    driver.enter(() -> lot.unpark());
    driver.drive(() -> false);
    assertThat(log).containsExactly("before", "after");
    driver.end();
  }

  @EveryBackend
  @Tag("R62")
  void stopTakesEffectWhenTheCurrentTaskYieldsAndBeforeOthersRun(RunOptions options) {
    RunDriver driver = open(options);
    spawn(
        driver,
        () -> {
          driver.stop();
          log.add("same step");
          Hazmat.yieldBriefly();
          log.add("next step");
        });
    spawn(driver, () -> log.add("other"));
    driver.drive(() -> false);
    assertThat(log).containsExactly("same step");
    driver.drive(() -> false);
    assertThat(log).containsExactly("same step", "other", "next step");
    driver.end();
  }

  @EveryBackend
  @Tag("R62")
  void stopFromAnotherThreadWakesASleepingRun(RunOptions options) throws InterruptedException {
    RunDriver driver = open(options);
    Task<?> task = spawn(driver, Trefoil::sleepForever);
    Thread stopper = new Thread(driver::stop);
    spawn(driver, stopper::start);
    driver.drive(() -> false);
    stopper.join();
    driver.enter(
        () -> {
          driver.run().rootCancelStatus().cancel(CancelReason.explicit("enough"));
          return null;
        });
    driver.drive(() -> false);
    assertThat(driver.<Boolean, RuntimeException>enter(() -> task.state().isFinal())).isTrue();
    driver.end();
  }

  @EveryBackend
  @Tag("R57")
  void drivingEndsWhenTheConditionHolds(RunOptions options) {
    RunDriver driver = open(options);
    Task<?> first = spawn(driver, () -> log.add("done"));
    ParkingLot lot = new ParkingLot();
    spawn(driver, lot::park);
    driver.drive(() -> first.state().isFinal());
    assertThat(log).containsExactly("done");
    assertThatThrownBy(driver::end)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("no tasks");
    driver.enter(() -> lot.unpark());
    driver.drive(() -> false);
    driver.end();
  }

  @EveryBackend
  @Tag("R13")
  void entryCallsBetweenDrivesWaitAndAreRunAtTheLatestWhenTheRunEnds(RunOptions options) {
    RunDriver driver = open(options);
    EntryPoint entry = driver.run().entryPoint();
    entry.callSoonThreadAndSignalSafe(() -> log.add("called"));
    assertThat(log).isEmpty();
    driver.end();
    assertThat(log).containsExactly("called");
    assertThatThrownBy(() -> entry.callSoonThreadAndSignalSafe(() -> {}))
        .isInstanceOf(RunFinished.class);
  }

  @EveryBackend
  @Tag("R50")
  void aRunThatBreaksFailsTheDrive(RunOptions options) {
    RunDriver driver = open(options);
    spawn(driver, Trefoil::sleepForever);
    driver
        .run()
        .entryPoint()
        .callSoonThreadAndSignalSafe(
            () -> {
              throw new IllegalArgumentException("broken");
            });
    assertThatThrownBy(() -> driver.drive(() -> false))
        .isInstanceOf(KernelError.class)
        .hasRootCauseMessage("broken");
  }

  @EveryBackend
  @Tag("R60")
  void drivingFromInsideOrTwiceAtATimeIsRefused(RunOptions options) {
    RunDriver driver = open(options);
    spawn(
        driver,
        () -> {
          assertThatThrownBy(() -> driver.drive(() -> false))
              .isInstanceOf(IllegalStateException.class)
              .hasMessageContaining("run inside a run");
          assertThatThrownBy(
                  () -> CompletableFuture.runAsync(() -> driver.drive(() -> false)).join())
              .hasRootCauseInstanceOf(IllegalStateException.class)
              .hasMessageContaining("being driven");
          log.add("refused");
        });
    driver.drive(() -> false);
    assertThat(log).containsExactly("refused");
    driver.end();
  }

  // ---- on a foreign loop

  private void onHost(ExecutorService host, Runnable job) throws Exception {
    host.submit(job).get(30, TimeUnit.SECONDS);
  }

  @EveryBackend
  @Tag("T90")
  void aHostDrivesTheRunToItsEndAndItsOwnJobsRunInBetween(RunOptions options) throws Exception {
    RunDriver driver = open(options);
    CompletableFuture<@Nullable KernelError> done = new CompletableFuture<>();
    Thread[] threads = new Thread[1];
    try (ExecutorService host = Executors.newSingleThreadExecutor()) {
      onHost(
          host,
          () -> {
            threads[0] = Thread.currentThread();
            spawn(
                driver,
                () -> {
                  for (int i = 0; i < 3; i++) {
                    log.add("step " + i);
                    Trefoil.sleep(Duration.ofMillis(1));
                  }
                });
            driver.driveOn(host, done::complete);
            assertThat(log).as("no user code has run yet").isEmpty();
            assertThat(Hazmat.inRun()).isTrue();
            assertThat(Hazmat.inTask()).isFalse();
          });
      assertThat(done.get(30, TimeUnit.SECONDS)).isNull();
      onHost(host, () -> assertThat(Hazmat.inRun()).isFalse());
      onHost(host, driver::end);
    }
    assertThat(log).containsExactly("step 0", "step 1", "step 2");
  }

  @EveryBackend
  @Tag("T90")
  void whatAHostsJobDoesDirectlyWakesTheSleepingRun(RunOptions options) throws Exception {
    RunDriver driver = open(options);
    CompletableFuture<@Nullable KernelError> done = new CompletableFuture<>();
    ParkingLot lot = new ParkingLot();
    try (ExecutorService host = Executors.newSingleThreadExecutor()) {
      Task<?>[] task = new Task<?>[1];
      onHost(
          host,
          () -> {
            task[0] = spawn(driver, lot::park);
            driver.driveOn(host, done::complete);
          });
      while (!host.submit(() -> lot.size() == 1).get(30, TimeUnit.SECONDS)) {
        Thread.onSpinWait();
      }
      onHost(host, () -> lot.unpark());
      assertThat(done.get(30, TimeUnit.SECONDS)).isNull();
      onHost(host, driver::end);
    }
  }

  @EveryBackend
  @Tag("T90")
  void entryCallsAndDeadlinesReachAHostedRun(RunOptions options) throws Exception {
    RunDriver driver = open(options);
    CompletableFuture<@Nullable KernelError> done = new CompletableFuture<>();
    ParkingLot lot = new ParkingLot();
    try (ExecutorService host = Executors.newSingleThreadExecutor()) {
      onHost(
          host,
          () -> {
            spawn(
                driver,
                () -> {
                  Trefoil.sleep(Duration.ofMillis(5));
                  driver.run().entryPoint().callSoonThreadAndSignalSafe(lot::unpark);
                  lot.park();
                  log.add("woken");
                });
            driver.driveOn(host, done::complete);
          });
      assertThat(done.get(30, TimeUnit.SECONDS)).isNull();
      onHost(host, driver::end);
    }
    assertThat(log).containsExactly("woken");
  }
}
