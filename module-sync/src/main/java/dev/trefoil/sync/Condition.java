package dev.trefoil.sync;

import dev.trefoil.hazmat.BrokenResource;
import dev.trefoil.hazmat.CancelStatus;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.KeyboardInterrupt;
import dev.trefoil.hazmat.KeyboardInterrupts;
import dev.trefoil.hazmat.Outcome;
import dev.trefoil.hazmat.ParkingLot;
import dev.trefoil.hazmat.Task;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Waits, for a task that holds a lock, until another task says that what the lock guards has changed.
 *
 * <pre>{@code
 * Condition changed = new Condition();
 *
 * Item take() {
 *   return changed.withLock(() -> changed.awaitNonNull(items::poll));
 * }
 *
 * void put(Item item) {
 *   changed.withLock(() -> { items.add(item); changed.signal(); });
 * }
 * }</pre>
 *
 * <p>A condition is acquired and released as its lock is, which other conditions may share. Waiting gives
 * the lock away and takes it back in one go. A task wakes only if it was signalled, cancelled or broken.
 * If the lock breaks, those who wait for the condition get {@link BrokenResource} too: nobody could
 * signal them any more.
 *
 * <p>What Trio and Curio call {@code wait} and {@code notify} is called {@link #await()} and {@link
 * #signal()} here, since every Java object has methods of the other names that do something else.
 *
 * <p>Source: Trio's and Curio's {@code Condition}.
 */
public final class Condition implements Lockable {
  private final Lock lock;
  private final ParkingLot waiting = new ParkingLot();

  /** Makes a condition with a lock of its own. */
  public Condition() {
    this(new Lock());
  }

  /**
   * Makes a condition.
   *
   * @param lock what to hold while waiting and signalling; other conditions may share it
   */
  public Condition(Lock lock) {
    this.lock = Objects.requireNonNull(lock, "lock: expected a lock, or no argument, got null");
  }

  // ---- the lock

  @Override
  public void acquire() {
    lock.acquire();
  }

  @Override
  public boolean tryAcquire() {
    return lock.tryAcquire();
  }

  @Override
  public void acquireNowait() {
    lock.acquireNowait();
  }

  @Override
  public void release() {
    lock.release();
  }

  @Override
  public boolean isLocked() {
    return lock.isLocked();
  }

  // ---- waiting

  /**
   * Releases the lock, waits until signalled, and takes the lock back. A checkpoint. Who waited longest
   * is signalled first.
   *
   * <p>Returns or throws <b>holding the lock</b>; taking it back cannot be cancelled, so a cancellation
   * may be late. A task that is signalled and then cancelled before it has the lock has used the signal
   * up: it is not passed on.
   *
   * <p>Source: {@code Condition.wait}.
   *
   * @throws dev.trefoil.hazmat.Cancelled if cancelled before it had the lock back
   * @throws BrokenResource if the lock is broken; the task does not hold it then
   * @throws IllegalStateException if the task does not hold the lock
   */
  public void await() {
    sleep(checkpointHolding());
  }

  private void sleep(Task<?> task) {
    lock.addCondition(waiting);
    try {
      lock.release();
      // Whoever signals moves this task to the queue for the lock, where it is woken as the owner.
      waiting.park("CONDITION_WAIT");
    } catch (Throwable error) {
      Throwable all = reacquire(task, error);
      throw Outcome.<RuntimeException>failure(all).unwrap();
    } finally {
      if (waiting.isEmpty()) {
        lock.removeCondition(waiting);
      }
    }
  }

  /** Takes the lock back, whatever comes meanwhile; returns what is to be thrown. */
  private Throwable reacquire(Task<?> task, Throwable error) {
    CancelStatus shield = task.cancelStatus().newChild(this);
    shield.setShielded(true);
    shield.enter();
    try {
      Throwable all = error;
      while (!lock.isHeldBy(task)) {
        try {
          lock.acquire();
        } catch (BrokenResource broken) {
          // What the sleeper was woken with says the same, in the words of its lot.
          return with(broken, all instanceof BrokenResource ? null : all);
        } catch (KeyboardInterrupt interrupt) {
          // The one thing that no shield keeps out.
          all = with(interrupt, all);
        }
      }
      return all;
    } finally {
      shield.leave();
    }
  }

  private static Throwable with(Throwable error, @Nullable Throwable suppressed) {
    if (suppressed != null && suppressed != error) {
      error.addSuppressed(suppressed);
    }
    return error;
  }

  /**
   * Waits, as {@link #await()} does, until {@code predicate} holds. A checkpoint, also if it holds at
   * once; the lock is not released then.
   *
   * <p>Source: {@code Condition.wait_for}.
   *
   * @param predicate called with the lock held, first of all and then each time the task was signalled
   * @throws dev.trefoil.hazmat.Cancelled if cancelled before the predicate held
   * @throws BrokenResource as {@link #await()}
   * @throws IllegalStateException if the task does not hold the lock
   */
  public void awaitFor(BooleanSupplier predicate) {
    Objects.requireNonNull(predicate, "predicate: expected what to wait for, got null");
    awaitNonNull(
        () ->
            KeyboardInterrupts.<Boolean, RuntimeException>callOut(predicate::getAsBoolean)
                ? Boolean.TRUE
                : null);
  }

  /**
   * Waits, as {@link #await()} does, until {@code value} gives a value. A checkpoint, also if it does at
   * once; the lock is not released then.
   *
   * <p>Source: {@code Condition.wait_for}, which returns what its predicate returned.
   *
   * @param <T> the type of the value
   * @param value called with the lock held, first of all and then each time the task was signalled;
   *     {@code null} means that there is none yet
   * @return the first value that is not {@code null}
   * @throws dev.trefoil.hazmat.Cancelled if cancelled before there was a value
   * @throws BrokenResource as {@link #await()}
   * @throws IllegalStateException if the task does not hold the lock
   */
  public <T> T awaitNonNull(Supplier<? extends @Nullable T> value) {
    Objects.requireNonNull(value, "value: expected what to wait for, got null");
    Task<?> task = checkpointHolding();
    T got;
    try {
      got = KeyboardInterrupts.<@Nullable T, RuntimeException>callOut(value::get);
    } catch (Throwable error) {
      Hazmat.yieldBrieflyNoCancel();
      throw error;
    }
    if (got != null) {
      Hazmat.yieldBrieflyNoCancel();
      return got;
    }
    do {
      sleep(task);
      got = KeyboardInterrupts.<@Nullable T, RuntimeException>callOut(value::get);
    } while (got == null);
    return got;
  }

  // ---- signalling

  /**
   * Signals the task that has waited longest, if any. Never waits; no checkpoint.
   *
   * @throws IllegalStateException if the caller does not hold the lock
   * @see #signal(int)
   */
  public void signal() {
    signal(1);
  }

  /**
   * Signals the {@code count} tasks that have waited longest, or all if there are fewer. They join the
   * queue for the lock and wake one after the other, as each gets it. Never waits; no checkpoint.
   *
   * <p>Source: {@code Condition.notify}.
   *
   * @param count how many at most
   * @throws IllegalArgumentException if {@code count} is negative
   * @throws IllegalStateException if the caller does not hold the lock
   */
  public void signal(int count) {
    if (count < 0) {
      throw new IllegalArgumentException("count: expected 0 or more tasks, got " + count);
    }
    lock.requireOwner("signal", this);
    lock.adopt(waiting, count);
  }

  /**
   * Signals all who wait. Never waits; no checkpoint.
   *
   * <p>Source: {@code Condition.notify_all}.
   *
   * @throws IllegalStateException if the caller does not hold the lock
   * @see #signal(int)
   */
  public void signalAll() {
    signal(Integer.MAX_VALUE);
  }

  /**
   * Returns a snapshot of the condition and its lock.
   *
   * @return the statistics
   */
  public ConditionStatistics statistics() {
    return new ConditionStatistics(waiting.size(), lock.statistics());
  }

  /** The first half of a checkpoint, the whole of it if the caller does not hold the lock. */
  private Task<?> checkpointHolding() {
    Hazmat.yieldIfCancelled();
    try {
      return lock.requireOwner("wait for", this);
    } catch (IllegalStateException refused) {
      Hazmat.yieldBrieflyNoCancel();
      throw refused;
    }
  }

  @Override
  public String toString() {
    return Description.of(this, null) + " of " + lock;
  }
}
