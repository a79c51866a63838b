package dev.trefoil.tests.hostile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.trefoil.hazmat.Abort;
import dev.trefoil.hazmat.CancelReason;
import dev.trefoil.hazmat.CancelStatus;
import dev.trefoil.hazmat.Cancelled;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.Outcome;
import dev.trefoil.hazmat.Task;
import dev.trefoil.hazmat.TaskOwner;
import dev.trefoil.hazmat.TaskSpec;
import dev.trefoil.hazmat.TaskState;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.tasks.Trefoil;
import dev.trefoil.testing.Testing;
import dev.trefoil.testing.TrefoilTest;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;

/** Nodes of the cancellation tree that are closed, moved and left as they must not be. */
class CancellationTreeAbuseTest {
  private static final CancelReason REASON = CancelReason.of(CancelReason.Source.EXPLICIT);

  private static final TaskOwner NOBODY =
      new TaskOwner() {
        @Override
        public @Nullable Task<?> parentTask() {
          return null;
        }

        @Override
        public void taskExited(Task<?> task) {}
      };

  private static CancelStatus here() {
    return Hazmat.currentTask().cancelStatus();
  }

  private static <T> Task<T> spawnUnder(CancelStatus status, Callable<T> body) {
    return Hazmat.spawn(TaskSpec.<T>of(body).owner(NOBODY).cancelStatus(status));
  }

  private static @Nullable Object sleepForever() {
    Trefoil.sleepForever();
    return null;
  }

  /** What the tree promises of every node that can be reached from a node. */
  private static void assertLevel(CancelStatus node) {
    assertThat(node.effectivelyCancelled())
        .isEqualTo(node.reason() != null || node.parentCancellationVisible());
  }

  // ---- moving

  @TrefoilTest
  @Tag("T12")
  void movingANodeUnderItselfOrItsDescendantIsRefused() {
    CancelStatus upper = here().newChild("upper");
    CancelStatus lower = upper.newChild("middle").newChild("lower");
    assertThatThrownBy(() -> upper.moveUnder(lower))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("under");
    assertThatThrownBy(() -> upper.moveUnder(upper)).isInstanceOf(IllegalStateException.class);
    assertThat(upper.parent()).isSameAs(here());
    upper.cancel(REASON);
    assertThat(lower.effectivelyCancelled()).isTrue();
    upper.close();
    lower.close();
  }

  @TrefoilTest
  @Tag("T12")
  void movingANodeThatATaskHasEnteredIsRefused() {
    CancelStatus elsewhere = here().newChild("elsewhere");
    CancelStatus entered = here().newChild("entered");
    entered.enter();
    assertThatThrownBy(() -> entered.moveUnder(elsewhere))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("entered");
    entered.leave();
    elsewhere.close();
  }

  // ---- closing

  @TrefoilTest
  @Tag("T20")
  void closingANodeTwiceThroughAnAbortFunctionKeepsItsSiblings() {
    CancelStatus home = here().newChild("home");
    CancelStatus before = home.newChild("before");
    CancelStatus closing = home.newChild("closing");
    CancelStatus after = home.newChild("after");
    Task<?> sleeper =
        spawnUnder(
            closing,
            () ->
                Hazmat.<@Nullable Object>yieldIndefinitely(
                    raiseCancel -> {
                      closing.close();
                      return Abort.SUCCEEDED;
                    }));
    Task<?> inBefore = spawnUnder(before, CancellationTreeAbuseTest::sleepForever);
    Task<?> inAfter = spawnUnder(after, CancellationTreeAbuseTest::sleepForever);
    Testing.waitAllTasksBlocked();
    int nodes = Hazmat.currentRun().statistics().cancelStatuses();

    closing.close();

    assertThat(Hazmat.currentRun().statistics().cancelStatuses()).isEqualTo(nodes);
    assertThat(Hazmat.currentRun().tasks()).contains(sleeper, inBefore, inAfter);
    home.cancel(REASON);
    Testing.waitAllTasksBlocked();
    for (Task<?> task : List.of(sleeper, inBefore, inAfter)) {
      assertThat(task.outcome()).isInstanceOf(Outcome.Failure.class);
    }
    before.close();
    after.close();
    home.close();
    assertThat(Hazmat.currentRun().statistics().cancelStatuses()).isEqualTo(nodes - 4);
  }

  @TrefoilTest
  @Tag("T20")
  void whatAClosedNodeHandsOnStaysCancelledUntilItIsLeft() {
    CancelStatus outer = here().newChild("outer");
    CancelStatus inner = outer.newChild("inner");
    List<Throwable> seen = new ArrayList<>();
    Task<?> task =
        spawnUnder(
            inner,
            () -> {
              for (int i = 0; i < 2; i++) {
                seen.add(catchThrowable(Trefoil::sleepForever));
              }
              seen.add(catchThrowable(Hazmat::yieldBriefly));
              return null;
            });
    Testing.waitAllTasksBlocked();

    outer.close();

    assertLevel(inner);
    Testing.waitAllTasksBlocked();
    assertThat(task.state().isFinal()).isTrue();
    assertThat(seen).hasSize(3).allMatch(Cancelled.class::isInstance);
    assertThat(seen)
        .extracting(error -> ((Cancelled) error).reason().source())
        .containsOnly(CancelReason.Source.ABANDONED);
    inner.close();
  }

  @TrefoilTest
  @Tag("T20")
  void theEndOfATaskWhoseNodeWasClosedUnderItClosesNothingElse() {
    CancelStatus closed = here().newChild("closed");
    CancelStatus enclosing = here();
    Task<@Nullable Object> task =
        spawnUnder(
            closed,
            () -> {
              Hazmat.yieldBriefly();
              Hazmat.yieldBriefly();
              return null;
            });
    Hazmat.yieldBriefly();
    int nodes = Hazmat.currentRun().statistics().cancelStatuses();

    closed.close();
    Testing.waitAllTasksBlocked();

    assertThat(task.state()).isEqualTo(TaskState.CANCELLED);
    assertThat(Hazmat.currentRun().statistics().cancelStatuses()).isEqualTo(nodes - 1);
    assertThat(enclosing.effectivelyCancelled()).isFalse();
    Hazmat.yieldBriefly();
  }

  @TrefoilTest
  @Tag("T20")
  void aNurseryWhoseNodeIsClosedUnderItClosesNothingElse() {
    CancelStatus enclosing = here();
    Nursery.open(
        nursery -> {
          nursery.spawn(() -> Hazmat.currentTask().cancelStatus().close());
          nursery.spawn(Hazmat::yieldBriefly);
        });
    assertThat(enclosing.cancelCalled()).isFalse();
    Hazmat.yieldBriefly();
    CancelStatus usable = here().newChild("still open");
    usable.enter();
    usable.leave();
  }
}
