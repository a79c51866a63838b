package dev.trefoil.tests.hazmat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.Instrument;
import dev.trefoil.hazmat.Outcome;
import dev.trefoil.hazmat.ParkingLot;
import dev.trefoil.hazmat.Run;
import dev.trefoil.hazmat.RunOptions;
import dev.trefoil.hazmat.Task;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.tasks.Trefoil;
import dev.trefoil.testing.MockClock;
import dev.trefoil.testing.Testing;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import org.junit.jupiter.api.Tag;

final class InstrumentTest {
  private final List<String> log = new ArrayList<>();

  /** Logs what tasks do, with a mark in front. */
  private class Recorder implements Instrument {
    private final String mark;

    Recorder(String mark) {
      this.mark = mark;
    }

    private void add(String what, Task<?> task) {
      log.add(mark + what + " " + task.name());
    }

    @Override
    public void beforeRun() {
      log.add(mark + "before run");
    }

    @Override
    public void afterRun() {
      log.add(mark + "after run");
    }

    @Override
    public void taskSpawned(Task<?> task) {
      add("spawned", task);
    }

    @Override
    public void taskScheduled(Task<?> task) {
      add("scheduled", task);
    }

    @Override
    public void beforeTaskStep(Task<?> task) {
      add("before step", task);
    }

    @Override
    public void afterTaskStep(Task<?> task) {
      add("after step", task);
    }

    @Override
    public void taskExited(Task<?> task) {
      add("exited", task);
    }
  }

  private List<String> logStartingWith(String start) {
    return log.stream().filter(line -> line.startsWith(start)).toList();
  }

  @EveryBackend
  @Tag("T86")
  @Tag("R31")
  void hooksTellTheWholeLifeOfARunInOrder(RunOptions options) {
    Trefoil.run(options.withInstrument(new Recorder("")), () -> Hazmat.yieldBriefly());
    assertThat(log)
        .containsExactly(
            "before run",
            "spawned main",
            "scheduled main",
            "before step main",
            "scheduled main",
            "after step main",
            "before step main",
            "exited main",
            "after step main",
            "after run");
  }

  @EverySchedule
  @Tag("T86")
  void everyStepIsBracketedAndNoStepsOverlap(RunOptions options) {
    Trefoil.run(
        options.withInstrument(new Recorder("")),
        () ->
            Nursery.open(
                nursery -> {
                  for (String name : List.of("a", "b", "c")) {
                    nursery.spawn(
                        name,
                        () -> {
                          Hazmat.yieldBriefly();
                          Hazmat.yieldBriefly();
                        });
                  }
                }));
    List<String> steps = log.stream().filter(line -> line.contains("step")).toList();
    assertThat(steps.size() % 2).isZero();
    for (int i = 0; i < steps.size(); i += 2) {
      assertThat(steps.get(i)).startsWith("before step ");
      assertThat(steps.get(i + 1)).isEqualTo(steps.get(i).replace("before", "after"));
    }
    assertThat(logStartingWith("exited"))
        .containsExactlyInAnyOrder("exited a", "exited b", "exited c", "exited main");
  }

  @EveryBackend
  @Tag("T86")
  void wokenTaskIsScheduledInTheStepOfTheOneThatWakesIt(RunOptions options) {
    ParkingLot lot = new ParkingLot();
    Trefoil.run(
        options,
        () ->
            Nursery.open(
                nursery -> {
                  nursery.spawn("sleeper", () -> lot.<Object>park());
                  Testing.waitAllTasksBlocked();
                  Hazmat.currentRun().addInstrument(new Recorder(""));
                  log.add("waking");
                  lot.unpark();
                  log.add("woken");
                }));
    assertThat(log)
        .startsWith("waking", "scheduled sleeper", "woken", "after step main")
        .containsSubsequence("before step sleeper", "exited sleeper", "after step sleeper");
  }

