package dev.trefoil.tests.queues;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.WouldBlock;
import dev.trefoil.queues.UnboundedQueue;
import dev.trefoil.queues.UnboundedQueueStatistics;
import dev.trefoil.tasks.CancelScope;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.testing.Checkpoints;
import dev.trefoil.testing.Testing;
import dev.trefoil.testing.TrefoilTest;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("T92")
final class UnboundedQueueTest {
  private final UnboundedQueue<String> queue = new UnboundedQueue<>();
  private final List<String> log = new ArrayList<>();

  private void spawnGetters(Nursery nursery, String... names) {
    for (String name : names) {
      nursery.spawn(name, () -> log.add(name + " got " + queue.getBatch()));
      Testing.waitAllTasksBlocked();
    }
  }

  @TrefoilTest(seeds = 20)
  void batchIsAllThereIsInTheOrderInWhichItWasPut() {
    assertThat(queue.isEmpty()).isTrue();
    queue.put("c");
    queue.put("a");
    queue.put("b");
    assertThat(queue.size()).isEqualTo(3);
    assertThat(queue.getBatch()).containsExactly("c", "a", "b");
    assertThat(queue.isEmpty()).isTrue();
    queue.put("d");
    assertThat(queue.getBatchNowait()).containsExactly("d");
  }

  @TrefoilTest(seeds = 20)
  void batchBelongsToTheCaller() {
    queue.put("a");
    List<String> batch = queue.getBatch();
    batch.add("own");
    queue.put("b");
    assertThat(batch).containsExactly("a", "own");
    assertThat(queue.getBatch()).containsExactly("b");
  }

  @TrefoilTest(seeds = 20)
  void oldestWaitingTaskGetsWhatIsPutBeforeItRuns() {
    Nursery.open(
        nursery -> {
          spawnGetters(nursery, "first", "second");
          queue.put("a");
          queue.put("b");
          assertThat(queue.statistics()).isEqualTo(new UnboundedQueueStatistics(0, 1));
          assertThatThrownBy(queue::getBatchNowait)
              .isInstanceOf(WouldBlock.class)
              .hasMessageContainingAll("empty", "getBatch");
          Testing.waitAllTasksBlocked();
          queue.put("c");
        });
    assertThat(log).containsExactly("first got [a, b]", "second got [c]");
  }

  @TrefoilTest(seeds = 20)
  void cancelledGetterTakesNothingUnlessItWasGivenABatch() {
    CancelScope early = CancelScope.create();
    CancelScope late = CancelScope.create();
    Nursery.open(
        nursery -> {
          nursery.spawn(() -> early.run(() -> log.add("early " + queue.getBatch())));
          nursery.spawn(() -> late.run(() -> log.add("late " + queue.getBatch())));
          Testing.waitAllTasksBlocked();
          early.cancel();
          assertThat(queue.statistics().waitingToGet()).isOne();
          queue.put("a");
          late.cancel();
          queue.put("b");
        });
    assertThat(log).containsExactly("late [a, b]");
    assertThat(queue.isEmpty()).isTrue();
  }

  @TrefoilTest
  void onlyGettingABatchIsACheckpoint() {
    Checkpoints.assertNoCheckpoints(() -> queue.put("a"));
    Checkpoints.assertCheckpoints(queue::getBatch);
    Checkpoints.assertNoCheckpoints(
        () -> assertThatThrownBy(queue::getBatchNowait).isInstanceOf(WouldBlock.class));
    Nursery.open(
        nursery -> {
          nursery.spawn(() -> Checkpoints.assertCheckpoints(queue::getBatch));
          Testing.waitAllTasksBlocked();
          queue.put("b");
        });
  }

  @TrefoilTest(seeds = 20)
  void nothingIsLostOrDoubled() {
    Random random = new Random(5);
    UnboundedQueue<Integer> numbers = new UnboundedQueue<>();
    List<Integer> got = new ArrayList<>();
    List<CancelScope> scopes = new ArrayList<>();
    Nursery.open(
        nursery -> {
          for (int i = 0; i < 60; i++) {
            CancelScope scope = CancelScope.create();
            scopes.add(scope);
            nursery.spawn(() -> scope.run(() -> got.addAll(numbers.getBatch())));
            if (random.nextInt(2) == 0) {
              Hazmat.yieldBriefly();
            }
            numbers.put(i);
            scopes.get(random.nextInt(scopes.size())).cancel();
          }
          Testing.waitAllTasksBlocked();
          scopes.forEach(CancelScope::cancel);
        });
    if (!numbers.isEmpty()) {
      got.addAll(numbers.getBatchNowait());
    }
    assertThat(got).hasSize(60).doesNotHaveDuplicates();
  }

  @Test
  void everythingIsRefusedOutsideARunAndNullEverywhere() {
    assertThatNullPointerException()
        .isThrownBy(() -> queue.put(null))
        .withMessageContaining("item");
    assertThatIllegalStateException()
        .isThrownBy(() -> queue.put("a"))
        .withMessageContaining("inside a Trefoil run");
    assertThatIllegalStateException().isThrownBy(queue::getBatch);
    assertThat(queue.isEmpty()).isTrue();
  }
}
