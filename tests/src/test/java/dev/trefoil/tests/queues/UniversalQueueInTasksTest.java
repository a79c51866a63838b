package dev.trefoil.tests.queues;

import dev.trefoil.queues.UniversalQueue;
import java.util.List;
import org.junit.jupiter.api.Tag;

/** Its tasks' side; for the threads' side see {@link UniversalQueueTest}. */
@Tag("T78")
final class UniversalQueueInTasksTest extends QueueContract {
  @Override
  <E extends Comparable<E>> AnyQueue<E> newQueue(int maxSize) {
    return AnyQueue.of(maxSize == 0 ? new UniversalQueue<E>() : new UniversalQueue<E>(maxSize));
  }

  @Override
  List<String> outgoing(List<String> put) {
    return put;
  }
}
