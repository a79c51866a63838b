package dev.trefoil.queues;

import dev.trefoil.hazmat.Abort;
import dev.trefoil.hazmat.AbortFunction;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.RaiseCancel;
import dev.trefoil.hazmat.Run;
import dev.trefoil.hazmat.RunFinished;
import dev.trefoil.hazmat.Task;
import dev.trefoil.hazmat.TaskState;
import java.util.LinkedHashSet;
import org.jspecify.annotations.Nullable;

/**
 * A waiting task. It may be served on any thread; its run learns that by an entry call, and until
 * that has come the task sleeps on, and cannot be aborted any more.
 */
final class TaskParty<E> extends Party<E> implements AbortFunction, Runnable {
  private final Task<?> task = Hazmat.currentTask();
  private final Run run = task.run();

  /** Whether the task is in {@link #await}. On the run's thread only. */
  private boolean waits;

  TaskParty(UniversalQueue<E> queue, LinkedHashSet<Party<E>> line, @Nullable E item) {
    super(queue, line, item);
  }

  @Override
  void await(String label) {
    waits = true;
    boolean woken = false;
    try {
      Hazmat.<@Nullable Object>yieldIndefinitely(label, this);
      woken = true;
    } finally {
      waits = false;
      // Served, and yet it cannot go on: the stack has no room, or holds what cannot be suspended.
      if (!woken && !queue.withdraw(this)) {
        queue.putBack(this);
      }
    }
    if (!isServed() && queue.withdraw(this)) {
      throw Waiter.wokenByStranger();
    }
  }

  @Override
  public Abort abort(RaiseCancel raiseCancel) {
    // A sleep that could not even begin is undone in any case; await then undoes the service, too.
    return queue.withdraw(this) || task.state() != TaskState.PARKED
        ? Abort.SUCCEEDED
        : Abort.FAILED;
  }

  @Override
  void wake() {
    if (Hazmat.inRun() && Hazmat.currentRun() == run) {
      run();
      return;
    }
    try {
      run.entryPoint().callSoonThreadAndSignalSafe(this);
    } catch (RunFinished broken) {
      queue.putBack(this);
    }
  }

  /** On the run's thread. */
  @Override
  public void run() {
    if (waits && task.state() == TaskState.PARKED) {
      Hazmat.reschedule(task);
    }
  }
}
