package dev.trefoil.queues;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Those who wait for one thing, oldest first. */
final class WaitList<E> {
  @Nullable Waiter<E> head;
  @Nullable Waiter<E> tail;

  /** When a select last took a branch that waits here; see {@link Select}. */
  long lastSelected;

  /** The one to be served next, or null. */
  @Nullable Waiter<E> first() {
    Waiter<E> first = head;
    while (first != null && !first.isWaiting()) {
      first.leave();
      first = head;
    }
    return first;
  }

  /** How many wait. Those who could not leave when they gave up do not, and are not often there. */
  int size() {
    int count = 0;
    for (Waiter<E> waiter = head; waiter != null; waiter = waiter.next) {
      if (waiter.isWaiting()) {
        count++;
      }
    }
    return count;
  }

  void add(Waiter<E> waiter) {
    Waiter<E> last = tail;
    waiter.list = this;
    waiter.previous = last;
    waiter.next = null;
    if (last == null) {
      head = waiter;
    } else {
      last.next = waiter;
    }
    tail = waiter;
  }

  void remove(Waiter<E> waiter) {
    Waiter<E> previous = waiter.previous;
    Waiter<E> next = waiter.next;
    if (previous == null) {
      head = next;
    } else {
      previous.next = next;
    }
    if (next == null) {
      tail = previous;
    } else {
      next.previous = previous;
    }
    waiter.list = null;
    waiter.previous = null;
    waiter.next = null;
  }

  /** Wakes all, or those who wait at one end of a channel, and tells them why. */
  void wakeAll(@Nullable Object end, Progress why) {
    if (head == null) {
      return;
    }
    List<Waiter<E>> concerned = new ArrayList<>();
    for (Waiter<E> waiter = head; waiter != null; waiter = waiter.next) {
      if (end == null || waiter.end == end) {
        concerned.add(waiter);
      }
    }
    for (Waiter<E> waiter : concerned) {
      // Gone if it was a branch of the same select as one before it.
      if (waiter.list == this && waiter.isWaiting()) {
        waiter.wake(why);
      }
    }
  }
}
