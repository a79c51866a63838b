package dev.trefoil.kernel;

import dev.trefoil.hazmat.Abort;
import dev.trefoil.hazmat.AbortFunction;
import dev.trefoil.hazmat.ClosedResource;
import dev.trefoil.hazmat.Outcome;
import dev.trefoil.hazmat.ResourceBusy;
import org.jspecify.annotations.Nullable;

/** Who waits for one channel or descriptor: at most one task in each direction. */
final class IoWaiters {
  private final RunLoop loop;
  private final IoCount count;
  private final Object resource;
  private final Runnable onAbort;
  private final AbortFunction abortReader = raiseCancel -> abort(false);
  private final AbortFunction abortWriter = raiseCancel -> abort(true);
  private @Nullable KernelTask<?> reader;
  private @Nullable KernelTask<?> writer;

  /**
   * Nobody waits.
   *
   * @param count counts them
   * @param resource what they wait for
   * @param onAbort runs when a cancellation has taken a waiter out
   */
  IoWaiters(RunLoop loop, IoCount count, Object resource, Runnable onAbort) {
    this.loop = loop;
    this.count = count;
    this.resource = resource;
    this.onAbort = onAbort;
  }

  boolean isWaiting(boolean write) {
    return waiter(write) != null;
  }

  private @Nullable KernelTask<?> waiter(boolean write) {
    return write ? writer : reader;
  }

  private void setWaiter(boolean write, @Nullable KernelTask<?> task) {
    if (write) {
      writer = task;
    } else {
      reader = task;
    }
    count.change(write, task == null ? -1 : 1);
  }

  void refuseSecond(boolean write, KernelTask<?> task) {
    KernelTask<?> first = waiter(write);
    if (first != null) {
      String direction = write ? "writable" : "readable";
      throw new ResourceBusy(
          "Expected at most one task to wait until "
              + resource
              + " is "
              + direction
              + ", but "
              + first
              + " already does and "
              + task
              + " wants to. Let one task do it for both, or"
              + " put a lock around it.");
    }
  }

  /** Sleeps until woken. */
  void park(boolean write, KernelTask<?> task) {
    // Whoever is noted as waiting has to get to sleep, or to be taken out again.
    loop.stack.require();
    setWaiter(write, task);
    loop.operations()
        .yieldIndefinitely(write ? "WRITE_WAIT" : "READ_WAIT", write ? abortWriter : abortReader);
  }

  private Abort abort(boolean write) {
    setWaiter(write, null);
    onAbort.run();
    return Abort.SUCCEEDED;
  }

  /** Wakes the waiter of one direction, if there is one. */
  boolean wake(boolean write, Outcome<?> outcome) {
    KernelTask<?> task = waiter(write);
    if (task == null) {
      return false;
    }
    setWaiter(write, null);
    loop.operations().reschedule(task, outcome);
    return true;
  }

  void wakeBothClosed() {
    for (boolean write : new boolean[] {false, true}) {
      if (isWaiting(write)) {
        wake(write, Outcome.failure(closed(resource)));
      }
    }
  }

  static ClosedResource closed(Object resource) {
    return new ClosedResource(resource + " was closed by this program.");
  }
}
