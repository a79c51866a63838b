package dev.trefoil.tests.queues;

import static org.assertj.core.api.Assertions.assertThat;

import dev.trefoil.queues.LifoQueue;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.testing.Testing;
import dev.trefoil.testing.TrefoilTest;
import java.util.List;
import org.junit.jupiter.api.Tag;

final class LifoQueueTest extends QueueContract {
  @Override
  <E extends Comparable<E>> AnyQueue<E> newQueue(int maxSize) {
    return AnyQueue.of(maxSize == 0 ? new LifoQueue<E>() : new LifoQueue<E>(maxSize));
  }

  @Override
  List<String> outgoing(List<String> put) {
    return put.reversed();
  }

  @TrefoilTest(seeds = 20)
  @Tag("T77")
  void itemOfAWaitingPutterGoesOnTopOfWhatTheGetLeft() {
    LifoQueue<String> queue = new LifoQueue<>(2);
    Nursery.open(
        nursery -> {
          queue.putNowait("bottom");
          queue.putNowait("top");
          nursery.spawn(() -> queue.put("late"));
          Testing.waitAllTasksBlocked();
          assertThat(queue.getNowait()).isEqualTo("top");
          assertThat(queue.getNowait()).isEqualTo("late");
          assertThat(queue.getNowait()).isEqualTo("bottom");
        });
  }
}
