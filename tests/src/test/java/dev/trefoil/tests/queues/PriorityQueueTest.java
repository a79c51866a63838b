package dev.trefoil.tests.queues;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.trefoil.queues.PriorityQueue;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.testing.Checkpoints;
import dev.trefoil.testing.Testing;
import dev.trefoil.testing.TrefoilTest;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

final class PriorityQueueTest extends QueueContract {
  private record Job(int priority, int number) {}

  @Override
  <E extends Comparable<E>> AnyQueue<E> newQueue(int maxSize) {
    return AnyQueue.of(maxSize == 0 ? PriorityQueue.<E>create() : PriorityQueue.<E>create(maxSize));
  }

  @Override
  List<String> outgoing(List<String> put) {
    return sorted(put, Comparator.naturalOrder());
  }

  @TrefoilTest
  @Tag("T77")
  void smallestComesFirstAndOfEqualOnesTheOldest() {
    PriorityQueue<Job> queue = PriorityQueue.create(0, Comparator.comparingInt(Job::priority));
    List<Job> model = new ArrayList<>();
    Random random = new Random(1);
    for (int i = 0; i < 20_000; i++) {
      if (random.nextInt(5) < (i < 10_000 ? 3 : 2)) {
        Job job = new Job(random.nextInt(10), i);
        queue.putNowait(job);
        model.add(job);
      } else if (!model.isEmpty()) {
        Job next = model.stream().min(Comparator.comparingInt(Job::priority)).orElseThrow();
        assertThat(queue.getNowait()).isEqualTo(next);
        model.remove(next);
      }
    }
    model.sort(Comparator.comparingInt(Job::priority));
    for (Job job : model) {
      assertThat(queue.getNowait()).isEqualTo(job);
    }
    assertThat(queue.isEmpty()).isTrue();
  }

  @TrefoilTest(seeds = 20)
  @Tag("T77")
  void itemOfAWaitingPutterIsSortedInWhenItGetsASlot() {
    PriorityQueue<Integer> queue = PriorityQueue.create(3);
    Nursery.open(
        nursery -> {
          queue.putNowait(30);
          queue.putNowait(10);
          queue.putNowait(20);
          for (int item : List.of(25, 5)) {
            nursery.spawn(() -> queue.put(item));
            Testing.waitAllTasksBlocked();
          }
          List<Integer> got = new ArrayList<>();
          while (!queue.isEmpty()) {
            got.add(queue.getNowait());
          }
          assertThat(got).containsExactly(10, 20, 5, 25, 30);
        });
  }

  private static PriorityQueue<Object> incomparableWith13() {
    return PriorityQueue.create(
        3,
        (one, other) -> {
          if (one.equals(13) || other.equals(13)) {
            throw new IllegalArgumentException("thirteen");
          }
          return Integer.compare((Integer) one, (Integer) other);
        });
  }

  @TrefoilTest
  @Tag("T77")
  void failedComparisonChangesNothing() {
    PriorityQueue<Object> queue = incomparableWith13();
    assertThatThrownBy(() -> queue.putNowait(13)).hasMessage("thirteen");
    Checkpoints.assertCheckpoints(
        () -> assertThatThrownBy(() -> queue.put(13)).hasMessage("thirteen"));
    assertThat(queue.isEmpty()).isTrue();
    assertThat(queue.statistics().unfinished()).isZero();
  }

  @TrefoilTest(seeds = 20)
  @Tag("T77")
  void waitingPutterGetsTheErrorOfItsItemAndTheOthersGoOn() {
    PriorityQueue<Object> queue = incomparableWith13();
    Nursery.open(
        nursery -> {
          queue.putNowait(3);
          queue.putNowait(1);
          queue.putNowait(2);
          nursery.spawn(() -> assertThatThrownBy(() -> queue.put(13)).hasMessage("thirteen"));
          Testing.waitAllTasksBlocked();
          nursery.spawn(() -> queue.put(0));
          Testing.waitAllTasksBlocked();
          List<Object> got = new ArrayList<>();
          while (!queue.isEmpty()) {
            got.add(queue.get());
          }
          assertThat(got).containsExactly(1, 0, 2, 3);
          assertThat(queue.statistics().unfinished()).isEqualTo(4);
        });
  }

  @Test
  @Tag("T77")
  void orderIsRequired() {
    assertThatNullPointerException()
        .isThrownBy(() -> PriorityQueue.create(0, null))
        .withMessageContaining("order");
  }
}
