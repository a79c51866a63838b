package dev.trefoil.tests.tasks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.trefoil.hazmat.Action;
import dev.trefoil.hazmat.Cancelled;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.RunStatistics;
import dev.trefoil.hazmat.Task;
import dev.trefoil.hazmat.TaskState;
import dev.trefoil.tasks.CancelScope;
import dev.trefoil.tasks.ExceptionGroup;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.tasks.TaskGroup;
import dev.trefoil.tasks.TaskTimeout;
import dev.trefoil.tasks.Timeout;
import dev.trefoil.tasks.TooSlow;
import dev.trefoil.tasks.Trefoil;
import dev.trefoil.testing.MockClock;
import dev.trefoil.testing.Testing;
import dev.trefoil.testing.TrefoilTest;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;

/** The one rule for scopes, shields, timeouts and the cancelling of tasks, nested in each other. */
@Tag("T74")
@Tag("T76")
final class MixedCancellationTest {
  private final List<String> log = new ArrayList<>();

  private static Duration seconds(int count) {
    return Duration.ofSeconds(count);
  }

  private <X extends Throwable> void logged(String name, Action<X> body) throws X {
    try {
      body.run();
      log.add(name + ": -");
    } catch (Throwable error) {
      log.add(name + ": " + error.getClass().getSimpleName());
      throw error;
    }
  }

  // ---- a timeout inside a scope inside a timeout

  /** Three limits nested, and who of them cut the body short. */
  private String threeNested(int outer, int scope, int inner) {
    try {
      return Timeout.timeoutAfter(
          seconds(outer),
          () -> {
            CancelScope caught =
                CancelScope.moveOnAfter(
                    seconds(scope),
                    () -> {
                      Timeout.ignoreAfter(seconds(inner), Trefoil::sleepForever);
                      log.add("behind inner");
                      Trefoil.sleepForever();
                    });
            log.add("behind scope");
            assertThat(caught.cancelledCaught()).isTrue();
            Trefoil.sleepForever();
            return "not reached";
          });
    } catch (TaskTimeout late) {
      return "outer";
    }
  }

  @TrefoilTest(seeds = 20)
  void eachActsInItsOwnTimeAndCatchesItsOwn(MockClock clock) {
    clock.setAutojumpThreshold(Duration.ZERO);
    RunStatistics before = Hazmat.currentRun().statistics();
    assertThat(threeNested(3, 2, 1)).isEqualTo("outer");
    assertThat(log).containsExactly("behind inner", "behind scope");
    log.clear();
    assertThat(threeNested(3, 1, 2)).isEqualTo("outer");
    assertThat(log).containsExactly("behind scope");
    log.clear();
    assertThat(threeNested(1, 2, 3)).isEqualTo("outer");
    assertThat(log).isEmpty();
    assertThat(Hazmat.currentRun().statistics().cancelStatuses())
        .isEqualTo(before.cancelStatuses());
    assertThat(Hazmat.currentRun().statistics().deadlines()).isZero();
  }

  @TrefoilTest(seeds = 20)
  void ofAllAtTheSameTimeTheScopeGoesFirstAndTheOuterTimeoutIsRaisedBehindIt(MockClock clock) {
    clock.setAutojumpThreshold(Duration.ZERO);
    assertThat(threeNested(1, 1, 1)).isEqualTo("outer");
    assertThat(log).containsExactly("behind scope");
  }

  @TrefoilTest(seeds = 20)
  void aScopeInsideATimeoutThatAreBothOverIsLeftThroughCheckpointsWithoutLosingTheTimeout(
      MockClock clock) {
    clock.setAutojumpThreshold(Duration.ZERO);
    long end = Trefoil.currentTime() + seconds(1).toNanos();
    assertThatThrownBy(
            () ->
                Timeout.timeoutAt(
                    end,
                    () -> {
                      CancelScope.moveOnAt(
                          end,
                          () -> {
                            try {
                              Trefoil.sleepForever();
                            } finally {
                              logged("clean-up", Hazmat::yieldBriefly);
                            }
                          });
                      logged("behind", Trefoil::sleepForever);
                    }))
        .isInstanceOf(TaskTimeout.class);
    assertThat(log).containsExactly("clean-up: Cancelled", "behind: TimeoutCancellation");
  }

