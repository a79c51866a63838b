package dev.trefoil.sync;

import dev.trefoil.hazmat.Abort;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.KeyboardInterrupts;
import dev.trefoil.hazmat.Run;
import dev.trefoil.hazmat.RunFinished;
import dev.trefoil.hazmat.Task;
import dev.trefoil.hazmat.TaskState;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;

/**
 * A flag that tasks of any number of runs and threads without one wait for, and that any of them sets. A
 * task that waits suspends, a thread that waits blocks.
 *
 * <pre>{@code
 * UniversalEvent stop = new UniversalEvent();
 * Thread.ofPlatform().start(() -> { readLine(); stop.set(); });
 * nursery.spawn(() -> { stop.await(); scope.cancel(); });
 * }</pre>
 *
 * <p>{@link #set()} wakes all who wait at that moment, as in {@link Event}. All that a thread did before it
 * set the event is visible to those that saw it set or were woken by it.
 *
 * <p>Thread-safety: for all threads, inside and outside of runs.
 *
 * <p>Source: Curio's {@code UniversalEvent}.
 */
public final class UniversalEvent {
  /*
   * `waiters` and the setting of `set` are guarded by the monitor, which is held for a few instructions,
   * never while suspended, and never while code of others is called. Whoever makes a waiter `woken`, or
   * takes it out, has decided how its wait ends: set() that it returns, an abort or an interrupt that it
   * does not. One that is woken takes itself out, and until then every set() tries to reach it.
   *
   * A task that set() has woken may be reached by a cancellation before the wake-up has come through
   * its run's entry queue. It is cancelled then, and the wake-up finds it `over`. Nothing is lost by
   * that, since being woken gives nothing that would not still be there.
   */
  private final Set<Waiter> waiters = new LinkedHashSet<>();
  private volatile boolean set;

  /** Makes an event that is not set. */
  public UniversalEvent() {}

  /**
   * Returns whether the event is set.
   *
   * @return true from {@link #set()} until {@link #clear()}
   */
  public boolean isSet() {
    return set;
  }

  /**
   * Sets the event and wakes all who wait for it. Wakes nobody if it is set. Never waits; no checkpoint.
   */
  public void set() {
    KeyboardInterrupts.enter();
    List<Waiter> woken;
    synchronized (waiters) {
      // Also if it is set: whoever clears it next, or sees it set, has to see what this setter did.
      set = true;
      if (waiters.isEmpty()) {
        return;
      }
      woken = new ArrayList<>(waiters);
      for (Waiter waiter : woken) {
        waiter.woken = true;
      }
    }
    // Those that a fault, such as a stack overflow, keeps from being reached are so by the next
    // one.
    woken.forEach(Waiter::wake);
  }

  /**
   * Makes the event unset, so that who waits from now on waits for the next {@link #set()}. Those whom
   * an earlier one has woken are not affected. Never waits; no checkpoint.
   */
  public void clear() {
    KeyboardInterrupts.enter();
    synchronized (waiters) {
      set = false;
    }
  }

  /**
   * Waits until the event is set: in a task a checkpoint, elsewhere the thread blocks.
   *
   * @throws InterruptedException if a thread without a run is interrupted when it calls this, or while
   *     it waits; never in a task
   * @throws dev.trefoil.hazmat.Cancelled if a task is cancelled when it calls this, or while it waits
   * @throws IllegalStateException in code of a run that is no task, such as an entry call
   */
  public void await() throws InterruptedException {
    if (Hazmat.inRun()) {
      awaitInTask();
    } else {
      awaitInThread();
    }
  }

  private void awaitInTask() {
    Hazmat.yieldIfCancelled();
    if (set) {
      Hazmat.yieldBrieflyNoCancel();
      return;
    }
    TaskWaiter waiter = new TaskWaiter(Hazmat.currentTask());
    if (!join(waiter)) {
      Hazmat.yieldBrieflyNoCancel();
      return;
    }
    try {
      Hazmat.yieldIndefinitely(
          "UNIVERSAL_EVENT_WAIT",
          raiseCancel -> {
            waiter.over = true;
            leave(waiter);
            return Abort.SUCCEEDED;
          });
    } finally {
      // Matters only if the sleep never began, as on a stack overflow.
      waiter.over = true;
      leave(waiter);
    }
  }

  private void awaitInThread() throws InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    ThreadWaiter waiter = new ThreadWaiter(Thread.currentThread());
    if (set || !join(waiter)) {
      return;
    }
    boolean interrupted = false;
    while (!waiter.signalled) {
      LockSupport.park(this);
      if (Thread.interrupted()) {
        if (giveUp(waiter)) {
          throw new InterruptedException();
        }
        // Too late: it has been woken. Whoever asks next finds the interrupt.
        interrupted = true;
      }
    }
    leave(waiter);
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Returns false if there is nothing to wait for. */
  private boolean join(Waiter waiter) {
    synchronized (waiters) {
      return !set && waiters.add(waiter);
    }
  }

  /** Returns false if it has been woken. */
  private boolean giveUp(Waiter waiter) {
    synchronized (waiters) {
      return !waiter.woken && waiters.remove(waiter);
    }
  }

  private void leave(Waiter waiter) {
    synchronized (waiters) {
      waiters.remove(waiter);
    }
  }

  /**
   * Returns a snapshot of counters.
   *
   * @return the statistics
   */
  public UniversalEventStatistics statistics() {
    synchronized (waiters) {
      int tasks = 0;
      int threads = 0;
      for (Waiter waiter : waiters) {
        if (waiter.woken) {
          continue;
        }
        if (waiter instanceof TaskWaiter) {
          tasks++;
        } else {
          threads++;
        }
      }
      return new UniversalEventStatistics(set, tasks, threads);
    }
  }

  @Override
  public String toString() {
    return Description.of(this, null);
  }

  // ---- who waits

  private abstract static sealed class Waiter {
    /** Whether the wait is to end with a return. Guarded by the monitor. */
    boolean woken;

    /** Ends the wait; from any thread, any number of times. */
    abstract void wake();
  }

  private static final class TaskWaiter extends Waiter {
    private final Task<?> task;
    private final Run run;

    /** Whether the sleep has ended. On the run's thread only. */
    private boolean over;

    TaskWaiter(Task<?> task) {
      this.task = task;
      this.run = task.run();
    }

    @Override
    void wake() {
      if (Hazmat.inRun() && Hazmat.currentRun() == run) {
        end();
        return;
      }
      try {
        run.entryPoint().callSoonThreadAndSignalSafe(this::end);
      } catch (RunFinished nobodyLeft) {
        // A run that has ended has no task that could still be waiting.
      }
    }

    private void end() {
      // Not if a stranger has woken it: who sets the event is not to be disturbed by that.
      if (!over && task.state() == TaskState.PARKED) {
        Hazmat.reschedule(task);
        over = true;
      }
    }
  }

  private static final class ThreadWaiter extends Waiter {
    private final Thread thread;
    private volatile boolean signalled;

    ThreadWaiter(Thread thread) {
      this.thread = thread;
    }

    @Override
    void wake() {
      signalled = true;
      LockSupport.unpark(thread);
    }
  }
}
