package dev.trefoil.tests.hazmat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.trefoil.hazmat.Cancelled;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.ParkingLot;
import dev.trefoil.hazmat.Task;
import dev.trefoil.hazmat.TaskAction;
import dev.trefoil.hazmat.TaskError;
import dev.trefoil.hazmat.TaskOwner;
import dev.trefoil.hazmat.TaskSpec;
import dev.trefoil.tasks.CancelScope;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.tasks.Trefoil;
import dev.trefoil.testing.Checkpoints;
import dev.trefoil.testing.Testing;
import dev.trefoil.testing.TrefoilTest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;

/** Looking at a task from another: whether and how it has ended, and where it is. */
@Tag("T67")
final class TaskInspectionTest {
  private final ParkingLot lot = new ParkingLot();
  private final List<String> log = new ArrayList<>();

  /** Counts who takes note of outcomes. */
  private static final class Counting implements TaskOwner {
    int taken;

    @Override
    public @Nullable Task<?> parentTask() {
      return null;
    }

    @Override
    public void taskExited(Task<?> task) {}

    @Override
    public void outcomeTaken(Task<?> task) {
      taken++;
    }
  }

  private final Counting owner = new Counting();

  private <T> Task<T> spawn(Callable<T> body) {
    return Hazmat.spawn(
        TaskSpec.<T>of(body).owner(owner).cancelStatus(Hazmat.currentTask().cancelStatus()));
  }

  private Task<?> spawnAction(TaskAction body) {
    return spawn(TaskAction.asCallable(body));
  }

  private Task<?> spawnCrashing() {
    return spawnAction(
        () -> {
          throw new IOException("crashed");
        });
  }

  // ---- how it ended

  @TrefoilTest(seeds = 20)
  void resultAndExceptionAreRefusedBeforeTheEndWithTheStateNamed() {
    Task<?> task = spawn(() -> lot.park("TEST_WAIT"));
    Testing.waitAllTasksBlocked();
    for (Callable<?> look : List.<Callable<?>>of(task::result, task::exception)) {
      assertThatThrownBy(look::call)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining(task.toString())
          .hasMessageContaining("TEST_WAIT")
          .hasMessageContaining("join");
    }
    assertThat(task.hasEnded()).isFalse();
    assertThat(task.isCancelled()).isFalse();
    assertThat(owner.taken).isZero();
    lot.unpark();
    task.awaitEnd();
  }

  @TrefoilTest(seeds = 20)
  void aTaskThatReturnedHasAResultAndNoException() {
    Task<String> task = spawn(() -> "result");
    task.awaitEnd();
    assertThat(task.result()).isEqualTo("result");
    assertThat(task.exception()).isNull();
    assertThat(task.hasEnded()).isTrue();
    assertThat(task.isCancelled()).isFalse();
  }

  @TrefoilTest(seeds = 20)
  @Tag("R73")
  void aTaskThatCrashedHasAnExceptionAndItsResultThrowsWithTheCause() {
    Task<?> task = spawnCrashing();
    task.awaitEnd();
    assertThat(task.exception()).isInstanceOf(IOException.class).hasMessage("crashed");
    assertThatThrownBy(task::result)
        .isInstanceOf(TaskError.class)
        .cause()
        .isSameAs(task.exception());
    assertThat(task.isCancelled()).isFalse();
  }

  @TrefoilTest(seeds = 20)
  void aTaskThatWasCancelledSaysSo() {
    Task<?> task = spawnAction(Trefoil::sleepForever);
    task.cancel();
    assertThat(task.isCancelled()).isTrue();
    assertThat(task.hasEnded()).isTrue();
    assertThat(task.exception()).isInstanceOf(Cancelled.class);
  }

  @TrefoilTest(seeds = 20)
  void awaitEndWaitsForAnyEndAndIsACheckpointAlsoAfterIt() {
    Task<?> task =
        spawnAction(
            () -> {
              lot.park();
              log.add("ended");
              throw new IOException("crashed");
            });
    Nursery.open(
        nursery -> {
          nursery.spawn(
              () -> {
                task.awaitEnd();
                log.add("woken");
              });
          Testing.waitAllTasksBlocked();
          lot.unpark();
        });
    assertThat(log).containsExactly("ended", "woken");
    Checkpoints.assertCheckpoints(task::awaitEnd);
  }

