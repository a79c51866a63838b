package dev.trefoil.threads.io;

import dev.trefoil.hazmat.Action;
import dev.trefoil.hazmat.Body;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.ResourceBusy;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Lets in one at a time; a second one is told who is in. */
final class Exclusive {
  private final Object resource;
  private final AtomicReference<@Nullable Object> user = new AtomicReference<>();

  Exclusive(Object resource) {
    this.resource = resource;
  }

  <T extends @Nullable Object, X extends Throwable> T call(Body<T, X> operation) throws X {
    Object caller = Hazmat.inTask() ? Hazmat.currentTask() : Thread.currentThread();
    Object other = user.compareAndExchange(null, caller);
    if (other != null) {
      throw new ResourceBusy(
          "Expected no operation of "
              + resource
              + " to be going on, but "
              + other
              + " is in one. It is for one at a time: hold a Lock around each use, or let one task"
              + " do it for the others.");
    }
    try {
      return operation.call();
    } finally {
      user.set(null);
    }
  }

  /** An operation that blocks as a whole: on a thread, if in a run. */
  <T extends @Nullable Object, X extends Throwable> T callBlocking(Body<T, X> operation) throws X {
    return this.<T, X>call(() -> Blocking.call(operation));
  }

  <X extends Throwable> void runBlocking(Action<X> operation) throws X {
    callBlocking(operation.asBody());
  }
}
