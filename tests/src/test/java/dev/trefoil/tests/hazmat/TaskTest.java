package dev.trefoil.tests.hazmat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.trefoil.hazmat.Cancelled;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.Outcome;
import dev.trefoil.hazmat.ParkingLot;
import dev.trefoil.hazmat.Task;
import dev.trefoil.hazmat.TaskAction;
import dev.trefoil.hazmat.TaskContext;
import dev.trefoil.hazmat.TaskError;
import dev.trefoil.hazmat.TaskOwner;
import dev.trefoil.hazmat.TaskSpec;
import dev.trefoil.hazmat.TaskState;
import dev.trefoil.tasks.CancelScope;
import dev.trefoil.tasks.ExceptionGroup;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.testing.Checkpoints;
import dev.trefoil.testing.Testing;
import dev.trefoil.testing.TrefoilTest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Tag;

final class TaskTest {
  private final ParkingLot lot = new ParkingLot();
  private final List<String> log = new ArrayList<>();

  /** Keeps what its tasks came to, whatever that is. */
  private final TaskOwner owner =
      new TaskOwner() {
        @Override
        public Task<?> parentTask() {
          return null;
        }

        @Override
        public void taskExited(Task<?> task) {
          log.add(task.name() + " " + task.state());
        }
      };

  private <T> Task<T> spawn(String name, Callable<T> body) {
    return Hazmat.spawn(
        TaskSpec.<T>of(body)
            .name(name)
            .owner(owner)
            .cancelStatus(Hazmat.currentTask().cancelStatus()));
  }

  // ---- identity

  @TrefoilTest(seeds = 20)
  @Tag("R70")
  void idsRiseInTheOrderOfSpawningAndTheMainTaskIsTheFirst() {
    assertThat(Hazmat.currentTask().id()).isOne();
    Nursery.open(
        nursery -> {
          long last = 1;
          for (int i = 0; i < 10; i++) {
            long id = nursery.spawn(() -> null).id();
            assertThat(id).isGreaterThan(last);
            last = id;
          }
        });
  }

  @TrefoilTest
  @Tag("R71")
  void bodyIsTheVeryObjectThatWasSpawned() {
    Callable<String> callable = () -> "done";
    TaskAction action = () -> {};
    Nursery.open(
        nursery -> {
          assertThat(nursery.spawn(callable).body()).isSameAs(callable);
          assertThat(nursery.spawn(action).body()).isSameAs(action);
        });
  }

  @TrefoilTest
  @Tag("R22")
  void taskIsDescribedByItsNameAndNumber() {
    Nursery.open(
        nursery -> {
          Task<?> named = nursery.spawn("accept loop", () -> null);
          assertThat(named.name()).isEqualTo("accept loop");
          assertThat(named).hasToString("task 'accept loop' (#" + named.id() + ")");
          assertThat(nursery.spawn(() -> null).name()).contains("TaskTest");
        });
    assertThat(Hazmat.currentTask().name()).isEqualTo("main");
  }

  @TrefoilTest(seeds = 20)
  @Tag("R48")
  void currentTaskIsTheOneThatRuns() {
    Task<?> main = Hazmat.currentTask();
    Nursery.open(
        nursery -> {
          for (int i = 0; i < 3; i++) {
            Task<?>[] self = new Task<?>[1];
            self[0] =
                nursery.spawn(
                    () -> {
                      for (int step = 0; step < 3; step++) {
                        assertThat((Object) Hazmat.currentTask()).isSameAs(self[0]);
                        Hazmat.yieldBriefly();
                      }
                    });
          }
          Hazmat.yieldBriefly();
          assertThat((Object) Hazmat.currentTask()).isSameAs(main);
        });
    Checkpoints.assertNoCheckpoints(Hazmat::currentTask);
  }

  // ---- states

