package dev.trefoil.sync;

import dev.trefoil.hazmat.Abort;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.Task;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A wait queue that knows what each task in it waits for. A parking lot does not, and needs not, where
 * all wait for the same; here whose turn it is depends on it, and so on who has left.
 *
 * @param <W> what is known of one that waits
 */
final class WaitQueue<W extends WaitQueue.Waiter> {
  /** One that waits. To be compared by identity. */
  interface Waiter {
    Task<?> task();
  }

  private final Set<W> waiters = new LinkedHashSet<>();
  private final Consumer<W> left;

  /** Makes a queue; {@code left} is called, at once, when one has gone without having been woken. */
  WaitQueue(Consumer<W> left) {
    this.left = left;
  }

  boolean isEmpty() {
    return waiters.isEmpty();
  }

  int size() {
    return waiters.size();
  }

  Iterable<W> all() {
    return waiters;
  }

  @Nullable W first() {
    Iterator<W> inOrder = waiters.iterator();
    return inOrder.hasNext() ? inOrder.next() : null;
  }

  /** Puts the current task, which is the waiter's, to sleep at the end of the queue. */
  void await(W waiter, String label) {
    waiters.add(waiter);
    try {
      Hazmat.yieldIndefinitely(
          label,
          raiseCancel -> {
            leave(waiter);
            return Abort.SUCCEEDED;
          });
    } finally {
      // Still there if the sleep never began, as on a stack overflow.
      leave(waiter);
    }
  }

  private void leave(W waiter) {
    if (waiters.remove(waiter)) {
      left.accept(waiter);
    }
  }

  void wake(W waiter) {
    try {
      Hazmat.reschedule(waiter.task());
    } catch (IllegalStateException notAsleep) {
      leave(waiter);
      throw notAsleep;
    }
    // Only now: a fault in the above, such as a stack overflow, must not lose a sleeper.
    waiters.remove(waiter);
  }
}
