package dev.trefoil.tests.tasks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.trefoil.hazmat.CancelReason;
import dev.trefoil.hazmat.CancelStatus;
import dev.trefoil.hazmat.Cancelled;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.Task;
import dev.trefoil.hazmat.TaskOwner;
import dev.trefoil.hazmat.TaskSpec;
import dev.trefoil.tasks.CancelScope;
import dev.trefoil.tasks.ExceptionGroup;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.tasks.Trefoil;
import dev.trefoil.testing.Testing;
import dev.trefoil.testing.TrefoilTest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;

/**
 * Scopes left out of order. With forms that take a body it cannot be done; these tests enter and
 * leave by hand, as a faulty plugin would.
 */
@Tag("T20")
class MisnestingTest {
  private final List<String> trace = new ArrayList<>();

  private static CancelStatus enterByHand(String owner) {
    CancelStatus status = Hazmat.currentTask().cancelStatus().newChild(owner);
    status.enter();
    return status;
  }

  @TrefoilTest(seeds = 20)
  void aScopeLeftWithAnotherOpenInsideIsAnErrorWithAdvice() {
    CancelStatus[] inner = new CancelStatus[1];
    CancelScope outer = CancelScope.create();
    assertThatThrownBy(() -> outer.run(() -> inner[0] = enterByHand("forgotten")))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("forgotten")
        .hasMessageContaining("reverse order")
        .hasMessageContaining("takes a body");
    assertThat(inner[0].reason()).isNotNull();
    assertThat(inner[0].reason().source()).isEqualTo(CancelReason.Source.ABANDONED);
    Hazmat.yieldBriefly();
  }

  @TrefoilTest(seeds = 20)
  void theErrorInFlightIsKept() {
    IOException failure = new IOException("in flight");
    assertThatThrownBy(
            () ->
                CancelScope.create()
                    .run(
                        () -> {
                          enterByHand("forgotten");
                          throw failure;
                        }))
        .isInstanceOf(IllegalStateException.class)
        .hasSuppressedException(failure);
  }

  @TrefoilTest(seeds = 20)
  void aNurseryLeftWithAScopeOpenInsideWaitsForItsTasksAllTheSame() {
    assertThatThrownBy(
            () ->
                Nursery.open(
                    nursery -> {
                      nursery.spawn(
                          () -> {
                            Hazmat.yieldBriefly();
                            trace.add("child ended");
                          });
                      enterByHand("forgotten");
                    }))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("forgotten");
    assertThat(trace).containsExactly("child ended");
    Hazmat.yieldBriefly();
  }

  @TrefoilTest(seeds = 20)
  void aTaskThatEndsInsideAScopeItEnteredFailsAndItsNurseryWorksOn() {
    ExceptionGroup group =
        catchThrowableOfType(
            ExceptionGroup.class,
            () ->
                Nursery.open(
                    nursery -> {
                      nursery.spawn(() -> enterByHand("forgotten"));
                      try {
                        Trefoil.sleepForever();
                      } finally {
                        trace.add("body cancelled");
                      }
                    }));
    assertThat(group.exceptions())
        .singleElement()
        .satisfies(error -> assertThat(error).hasMessageContaining("forgotten"));
    assertThat(trace).containsExactly("body cancelled");
  }

  @TrefoilTest(seeds = 20)
  void leavingAScopeTwiceOrFromOutsideIsAnErrorWithAdvice() {
    CancelStatus status = enterByHand("by hand");
    status.leave();
    assertThatThrownBy(status::leave)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("by hand")
        .hasMessageContaining("reverse order");
    CancelStatus mine = enterByHand("mine");
    Nursery.open(
        nursery ->
            nursery.spawn(
                () ->
                    assertThatThrownBy(mine::leave)
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("mine")));
    mine.leave();
    Hazmat.yieldBriefly();
  }

  @TrefoilTest(seeds = 20)
  void aTaskLeftBehindInAScopeIsCancelledAndHandedToTheEnclosingScope() {
    List<Throwable> outcomes = new ArrayList<>();
    CancelScope scope = CancelScope.create();
    Task<?>[] stray = new Task<?>[1];
    assertThatThrownBy(
            () ->
                scope.run(
                    () -> {
                      stray[0] =
                          Hazmat.spawn(
                              TaskSpec.of(() -> outcomes.add(catchThrowable(Trefoil::sleepForever)))
                                  .owner(new Nobody())
                                  .cancelStatus(Hazmat.currentTask().cancelStatus()));
                      Testing.waitAllTasksBlocked();
                    }))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("still inside");
    Testing.waitAllTasksBlocked();
    assertThat(outcomes).singleElement().isInstanceOf(Cancelled.class);
    assertThat(((Cancelled) outcomes.getFirst()).reason().source())
        .isEqualTo(CancelReason.Source.ABANDONED);
    assertThat(stray[0].state().isFinal()).isTrue();
  }

  private static final class Nobody implements TaskOwner {
    @Override
    public Task<?> parentTask() {
      return null;
    }

    @Override
    public void taskExited(Task<?> task) {}
  }

  @TrefoilTest(seeds = 20)
  void afterMisnestingTheRunIsAsCleanAsBefore() {
    int before = Hazmat.currentRun().statistics().cancelStatuses();
    for (int i = 0; i < 10; i++) {
      assertThat(
              catchThrowable(
                  () ->
                      CancelScope.create()
                          .run(
                              () -> {
                                enterByHand("1").setDeadline(Long.MAX_VALUE - 1);
                                enterByHand("2").setShielded(true);
                              })))
          .isInstanceOf(IllegalStateException.class);
    }
    assertThat(Hazmat.currentRun().statistics().cancelStatuses()).isEqualTo(before);
    assertThat(Hazmat.currentRun().statistics().deadlines()).isZero();
    CancelScope scope = CancelScope.create();
    scope.run(
        () -> {
          scope.cancel();
          Hazmat.yieldBriefly();
        });
    assertThat(scope.cancelledCaught()).isTrue();
  }
}
