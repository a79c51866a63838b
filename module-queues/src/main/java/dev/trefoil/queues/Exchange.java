package dev.trefoil.queues;

import dev.trefoil.hazmat.RunGuard;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The one algorithm behind queues and channels: a buffer between two lines of waiting tasks.
 *
 * <p>At every checkpoint getters wait only while there is nothing to get, and putters only while the
 * buffer is full, with one exception: a select may wait in both lines of the same exchange. So
 * whoever comes can look at the line opposite first, then at the buffer, and never overtakes anybody
 * in their own line.
 */
final class Exchange<E> {
  final Buffer<E> buffer;
  final int capacity;
  final WaitList<E> getters = new WaitList<>();
  final WaitList<E> putters = new WaitList<>();
  final RunGuard guard;

  /** How many items were accepted, handed over ones included. */
  long accepted;

  int peak;

  Exchange(Buffer<E> buffer, int capacity, RunGuard guard) {
    this.buffer = buffer;
    this.capacity = capacity;
    this.guard = guard;
  }

  boolean canPut() {
    return buffer.size < capacity || getters.first() != null;
  }

  boolean canGet() {
    return buffer.size > 0 || putters.first() != null;
  }

  /** Like {@link #canPut()} at a guess, and changes nothing. */
  boolean looksPuttable() {
    return buffer.size < capacity || getters.head != null;
  }

  /** Like {@link #canGet()} at a guess, and changes nothing. */
  boolean looksGettable() {
    return buffer.size > 0 || putters.head != null;
  }

  /** Hands the item to the oldest getter or keeps it, if that is possible at once. */
  boolean offer(E item) {
    Waiter<E> getter = getters.first();
    if (getter != null) {
      getter.give(item);
    } else if (buffer.size < capacity) {
      buffer.add(item);
      if (buffer.size > peak) {
        peak = buffer.size;
      }
    } else {
      return false;
    }
    accepted++;
    return true;
  }

  /** Takes the next item, and gives the freed slot to the oldest putter; null if there is none. */
  @Nullable E poll() {
    for (Waiter<E> putter = putters.first(); putter != null; putter = putters.first()) {
      E offered = Objects.requireNonNull(putter.item);
      int plan = 0;
      if (buffer.size > 0) {
        try {
          plan = buffer.planReplacement(offered);
        } catch (Throwable incomparable) {
          putter.fail(incomparable); // its item, its error
          continue;
        }
      }
      // Before the buffer changes: a fault in waking, such as a stack overflow, must not lose an
      // item.
      putter.wake(Progress.DONE);
      accepted++;
      return buffer.size == 0 ? offered : buffer.replaceNext(offered, plan);
    }
    return buffer.size == 0 ? null : buffer.removeNext();
  }
}
