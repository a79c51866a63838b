package dev.trefoil.queues;

import java.util.LinkedHashSet;
import org.jspecify.annotations.Nullable;

/** A thread or a task that waits for its turn with a {@link UniversalQueue}. */
abstract sealed class Party<E> permits ThreadParty, TaskParty {
  final UniversalQueue<E> queue;
  final LinkedHashSet<Party<E>> line;

  /** Of a putter what it puts; of a getter what it was given. Guarded like {@code served}. */
  @Nullable E item;

  /** Written under the queue's lock, after everything else. */
  private volatile boolean served;

  Party(UniversalQueue<E> queue, LinkedHashSet<Party<E>> line, @Nullable E item) {
    this.queue = queue;
    this.line = line;
    this.item = item;
  }

  boolean isServed() {
    return served;
  }

  /** Under the queue's lock: what was waited for has happened. */
  void serve() {
    served = true;
  }

  /** Waits to be served, without the lock. */
  abstract void await(String label) throws InterruptedException;

  /** Lets it go on, without the lock, from any thread. */
  abstract void wake();
}