  @TrefoilTest(seeds = 20)
  @Tag("R72")
  void stateTellsTheLifeOfATask() {
    Nursery.open(
        nursery -> {
          Task<?> task =
              nursery.spawn(
                  () -> {
                    log.add(Hazmat.currentTask().state() + " " + Hazmat.currentTask().stateLabel());
                    lot.park("COFFEE_WAIT");
                  });
          assertThat(task.state()).isEqualTo(TaskState.RUNNABLE);
          assertThat(task.stateLabel()).isEqualTo("RUNNABLE");
          Testing.waitAllTasksBlocked();
          assertThat(task.state()).isEqualTo(TaskState.PARKED);
          assertThat(task.stateLabel()).isEqualTo("COFFEE_WAIT");
          lot.unpark();
          assertThat(task.stateLabel()).isEqualTo("RUNNABLE");
          task.join();
          assertThat(task.state()).isEqualTo(TaskState.TERMINATED);
          assertThat(task.stateLabel()).isEqualTo("TERMINATED");
        });
    assertThat(log).containsExactly("RUNNING RUNNING");
    assertThat(Hazmat.currentTask().state()).isEqualTo(TaskState.RUNNING);
  }

  @TrefoilTest(seeds = 20)
  @Tag("R72")
  @Tag("R73")
  void endOfATaskIsToldByStateAndOutcome() {
    IOException failure = new IOException("no paper");
    CancelScope scope = CancelScope.create();
    Task<String> fine = spawn("fine", () -> "result");
    Task<String> failed =
        spawn(
            "failed",
            () -> {
              throw failure;
            });
    scope.run(
        () -> {
          Task<?> cancelled = spawn("cancelled", () -> lot.<Object>park());
          assertThat(fine.outcome()).isNull();
          Testing.waitAllTasksBlocked();
          assertThat(cancelled.outcome()).isNull();
          scope.cancel();
          assertThat(cancelled.outcome()).isNull();
          CancelScope.create().shielded().run(() -> Testing.waitAllTasksBlocked());
          assertThat(cancelled.state()).isEqualTo(TaskState.CANCELLED);
          assertThat(cancelled.outcome()).isInstanceOf(Outcome.Failure.class);
        });
    assertThat(fine.state()).isEqualTo(TaskState.TERMINATED);
    assertThat(fine.outcome()).isEqualTo(Outcome.of("result"));
    assertThat(failed.state()).isEqualTo(TaskState.CRASHED);
    assertThat(failed.outcome()).isEqualTo(Outcome.failure(failure));
    for (TaskState state : TaskState.values()) {
      assertThat(state.isFinal()).isEqualTo(state.compareTo(TaskState.TERMINATED) >= 0);
    }
    assertThat(log)
        .containsExactlyInAnyOrder("fine TERMINATED", "failed CRASHED", "cancelled CANCELLED");
  }

  // ---- spawning

  @TrefoilTest(seeds = 20)
  @Tag("R64")
  void spawnedTaskHasNotRunWhenSpawnReturns() {
    Checkpoints.assertNoCheckpoints(() -> spawn("child", () -> log.add("ran")));
    assertThat(log).isEmpty();
    Testing.waitAllTasksBlocked();
    assertThat(log).containsExactly("ran", "child TERMINATED");
  }