  @TrefoilTest(seeds = 20)
  void cancellingWhoAwaitsTheEndDoesNotTouchTheTask() {
    Task<?> task = spawn(() -> lot.park());
    CancelScope scope = CancelScope.create();
    Nursery.open(
        nursery -> {
          nursery.spawn(() -> scope.run(() -> task.awaitEnd()));
          Testing.waitAllTasksBlocked();
          scope.cancel();
        });
    assertThat(scope.cancelledCaught()).isTrue();
    assertThat(task.hasEnded()).isFalse();
    lot.unpark();
    task.awaitEnd();
  }

  @TrefoilTest
  void aTaskCannotAwaitItsOwnEnd() {
    assertThatThrownBy(() -> Hazmat.currentTask().awaitEnd())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("itself");
  }

  @TrefoilTest(seeds = 20)
  void theOwnerLearnsWhoTakesNoteOfTheOutcomeAndWhoOnlyWaits() {
    Task<?> task = spawn(() -> "value");
    task.awaitEnd();
    task.outcome();
    task.hasEnded();
    assertThat(owner.taken).isZero();
    task.join();
    assertThat(owner.taken).isEqualTo(1);
    task.result();
    assertThat(owner.taken).isEqualTo(2);
    task.exception();
    assertThat(owner.taken).isEqualTo(3);
    task.cancel();
    assertThat(owner.taken).isEqualTo(4);
  }

  // ---- where it is

  @TrefoilTest
  void cyclesCountHowOftenTheTaskWasGivenTheThread() {
    Task<?> task =
        spawnAction(
            () -> {
              log.add("cycle " + Hazmat.currentTask().cycles());
              Hazmat.yieldBriefly();
              log.add("cycle " + Hazmat.currentTask().cycles());
              lot.park();
              log.add("cycle " + Hazmat.currentTask().cycles());
            });
    assertThat(task.cycles()).isZero();
    Testing.waitAllTasksBlocked();
    assertThat(task.cycles()).isEqualTo(2);
    lot.unpark();
    task.join();
    assertThat(task.cycles()).isEqualTo(3);
    assertThat(log).containsExactly("cycle 1", "cycle 2", "cycle 3");
  }

  private void waitHere() {
    CancelScope.moveOnAt(Long.MAX_VALUE, () -> lot.park("HERE"));
  }

  @TrefoilTest
  void whereIsTheInnermostFrameThatIsNeitherTrefoilsNorThePlatforms() {
    Task<?> task = spawnAction(() -> List.of(1).forEach(one -> waitHere()));
    assertThat(task.where()).as("before its first step").isNull();
    Testing.waitAllTasksBlocked();
    StackTraceElement where = task.where();
    assertThat(where).isNotNull();
    assertThat(where.getClassName()).isEqualTo(TaskInspectionTest.class.getName());
    assertThat(where.getMethodName()).contains("waitHere");
    lot.unpark();
    task.join();
    assertThat(task.where()).as("after its end").isNull();
    assertThat(Hazmat.currentTask().where()).as("while it runs").isNull();
  }

  @TrefoilTest
  void theTracebackOfASleeperNamesTheTaskItsStateAndItsFrames() {
    Task<?> task = spawnAction(this::waitHere);
    Testing.waitAllTasksBlocked();
    assertThat(task.traceback())
        .startsWith(task.toString())
        .contains("HERE")
        .contains("at ")
        .contains("waitHere");
    lot.unpark();
    task.join();
    assertThat(task.traceback()).contains("TERMINATED").doesNotContain("at ");
  }

  @TrefoilTest
  void theTracebackOfACrashedTaskIsThatOfItsError() {
    Task<?> task = spawnCrashing();
    task.awaitEnd();
    assertThat(task.traceback())
        .startsWith(task.toString())
        .contains("CRASHED")
        .contains("java.io.IOException: crashed")
        .contains("spawnCrashing");
  }
}
