package dev.trefoil.queues;

import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.ParkingLot;
import dev.trefoil.hazmat.RunGuard;
import dev.trefoil.hazmat.WouldBlock;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A queue between tasks: first in, first out, and with a limit if one is given. {@link LifoQueue} and
 * {@link PriorityQueue} differ in which item is the next, and in nothing else.
 *
 * <pre>{@code
 * Queue<Order> orders = new Queue<>(100);
 * nursery.spawn(() -> { while (true) { ship(orders.get()); orders.taskDone(); } });
 * for (Order order : read()) {
 *   orders.put(order);
 * }
 * orders.join();                     // all of them are shipped
 * }</pre>
 *
 * <p>Fair on both sides. An item that is put while tasks wait to get is handed to the one that has
 * waited longest; a slot that becomes free goes to the one that has waited longest to put. Nobody
 * overtakes them, neither newcomers nor the {@code Nowait} twins. A task that was given an item, or
 * whose item was taken, keeps that even if it is cancelled before it runs again: {@code get} and
 * {@code put} return normally then. A task cancelled before that has not taken or put anything, and
 * leaves no trace.
 *
 * <p>A queue has no end: for items that stop coming, or consumers that go away, use a {@link
 * MemoryChannel}. To wait for several queues at once see {@link Select}. {@code null} is no item.
 *
 * <p>Putting and getting allocate nothing unless they wait or the queue has to grow. The memory of a
 * queue that has grown is kept.
 *
 * <p>Thread-safety: for the tasks of one run at a time; from a foreign thread, or from another run
 * before the first has ended, every operation that could change something is refused with {@link
 * IllegalStateException}. Between threads and tasks use a {@link UniversalQueue}.
 *
 * <p>Source: Curio's {@code Queue}.
 *
 * @param <E> the type of the items
 */
public sealed class Queue<E> permits LifoQueue, PriorityQueue {
  private static final String PUT = "QUEUE_PUT";
  private static final String GET = "QUEUE_GET";

  private final int maxSize;
  private final Exchange<E> exchange;
  private final ParkingLot joiners = new ParkingLot();
  private long done;

  final PutPort putPort = new PutPort();
  final GetPort getPort = new GetPort();

  /** Makes an empty queue that can hold any number of items. */
  public Queue() {
    this(0);
  }

  /**
   * Makes an empty queue.
   *
   * @param maxSize the number of items that it can hold, 0 for any number
   * @throws IllegalArgumentException if {@code maxSize} is negative
   */
  public Queue(int maxSize) {
    this(maxSize, new RingBuffer<>());
  }

  Queue(int maxSize, Buffer<E> buffer) {
    requireMaxSize(maxSize);
    this.maxSize = maxSize;
    this.exchange =
        new Exchange<>(buffer, maxSize == 0 ? Integer.MAX_VALUE : maxSize, new RunGuard(this));
  }

  static void requireMaxSize(int maxSize) {
    if (maxSize < 0) {
      throw new IllegalArgumentException(
          "maxSize: expected a number of items, or 0 for no limit, got " + maxSize);
    }
  }

  static <E> E requireItem(E item) {
    return Objects.requireNonNull(
        item, "item: expected something to put, got null, which no queue can hold");
  }

  // ---- putting and getting

  /**
   * Puts an item, waiting for a free slot if the queue is full. A checkpoint. It counts as unfinished
   * from the moment in which it is accepted.
   *
   * <p>Source: Curio's {@code Queue.put}.
   *
   * @param item what to put
   * @throws dev.trefoil.hazmat.Cancelled if cancelled; the item was not put then
   * @throws ClassCastException if this is a {@link PriorityQueue} that cannot compare the item
   */
  public void put(E item) {
    requireItem(item);
    if (exchange.looksPuttable()
        && exchange.guard.tryCheckpoint() != null
        && exchange.offer(item)) {
      return;
    }
    Hazmat.yieldIfCancelled();
    boolean accepted;
    try {
      accepted = offer(item);
    } catch (Throwable refused) {
      Hazmat.yieldBrieflyNoCancel();
      throw refused;
    }
    if (accepted) {
      Hazmat.yieldBrieflyNoCancel();
    } else {
      new Waiter<>(null, item).await(exchange.putters, PUT);
    }
  }

  /**
   * Puts an item if that is possible at once. Never waits; no checkpoint.
   *
   * @param item what to put
   * @throws WouldBlock if the queue is full
   * @throws ClassCastException if this is a {@link PriorityQueue} that cannot compare the item
   */
  public void putNowait(E item) {
    requireItem(item);
    if (!offer(item)) {
      throw new WouldBlock(
          "Expected a queue with a free slot, but this "
              + this
              + " is full. Use put, which waits for one.");
    }
  }

  /**
   * Gets the next item, waiting for one if the queue is empty. A checkpoint.
   *
   * <p>Source: Curio's {@code Queue.get}.
   *
   * @return the item
   * @throws dev.trefoil.hazmat.Cancelled if cancelled; no item was taken then
   */
  public E get() {
    E item = null;
    if (exchange.looksGettable() && exchange.guard.tryCheckpoint() != null) {
      item = exchange.poll();
    }
    return item != null ? item : getUsually();
  }

