package dev.trefoil.tests.tasks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.trefoil.hazmat.Cancelled;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.Task;
import dev.trefoil.hazmat.TaskState;
import dev.trefoil.tasks.CancelScope;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.tasks.Trefoil;
import dev.trefoil.testing.Checkpoints;
import dev.trefoil.testing.MockClock;
import dev.trefoil.testing.Testing;
import dev.trefoil.testing.TrefoilTest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;

/** Keeping cancellations out, and letting them in again. */
@Tag("T16")
class ShieldTest {
  private final List<String> trace = new ArrayList<>();

  private void sleepAndTell(String name) {
    try {
      Trefoil.sleepForever();
    } catch (Cancelled cancelled) {
      trace.add(name + " cancelled");
      throw cancelled;
    }
  }

  @TrefoilTest
  void theShieldCanBeAskedForAndChangedBeforeDuringAndAfterUse() {
    CancelScope scope = CancelScope.create();
    assertThat(scope.shield()).isFalse();
    scope.setShield(true);
    assertThat(scope.shield()).isTrue();
    scope.run(
        () -> {
          assertThat(scope.shield()).isTrue();
          scope.setShield(false);
          assertThat(scope.shield()).isFalse();
        });
    scope.setShield(true);
    assertThat(scope.shield()).isTrue();
    assertThat(CancelScope.create().shielded().shield()).isTrue();
  }

  @TrefoilTest(seeds = 20)
  void aShieldKeepsOutACancellationThatWasThereBeforeAndOneThatComesLater() {
    CancelScope before = CancelScope.create();
    before.run(
        () -> {
          before.cancel();
          CancelScope.create().shielded().run(Hazmat::yieldBriefly);
          trace.add("shielded from the past");
        });
    CancelScope later = CancelScope.create();
    later.run(
        () -> {
          CancelScope.create()
              .shielded()
              .run(
                  () -> {
                    later.cancel();
                    Hazmat.yieldBriefly();
                    trace.add("shielded from the future");
                  });
          Hazmat.yieldBriefly();
          trace.add("not reached");
        });
    assertThat(trace).containsExactly("shielded from the past", "shielded from the future");
    assertThat(before.cancelledCaught()).isFalse();
    assertThat(later.cancelledCaught()).isTrue();
  }

  @TrefoilTest(seeds = 20)
  void aShieldDoesNotKeepOutTheScopesOwnCancel() {
    CancelScope outer = CancelScope.create();
    CancelScope shield = CancelScope.create().shielded();
    outer.run(
        () -> {
          shield.run(
              () -> {
                shield.cancel();
                Trefoil.sleepForever();
              });
          trace.add("between");
        });
    assertThat(trace).containsExactly("between");
    assertThat(shield.cancelledCaught()).isTrue();
  }

  @TrefoilTest(seeds = 20)
  void aShieldDoesNotKeepOutTheScopesOwnDeadline(MockClock clock) {
    clock.setAutojumpThreshold(Duration.ZERO);
    CancelScope outer = CancelScope.create();
    outer.run(
        () -> {
          outer.cancel();
          CancelScope shield = CancelScope.withTimeout(Duration.ofSeconds(3)).shielded();
          shield.run(Trefoil::sleepForever);
          assertThat(shield.cancelledCaught()).isTrue();
        });
    assertThat(Trefoil.currentTime()).isEqualTo(Duration.ofSeconds(3).toNanos());
    assertThat(outer.cancelledCaught()).isFalse();
  }

  @TrefoilTest(seeds = 20)
  void aShieldCoversOnlyWhatIsInsideIt() {
    CancelScope outer = CancelScope.create();
    outer.run(
        () -> {
          outer.cancel();
          CancelScope.create()
              .run(
                  () -> {
                    CancelScope.create().shielded().run(() -> trace.add("inside"));
                    assertThat(catchThrowable(Hazmat::yieldBriefly)).isInstanceOf(Cancelled.class);
                  });
        });
    assertThat(trace).containsExactly("inside");
  }

