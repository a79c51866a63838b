package dev.trefoil.kernel;

import dev.trefoil.hazmat.Abort;
import dev.trefoil.hazmat.ClosedResource;
import dev.trefoil.hazmat.Outcome;
import dev.trefoil.hazmat.ResourceBusy;
import org.jspecify.annotations.Nullable;

/** Who waits for one channel or descriptor: at most one task in each direction. */
final class IoWaiters {
  private final RunLoop loop;
  private final Io io;
  private @Nullable KernelTask<?> reader;
  private @Nullable KernelTask<?> writer;

  IoWaiters(RunLoop loop, Io io) {
    this.loop = loop;
    this.io = io;
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
  }

  void refuseSecond(boolean write, KernelTask<?> task, Object resource) {
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

  /** Sleeps until woken; {@code onAbort} runs when a cancellation has taken the waiter out. */
  void park(boolean write, KernelTask<?> task, Runnable onAbort) {
    setWaiter(write, task);
    io.countWaiter(write, 1);
    loop.operations()
        .yieldIndefinitely(
            write ? "WRITE_WAIT" : "READ_WAIT",
            raiseCancel -> {
              setWaiter(write, null);
              io.countWaiter(write, -1);
              onAbort.run();
              return Abort.SUCCEEDED;
            });
  }

  /** Wakes the waiter of one direction, if there is one. */
  boolean wake(boolean write, Outcome<?> outcome) {
    KernelTask<?> task = waiter(write);
    if (task == null) {
      return false;
    }
    setWaiter(write, null);
    io.countWaiter(write, -1);
    loop.operations().reschedule(task, outcome);
    return true;
  }

  void wakeBothClosed(Object resource) {
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
