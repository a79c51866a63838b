package dev.trefoil.threads;

import dev.trefoil.hazmat.Hazmat;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;

/**
 * Waiting in a task for the queues of {@code java.util.concurrent}, which know threads only.
 *
 * <pre>{@code
 * Message message = BlockingQueues.take(inbox);
 * }</pre>
 *
 * <p>Nothing is lost: who is cancelled has taken, or put, nothing; who took something returns it, and is
 * cancelled at the next checkpoint. What of the queue does not wait, such as {@link
 * BlockingQueue#poll()}, {@link BlockingQueue#offer(Object)} and {@code drainTo}, a task calls directly.
 * For a limit in time put a timeout around: {@code CancelScope.moveOnAfter}.
 *
 * <p>A task that has to wait holds a thread meanwhile, without a token of the limiter: those that wait for
 * an item must not keep those from working who would put one. Where both sides may be written anew, a
 * {@code UniversalQueue} of {@code dev.trefoil.queues} does without the thread.
 *
 * <p>The queues must keep the promise of {@link BlockingQueue}: {@code take} and {@code put} that throw
 * {@link InterruptedException} have changed nothing. All of the JDK do.
 */
public final class BlockingQueues {
  private static final ThreadOptions INTERRUPTED =
      ThreadOptions.defaults().withInterruptOnCancel().withLimiter(Unlimited.LIMITER);

  private BlockingQueues() {}

  /**
   * Takes the head of a queue, waiting for one if there is none. A checkpoint. Needs no thread if there
   * is one. Among those that wait, tasks and threads alike, it is the queue that chooses.
   *
   * @param <E> the type of the items
   * @param queue of any kind
   * @return the item
   * @throws dev.trefoil.hazmat.Cancelled if cancelled; no item was taken then
   * @throws IllegalStateException outside a run; or if code that is not the run's interrupts the thread
   *     that waits
   */
  public static <E> E take(BlockingQueue<? extends E> queue) {
    Objects.requireNonNull(queue, "queue");
    Hazmat.yieldIfCancelled();
    E item = queue.poll();
    if (item != null) {
      Hazmat.yieldBrieflyNoCancel();
      return item;
    }
    try {
      return ToThread.<E, InterruptedException>runInThread(INTERRUPTED, queue::take);
    } catch (InterruptedException stray) {
      throw interrupted(stray);
    }
  }

  /**
   * Puts an item into a queue, waiting while it is full. A checkpoint. Needs no thread if there is room.
   *
   * @param <E> the type of the items
   * @param queue of any kind
   * @param item what to put
   * @throws dev.trefoil.hazmat.Cancelled if cancelled; the item was not put then
   * @throws IllegalStateException as {@link #take(BlockingQueue)}
   */
  public static <E> void put(BlockingQueue<? super E> queue, E item) {
    Objects.requireNonNull(queue, "queue");
    Objects.requireNonNull(item, "item: no BlockingQueue takes null");
    Hazmat.yieldIfCancelled();
    if (queue.offer(item)) {
      Hazmat.yieldBrieflyNoCancel();
      return;
    }
    try {
      ToThread.<Object, InterruptedException>runInThread(
          INTERRUPTED,
          () -> {
            queue.put(item);
            return item;
          });
    } catch (InterruptedException stray) {
      throw interrupted(stray);
    }
  }

  private static IllegalStateException interrupted(InterruptedException stray) {
    return new IllegalStateException(
        "Expected the thread that waits at the queue to be interrupted by its task alone, but other"
            + " code did it. The queue was not changed. Do not interrupt threads that are not"
            + " yours.",
        stray);
  }
}
