package dev.trefoil.tests.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.trefoil.hazmat.Backend;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.Instrument;
import dev.trefoil.hazmat.ParkingLot;
import dev.trefoil.hazmat.Run;
import dev.trefoil.hazmat.RunOptions;
import dev.trefoil.hazmat.Task;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.tasks.Trefoil;
import dev.trefoil.testing.MockClock;
import dev.trefoil.testing.Testing;
import dev.trefoil.testing.TrefoilTest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Tag("T86")
class InstrumentTest {
  private final List<String> trace = new ArrayList<>();

  /** Records every hook, with the task's name. */
  private class Recorder implements Instrument {
    private final String prefix;

    Recorder(String prefix) {
      this.prefix = prefix;
    }

    void record(String hook) {
      trace.add(prefix + hook);
    }

    @Override
    public void beforeRun() {
      record("before run");
    }

    @Override
    public void afterRun() {
      record("after run");
    }

    @Override
    public void taskSpawned(Task<?> task) {
      record("spawned " + task.name());
    }

    @Override
    public void taskScheduled(Task<?> task) {
      record("scheduled " + task.name());
    }

    @Override
    public void beforeTaskStep(Task<?> task) {
      record("before step " + task.name());
    }

    @Override
    public void afterTaskStep(Task<?> task) {
      record("after step " + task.name());
    }

    @Override
    public void taskExited(Task<?> task) {
      record("exited " + task.name());
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"CONTINUATION", "VIRTUAL_THREAD"})
  void seesAWholeRunInOrder(Backend backend) {
    Trefoil.run(
        RunOptions.defaults().withBackend(backend).withInstrument(new Recorder("")),
        () -> {
          trace.add("main runs");
          Hazmat.yieldBriefly();
          trace.add("main runs on");
        });
    assertThat(trace)
        .containsExactly(
            "before run",
            "spawned main",
            "scheduled main",
            "before step main",
            "main runs",
            "scheduled main",
            "after step main",
            "before step main",
            "main runs on",
            "exited main",
            "after step main",
            "after run");
  }

  @TrefoilTest
  void sleeperIsScheduledInTheStepOfTheOneThatWakesIt() {
    ParkingLot lot = new ParkingLot();
    Nursery.open(
        nursery -> {
          nursery.spawn("sleeper", () -> lot.<Object>park());
          Testing.waitAllTasksBlocked();
          Hazmat.currentRun().addInstrument(new Recorder(""));
          trace.add("waking");
          lot.unpark();
          trace.add("woken");
        });
    assertThat(trace)
        .startsWith("waking", "scheduled sleeper", "woken", "after step main")
        .containsSubsequence("before step sleeper", "exited sleeper", "after step sleeper");
  }

  @TrefoilTest
  void areCalledInTheOrderOfTheirInstallation() {
    Run run = Hazmat.currentRun();
    run.addInstrument(new Recorder("1 "));
    run.addInstrument(new Recorder("2 "));
    run.addInstrument(new Recorder("3 "));
    Hazmat.yieldBriefly();
    assertThat(trace)
        .containsExactly(
            "1 scheduled main",
            "2 scheduled main",
            "3 scheduled main",
            "1 after step main",
            "2 after step main",
            "3 after step main",
            "1 before step main",
            "2 before step main",
            "3 before step main");
  }

  @TrefoilTest
  void addingOneThatIsThereChangesNothing() {
    Run run = Hazmat.currentRun();
    Recorder first = new Recorder("1 ");
    run.addInstrument(first);
    run.addInstrument(new Recorder("2 "));
    run.addInstrument(first);
    Hazmat.yieldBriefly();
    assertThat(trace).hasSize(6).startsWith("1 scheduled main", "2 scheduled main");
  }

  @TrefoilTest
  void removedOneIsNotCalledAnyMore() {
    Run run = Hazmat.currentRun();
    Recorder recorder = new Recorder("");
    run.addInstrument(recorder);
    run.removeInstrument(recorder);
    Hazmat.yieldBriefly();
    assertThat(trace).isEmpty();
  }

