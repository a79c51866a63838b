package dev.trefoil.tests.hazmat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.trefoil.hazmat.Abort;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.Outcome;
import dev.trefoil.hazmat.Task;
import dev.trefoil.hazmat.TaskState;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.testing.Checkpoints;
import dev.trefoil.testing.Testing;
import dev.trefoil.testing.TrefoilTest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;

final class RescheduleTest {
  private final List<String> log = new ArrayList<>();

  private static Object sleep() {
    return Hazmat.yieldIndefinitely(raise -> Abort.SUCCEEDED);
  }

  private Task<?> spawnSleeper(Nursery nursery, String name) {
    Task<?> sleeper = nursery.spawn(name, () -> log.add(name + " got " + sleep()));
    Testing.waitAllTasksBlocked();
    return sleeper;
  }

  @TrefoilTest(seeds = 20)
  @Tag("R39")
  void rescheduledTaskRunsInALaterBatch() {
    Nursery.open(
        nursery -> {
          Task<?> sleeper = spawnSleeper(nursery, "a");
          Checkpoints.assertNoCheckpoints(() -> Hazmat.reschedule(sleeper));
          assertThat(sleeper.state()).isEqualTo(TaskState.RUNNABLE);
          assertThat(log).isEmpty();
        });
    assertThat(log).containsExactly("a got null");
  }

  @TrefoilTest
  @Tag("R39")
  void rescheduledTaskJoinsTheTailOfTheRunQueue() {
    Nursery.open(
        nursery -> {
          Task<?> sleeper = spawnSleeper(nursery, "sleeper");
          nursery.spawn(() -> log.add("spawned before"));
          Hazmat.reschedule(sleeper);
          nursery.spawn(() -> log.add("spawned after"));
        });
    assertThat(log).containsExactly("spawned before", "sleeper got null", "spawned after");
  }

  @TrefoilTest(seeds = 20)
  @Tag("R40")
  void valueIsTheSleepersReturn() {
    Nursery.open(
        nursery -> Hazmat.reschedule(spawnSleeper(nursery, "a"), Outcome.of(List.of(1, 2))));
    assertThat(log).containsExactly("a got [1, 2]");
  }

  @TrefoilTest(seeds = 20)
  @Tag("R40")
  void errorIsThrownAtTheSleepersCallSiteAndKeepsItsOwnCause() {
    IOException error = new IOException("no paper", new IllegalStateException("tray empty"));
    error.addSuppressed(new IllegalArgumentException("and no ink"));
    Nursery.open(
        nursery -> {
          Task<?> sleeper =
              nursery.spawn(() -> assertThatThrownBy(RescheduleTest::sleep).isSameAs(error));
          Testing.waitAllTasksBlocked();
          Hazmat.reschedule(sleeper, Outcome.failure(error));
        });
    assertThat(error).hasCauseInstanceOf(IllegalStateException.class);
    assertThat(error.getSuppressed()).hasSize(1);
  }

  @TrefoilTest(seeds = 20)
  @Tag("R39")
  void secondRescheduleIsRefusedAndTheFirstStands() {
    Nursery.open(
        nursery -> {
          Task<?> sleeper = spawnSleeper(nursery, "a");
          Hazmat.reschedule(sleeper, Outcome.of("first"));
          assertThatThrownBy(() -> Hazmat.reschedule(sleeper, Outcome.of("second")))
              .isInstanceOf(IllegalStateException.class)
              .hasMessageContainingAll("'a'", "RUNNABLE", "already", "once");
          Hazmat.yieldBriefly();
        });
    assertThat(log).containsExactly("a got first");
  }

  @TrefoilTest(seeds = 20)
  @Tag("R39")
  void reschedulingTheRunningTaskIsRefusedAndHarmless() {
    assertThatThrownBy(() -> Hazmat.reschedule(Hazmat.currentTask()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContainingAll("main", "RUNNING", "sleep");
    Nursery.open(
        nursery -> {
          for (String name : List.of("a", "b")) {
            nursery.spawn(() -> log.add(name));
          }
          Hazmat.yieldBriefly();
        });
    assertThat(log).containsExactlyInAnyOrder("a", "b");
  }

  @TrefoilTest(seeds = 20)
  @Tag("R39")
  void reschedulingATaskThatHasNotStartedIsRefused() {
    Nursery.open(
        nursery -> {
          Task<?> fresh = nursery.spawn("fresh", () -> log.add("ran"));
          assertThatThrownBy(() -> Hazmat.reschedule(fresh))
              .isInstanceOf(IllegalStateException.class)
              .hasMessageContaining("fresh");
        });
    assertThat(log).containsExactly("ran");
  }

  @TrefoilTest(seeds = 20)
  @Tag("R39")
  void reschedulingAFinishedTaskIsRefused() {
    Nursery.open(
        nursery -> {
          Task<?> ended = nursery.spawn("ended", () -> log.add("ran"));
          ended.join();
          assertThatThrownBy(() -> Hazmat.reschedule(ended))
              .isInstanceOf(IllegalStateException.class)
              .hasMessageContainingAll("ended", "TERMINATED");
        });
    assertThat(log).containsExactly("ran");
  }

  @TrefoilTest
  @Tag("R39")
  void reschedulingATaskThatPassesACheckpointIsRefused() {
    Nursery.open(
        nursery -> {
          boolean[] stop = {false};
          Task<?> busy =
              nursery.spawn(
                  () -> {
                    while (!stop[0]) {
                      Hazmat.yieldBriefly();
                    }
                  });
          Hazmat.yieldBriefly();
          assertThatThrownBy(() -> Hazmat.reschedule(busy))
              .isInstanceOf(IllegalStateException.class);
          stop[0] = true;
        });
  }

  @TrefoilTest
  @Tag("R39")
  void missingTaskOrOutcomeIsRefusedByName() {
    assertThatThrownBy(() -> Hazmat.reschedule(null))
        .isInstanceOf(NullPointerException.class)
        .hasMessageContaining("task");
    assertThatThrownBy(() -> Hazmat.reschedule(Hazmat.currentTask(), null))
        .isInstanceOf(NullPointerException.class)
        .hasMessageContaining("outcome");
  }

  @TrefoilTest(seeds = 20)
  @Tag("T41")
  void customSleepDataIsThereDuringTheSleepAndClearedByTheWakeUp() {
    Nursery.open(
        nursery -> {
          Task<?> sleeper =
              nursery.spawn(
                  () -> {
                    Hazmat.currentTask().setCustomSleepData("waiting for you");
                    sleep();
                    assertThat(Hazmat.currentTask().customSleepData()).isNull();
                  });
          Testing.waitAllTasksBlocked();
          assertThat(sleeper.customSleepData()).isEqualTo("waiting for you");
          Hazmat.reschedule(sleeper);
          assertThat(sleeper.customSleepData()).isNull();
        });
  }

  @TrefoilTest(seeds = 20)
  @Tag("T41")
  void customSleepDataIsClearedByACancelToo() {
    Nursery.open(
        nursery -> {
          Task<?> sleeper =
              nursery.spawn(
                  () -> {
                    Hazmat.currentTask().setCustomSleepData("waiting for you");
                    sleep();
                  });
          Testing.waitAllTasksBlocked();
          nursery.cancelScope().cancel();
          assertThat(sleeper.customSleepData()).isNull();
        });
  }
}
