package dev.trefoil.tests.linearizability;

import java.util.ArrayList;
import java.util.List;

/** What a queue holds; {@code maxSize} is 0 if it has no limit. */
record QueueState(int maxSize, List<Integer> items, int unfinished) {
  static QueueState empty(int maxSize) {
    return new QueueState(maxSize, List.of(), 0);
  }

  boolean isFull() {
    return maxSize > 0 && items.size() >= maxSize;
  }

  QueueState plus(int item) {
    List<Integer> more = new ArrayList<>(items);
    more.add(item);
    return new QueueState(maxSize, List.copyOf(more), unfinished + 1);
  }

  QueueState withoutFirst() {
    return new QueueState(maxSize, List.copyOf(items.subList(1, items.size())), unfinished);
  }

  QueueState withOneDone() {
    return new QueueState(maxSize, items, unfinished - 1);
  }
}
