package dev.trefoil.queues;

import java.util.LinkedHashSet;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

final class ThreadParty<E> extends Party<E> {
  private final Thread thread = Thread.currentThread();

  ThreadParty(UniversalQueue<E> queue, LinkedHashSet<Party<E>> line, @Nullable E item) {
    super(queue, line, item);
  }

  @Override
  void await(String label) throws InterruptedException {
    boolean interrupted = false;
    while (!isServed()) {
      if (Thread.interrupted()) {
        if (queue.withdraw(this)) {
          throw new InterruptedException("interrupted in " + label);
        }
        interrupted = true;
      } else {
        LockSupport.park(queue);
      }
    }
    if (interrupted) {
      thread.interrupt(); // came too late for this operation; the next one is to know
    }
  }

  @Override
  void wake() {
    LockSupport.unpark(thread);
  }
}
