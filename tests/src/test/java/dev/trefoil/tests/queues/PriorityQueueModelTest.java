package dev.trefoil.tests.queues;

import dev.trefoil.queues.PriorityQueue;
import dev.trefoil.tests.queues.QueueModel.Item;
import java.util.List;
import org.junit.jupiter.api.Tag;

/** Items of one of the priorities cannot be compared. */
@Tag("T77")
final class PriorityQueueModelTest extends QueueModelContract {
  @Override
  AnyQueue<Item> make(int maxSize) {
    return AnyQueue.of(PriorityQueue.create(maxSize, PriorityQueueModelTest::compare));
  }

  @Override
  QueueModel.Order order() {
    return PriorityQueueModelTest::place;
  }

  private static boolean isIncomparable(Item item) {
    return item.priority() == QueueModel.PRIORITIES - 1;
  }

  private static int compare(Item one, Item other) {
    if (isIncomparable(one) || isIncomparable(other)) {
      throw new ClassCastException();
    }
    return Integer.compare(one.priority(), other.priority());
  }

  /** Behind all that are not greater. */
  private static int place(Item item, List<Item> items) {
    if (isIncomparable(item)) {
      return -1;
    }
    int place = 0;
    while (place < items.size() && items.get(place).priority() <= item.priority()) {
      place++;
    }
    return place;
  }
}
