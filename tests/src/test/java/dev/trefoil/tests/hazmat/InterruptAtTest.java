package dev.trefoil.tests.hazmat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.trefoil.hazmat.CancelReason;
import dev.trefoil.hazmat.CancelStatus;
import dev.trefoil.hazmat.Cancelled;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.RunStatistics;
import dev.trefoil.hazmat.Task;
import dev.trefoil.tasks.CancelScope;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.tasks.Trefoil;
import dev.trefoil.testing.MockClock;
import dev.trefoil.testing.Testing;
import dev.trefoil.testing.TrefoilTest;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;

/** {@link CancelStatus#interruptAt}: a deadline that raises an error once. */
@Tag("T74")
final class InterruptAtTest {
  private static final Duration SECOND = Duration.ofSeconds(1);

  private final List<String> log = new ArrayList<>();
  private final IOException late = new IOException("late");
  private final IOException later = new IOException("later");

  private static long in(int seconds) {
    return Trefoil.currentTime() + Duration.ofSeconds(seconds).toNanos();
  }

  private static CancelStatus enterNode() {
    CancelStatus node = Hazmat.currentTask().cancelStatus().newChild("test");
    node.enter();
    return node;
  }

  @TrefoilTest(seeds = 20)
  void aSleeperIsInterruptedOnceAndTheNodeIsNotCancelled(MockClock clock) {
    clock.setAutojumpThreshold(Duration.ZERO);
    RunStatistics before = Hazmat.currentRun().statistics();
    long begin = Trefoil.currentTime();
    CancelStatus node = enterNode();
    node.interruptAt(in(1), () -> late);
    assertThat(Hazmat.currentRun().statistics().deadlines()).isOne();
    assertThatThrownBy(Trefoil::sleepForever).isSameAs(late);
    assertThat(Trefoil.currentTime() - begin).isEqualTo(SECOND.toNanos());
    assertThat(node.cancelCalled()).isFalse();
    Trefoil.sleep(SECOND);
    node.leave();
    assertThat(Hazmat.currentRun().statistics().deadlines()).isZero();
    assertThat(Hazmat.currentRun().statistics().cancelStatuses())
        .isEqualTo(before.cancelStatuses());
  }

  @TrefoilTest(seeds = 20)
  void whatWasNotRaisedWhenTheNodeIsLeftIsDropped(MockClock clock) {
    CancelStatus node = enterNode();
    node.interruptAt(in(1), () -> late);
    clock.jump(SECOND);
    CancelScope.create().shielded().run(Hazmat::yieldBriefly);
    node.leave();
    Hazmat.yieldBriefly();
  }

  @TrefoilTest(seeds = 20)
  void theEffectiveDeadlineCountsItUntilItHasBeenRaised(MockClock clock) {
    CancelStatus node = enterNode();
    long deadline = in(1);
    node.interruptAt(deadline, () -> late);
    assertThat(node.deadline()).isEqualTo(deadline);
    assertThat(Trefoil.currentEffectiveDeadline()).isEqualTo(deadline);
    clock.jump(SECOND);
    assertThatThrownBy(Hazmat::yieldBriefly).isSameAs(late);
    assertThat(Trefoil.currentEffectiveDeadline()).isEqualTo(CancelStatus.NO_DEADLINE);
    node.leave();
  }

  @TrefoilTest(seeds = 20)
  void aDeadlineSetAfterwardsTakesItsPlaceAndCancels(MockClock clock) {
    CancelStatus node = enterNode();
    node.interruptAt(in(1), () -> late);
    node.setDeadline(in(2));
    clock.jump(SECOND);
    Hazmat.yieldBriefly();
    clock.jump(SECOND);
    assertThatThrownBy(Hazmat::yieldBriefly).isInstanceOf(Cancelled.class);
    assertThat(node.reason().source()).isEqualTo(CancelReason.Source.DEADLINE);
    node.leave();
  }

  @TrefoilTest(seeds = 20)
  void oneThatIsDueIsTakenBackByAnotherDeadline(MockClock clock) {
    CancelStatus node = enterNode();
    node.interruptAt(in(1), () -> late);
    CancelScope.create()
        .shielded()
        .run(
            () -> {
              clock.jump(SECOND);
              Hazmat.yieldBriefly();
              node.setDeadline(CancelStatus.NO_DEADLINE);
            });
    Hazmat.yieldBriefly();
    node.leave();
  }