  private E getUsually() {
    Hazmat.yieldIfCancelled();
    E item;
    try {
      item = poll();
    } catch (Throwable refused) {
      Hazmat.yieldBrieflyNoCancel();
      throw refused;
    }
    if (item != null) {
      Hazmat.yieldBrieflyNoCancel();
      return item;
    }
    Waiter<E> waiter = new Waiter<>(null, null);
    waiter.await(exchange.getters, GET);
    return Objects.requireNonNull(waiter.item);
  }

  /**
   * Gets the next item if there is one. Never waits; no checkpoint.
   *
   * @return the item
   * @throws WouldBlock if the queue is empty; an item that was handed to a waiting task is not in it
   */
  public E getNowait() {
    E item = poll();
    if (item == null) {
      throw new WouldBlock(
          "Expected a queue with items, but this "
              + this
              + " is empty. Use get, which waits for one.");
    }
    return item;
  }

  private boolean offer(E item) {
    exchange.guard.require();
    return exchange.offer(item);
  }

  private @Nullable E poll() {
    exchange.guard.require();
    return exchange.poll();
  }

  // ---- joining

  /**
   * Waits until everything that was put has been reported done; returns at once if that is so, also
   * if nothing was ever put. All who wait are woken together, and stay so even if more is put before
   * they run. A checkpoint; cancelling it changes nothing.
   *
   * <p>Source: Curio's {@code Queue.join}.
   *
   * @throws dev.trefoil.hazmat.Cancelled if cancelled
   */
  public void join() {
    exchange.guard.require();
    Hazmat.yieldIfCancelled();
    if (unfinished() == 0) {
      Hazmat.yieldBrieflyNoCancel();
    } else {
      joiners.park("QUEUE_JOIN");
    }
  }

  /**
   * Reports one item done. To be called once for each item, when what was to be done with it is
   * finished. Never waits; no checkpoint.
   *
   * <p>Source: Curio's {@code Queue.task_done}.
   *
   * @throws IllegalStateException if everything that was put has been reported done already
   */
  public void taskDone() {
    exchange.guard.require();
    if (unfinished() == 0) {
      throw new IllegalStateException(
          "Expected taskDone once for each item, but all "
              + done
              + " items that were put into this "
              + this
              + " have been reported done already.");
    }
    if (unfinished() == 1) {
      joiners.unparkAll();
    }
    // Only now: a fault in the above, such as a stack overflow, must not lose a sleeper.
    done++;
  }

  private long unfinished() {
    return exchange.accepted - done;
  }

  // ---- looking

  /**
   * Returns the number of items in the queue. Those that were handed to a waiting task, and those of
   * tasks that wait to put, are not in it.
   *
   * @return the number of items
   */
  public int size() {
    return exchange.buffer.size;
  }

  /**
   * Returns the number of items that the queue can hold.
   *
   * @return the number, 0 for any number
   */
  public int maxSize() {
    return maxSize;
  }

  /**
   * Returns whether the queue is empty.
   *
   * @return true if there is nothing to get at once
   */
  public boolean isEmpty() {
    return size() == 0;
  }

  /**
   * Returns whether the queue is full.
   *
   * @return true if nothing can be put at once; never without a limit
   */
  public boolean isFull() {
    return size() >= exchange.capacity;
  }

  /**
   * Returns a snapshot of counters.
   *
   * @return the statistics
   */
  public QueueStatistics statistics() {
    return new QueueStatistics(
        size(),
        maxSize,
        unfinished(),
        exchange.getters.size(),
        exchange.putters.size(),
        joiners.size());
  }

  @Override
  public String toString() {
    return getClass().getSimpleName()
        + " of "
        + size()
        + (maxSize == 0 ? " items" : " of at most " + maxSize + " items");
  }

  // ---- for select

  final class PutPort implements Port<E> {
    @Override
    public Exchange<E> exchange() {
      return exchange;
    }

    @Override
    public WaitList<E> line() {
      return exchange.putters;
    }

    @Override
    public @Nullable Object end() {
      return null;
    }

    @Override
    public Progress progress() {
      return exchange.canPut() ? Progress.DONE : Progress.WAITING;
    }

    @Override
    public @Nullable E transfer(@Nullable E item) {
      exchange.offer(Objects.requireNonNull(item));
      return null;
    }

    @Override
    public RuntimeException failure(Progress why) {
      throw new AssertionError(why);
    }
  }

  final class GetPort implements Port<E> {
    @Override
    public Exchange<E> exchange() {
      return exchange;
    }

    @Override
    public WaitList<E> line() {
      return exchange.getters;
    }

    @Override
    public @Nullable Object end() {
      return null;
    }

    @Override
    public Progress progress() {
      return exchange.canGet() ? Progress.DONE : Progress.WAITING;
    }

    @Override
    public @Nullable E transfer(@Nullable E item) {
      return exchange.poll();
    }

    @Override
    public RuntimeException failure(Progress why) {
      throw new AssertionError(why);
    }
  }
}
