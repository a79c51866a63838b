package dev.trefoil.tests.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.Run;
import dev.trefoil.hazmat.RunOptions;
import dev.trefoil.sync.Event;
import dev.trefoil.sync.EventStatistics;
import dev.trefoil.tasks.CancelScope;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.tasks.Trefoil;
import dev.trefoil.testing.Checkpoints;
import dev.trefoil.testing.Testing;
import dev.trefoil.testing.TrefoilTest;
import dev.trefoil.tests.hazmat.EveryBackend;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Tag;

final class EventTest {
  private final Event event = new Event();
  private final List<String> log = new ArrayList<>();

  private void spawnWaiter(Nursery nursery, String name) {
    nursery.spawn(
        name,
        () -> {
          event.await();
          log.add(name + (event.isSet() ? " set" : " unset"));
        });
    Testing.waitAllTasksBlocked();
  }

  @TrefoilTest
  @Tag("R148")
  @Tag("R149")
  @Tag("T25")
  void isUnsetAtFirstAndThenWhatWasSaidLast() {
    assertThat(event.isSet()).isFalse();
    event.set();
    event.set();
    assertThat(event.isSet()).isTrue();
    event.clear();
    event.clear();
    assertThat(event.isSet()).isFalse();
  }

  @TrefoilTest(seeds = 20)
  @Tag("R151")
  @Tag("R152")
  @Tag("T25")
  void setWakesAllWhoWait() {
    Nursery.open(
        nursery -> {
          spawnWaiter(nursery, "a");
          spawnWaiter(nursery, "b");
          Testing.waitAllTasksBlocked();
          assertThat(log).isEmpty();
          assertThat(event.statistics()).isEqualTo(new EventStatistics(false, 2));
          event.set();
          assertThat(event.statistics()).isEqualTo(new EventStatistics(true, 0));
        });
    assertThat(log).containsExactlyInAnyOrder("a set", "b set");
  }

  @TrefoilTest(seeds = 20)
  @Tag("R150")
  @Tag("R151")
  @Tag("R152")
  void setAndClearInOneGoWakesAllWhoWaitAndNobodyElse() {
    Nursery.open(
        nursery -> {
          spawnWaiter(nursery, "a");
          spawnWaiter(nursery, "b");
          event.set();
          event.clear();
          spawnWaiter(nursery, "late");
          assertThat(log).containsExactlyInAnyOrder("a unset", "b unset");
          event.set();
        });
    assertThat(log).hasSize(3).endsWith("late set");
  }

  @TrefoilTest(seeds = 20)
  @Tag("R151")
  @Tag("T25")
  void awaitIsACheckpointWhetherItWaitsOrNot() {
    Nursery.open(
        nursery -> {
          nursery.spawn(() -> Checkpoints.assertCheckpoints(event::await));
          Testing.waitAllTasksBlocked();
          Checkpoints.assertNoCheckpoints(
              () -> {
                event.set();
                event.clear();
                event.set();
                event.isSet();
                event.statistics();
              });
        });
    Checkpoints.assertCheckpoints(event::await);
  }

  @TrefoilTest(seeds = 20)
  @Tag("R151")
  @Tag("T25")
  void cancelledWaiterLeavesNoTrace() {
    CancelScope scope = CancelScope.create();
    Nursery.open(
        nursery -> {
          nursery.spawn(() -> scope.run(event::await));
          Testing.waitAllTasksBlocked();
          scope.cancel();
          assertThat(event.statistics().tasksWaiting()).isZero();
          event.set();
        });
    assertThat(scope.cancelledCaught()).isTrue();
    CancelScope.withDeadline(0).run(event::await);
  }

  @TrefoilTest(seeds = 20)
  @Tag("R151")
  @Tag("T25")
  void waiterThatIsCancelledAfterItWasWokenReturns() {
    CancelScope scope = CancelScope.create();
    Nursery.open(
        nursery -> {
          nursery.spawn(
              () ->
                  scope.run(
                      () -> {
                        event.await();
                        log.add("woken");
                      }));
          Testing.waitAllTasksBlocked();
          event.set();
          scope.cancel();
        });
    assertThat(log).containsExactly("woken");
    assertThat(scope.cancelledCaught()).isFalse();
  }

  @TrefoilTest(seeds = 20)
  @Tag("R151")
  void awaitInACancelledScopeRaisesAlsoIfItIsSet() {
    event.set();
    CancelScope scope = CancelScope.create();
    scope.cancel();
    scope.run(event::await);
    assertThat(scope.cancelledCaught()).isTrue();
  }

  @TrefoilTest(seeds = 20)
  @Tag("R152")
  void canBeSetByAnEntryCall() {
    Hazmat.currentCallSoonThreadAndSignalSafe().callSoonThreadAndSignalSafe(event::set);
    event.await();
    assertThat(event.isSet()).isTrue();
  }

  @EveryBackend
  @Tag("R148")
  void threadWithoutARunIsRefused(RunOptions options) {
    Trefoil.run(
        options,
        () -> {
          for (var operation : List.<ThrowingCallable>of(event::await, event::set, event::clear)) {
            assertThatThrownBy(() -> OtherThread.run(operation))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("inside a Trefoil run");
          }
          assertThat(event.isSet()).isFalse();
        });
  }

  @EveryBackend
  @Tag("R148")
  void otherRunIsRefusedAsLongAsTheFirstOneLives(RunOptions options) {
    Trefoil.run(
        options,
        () -> {
          event.clear();
          for (var operation : List.<ThrowingCallable>of(event::await, event::set, event::clear)) {
            assertThatThrownBy(() -> OtherThread.run(() -> Trefoil.run(options, operation::call)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContainingAll("Event", "belongs to", "UniversalEvent");
          }
        });
    Trefoil.run(options, event::set);
    assertThat(event.isSet()).isTrue();
  }

  @EveryBackend
  @Tag("R148")
  void doesNotKeepARunThatHasEnded(RunOptions options) {
    WeakReference<Run> run =
        new WeakReference<>(
            Trefoil.<Run, RuntimeException>run(
                options,
                () -> {
                  event.set();
                  event.await();
                  return Hazmat.currentRun();
                }));
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (run.get() != null) {
      assertThat(System.nanoTime()).isLessThan(deadline);
      System.gc();
    }
    assertThat(event.isSet()).isTrue();
  }
}
