package dev.trefoil.tests.queues;

import dev.trefoil.queues.Queue;
import dev.trefoil.tests.queues.QueueModel.Item;
import org.junit.jupiter.api.Tag;

@Tag("R174")
@Tag("R175")
@Tag("R176")
@Tag("R177")
@Tag("R178")
final class QueueModelTest extends QueueModelContract {
  @Override
  AnyQueue<Item> make(int maxSize) {
    return AnyQueue.of(new Queue<>(maxSize));
  }

  @Override
  QueueModel.Order order() {
    return (item, items) -> items.size();
  }
}
