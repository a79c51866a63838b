package dev.trefoil.tests.queues;

import dev.trefoil.queues.LifoQueue;
import dev.trefoil.tests.queues.QueueModel.Item;
import org.junit.jupiter.api.Tag;

@Tag("T77")
final class LifoQueueModelTest extends QueueModelContract {
  @Override
  AnyQueue<Item> make(int maxSize) {
    return AnyQueue.of(new LifoQueue<>(maxSize));
  }

  @Override
  QueueModel.Order order() {
    return (item, items) -> 0;
  }
}