  @EveryBackend
  @Tag("T86")
  void ioWaitsAreBracketedAndCarryTheirTimeout(RunOptions options) {
    MockClock clock = new MockClock(0, Duration.ofMillis(2));
    Trefoil.run(
        options
            .withClock(clock)
            .withInstrument(
                new Instrument() {
                  @Override
                  public void beforeIoWait(long timeoutNanos) {
                    log.add("before " + timeoutNanos);
                  }

                  @Override
                  public void afterIoWait(long timeoutNanos) {
                    log.add("after " + timeoutNanos);
                  }
                }),
        () -> {
          Hazmat.yieldBriefly();
          assertThat(log).isEmpty();
          Trefoil.sleep(Duration.ofHours(1));
        });
    // More than once only if the thread wakes for nothing, which it may.
    assertThat(log).isNotEmpty().hasSizeLessThan(100);
    for (int i = 0; i < log.size(); i++) {
      assertThat(log.get(i)).isEqualTo((i % 2 == 0 ? "before " : "after ") + 2_000_000);
    }
  }

  @EveryBackend
  @Tag("T86")
  void inheritedHooksCount(RunOptions options) {
    Trefoil.run(
        options,
        () -> {
          Hazmat.currentRun().addInstrument(new Recorder("") {});
          Hazmat.yieldBriefly();
          assertThat(log).containsExactly("scheduled main", "after step main", "before step main");
        });
  }

  @EveryBackend
  @Tag("T86")
  void foreignThreadCannotInstallOrRemoveOne(RunOptions options) throws Exception {
    Trefoil.run(
        options,
        () -> {
          Run run = Hazmat.currentRun();
          Recorder recorder = new Recorder("");
          List<Outcome<Object>> outcomes = new ArrayList<>();
          Thread stranger =
              Thread.ofPlatform()
                  .start(
                      () -> {
                        outcomes.add(attempt(() -> run.addInstrument(recorder)));
                        outcomes.add(attempt(() -> run.removeInstrument(recorder)));
                      });
          stranger.join();
          assertThat(outcomes)
              .hasSize(2)
              .allSatisfy(
                  outcome ->
                      assertThatThrownBy(outcome::unwrap)
                          .isInstanceOf(IllegalStateException.class)
                          .hasMessageContaining("callSoonThreadAndSignalSafe"));
          Hazmat.yieldBriefly();
        });
    assertThat(log).isEmpty();
  }

  private static Outcome<Object> attempt(Runnable action) {
    return Outcome.capture(
        () -> {
          action.run();
          return "accepted";
        });
  }

  @EveryBackend
  @Tag("T86")
  void instrumentsAreCalledInTheOrderOfInstalling(RunOptions options) {
    Trefoil.run(
        options.withInstrument(new Recorder("1 ")).withInstrument(new Recorder("2 ")),
        () -> Hazmat.currentRun().addInstrument(new Recorder("3 ")));
    assertThat(log).containsSubsequence("1 before run", "2 before run", "1 spawned main");
    assertThat(log)
        .containsSubsequence("1 after step main", "2 after step main", "3 after step main");
    assertThat(log).containsSubsequence("1 after run", "2 after run", "3 after run");
    assertThat(log).doesNotContain("3 before run");
  }

  @EveryBackend
  @Tag("T86")
  void instrumentAddedTwiceIsCalledOnce(RunOptions options) {
    Instrument recorder = new Recorder("");
    Trefoil.run(
        options.withInstrument(recorder).withInstrument(recorder),
        () -> {
          Hazmat.currentRun().addInstrument(recorder);
          log.clear();
          Hazmat.yieldBriefly();
        });
    assertThat(logStartingWith("after step")).hasSize(2);
    assertThat(logStartingWith("after run")).hasSize(1);
  }

  @EveryBackend
  @Tag("T86")
  void removedInstrumentIsNotCalledAnyMoreAndOnlyAnInstalledOneCanBeRemoved(RunOptions options) {
    Instrument recorder = new Recorder("");
    Trefoil.run(
        options.withInstrument(recorder),
        () -> {
          Hazmat.currentRun().removeInstrument(recorder);
          log.clear();
          Hazmat.yieldBriefly();
          assertThat(log).isEmpty();
          assertThatThrownBy(() -> Hazmat.currentRun().removeInstrument(recorder))
              .isInstanceOf(NoSuchElementException.class)
              .hasMessageContaining("not installed");
        });
    assertThat(log).isEmpty();
  }