  @TrefoilTest(seeds = 20)
  void aTimeoutInsideACancelledScopeIsPassedByItsCancellation(MockClock clock) {
    clock.setAutojumpThreshold(Duration.ZERO);
    CancelScope scope =
        CancelScope.moveOnAfter(
            seconds(1),
            () -> logged("timeout", () -> Timeout.timeoutAfter(seconds(1), Trefoil::sleepForever)));
    assertThat(scope.cancelledCaught()).isTrue();
    assertThat(log).containsExactly("timeout: Cancelled");
  }

  @TrefoilTest(seeds = 20)
  void aTimeoutWithATimeoutScopeInsideEachThrowItsOwn(MockClock clock) {
    clock.setAutojumpThreshold(Duration.ZERO);
    assertThatThrownBy(
            () ->
                Timeout.timeoutAfter(
                    seconds(2), () -> CancelScope.failAfter(seconds(1), Trefoil::sleepForever)))
        .isInstanceOf(TooSlow.class);
    assertThatThrownBy(
            () ->
                CancelScope.failAfter(
                    seconds(2), () -> Timeout.timeoutAfter(seconds(1), Trefoil::sleepForever)))
        .isInstanceOf(TaskTimeout.class);
  }

  // ---- cancelling the task

  @TrefoilTest(seeds = 20)
  @Tag("R68")
  void cancellingTheTaskComesBeforeItsTimeoutsAndTakesThoseWithItThatAreDue(MockClock clock) {
    Nursery.open(
        nursery -> {
          Task<?> task =
              nursery.spawn(
                  () ->
                      logged(
                          "task",
                          () ->
                              Timeout.ignoreAfter(
                                  seconds(2),
                                  () ->
                                      Timeout.ignoreAfter(
                                          seconds(1),
                                          () -> {
                                            CancelScope.create()
                                                .shielded()
                                                .run(() -> Testing.waitAllTasksBlocked());
                                            try {
                                              Hazmat.yieldBriefly();
                                            } finally {
                                              logged("clean-up", Hazmat::yieldBriefly);
                                            }
                                          }))));
          Hazmat.yieldBriefly();
          clock.jump(seconds(3));
          assertThat(task.cancel()).isTrue();
          assertThat(task.state()).isEqualTo(TaskState.CANCELLED);
        });
    assertThat(log).containsExactly("clean-up: -", "task: Cancelled");
  }

  @TrefoilTest(seeds = 20)
  @Tag("R68")
  void aTimeoutThatComesWhileACancelledTaskCleansUpEndsTheCleanUpOnly(MockClock clock) {
    clock.setAutojumpThreshold(Duration.ZERO);
    Nursery.open(
        nursery -> {
          Task<?> task =
              nursery.spawn(
                  () -> {
                    try {
                      Trefoil.sleepForever();
                    } finally {
                      Timeout.ignoreAfter(seconds(1), Trefoil::sleepForever);
                      log.add("cleaned up");
                    }
                  });
          Hazmat.yieldBriefly();
          assertThat(task.cancel()).isTrue();
          assertThat(task.state()).isEqualTo(TaskState.CANCELLED);
        });
    assertThat(log).containsExactly("cleaned up");
  }

  @TrefoilTest(seeds = 20)
  @Tag("R68")
  void cancellingATaskInACancelledScopeIsRaisedBehindTheScope() {
    CancelScope scope = CancelScope.create();
    Nursery.open(
        nursery -> {
          Task<?> task =
              nursery.spawn(
                  () -> {
                    scope.run(() -> logged("in", Trefoil::sleepForever));
                    logged("behind", Trefoil::sleepForever);
                  });
          scope.cancel();
          assertThat(task.cancel()).isTrue();
        });
    assertThat(log).containsExactly("in: Cancelled", "behind: Cancelled");
  }

  // ---- shields