  @TrefoilTest
  @Tag("R64")
  void taskWithoutAnOwnerIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Hazmat.spawn(TaskSpec.of(() -> "result")))
        .withMessageContainingAll("owner", "nursery");
    assertThatThrownBy(() -> Hazmat.spawn(null)).hasMessageContaining("spec");
    assertThatThrownBy(() -> TaskSpec.of(null)).hasMessageContaining("body");
    assertThatThrownBy(() -> Hazmat.spawnSystemTask("nothing", null)).hasMessageContaining("body");
    assertThat(Hazmat.currentRun().tasks()).hasSize(1);
  }

  @TrefoilTest(seeds = 20)
  @Tag("T38")
  void childInheritsTheContextThatItsSpawnerHadAtThatMoment() {
    Object key = new Object();
    Task<?> main = Hazmat.currentTask();
    main.setContext(main.context().with(key, "before"));
    spawn("first", () -> log.add("first sees " + Hazmat.currentTask().context().get(key)));
    main.setContext(main.context().with(key, "after"));
    spawn(
        "second",
        () -> {
          log.add("second sees " + Hazmat.currentTask().context().get(key));
          Hazmat.currentTask().setContext(TaskContext.EMPTY);
          return null;
        });
    Hazmat.spawn(
        TaskSpec.of(() -> log.add("third sees " + Hazmat.currentTask().context().get(key)))
            .owner(owner)
            .context(TaskContext.EMPTY.with(key, "given")));
    Testing.waitAllTasksBlocked();
    assertThat(log).contains("first sees before", "second sees after", "third sees given");
    assertThat(main.context().get(key)).isEqualTo("after");
  }

  // ---- joining

  @TrefoilTest(seeds = 20)
  @Tag("R67")
  void anyNumberOfTasksMayJoinAnyNumberOfTimes() {
    Nursery.open(
        nursery -> {
          Task<String> task = nursery.spawn(() -> lot.<String>park());
          for (int i = 0; i < 3; i++) {
            nursery.spawn(
                () -> {
                  assertThat(task.join()).isEqualTo("result");
                  assertThat(task.join()).isEqualTo("result");
                  log.add("joined");
                });
          }
          Testing.waitAllTasksBlocked();
          assertThat(log).isEmpty();
          lot.unpark(Outcome.of("result"));
        });
    assertThat(log).containsExactly("joined", "joined", "joined");
  }

  @TrefoilTest
  @Tag("R67")
  void joiningIsACheckpointWhetherOrNotTheTaskHasEnded() {
    Task<String> task = spawn("child", () -> "result");
    Checkpoints.assertCheckpoints(() -> task.join());
    assertThat(task.state().isFinal()).isTrue();
    Checkpoints.assertCheckpoints(() -> task.join());
    CancelScope scope = CancelScope.create();
    scope.cancel();
    scope.run(() -> task.join());
    assertThat(scope.cancelledCaught()).isTrue();
  }

  @TrefoilTest(seeds = 20)
  @Tag("R67")
  @Tag("R184")
  void joiningAFailedTaskThrowsTaskErrorWithTheFailureAsItsCause() {
    IOException failure = new IOException("no paper");
    Task<?> failed =
        spawn(
            "printer",
            () -> {
              throw failure;
            });
    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(failed::join)
          .isInstanceOf(TaskError.class)
          .hasMessageContaining("printer")
          .hasCause(failure);
    }
    CancelScope scope = CancelScope.create();
    Task<?>[] cancelled = new Task<?>[1];
    scope.run(
        () -> {
          cancelled[0] = spawn("cancelled", () -> lot.<Object>park());
          Testing.waitAllTasksBlocked();
          scope.cancel();
          CancelScope.create().shielded().run(() -> Testing.waitAllTasksBlocked());
        });
    assertThatThrownBy(() -> cancelled[0].join())
        .isInstanceOf(TaskError.class)
        .hasCauseInstanceOf(Cancelled.class);
  }

  @TrefoilTest
  @Tag("R67")
  void failureThatCannotEvenBeDescribedIsStillTheCause() {
    RuntimeException nasty =
        new RuntimeException() {
          private static final long serialVersionUID = 1L;

          @Override
          public String getMessage() {
            throw new UnsupportedOperationException("no message");
          }
        };
    Task<?> failed =
        spawn(
            "nasty",
            () -> {
              throw nasty;
            });
    assertThatThrownBy(failed::join)
        .isInstanceOf(TaskError.class)
        .satisfies(error -> assertThat(error.getCause() == nasty).isTrue());
    try {
      Nursery.open(
          nursery ->
              nursery.spawn(
                  "nasty",
                  () -> {
                    throw nasty;
                  }));
      log.add("no group");
    } catch (ExceptionGroup group) {
      assertThat(group.exceptions().getFirst() == nasty).isTrue();
    }
    assertThat(log).doesNotContain("no group");
  }

  @TrefoilTest(seeds = 20)
  @Tag("R67")
  void cancellingAJoinerDoesNotTouchTheTask() {
    CancelScope scope = CancelScope.create();
    Nursery.open(
        nursery -> {
          Task<String> task = nursery.spawn(() -> lot.<String>park());
          nursery.spawn(() -> scope.run(() -> task.join()));
          Testing.waitAllTasksBlocked();
          scope.cancel();
          Testing.waitAllTasksBlocked();
          assertThat(task.state()).isEqualTo(TaskState.PARKED);
          lot.unpark(Outcome.of("result"));
          assertThat(task.join()).isEqualTo("result");
        });
    assertThat(scope.cancelledCaught()).isTrue();
  }

  @TrefoilTest(seeds = 20)
  @Tag("R67")
  void taskThatSwallowsItsCancelJoinsNormally() {
    CancelScope scope = CancelScope.create();
    Task<?>[] task = new Task<?>[1];
    scope.run(
        () -> {
          task[0] =
              spawn(
                  "stubborn",
                  () -> {
                    try {
                      return lot.<Object>park();
                    } catch (Cancelled swallowed) {
                      return "swallowed";
                    }
                  });
          Testing.waitAllTasksBlocked();
          scope.cancel();
          CancelScope.create().shielded().run(() -> Testing.waitAllTasksBlocked());
        });
    assertThat((Object) task[0].join()).isEqualTo("swallowed");
  }

  @TrefoilTest
  @Tag("R67")
  void taskCannotJoinItself() {
    assertThatThrownBy(() -> Hazmat.currentTask().join())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContainingAll("main", "itself");
  }

  // ---- exit listeners and owners

  @TrefoilTest(seeds = 20)
  @Tag("R73")
  void exitListenersAreToldInOrderBeforeTheOwnerAndBeforeAnyJoinerRuns() {
    Task<String> task = spawn("child", () -> lot.<String>park());
    Nursery.open(
        nursery -> {
          nursery.spawn(() -> log.add("joined " + task.join()));
          Testing.waitAllTasksBlocked();
          task.addExitListener(
              ended -> {
                assertThat((Object) ended).isSameAs(task);
                assertThat(ended.outcome()).isEqualTo(Outcome.of("result"));
                assertThat(Hazmat.inTask()).isFalse();
                log.add("first");
              });
          task.addExitListener(ended -> log.add("second"));
          lot.unpark(Outcome.of("result"));
        });
    assertThat(log).containsExactly("first", "second", "child TERMINATED", "joined result");
  }

  @TrefoilTest(seeds = 20)
  @Tag("R73")
  void removedExitListenerIsNotTold() {
    Task.ExitListener listener = ended -> log.add("told");
    Nursery.open(
        nursery -> {
          Task<?> task = nursery.spawn(() -> null);
          task.addExitListener(listener);
          task.addExitListener(listener);
          assertThat(task.removeExitListener(listener)).isTrue();
          assertThat(task.removeExitListener(ended -> {})).isFalse();
        });
    assertThat(log).containsExactly("told");
  }

  @TrefoilTest
  @Tag("R73")
  void listeningForTheEndOfATaskThatHasEndedIsRefused() {
    Task<String> task = spawn("child", () -> "result");
    task.join();
    assertThatThrownBy(() -> task.addExitListener(ended -> {}))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContainingAll("child", "ended");
    assertThatThrownBy(() -> task.changeOwner(owner))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContainingAll("child", "ended");
  }

  @TrefoilTest
  @Tag("R73")
  void exitListenerCannotSuspend() {
    Task<String> task = spawn("child", () -> "result");
    task.addExitListener(
        ended ->
            assertThatThrownBy(Hazmat::yieldBriefly)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("exit listener"));
    task.addExitListener(ended -> log.add("told"));
    task.join();
    assertThat(log).contains("told");
  }

  @TrefoilTest(seeds = 20)
  @Tag("R73")
  void newOwnerIsToldInsteadOfTheOldOne() {
    Task<String> task = spawn("child", () -> "result");
    task.changeOwner(
        new TaskOwner() {
          @Override
          public Task<?> parentTask() {
            return null;
          }

          @Override
          public void taskExited(Task<?> ended) {
            log.add("the new owner");
          }
        });
    task.join();
    assertThat(log).containsExactly("the new owner");
  }
}
