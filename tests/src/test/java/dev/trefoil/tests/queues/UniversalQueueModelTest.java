package dev.trefoil.tests.queues;

import dev.trefoil.queues.UniversalQueue;
import dev.trefoil.tests.queues.QueueModel.Item;
import org.junit.jupiter.api.Tag;

/** From tasks alone; that threads see the same order is a matter of linearizability. */
@Tag("T78")
final class UniversalQueueModelTest extends QueueModelContract {
  @Override
  AnyQueue<Item> make(int maxSize) {
    return AnyQueue.of(new UniversalQueue<>(maxSize));
  }

  @Override
  QueueModel.Order order() {
    return (item, items) -> items.size();
  }
}
