package dev.trefoil.queues;

import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.Outcome;
import dev.trefoil.hazmat.ParkingLot;
import dev.trefoil.hazmat.RunGuard;
import dev.trefoil.hazmat.WouldBlock;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A queue for events that cannot wait: putting always works at once, and getting takes all there is.
 *
 * <pre>{@code
 * UnboundedQueue<Event> events = new UnboundedQueue<>();
 * device.onEvent(event -> entry.callSoonThreadAndSignalSafe(() -> events.put(event)));
 * while (true) {
 *   for (Event event : events.getBatch()) { ... }
 * }
 * }</pre>
 *
 * <p>If tasks wait when an item is put, it goes to the one that has waited longest, and what is put
 * before that task runs joins the same batch. A task that was given a batch keeps it even if it is
 * cancelled before it runs; one that was cancelled before leaves no trace.
 *
 * <p>Nothing slows down whoever puts, so if nobody gets, the memory fills up: where the producer can
 * wait, use a {@link MemoryChannel} or a {@link Queue} with a limit.
 *
 * <p>Thread-safety: for the tasks of one run at a time; from a foreign thread, or from another run
 * before the first has ended, it is refused with {@link IllegalStateException}.
 *
 * <p>Source: Trio's {@code UnboundedQueue}.
 *
 * @param <E> the type of the items
 */
public final class UnboundedQueue<E> {
  private final ParkingLot getters = new ParkingLot();
  private final RunGuard guard = new RunGuard(this);
  private List<E> items = new ArrayList<>();

  /** The batch of a task that was woken and has not run since, or null. */
  private @Nullable List<E> handedOver;

  /** Makes an empty queue. */
  public UnboundedQueue() {}

  /**
   * Puts an item. Never waits; no checkpoint.
   *
   * <p>Source: Trio's {@code UnboundedQueue.put_nowait}.
   *
   * @param item what to put
   */
  public void put(E item) {
    Queue.requireItem(item);
    guard.require();
    if (handedOver != null) {
      handedOver.add(item);
    } else if (getters.isEmpty()) {
      items.add(item);
    } else {
      List<E> batch = new ArrayList<>();
      batch.add(item);
      getters.unpark(Outcome.of(batch));
      handedOver = batch;
    }
  }

  /**
   * Gets all items, waiting for one if there is none. A checkpoint.
   *
   * <p>Source: Trio's {@code UnboundedQueue.get_batch}.
   *
   * @return the items in the order in which they were put, at least one; the list is the caller's
   * @throws dev.trefoil.hazmat.Cancelled if cancelled; nothing was taken then
   */
  public List<E> getBatch() {
    guard.require();
    Hazmat.yieldIfCancelled();
    if (!items.isEmpty()) {
      List<E> batch = takeAll();
      Hazmat.yieldBrieflyNoCancel();
      return batch;
    }
    List<E> batch = getters.park("QUEUE_GET");
    if (handedOver == batch) {
      handedOver = null;
    }
    return Objects.requireNonNull(batch);
  }

  /**
   * Gets all items if there are any. Never waits; no checkpoint.
   *
   * <p>Source: Trio's {@code UnboundedQueue.get_batch_nowait}.
   *
   * @return the items in the order in which they were put, at least one; the list is the caller's
   * @throws WouldBlock if there are none; those that were handed to a waiting task do not count
   */
  public List<E> getBatchNowait() {
    guard.require();
    if (items.isEmpty()) {
      throw new WouldBlock(
          "Expected a queue with items, but this unbounded queue is empty. Use getBatch, which"
              + " waits for some.");
    }
    return takeAll();
  }

  private List<E> takeAll() {
    List<E> batch = items;
    items = new ArrayList<>();
    return batch;
  }

  /**
   * Returns the number of items in the queue.
   *
   * @return the number; those that were handed to a waiting task are not in it
   */
  public int size() {
    return items.size();
  }

  /**
   * Returns whether the queue is empty.
   *
   * @return true if there is nothing to get at once
   */
  public boolean isEmpty() {
    return items.isEmpty();
  }

  /**
   * Returns a snapshot of counters.
   *
   * @return the statistics
   */
  public UnboundedQueueStatistics statistics() {
    return new UnboundedQueueStatistics(items.size(), getters.size());
  }

  @Override
  public String toString() {
    return "UnboundedQueue of " + items.size() + " items";
  }
}