  @TrefoilTest(seeds = 20)
  void aShieldKeepsOutWhatIsAroundItAndNothingElse(MockClock clock) {
    clock.setAutojumpThreshold(Duration.ZERO);
    assertThatThrownBy(
            () ->
                Timeout.timeoutAfter(
                    seconds(1),
                    () -> {
                      CancelScope.create()
                          .shielded()
                          .run(
                              () -> {
                                Timeout.ignoreAfter(seconds(2), Trefoil::sleepForever);
                                log.add("inside");
                                Trefoil.sleep(seconds(1));
                              });
                      logged("behind", Hazmat::yieldBriefly);
                    }))
        .isInstanceOf(TaskTimeout.class);
    assertThat(log).containsExactly("inside", "behind: TimeoutCancellation");
  }

  @TrefoilTest(seeds = 20)
  void droppingAShieldDeliversTheTimeoutThatItKeptOutToASleeper(MockClock clock) {
    CancelScope shield = CancelScope.create().shielded();
    Nursery.open(
        nursery -> {
          nursery.spawn(
              () ->
                  Timeout.ignoreAfter(
                      seconds(1), () -> shield.run(() -> logged("in", Trefoil::sleepForever))));
          Testing.waitAllTasksBlocked();
          clock.jump(seconds(1));
          Testing.waitAllTasksBlocked();
          assertThat(log).isEmpty();
          shield.setShield(false);
        });
    assertThat(log).containsExactly("in: TimeoutCancellation");
  }

  @TrefoilTest(seeds = 20)
  void behindAShieldThatKeepsOutACancelledScopeTimeoutsWork(MockClock clock) {
    clock.setAutojumpThreshold(Duration.ZERO);
    CancelScope scope = CancelScope.create();
    scope.run(
        () -> {
          scope.cancel();
          CancelScope.create()
              .shielded()
              .run(
                  () -> {
                    Timeout.ignoreAfter(seconds(1), () -> logged("in", Trefoil::sleepForever));
                    log.add("went on");
                  });
          logged("behind", Hazmat::yieldBriefly);
        });
    assertThat(log).containsExactly("in: TimeoutCancellation", "went on", "behind: Cancelled");
  }

  // ---- with tasks

  @TrefoilTest(seeds = 20)
  void theTimeoutAndAFailureWhileTheNurseryIsCancelledForItBothArrive(MockClock clock) {
    clock.setAutojumpThreshold(Duration.ZERO);
    IOException failed = new IOException("failed");
    assertThatThrownBy(
            () ->
                Timeout.timeoutAfter(
                    seconds(1),
                    () ->
                        Nursery.open(
                            nursery ->
                                nursery.spawn(
                                    () -> {
                                      try {
                                        Trefoil.sleepForever();
                                      } catch (Cancelled cancelled) {
                                        throw failed;
                                      }
                                    }))))
        .isInstanceOfSatisfying(
            ExceptionGroup.class,
            group ->
                assertThat(group.leaves())
                    .contains(failed)
                    .hasAtLeastOneElementOfType(TaskTimeout.class));
  }

  @TrefoilTest(seeds = 20)
  @Tag("T69")
  void aGroupInsideAScopeInsideATimeoutIsCancelledByWhicheverComes(MockClock clock) {
    clock.setAutojumpThreshold(Duration.ZERO);
    for (boolean scopeFirst : new boolean[] {true, false}) {
      CancelScope scope = CancelScope.withTimeout(seconds(scopeFirst ? 1 : 5));
      List<Task<?>> tasks = new ArrayList<>();
      Timeout timeout =
          Timeout.ignoreAfter(
              seconds(scopeFirst ? 5 : 1),
              () ->
                  scope.run(
                      () -> {
                        TaskGroup.open(
                            group -> {
                              tasks.add(group.spawn(Trefoil::sleepForever));
                              group.spawn(Trefoil::sleepForever);
                            });
                      }));
      assertThat(scope.cancelledCaught()).isEqualTo(scopeFirst);
      assertThat(timeout.expired()).isEqualTo(!scopeFirst);
      assertThat(tasks.getFirst().state()).isEqualTo(TaskState.CANCELLED);
    }
  }
}
