package dev.trefoil.tests.hazmat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.trefoil.hazmat.CancelReason;
import dev.trefoil.hazmat.Cancelled;
import dev.trefoil.hazmat.EntryPoint;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.KernelError;
import dev.trefoil.hazmat.KeyboardInterrupts;
import dev.trefoil.hazmat.RunOptions;
import dev.trefoil.hazmat.Task;
import dev.trefoil.hazmat.TaskAction;
import dev.trefoil.hazmat.TaskContext;
import dev.trefoil.tasks.CancelScope;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.tasks.TaskLocal;
import dev.trefoil.tasks.Trefoil;
import dev.trefoil.testing.Checkpoints;
import dev.trefoil.testing.Testing;
import dev.trefoil.testing.TrefoilTest;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Tag;

final class SystemTaskTest {
  private final List<String> log = new ArrayList<>();

  private Object sleepAndLogTheEnd() {
    try {
      Trefoil.sleepForever();
      return null;
    } catch (Cancelled cancelled) {
      log.add("cancelled by " + cancelled.reason().source());
      throw cancelled;
    }
  }

  @TrefoilTest(seeds = 20)
  @Tag("R21")
  void systemTaskStartsAtALaterSchedulePoint() {
    Checkpoints.assertNoCheckpoints(
        () -> Hazmat.spawnSystemTask("server", () -> log.add("started")));
    assertThat(log).isEmpty();
    Testing.waitAllTasksBlocked();
    assertThat(log).containsExactly("started");
  }

  @EverySchedule
  @Tag("R21")
  void systemTaskIsCancelledWhenTheMainTaskHasEndedAndTheRunAwaitsItsCleanup(RunOptions options) {
    Trefoil.run(
        options,
        () -> {
          Hazmat.spawnSystemTask(
              "server",
              () -> {
                try {
                  return sleepAndLogTheEnd();
                } finally {
                  CancelScope.create()
                      .shielded()
                      .run(
                          () -> {
                            for (int i = 0; i < 10; i++) {
                              Hazmat.yieldBriefly();
                            }
                            log.add("cleaned up");
                          });
                }
              });
          Testing.waitAllTasksBlocked();
          log.add("main ends");
        });
    assertThat(log)
        .containsExactly("main ends", "cancelled by " + CancelReason.Source.SHUTDOWN, "cleaned up");
  }

  @EverySchedule
  @Tag("R21")
  void systemTaskIsCancelledAlsoWhenTheMainTaskFails(RunOptions options) {
    IllegalArgumentException failure = new IllegalArgumentException("main failed");
    assertThatThrownBy(
            () ->
                Trefoil.run(
                    options,
                    () -> {
                      Hazmat.spawnSystemTask("server", this::sleepAndLogTheEnd);
                      Testing.waitAllTasksBlocked();
                      throw failure;
                    }))
        .isSameAs(failure);
    assertThat(log).containsExactly("cancelled by SHUTDOWN");
  }

  @EverySchedule
  @Tag("R21")
  void systemTaskThatHasNotStartedWhenTheMainTaskEndsIsCancelledAtItsFirstCancelPoint(
      RunOptions options) {
    Trefoil.run(
        options,
        () -> {
          Hazmat.spawnSystemTask(
              "late",
              () -> {
                log.add("started");
                Hazmat.yieldBriefly();
                return log.add("not reached");
              });
        });
    assertThat(log).containsExactly("started");
  }

  @EverySchedule
  @Tag("R21")
  void systemTaskThatSwallowsTheShutdownAndReturnsIsNoFailure(RunOptions options) {
    String result =
        Trefoil.<String, RuntimeException>run(
            options,
            () -> {
              Hazmat.spawnSystemTask(
                  "server",
                  () -> {
                    try {
                      return sleepAndLogTheEnd();
                    } catch (Cancelled swallowed) {
                      return "done";
                    }
                  });
              Testing.waitAllTasksBlocked();
              return "main's";
            });
    assertThat(result).isEqualTo("main's");
  }

  @EverySchedule
  @Tag("R21")
  void systemTaskWithANurseryEndsQuietlyAtTheShutdown(RunOptions options) {
    String result =
        Trefoil.<String, RuntimeException>run(
            options,
            () -> {
              Hazmat.spawnSystemTask(
                  "server",
                  TaskAction.asCallable(
                      () ->
                          Nursery.open(
                              nursery -> {
                                nursery.spawn(() -> sleepAndLogTheEnd());
                                nursery.spawn(() -> sleepAndLogTheEnd());
                                Trefoil.sleepForever();
                              })));
              Testing.waitAllTasksBlocked();
              return "main's";
            });
    assertThat(result).isEqualTo("main's");
    assertThat(log).containsExactly("cancelled by SHUTDOWN", "cancelled by SHUTDOWN");
  }

  @EverySchedule
  @Tag("R21")
  @Tag("R50")
  void failureOfASystemTaskBreaksTheRunAndCancelsEverything(RunOptions options) {
    RuntimeException fault = new RuntimeException("the fault");
    assertThatThrownBy(
            () ->
                Trefoil.run(
                    options,
                    () ->
                        Nursery.open(
                            nursery -> {
                              nursery.spawn(() -> sleepAndLogTheEnd());
                              Testing.waitAllTasksBlocked();
                              Hazmat.spawnSystemTask(
                                  "server",
                                  () -> {
                                    throw fault;
                                  });
                            })))
        .isInstanceOf(KernelError.class)
        .hasMessageContaining("'server'")
        .hasCause(fault);
    assertThat(log).containsExactly("cancelled by CRASH");
  }

