package dev.trefoil.queues;

/**
 * A {@link Queue} in which the next item is the one that was put last: a stack.
 *
 * <p>An item of a task that waits to put is not in the queue yet: it becomes the next one when it is
 * given a slot, behind the get that freed it.
 *
 * <p>Source: Curio's {@code LifoQueue}.
 *
 * @param <E> the type of the items
 */
public final class LifoQueue<E> extends Queue<E> {
  /** Makes an empty queue that can hold any number of items. */
  public LifoQueue() {
    this(0);
  }

  /**
   * Makes an empty queue.
   *
   * @param maxSize the number of items that it can hold, 0 for any number
   * @throws IllegalArgumentException if {@code maxSize} is negative
   */
  public LifoQueue(int maxSize) {
    super(maxSize, new StackBuffer<>());
  }
}
