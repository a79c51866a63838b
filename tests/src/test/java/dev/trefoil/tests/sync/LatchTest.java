package dev.trefoil.tests.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.sync.Latch;
import dev.trefoil.sync.LatchStatistics;
import dev.trefoil.tasks.CancelScope;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.testing.Checkpoints;
import dev.trefoil.testing.Testing;
import dev.trefoil.testing.TrefoilTest;
import java.util.ArrayList;
import java.util.List;

final class LatchTest {
  private final List<String> log = new ArrayList<>();

  @TrefoilTest(seeds = 20)
  void allWakeTogetherWhenTheCountIsZero() {
    Latch latch = new Latch(2);
    Nursery.open(
        nursery -> {
          for (String name : List.of("a", "b")) {
            nursery.spawn(
                () -> {
                  latch.await();
                  log.add(name);
                });
          }
          Testing.waitAllTasksBlocked();
          assertThat(latch.statistics()).isEqualTo(new LatchStatistics(2, 2));
          latch.countDown();
          Testing.waitAllTasksBlocked();
          assertThat(log).isEmpty();
          assertThat(latch.count()).isOne();
          latch.countDown();
          assertThat(latch.statistics()).isEqualTo(new LatchStatistics(0, 0));
        });
    assertThat(log).containsExactlyInAnyOrder("a", "b");
    latch.countDown();
    assertThat(latch.count()).isZero();
    latch.await();
  }

  @TrefoilTest(seeds = 20)
  void awaitIsACheckpointWhetherItWaitsOrNot() {
    Latch latch = new Latch(1);
    Nursery.open(
        nursery -> {
          nursery.spawn(() -> Checkpoints.assertCheckpoints(latch::await));
          Testing.waitAllTasksBlocked();
          Checkpoints.assertNoCheckpoints(
              () -> {
                latch.countDown();
                latch.statistics();
              });
        });
    Checkpoints.assertCheckpoints(latch::await);
    CancelScope scope = CancelScope.create();
    scope.cancel();
    scope.run(latch::await);
    assertThat(scope.cancelledCaught()).isTrue();
  }

  @TrefoilTest(seeds = 20)
  void cancelledWaiterLeavesNoTraceAndAWokenOneReturns() {
    Latch latch = new Latch(1);
    CancelScope early = CancelScope.create();
    CancelScope late = CancelScope.create();
    Nursery.open(
        nursery -> {
          for (CancelScope scope : List.of(early, late)) {
            nursery.spawn(
                () ->
                    scope.run(
                        () -> {
                          latch.await();
                          log.add("woken");
                        }));
          }
          Testing.waitAllTasksBlocked();
          early.cancel();
          assertThat(latch.statistics().tasksWaiting()).isOne();
          latch.countDown();
          late.cancel();
        });
    assertThat(log).containsExactly("woken");
    assertThat(early.cancelledCaught()).isTrue();
    assertThat(late.cancelledCaught()).isFalse();
  }

  @TrefoilTest(seeds = 20)
  void canBeCountedDownByAnEntryCall() {
    Latch latch = new Latch(1);
    Hazmat.currentCallSoonThreadAndSignalSafe().callSoonThreadAndSignalSafe(latch::countDown);
    latch.await();
    assertThat(latch.count()).isZero();
  }

  @TrefoilTest
  void wrongUseIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Latch(-1))
        .withMessageContainingAll("count", "-1");
    new Latch(0).await();
    Latch latch = new Latch(1);
    assertThatThrownBy(() -> OtherThread.run(latch::countDown))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("inside a Trefoil run");
    assertThat(latch.count()).isOne();
  }
}
