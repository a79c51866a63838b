package dev.trefoil.tests.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.sync.Barrier;
import dev.trefoil.sync.BarrierStatistics;
import dev.trefoil.tasks.CancelScope;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.testing.Checkpoints;
import dev.trefoil.testing.Testing;
import dev.trefoil.testing.TrefoilTest;
import java.util.ArrayList;
import java.util.List;

final class BarrierTest {
  private final Barrier barrier = new Barrier(3);
  private final List<String> log = new ArrayList<>();

  private void spawnParty(Nursery nursery, String name) {
    nursery.spawn(name, () -> log.add(name + " " + barrier.await()));
    Testing.waitAllTasksBlocked();
  }

  @TrefoilTest(seeds = 20)
  void allGoOnTogetherWhenTheLastHasComeAndKnowTheirPlaces() {
    Nursery.open(
        nursery -> {
          spawnParty(nursery, "a");
          spawnParty(nursery, "b");
          assertThat(log).isEmpty();
          assertThat(barrier.statistics()).isEqualTo(new BarrierStatistics(3, 2));
          spawnParty(nursery, "c");
          assertThat(log).containsExactlyInAnyOrder("a 0", "b 1", "c 2");
          assertThat(barrier.statistics()).isEqualTo(new BarrierStatistics(3, 0));
        });
  }

  @TrefoilTest(seeds = 20)
  void isReadyForTheNextOnesAtOnce() {
    int[] round = {0, 0, 0};
    Nursery.open(
        nursery -> {
          for (int i = 0; i < 3; i++) {
            int own = i;
            nursery.spawn(
                () -> {
                  for (int r = 0; r < 10; r++) {
                    round[own] = r;
                    barrier.await();
                    // Nobody is a whole round ahead or behind.
                    for (int other : round) {
                      assertThat(other).isBetween(r, r + 1);
                    }
                    barrier.await();
                  }
                });
          }
        });
    assertThat(barrier.statistics().tasksWaiting()).isZero();
  }

  @TrefoilTest(seeds = 20)
  void cancelledPartyHasNotComeAndTheOthersGoOnWaiting() {
    CancelScope scope = CancelScope.create();
    Nursery.open(
        nursery -> {
          nursery.spawn(() -> scope.run(barrier::await));
          Testing.waitAllTasksBlocked();
          spawnParty(nursery, "a");
          scope.cancel();
          assertThat(barrier.statistics().tasksWaiting()).isOne();
          spawnParty(nursery, "b");
          assertThat(log).isEmpty();
          spawnParty(nursery, "c");
        });
    assertThat(scope.cancelledCaught()).isTrue();
    assertThat(log).containsExactlyInAnyOrder("a 0", "b 1", "c 2");
  }

  @TrefoilTest(seeds = 20)
  void partyThatIsCancelledAfterTheLastHasComeReturns() {
    CancelScope scope = CancelScope.create();
    Nursery.open(
        nursery -> {
          nursery.spawn("a", () -> scope.run(() -> log.add("a " + barrier.await())));
          Testing.waitAllTasksBlocked();
          spawnParty(nursery, "b");
          assertThat(barrier.await()).isEqualTo(2);
          scope.cancel();
        });
    assertThat(log).containsExactlyInAnyOrder("a 0", "b 1");
  }

  @TrefoilTest(seeds = 20)
  void awaitIsACheckpointWhetherItWaitsOrNot() {
    Barrier alone = new Barrier(1);
    Checkpoints.assertCheckpoints(() -> assertThat(alone.await()).isZero());
    Nursery.open(
        nursery -> {
          for (int i = 0; i < 3; i++) {
            nursery.spawn(() -> Checkpoints.assertCheckpoints(barrier::await));
          }
        });
    CancelScope scope = CancelScope.create();
    scope.cancel();
    scope.run(() -> alone.await());
    assertThat(scope.cancelledCaught()).isTrue();
  }

  @TrefoilTest
  void wrongUseIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Barrier(0))
        .withMessageContainingAll("parties", "0");
    assertThat(barrier.parties()).isEqualTo(3);
    Hazmat.yieldBriefly();
    assertThatThrownBy(() -> OtherThread.run(barrier::await))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("inside a Trefoil run");
  }
}