  @TrefoilTest(seeds = 20)
  void shieldsInsideDeferItAndThoseOutsideDoNot(MockClock clock) {
    CancelScope.create()
        .shielded()
        .run(
            () -> {
              CancelStatus node = enterNode();
              node.interruptAt(in(1), () -> late);
              CancelScope.create()
                  .shielded()
                  .run(
                      () -> {
                        clock.jump(SECOND);
                        Hazmat.yieldBriefly();
                      });
              assertThatThrownBy(Hazmat::yieldIfCancelled).isSameAs(late);
              node.leave();
            });
  }

  @TrefoilTest(seeds = 20)
  void itsOwnNodeMayBeShielded(MockClock clock) {
    CancelStatus node = enterNode();
    node.setShielded(true);
    node.interruptAt(in(1), () -> late);
    clock.jump(SECOND);
    assertThatThrownBy(Hazmat::yieldBriefly).isSameAs(late);
    node.leave();
  }

  @TrefoilTest(seeds = 20)
  void ofSeveralThatAreDueTheOutermostIsRaisedAndTheOthersAreDropped(MockClock clock) {
    Nursery.open(
        nursery -> {
          nursery.spawn(
              () -> {
                CancelStatus outer = enterNode();
                outer.interruptAt(in(2), () -> later);
                CancelStatus inner = enterNode();
                inner.interruptAt(in(1), () -> late);
                assertThatThrownBy(Trefoil::sleepForever).isSameAs(later);
                Hazmat.yieldBriefly();
                inner.leave();
                outer.leave();
                log.add("done");
              });
          Testing.waitAllTasksBlocked();
          clock.jump(Duration.ofSeconds(3));
        });
    assertThat(log).containsExactly("done");
  }

  @TrefoilTest(seeds = 20)
  void anInnerOneThatIsNotDueYetStillComes(MockClock clock) {
    CancelStatus outer = enterNode();
    outer.interruptAt(in(1), () -> late);
    CancelStatus inner = enterNode();
    inner.interruptAt(in(2), () -> later);
    clock.jump(SECOND);
    assertThatThrownBy(Hazmat::yieldBriefly).isSameAs(late);
    clock.jump(SECOND);
    assertThatThrownBy(Hazmat::yieldBriefly).isSameAs(later);
    inner.leave();
    outer.leave();
  }

  @TrefoilTest(seeds = 20)
  void anInterruptOfTheTaskIsOutsideOfAll(MockClock clock) {
    CancelStatus node = enterNode();
    node.interruptAt(in(1), () -> late);
    clock.jump(SECOND);
    CancelScope.create().shielded().run(Hazmat::yieldBriefly);
    Hazmat.currentTask().interrupt(() -> later);
    assertThatThrownBy(Hazmat::yieldBriefly).isSameAs(later);
    Hazmat.yieldBriefly();
    node.leave();
  }

  @TrefoilTest(seeds = 20)
  void onlyTheTaskThatSetItIsInterrupted(MockClock clock) {
    clock.setAutojumpThreshold(Duration.ZERO);
    CancelStatus node = enterNode();
    Nursery.open(
        nursery -> {
          nursery.spawn(
              () -> {
                Trefoil.sleep(Duration.ofSeconds(2));
                log.add("child");
              });
          node.interruptAt(in(1), () -> late);
          assertThatThrownBy(Trefoil::sleepForever).isSameAs(late);
          log.add("parent");
        });
    node.leave();
    assertThat(log).containsExactly("parent", "child");
  }

  @TrefoilTest
  void aTaskOutsideOfTheNodeIsRefused() {
    Task<?> task = Hazmat.currentTask();
    CancelStatus node = task.cancelStatus().newChild("test");
    assertThatThrownBy(() -> node.interruptAt(0, () -> late))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining(task.toString())
        .hasMessageContaining("has not entered");
    assertThatThrownBy(() -> task.cancelStatus().interruptAt(0, () -> late))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("has not entered");
    node.close();
  }
}