  @TrefoilTest(seeds = 20)
  void aShieldRaisedWhileChildrenSleepKeepsOutWhatComesLater() {
    CancelScope outer = CancelScope.create();
    outer.run(
        () ->
            Nursery.open(
                nursery -> {
                  Task<?> child = nursery.spawn(() -> sleepAndTell("child"));
                  Testing.waitAllTasksBlocked();
                  nursery.cancelScope().setShield(true);
                  outer.cancel();
                  Testing.waitAllTasksBlocked();
                  assertThat(child.state()).isEqualTo(TaskState.PARKED);
                  nursery.cancelScope().cancel();
                }));
    assertThat(trace).containsExactly("child cancelled");
    assertThat(outer.cancelledCaught()).isFalse();
  }

  @TrefoilTest(seeds = 20)
  void droppingTheShieldDeliversAtOnceAlsoToSleepersDeepInside() {
    CancelScope outer = CancelScope.create();
    outer.run(
        () ->
            Nursery.open(
                nursery -> {
                  nursery.cancelScope().setShield(true);
                  Task<?> child = nursery.spawn(() -> sleepAndTell("child"));
                  Task<?> deep =
                      nursery.spawn(
                          () ->
                              CancelScope.create()
                                  .run(
                                      () ->
                                          Nursery.open(
                                              inner -> inner.spawn(() -> sleepAndTell("deep")))));
                  Testing.waitAllTasksBlocked();
                  outer.cancel();
                  Testing.waitAllTasksBlocked();
                  assertThat(trace).isEmpty();
                  Checkpoints.assertNoCheckpoints(() -> nursery.cancelScope().setShield(false));
                  assertThat(child.state()).isEqualTo(TaskState.RUNNABLE);
                  assertThat(deep.state()).isEqualTo(TaskState.PARKED);
                  Hazmat.yieldBriefly();
                }));
    assertThat(trace).containsExactlyInAnyOrder("child cancelled", "deep cancelled");
    assertThat(outer.cancelledCaught()).isTrue();
  }

  @TrefoilTest(seeds = 20)
  void droppingTheShieldReachesNoFurtherThanTheNextOne() {
    CancelScope outer = CancelScope.create();
    CancelScope inner = CancelScope.create().shielded();
    outer.run(
        () ->
            Nursery.open(
                nursery -> {
                  nursery.cancelScope().setShield(true);
                  Task<?> child = nursery.spawn(() -> inner.run(() -> sleepAndTell("child")));
                  Testing.waitAllTasksBlocked();
                  outer.cancel();
                  nursery.cancelScope().setShield(false);
                  assertThat(child.state()).isEqualTo(TaskState.PARKED);
                  inner.setShield(false);
                  assertThat(child.state()).isEqualTo(TaskState.RUNNABLE);
                }));
    assertThat(trace).containsExactly("child cancelled");
    assertThat(inner.cancelledCaught()).isFalse();
    assertThat(outer.cancelledCaught()).isTrue();
  }

  @TrefoilTest(seeds = 20)
  void aShieldRaisedInsideACancelledScopeGivesPeaceUntilItIsDroppedAgain() {
    CancelScope outer = CancelScope.create();
    CancelScope inner = CancelScope.create();
    outer.run(
        () ->
            inner.run(
                () -> {
                  outer.cancel();
                  assertThat(catchThrowable(Hazmat::yieldBriefly)).isInstanceOf(Cancelled.class);
                  inner.setShield(true);
                  Hazmat.yieldBriefly();
                  inner.setShield(false);
                  assertThat(catchThrowable(Hazmat::yieldBriefly)).isInstanceOf(Cancelled.class);
                  inner.setShield(true);
                  Hazmat.yieldBriefly();
                  trace.add("peace");
                }));
    assertThat(trace).containsExactly("peace");
    assertThat(outer.cancelledCaught()).isFalse();
  }

  @TrefoilTest(seeds = 20)
  void aCancellationInFlightIsStillCaughtOutsideIfAShieldIsRaisedMeanwhile() {
    CancelScope outer = CancelScope.create();
    CancelScope inner = CancelScope.create();
    Nursery.open(
        nursery -> {
          nursery.spawn(
              () ->
                  outer.run(
                      () -> {
                        inner.run(() -> sleepAndTell("task"));
                        trace.add("between");
                      }));
          Testing.waitAllTasksBlocked();
          outer.cancel();
          inner.setShield(true);
        });
    assertThat(trace).containsExactly("task cancelled");
    assertThat(inner.cancelledCaught()).isFalse();
    assertThat(outer.cancelledCaught()).isTrue();
  }
}
