package dev.trefoil.tests.hazmat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.trefoil.hazmat.CancelReason;
import dev.trefoil.hazmat.CancelStatus;
import dev.trefoil.hazmat.Cancelled;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.ParkingLot;
import dev.trefoil.hazmat.Task;
import dev.trefoil.hazmat.TaskOwner;
import dev.trefoil.hazmat.TaskSpec;
import dev.trefoil.hazmat.TaskState;
import dev.trefoil.testing.Checkpoints;
import dev.trefoil.testing.MockClock;
import dev.trefoil.testing.Testing;
import dev.trefoil.testing.TrefoilTest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Tag;

/** The cancellation tree, used as an author of scopes and nurseries uses it. */
final class CancelStatusTest {
  private static final CancelReason WHY = CancelReason.explicit("because");
  private static final long SECOND = 1_000_000_000L;

  private final ParkingLot lot = new ParkingLot();
  private final List<String> log = new ArrayList<>();

  private static final TaskOwner NOBODY =
      new TaskOwner() {
        @Override
        public Task<?> parentTask() {
          return null;
        }

        @Override
        public void taskExited(Task<?> task) {}
      };

  private static CancelStatus here() {
    return Hazmat.currentTask().cancelStatus();
  }

  private static Task<?> spawnUnder(CancelStatus status, String name, Callable<?> body) {
    return Hazmat.spawn(TaskSpec.of(body).name(name).cancelStatus(status).owner(NOBODY));
  }

  private Task<?> spawnParkedUnder(CancelStatus status, String name) {
    Task<?> task = spawnUnder(status, name, () -> lot.<Object>park());
    Testing.waitAllTasksBlocked();
    return task;
  }

  private static void assertCancelledHere() {
    assertThatThrownBy(Hazmat::yieldBriefly).isInstanceOf(Cancelled.class);
  }

  private static void assertNotCancelledHere() {
    assertThatCode(Hazmat::yieldBriefly).doesNotThrowAnyException();
  }

  // ---- entering, leaving, cancelling

  @TrefoilTest
  @Tag("R41")
  void freshNodeIsOpenEmptyAndNotCancelled() {
    Object owner = new Object();
    CancelStatus home = here();
    CancelStatus node = home.newChild(owner);
    assertThat(node.owner()).isSameAs(owner);
    assertThat(node.parent()).isSameAs(home);
    assertThat(node.isEmpty()).isTrue();
    assertThat(node.cancelCalled()).isFalse();
    assertThat(node.reason()).isNull();
    assertThat(node.effectivelyCancelled()).isFalse();
    assertThat(node.isShielded()).isFalse();
    assertThat(node.deadline()).isEqualTo(CancelStatus.NO_DEADLINE);
    node.close();
  }

  @TrefoilTest(seeds = 20)
  @Tag("R49")
  void cancelIsRaisedAtEveryCheckpointInsideAndNoneOutside() {
    CancelStatus node = here().newChild(this);
    node.enter();
    Checkpoints.assertNoCheckpoints(() -> node.cancel(WHY));
    for (int i = 0; i < 3; i++) {
      assertCancelledHere();
    }
    node.leave();
    assertNotCancelledHere();
  }

  @TrefoilTest(seeds = 20)
  @Tag("R49")
  void firstReasonSticksAndIsCarriedByTheException() {
    CancelStatus node = here().newChild(this);
    node.enter();
    node.cancel(CancelReason.explicit("first"));
    node.cancel(CancelReason.explicit("second"));
    assertThat(node.reason().text()).isEqualTo("first");
    assertThat(node.reason().source()).isEqualTo(CancelReason.Source.EXPLICIT);
    assertThat(node.reason().task()).contains("main");
    assertThatThrownBy(Hazmat::yieldBriefly)
        .isInstanceOf(Cancelled.class)
        .hasMessageContainingAll("explicit", "main", "first")
        .satisfies(error -> assertThat(((Cancelled) error).reason()).isSameAs(node.reason()));
    node.leave();
  }

  @TrefoilTest(seeds = 20)
  @Tag("R49")
  void reasonThatIsRaisedIsThatOfTheOutermostVisibleCancel() {
    CancelStatus outer = here().newChild("outer");
    outer.enter();
    CancelStatus inner = outer.newChild("inner");
    inner.enter();
    inner.cancel(CancelReason.explicit("inner"));
    assertThatThrownBy(Hazmat::yieldBriefly).hasMessageContaining("inner");
    outer.cancel(CancelReason.explicit("outer"));
    assertThatThrownBy(Hazmat::yieldBriefly).hasMessageContaining("outer");
    assertThat(inner.parentCancellationVisible()).isTrue();
    inner.setShielded(true);
    assertThatThrownBy(Hazmat::yieldBriefly).hasMessageContaining("inner");
    assertThat(inner.parentCancellationVisible()).isFalse();
    inner.leave();
    outer.leave();
  }