  @TrefoilTest
  void removingOneThatIsNotThereIsRefused() {
    Run run = Hazmat.currentRun();
    Recorder recorder = new Recorder("");
    assertThatThrownBy(() -> run.removeInstrument(recorder))
        .isInstanceOf(NoSuchElementException.class)
        .hasMessageContaining("not installed");
    run.addInstrument(recorder);
    run.removeInstrument(recorder);
    assertThatThrownBy(() -> run.removeInstrument(recorder))
        .isInstanceOf(NoSuchElementException.class);
  }

  @TrefoilTest
  void oneThatThrowsIsLoggedAndRemovedAndTheRunGoesOn() {
    Run run = Hazmat.currentRun();
    Recorder broken =
        new Recorder("broken ") {
          @Override
          public void taskScheduled(Task<?> task) {
            super.taskScheduled(task);
            throw new IllegalStateException("broken on purpose");
          }

          @Override
          public String toString() {
            return "the broken instrument";
          }
        };
    run.addInstrument(broken);
    run.addInstrument(new Recorder("sound "));
    List<LogRecord> log = log(Hazmat::yieldBriefly);
    assertThat(trace)
        .containsExactly(
            "broken scheduled main",
            "sound scheduled main",
            "sound after step main",
            "sound before step main");
    assertThat(log)
        .singleElement()
        .satisfies(
            record -> {
              assertThat(record.getMessage()).contains("the broken instrument", "removed");
              assertThat(record.getThrown()).hasMessage("broken on purpose");
            });
    assertThatThrownBy(() -> run.removeInstrument(broken))
        .isInstanceOf(NoSuchElementException.class);
  }

  private static List<LogRecord> log(Runnable action) {
    List<LogRecord> records = new ArrayList<>();
    Handler handler =
        new Handler() {
          @Override
          public void publish(LogRecord record) {
            records.add(record);
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    Logger logger = Logger.getLogger("dev.trefoil.kernel");
    logger.addHandler(handler);
    logger.setUseParentHandlers(false);
    try {
      action.run();
    } finally {
      logger.setUseParentHandlers(true);
      logger.removeHandler(handler);
    }
    return records;
  }

  @TrefoilTest
  void oneThatRemovesAnotherInAHookSavesItFromThatHook() {
    Run run = Hazmat.currentRun();
    Recorder victim = new Recorder("victim ");
    run.addInstrument(
        new Instrument() {
          private boolean done;

          @Override
          public void taskScheduled(Task<?> task) {
            if (!done) {
              done = true;
              run.removeInstrument(victim);
            }
          }
        });
    run.addInstrument(victim);
    Hazmat.yieldBriefly();
    assertThat(trace).isEmpty();
  }

  @TrefoilTest
  void inheritedHooksCount() {
    Hazmat.currentRun().addInstrument(new Recorder("") {});
    Hazmat.yieldBriefly();
    assertThat(trace).containsExactly("scheduled main", "after step main", "before step main");
  }

  @TrefoilTest
  void areToldForHowLongTheRunIsGoingToSleep(MockClock clock) {
    List<Long> before = new ArrayList<>();
    List<Long> after = new ArrayList<>();
    clock.setAutojumpThreshold(Duration.ofMillis(2));
    Hazmat.currentRun()
        .addInstrument(
            new Instrument() {
              @Override
              public void beforeIoWait(long timeoutNanos) {
                before.add(timeoutNanos);
              }

              @Override
              public void afterIoWait(long timeoutNanos) {
                after.add(timeoutNanos);
              }
            });
    Hazmat.yieldBriefly();
    assertThat(before).isEmpty();
    Trefoil.sleep(Duration.ofHours(1));
    // More than once only if the thread wakes for nothing, which it may.
    assertThat(before).isNotEmpty().containsOnly(2_000_000L);
    assertThat(after).isEqualTo(before);
  }

  @TrefoilTest
  void belongToTheRunsThread() throws Exception {
    Run run = Hazmat.currentRun();
    Thread stranger = Thread.ofPlatform().unstarted(() -> run.addInstrument(new Recorder("")));
    List<Throwable> thrown = new ArrayList<>();
    stranger.setUncaughtExceptionHandler((thread, error) -> thrown.add(error));
    stranger.start();
    stranger.join();
    assertThat(thrown)
        .singleElement()
        .isInstanceOf(IllegalStateException.class)
        .asString()
        .contains("callSoonThreadAndSignalSafe");
  }
}