  @EverySchedule
  @Tag("T86")
  void throwingInstrumentIsLoggedAndRemovedAndTheRunGoesOn(RunOptions options) {
    int[] calls = {0};
    Instrument broken =
        new Instrument() {
          @Override
          public void beforeTaskStep(Task<?> task) {
            calls[0]++;
            throw new IllegalStateException("broken instrument");
          }

          @Override
          public String toString() {
            return "the broken one";
          }
        };
    try (KernelLog kernelLog = KernelLog.capture()) {
      Trefoil.run(
          options.withInstrument(broken).withInstrument(new Recorder("")),
          () ->
              Nursery.open(
                  nursery -> {
                    nursery.spawn("a", () -> Hazmat.yieldBriefly());
                    nursery.spawn("b", () -> Hazmat.yieldBriefly());
                  }));
      assertThat(kernelLog.messages())
          .singleElement()
          .asString()
          .contains("the broken one", "removed");
    }
    assertThat(calls[0]).isOne();
    assertThat(logStartingWith("exited"))
        .containsExactlyInAnyOrder("exited a", "exited b", "exited main");
  }

  @EveryBackend
  @Tag("T86")
  void instrumentThatThrowsEvenInItsNameIsRemovedAllTheSame(RunOptions options) {
    Instrument broken =
        new Instrument() {
          @Override
          public void beforeTaskStep(Task<?> task) {
            throw new IllegalStateException("broken instrument");
          }

          @Override
          public String toString() {
            throw new IllegalStateException("no name");
          }
        };
    try (KernelLog kernelLog = KernelLog.capture()) {
      String result =
          Trefoil.<String, RuntimeException>run(
              options.withInstrument(broken),
              () -> {
                Hazmat.yieldBriefly();
                return "fine";
              });
      assertThat(result).isEqualTo("fine");
      assertThat(kernelLog.messages()).hasSize(1);
    }
  }

  @EverySchedule
  @Tag("T86")
  void instrumentMustNotSuspendAndIsRemovedIfItTries(RunOptions options) {
    Instrument sleepy =
        new Instrument() {
          @Override
          public void beforeTaskStep(Task<?> task) {
            Hazmat.yieldBriefly();
          }
        };
    Instrument sleepyInsideTasks =
        new Instrument() {
          @Override
          public void taskSpawned(Task<?> task) {
            Hazmat.yieldBriefly();
          }
        };
    try (KernelLog kernelLog = KernelLog.capture()) {
      Trefoil.run(
          options.withInstrument(sleepy),
          () -> {
            Hazmat.currentRun().addInstrument(sleepyInsideTasks);
            Nursery.open(nursery -> nursery.spawn(() -> log.add("child")));
            for (Instrument removed : List.of(sleepy, sleepyInsideTasks)) {
              assertThatThrownBy(() -> Hazmat.currentRun().removeInstrument(removed))
                  .isInstanceOf(NoSuchElementException.class);
            }
          });
      assertThat(kernelLog.thrown())
          .hasSize(2)
          .allSatisfy(error -> assertThat(error).hasMessageContaining("instrument"));
    }
    assertThat(log).containsExactly("child");
  }

  @EveryBackend
  @Tag("T86")
  void instrumentMayRemoveItselfAndAnotherWhileItIsCalled(RunOptions options) {
    Recorder victim = new Recorder("victim ");
    Instrument remover =
        new Instrument() {
          @Override
          public void beforeTaskStep(Task<?> task) {
            log.add("removing");
            Hazmat.currentRun().removeInstrument(this);
            Hazmat.currentRun().removeInstrument(victim);
          }
        };
    Trefoil.run(
        options.withInstrument(remover).withInstrument(victim),
        () -> {
          Hazmat.yieldBriefly();
        });
    assertThat(log)
        .containsExactly(
            "victim before run", "victim spawned main", "victim scheduled main", "removing");
  }
}
