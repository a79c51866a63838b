package dev.trefoil.queues;

import java.util.Comparator;
import java.util.Objects;

/**
 * A {@link Queue} in which the next item is the smallest; of equal ones the one that was put first.
 *
 * <p>An item of a task that waits to put is not in the queue yet: it is compared with the others when
 * it is given a slot, behind the get that freed it. Putting and getting take time proportional to
 * the logarithm of the size. The order of items must not change while they are in the queue; if an
 * item cannot be compared, its put throws what the comparison has thrown, and it is not put.
 *
 * <p>Source: Curio's {@code PriorityQueue}.
 *
 * @param <E> the type of the items
 */
public final class PriorityQueue<E> extends Queue<E> {
  private PriorityQueue(int maxSize, Comparator<? super E> order) {
    super(maxSize, new HeapBuffer<>(order));
  }

  /**
   * Makes an empty queue of items in their natural order that can hold any number of them.
   *
   * @param <E> the type of the items
   * @return the queue
   */
  public static <E extends Comparable<? super E>> PriorityQueue<E> create() {
    return create(0);
  }

  /**
   * Makes an empty queue of items in their natural order.
   *
   * @param <E> the type of the items
   * @param maxSize the number of items that it can hold, 0 for any number
   * @return the queue
   * @throws IllegalArgumentException if {@code maxSize} is negative
   */
  public static <E extends Comparable<? super E>> PriorityQueue<E> create(int maxSize) {
    return create(maxSize, Comparator.<E>naturalOrder());
  }

  /**
   * Makes an empty queue.
   *
   * @param <E> the type of the items
   * @param maxSize the number of items that it can hold, 0 for any number
   * @param order which item is smaller
   * @return the queue
   * @throws IllegalArgumentException if {@code maxSize} is negative
   */
  public static <E> PriorityQueue<E> create(int maxSize, Comparator<? super E> order) {
    return new PriorityQueue<>(
        maxSize, Objects.requireNonNull(order, "order: expected a Comparator, got null"));
  }
}