  @EverySchedule
  @Tag("R21")
  void cancelledThatIsNotOfTheShutdownIsAFailureOfASystemTask(RunOptions options) {
    assertThatThrownBy(
            () ->
                Trefoil.run(
                    options,
                    () -> {
                      Cancelled[] stray = new Cancelled[1];
                      CancelScope scope = CancelScope.create();
                      scope.cancel();
                      scope.run(
                          () -> {
                            try {
                              Hazmat.yieldBriefly();
                            } catch (Cancelled cancelled) {
                              stray[0] = cancelled;
                            }
                          });
                      Hazmat.spawnSystemTask(
                          "server",
                          () -> {
                            throw stray[0];
                          });
                      Trefoil.sleepForever();
                    }))
        .isInstanceOf(KernelError.class)
        .hasMessageContaining("'server'")
        .hasCauseInstanceOf(Cancelled.class);
  }

  @TrefoilTest(seeds = 20)
  @Tag("R21")
  void systemTaskHasTheContextOfTheRunsStartAndNotOfItsSpawner() {
    TaskLocal<String> local = TaskLocal.create();
    local.set("the spawner's");
    List<TaskContext> contexts = new ArrayList<>();
    Hazmat.spawnSystemTask(
        "server",
        () -> {
          contexts.add(Hazmat.currentTask().context());
          return log.add("sees " + local.getOrNull());
        });
    Testing.waitAllTasksBlocked();
    assertThat(log).containsExactly("sees null");
    assertThat(contexts).containsExactly(TaskContext.EMPTY);
  }

  @TrefoilTest(seeds = 20)
  @Tag("R21")
  @Tag("R18")
  void systemTaskIsProtectedFromKeyboardInterrupts() {
    Hazmat.spawnSystemTask(
        "server",
        () -> {
          log.add("protected " + KeyboardInterrupts.currentlyProtected());
          Hazmat.yieldBriefly();
          return log.add("protected " + KeyboardInterrupts.currentlyProtected());
        });
    Testing.waitAllTasksBlocked();
    assertThat(log).containsExactly("protected true", "protected true");
  }

  @TrefoilTest(seeds = 20)
  @Tag("R21")
  void systemTaskIsOutsideTheScopesOfItsSpawner() {
    CancelScope scope = CancelScope.create();
    scope.run(
        () -> {
          Hazmat.spawnSystemTask("server", this::sleepAndLogTheEnd);
          Hazmat.yieldBriefly();
          scope.cancel();
        });
    Testing.waitAllTasksBlocked();
    assertThat(log).isEmpty();
  }

  @EverySchedule
  @Tag("R21")
  void systemTaskSpawnedDuringTheShutdownRunsAndIsCancelled(RunOptions options) {
    Trefoil.run(
        options,
        () -> {
          Hazmat.spawnSystemTask(
              "first",
              () -> {
                try {
                  return sleepAndLogTheEnd();
                } finally {
                  Hazmat.spawnSystemTask("second", this::sleepAndLogTheEnd);
                }
              });
          Testing.waitAllTasksBlocked();
        });
    assertThat(log).containsExactly("cancelled by SHUTDOWN", "cancelled by SHUTDOWN");
  }

  @EverySchedule
  @Tag("R21")
  void spawningWhenTheLastTaskHasEndedIsRefused(RunOptions options) {
    Trefoil.run(
        options,
        () -> {
          EntryPoint entry = Hazmat.currentCallSoonThreadAndSignalSafe();
          entry.callSoonThreadAndSignalSafe(
              () -> {
                try {
                  Hazmat.spawnSystemTask("too late", () -> log.add("ran"));
                } catch (IllegalStateException refused) {
                  log.add("refused: " + refused.getMessage());
                }
              });
        });
    assertThat(log).singleElement().asString().contains("refused", "over");
  }

  // ---- names

  @TrefoilTest
  @Tag("R22")
  void nameIsWhatWasGiven() {
    Task<?> task = Hazmat.spawnSystemTask("accept loop", () -> null);
    assertThat(task.name()).isEqualTo("accept loop");
    assertThat(task.toString()).contains("accept loop", String.valueOf(task.id()));
  }

  @TrefoilTest
  @Tag("R22")
  void nameIsDerivedFromTheBodyIfNoneIsGiven() {
    assertThat(Hazmat.spawnSystemTask(null, () -> null).name())
        .contains("SystemTaskTest")
        .doesNotContain("Lambda");
    assertThat(Hazmat.spawnSystemTask(null, new NamedBody()).name()).contains("NamedBody");
    TaskAction wrapped = () -> {};
    assertThat(Hazmat.spawnSystemTask(null, TaskAction.asCallable(wrapped)).name())
        .contains("SystemTaskTest");
  }

  private static final class NamedBody implements Callable<String> {
    @Override
    public String call() {
      return "";
    }
  }

  @TrefoilTest(seeds = 20)
  @Tag("R21")
  @Tag("R68")
  void systemTaskThatIsCancelledByItselfEndsAndTheRunGoesOn() {
    Task<?> server = Hazmat.spawnSystemTask("server", this::sleepAndLogTheEnd);
    Testing.waitAllTasksBlocked();
    assertThat(server.cancel()).isTrue();
    assertThat(log).containsExactly("cancelled by TASK");
    Hazmat.yieldBriefly();
  }
}