  @TrefoilTest
  @Tag("R41")
  void childOfACancelledNodeIsCancelledFromTheStart() {
    CancelStatus node = here().newChild(this);
    node.cancel(WHY);
    assertThat(node.newChild(this).effectivelyCancelled()).isTrue();
    node.close();
  }

  @TrefoilTest(seeds = 20)
  @Tag("R49")
  void taskSpawnedUnderACancelledNodeStartsAndIsCancelledAtItsFirstCancelPoint() {
    CancelStatus node = here().newChild(this);
    node.cancel(WHY);
    Task<?> task =
        spawnUnder(
            node,
            "child",
            () -> {
              log.add("started");
              Hazmat.yieldBriefly();
              return log.add("not reached");
            });
    Testing.waitAllTasksBlocked();
    assertThat(task.state()).isEqualTo(TaskState.CANCELLED);
    assertThat(log).containsExactly("started");
    node.close();
  }

  @TrefoilTest(seeds = 20)
  @Tag("R41")
  void cancelWakesAllSleepersUnderTheNodeAndNobodyElse() {
    CancelStatus outside = here();
    CancelStatus node = outside.newChild("node");
    CancelStatus below = node.newChild("below");
    CancelStatus shielded = node.newChild("shielded");
    shielded.setShielded(true);
    Task<?> first = spawnParkedUnder(node, "first");
    Task<?> second = spawnParkedUnder(below, "second");
    Task<?> kept = spawnParkedUnder(shielded, "kept");
    Task<?> other = spawnParkedUnder(outside, "other");
    node.cancel(WHY);
    assertThat(List.of(first.state(), second.state(), kept.state(), other.state()))
        .containsExactly(
            TaskState.RUNNABLE, TaskState.RUNNABLE, TaskState.PARKED, TaskState.PARKED);
    lot.unparkAll();
    Testing.waitAllTasksBlocked();
    assertThat(List.of(first.state(), second.state(), kept.state(), other.state()))
        .containsExactly(
            TaskState.CANCELLED, TaskState.CANCELLED, TaskState.TERMINATED, TaskState.TERMINATED);
    node.close();
  }

  // ---- shields

  @TrefoilTest(seeds = 20)
  @Tag("R41")
  void droppingAShieldDeliversWhatItKeptOut() {
    CancelStatus outer = here().newChild("outer");
    outer.enter();
    CancelStatus shield = outer.newChild("shield");
    shield.enter();
    shield.setShielded(true);
    outer.cancel(WHY);
    assertNotCancelledHere();
    shield.setShielded(false);
    assertCancelledHere();
    shield.setShielded(true);
    assertNotCancelledHere();
    shield.leave();
    assertCancelledHere();
    outer.leave();
    assertNotCancelledHere();
  }

