package dev.trefoil.tests.hazmat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.Instrument;
import dev.trefoil.hazmat.RunOptions;
import dev.trefoil.hazmat.Task;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.tasks.Trefoil;
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
  void ioWaitsAreBracketedAndCarryTheirTimeout(RunOptions options) {
    List<Long> timeouts = new ArrayList<>();
    Trefoil.run(
        options.withInstrument(
            new Instrument() {
              @Override
              public void beforeIoWait(long timeoutNanos) {
                timeouts.add(timeoutNanos);
                log.add("before");
              }

              @Override
              public void afterIoWait(long timeoutNanos) {
                assertThat(timeoutNanos).isEqualTo(timeouts.getLast());
                log.add("after");
              }
            }),
        () -> Trefoil.sleep(java.time.Duration.ofMillis(1)));
    assertThat(timeouts).isNotEmpty().allMatch(timeout -> timeout <= 1_000_000);
    for (int i = 0; i < log.size(); i++) {
      assertThat(log.get(i)).isEqualTo(i % 2 == 0 ? "before" : "after");
    }
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