  @TrefoilTest(seeds = 20)
  @Tag("R41")
  void shieldsOfManyLevelsAddUp() {
    CancelStatus outer = here().newChild("outer");
    outer.enter();
    List<CancelStatus> shields = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      CancelStatus shield = here().newChild("shield " + i);
      shield.enter();
      shield.setShielded(true);
      shields.add(shield);
    }
    outer.cancel(WHY);
    for (CancelStatus shield : shields) {
      assertNotCancelledHere();
      shield.setShielded(false);
    }
    assertCancelledHere();
    for (CancelStatus shield : shields.reversed()) {
      shield.leave();
    }
    outer.leave();
  }

  // ---- deadlines

  @TrefoilTest(seeds = 20)
  @Tag("R31")
  void deadlineCancelsInTheNextPassAndSaysSo(MockClock clock) {
    CancelStatus node = here().newChild(this);
    node.enter();
    node.setDeadline(clock.now() + SECOND);
    clock.jump(Duration.ofSeconds(1));
    assertThat(node.cancelCalled()).as("not before the loop has seen it").isFalse();
    assertThatThrownBy(Hazmat::yieldBriefly)
        .isInstanceOf(Cancelled.class)
        .satisfies(
            error ->
                assertThat(((Cancelled) error).reason().source())
                    .isEqualTo(CancelReason.Source.DEADLINE));
    node.leave();
  }

  @TrefoilTest(seeds = 20)
  @Tag("R31")
  void deadlineMovedInTimeDoesNotFireAndMovedTooLateCannotUndo(MockClock clock) {
    CancelStatus node = here().newChild(this);
    node.enter();
    node.setDeadline(clock.now() + SECOND);
    node.setDeadline(clock.now() + 3 * SECOND);
    clock.jump(Duration.ofSeconds(2));
    assertNotCancelledHere();
    node.setDeadline(CancelStatus.NO_DEADLINE);
    clock.jump(Duration.ofSeconds(2));
    assertNotCancelledHere();
    node.setDeadline(clock.now() - 1);
    assertCancelledHere();
    node.setDeadline(clock.now() + SECOND);
    assertCancelledHere();
    node.leave();
  }

  @TrefoilTest
  @Tag("R31")
  void effectiveDeadlineIsTheEarliestThatReachesTheNode(MockClock clock) {
    CancelStatus outer = here().newChild("outer");
    CancelStatus inner = outer.newChild("inner");
    assertThat(inner.effectiveDeadline()).isEqualTo(CancelStatus.NO_DEADLINE);
    inner.setDeadline(clock.now() + 2 * SECOND);
    outer.setDeadline(clock.now() + SECOND);
    assertThat(inner.effectiveDeadline()).isEqualTo(clock.now() + SECOND);
    inner.setShielded(true);
    assertThat(inner.effectiveDeadline()).isEqualTo(clock.now() + 2 * SECOND);
    inner.setShielded(false);
    outer.cancel(WHY);
    assertThat(inner.effectiveDeadline()).isEqualTo(Long.MIN_VALUE);
    outer.close();
  }

  @TrefoilTest(seeds = 20)
  @Tag("T39")
  void nodeThatWasLeftLeavesNothingBehind(MockClock clock) {
    int nodes = Hazmat.currentRun().statistics().cancelStatuses();
    for (int i = 0; i < 100; i++) {
      CancelStatus node = here().newChild(this);
      node.setDeadline(clock.now() + SECOND);
      node.enter();
      Hazmat.yieldBriefly();
      node.leave();
    }
    assertThat(Hazmat.currentRun().statistics().cancelStatuses()).isEqualTo(nodes);
    assertThat(Hazmat.currentRun().statistics().deadlines()).isZero();
    clock.jump(Duration.ofSeconds(2));
    assertNotCancelledHere();
  }

  @TrefoilTest
  @Tag("R41")
  void cancelOfANodeThatWasLeftOnlySetsTheFlag() {
    CancelStatus node = here().newChild(this);
    node.enter();
    node.leave();
    node.cancel(WHY);
    assertThat(node.cancelCalled()).isTrue();
    assertNotCancelledHere();
  }

  // ---- wrong nesting

  @TrefoilTest
  @Tag("R41")
  void nodeIsEnteredFromWhereItWasMadeAndOnlyOnce() {
    CancelStatus node = here().newChild("node");
    node.enter();
    assertThatThrownBy(node::enter)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContainingAll("enter", "once");
    CancelStatus elsewhere = node.parent().newChild("elsewhere");
    assertThatThrownBy(elsewhere::enter).isInstanceOf(IllegalStateException.class);
    node.leave();
    assertThatThrownBy(node::enter)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("closed");
    assertThatThrownBy(() -> node.newChild(this)).isInstanceOf(IllegalStateException.class);
    elsewhere.close();
  }

  @TrefoilTest
  @Tag("R41")
  void leavingANodeThatTheTaskIsNotInIsRefused() {
    CancelStatus node = here().newChild("node");
    assertThatThrownBy(node::leave)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContainingAll("node", "reverse order");
    node.close();
    assertNotCancelledHere();
  }

  @TrefoilTest(seeds = 20)
  @Tag("R41")
  void leavingAnOuterNodeFirstAbandonsTheInnerOneAndSaysSo() {
    CancelStatus home = here();
    CancelStatus outer = home.newChild("outer");
    outer.enter();
    CancelStatus inner = outer.newChild("inner");
    inner.enter();
    assertThatThrownBy(outer::leave)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContainingAll("outer", "inner", "reverse order");
    assertThat(here()).isSameAs(home);
    assertThat(inner.reason().source()).isEqualTo(CancelReason.Source.ABANDONED);
    assertThat(outer.reason()).isNull();
    assertNotCancelledHere();
    assertThatThrownBy(inner::leave).isInstanceOf(IllegalStateException.class);
  }

  @TrefoilTest(seeds = 20)
  @Tag("R41")
  @Tag("R49")
  void tasksUnderANodeThatIsClosedAreCancelledAndStayCancelled() {
    CancelStatus node = here().newChild("node");
    CancelStatus below = node.newChild("below");
    List<Task<?>> stubborn = new ArrayList<>();
    for (CancelStatus status : List.of(node, below)) {
      stubborn.add(
          spawnUnder(
              status,
              "stubborn",
              () -> {
                assertThatThrownBy(() -> lot.<Object>park())
                    .isInstanceOf(Cancelled.class)
                    .hasMessageContaining("out of order");
                assertCancelledHere();
                Hazmat.yieldBrieflyNoCancel();
                return assertThatThrownBy(Hazmat::yieldBriefly)
                    .isInstanceOf(Cancelled.class)
                    .hasMessageContaining("out of order");
              }));
    }
    Testing.waitAllTasksBlocked();
    node.close();
    assertNotCancelledHere();
    for (Task<?> task : stubborn) {
      task.join();
      assertThat(task.state()).isEqualTo(TaskState.TERMINATED);
    }
    assertNotCancelledHere();
  }

  @TrefoilTest(seeds = 20)
  @Tag("R41")
  @Tag("T39")
  void closingANodeWithTasksInItLeavesNothingBehindWhenTheyHaveEnded() {
    int nodes = Hazmat.currentRun().statistics().cancelStatuses();
    CancelStatus node = here().newChild("node");
    CancelStatus below = node.newChild("below");
    Task<?> task = spawnParkedUnder(node, "child");
    Task<?> second = spawnParkedUnder(below, "grandchild");
    node.close();
    assertThatThrownBy(() -> spawnUnder(node, "late", () -> null))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("open");
    Testing.waitAllTasksBlocked();
    assertThat(List.of(task.state(), second.state())).containsOnly(TaskState.CANCELLED);
    below.close();
    node.close();
    assertThat(Hazmat.currentRun().statistics().cancelStatuses()).isEqualTo(nodes);
    assertNotCancelledHere();
  }

  @TrefoilTest(seeds = 20)
  @Tag("R41")
  void taskThatIsLeftBehindInAClosedNodeKeepsItsOwnScopesInOrder() {
    CancelStatus node = here().newChild("node");
    Task<?> task =
        spawnUnder(
            node,
            "child",
            () -> {
              CancelStatus own = here().newChild("own");
              own.enter();
              assertThatThrownBy(() -> lot.<Object>park()).isInstanceOf(Cancelled.class);
              own.leave();
              assertCancelledHere();
              return "done";
            });
    Testing.waitAllTasksBlocked();
    node.close();
    task.join();
    assertThat(task.state()).isEqualTo(TaskState.TERMINATED);
    assertNotCancelledHere();
  }

  // ---- moving

  @TrefoilTest(seeds = 20)
  @Tag("R41")
  void movingANodeUnderACancelledOneAbortsItsSleepersAtOnce() {
    CancelStatus home = here();
    CancelStatus cancelled = home.newChild("cancelled");
    cancelled.cancel(WHY);
    CancelStatus node = home.newChild("node");
    Task<?> task = spawnParkedUnder(node, "child");
    node.moveUnder(cancelled);
    assertThat(task.state()).isEqualTo(TaskState.RUNNABLE);
    assertThat(lot.isEmpty()).isTrue();
    assertThat(node.parent()).isSameAs(cancelled);
    Testing.waitAllTasksBlocked();
    assertThat(task.state()).isEqualTo(TaskState.CANCELLED);
    node.close();
    cancelled.close();
  }

  @TrefoilTest
  @Tag("R41")
  void nodeCannotBeMovedWhereItMakesNoTree() {
    CancelStatus home = here();
    CancelStatus node = home.newChild("node");
    CancelStatus below = node.newChild("below");
    CancelStatus closed = home.newChild("closed");
    closed.close();
    for (CancelStatus target : List.of(node, below, closed)) {
      assertThatThrownBy(() -> node.moveUnder(target))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("node");
    }
    assertThatThrownBy(() -> Hazmat.currentRun().rootCancelStatus().moveUnder(node))
        .isInstanceOf(IllegalStateException.class);
    assertThat(node.parent()).isSameAs(home);
    below.close();
    node.close();
  }

  @TrefoilTest
  @Tag("R41")
  void rootIsTheParentOfAll() {
    CancelStatus root = Hazmat.currentRun().rootCancelStatus();
    assertThat(root.parent()).isNull();
    CancelStatus top = here();
    while (top.parent() != null) {
      top = top.parent();
    }
    assertThat(top).isSameAs(root);
  }
}
