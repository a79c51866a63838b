package dev.trefoil.sync;

import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.Task;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A lock that its owner may acquire again, and that is free when it was released as often.
 *
 * <p>For code that calls itself, or other code that takes the same lock. A plain {@link Lock} finds
 * more mistakes. Everything else is as in {@link Lock}, the breaking included.
 *
 * <p>Source: Curio's {@code RLock}.
 */
public final class RLock implements Lockable {
  private final @Nullable String name;
  private final Lock lock;

  /**
   * How many times the owner has acquired it beyond the first. Nobody but the owner changes it, and it
   * is 0 when the lock is handed over.
   */
  private int again;

  /** Makes a lock that nobody holds. */
  public RLock() {
    this.name = null;
    this.lock = new Lock(null, this);
  }

  /**
   * Makes a lock that nobody holds.
   *
   * @param name for people: what messages call it
   */
  public RLock(String name) {
    this.name = Objects.requireNonNull(name, "name: expected a name, or no argument, got null");
    this.lock = new Lock(name, this);
  }

  @Override
  public void acquire() {
    if (!lock.isHeldBy(Hazmat.currentTask())) {
      lock.acquire();
      return;
    }
    Hazmat.yieldIfCancelled();
    Hazmat.yieldBrieflyNoCancel();
    again++;
  }

  @Override
  public boolean tryAcquire() {
    if (!lock.isHeldBy(Hazmat.currentTask())) {
      return lock.tryAcquire();
    }
    again++;
    return true;
  }

  @Override
  public void acquireNowait() {
    if (!lock.isHeldBy(Hazmat.currentTask())) {
      lock.acquireNowait();
      return;
    }
    again++;
  }

  /**
   * Takes back one {@link #acquire()}, and with the last of them hands the lock over to the task that
   * has waited longest, if any. Never waits; no checkpoint.
   *
   * @throws IllegalStateException if the caller is not the owner
   */
  @Override
  public void release() {
    Task<?> task = Hazmat.currentTask();
    if (again > 0 && lock.isHeldBy(task)) {
      again--;
    } else {
      lock.release();
    }
  }

  /**
   * Returns whether a task holds the lock. Between two owners it is never false.
   *
   * @return true if held, also by the caller or by a task that has ended
   */
  @Override
  public boolean isLocked() {
    return lock.isLocked();
  }

  /**
   * Returns how many times the current task has acquired the lock and not released it.
   *
   * @return the count, 0 if another task holds it or nobody
   * @throws IllegalStateException outside a task
   */
  public int holdCount() {
    return lock.isHeldBy(Hazmat.currentTask()) ? again + 1 : 0;
  }

  /**
   * Returns a snapshot of the lock.
   *
   * @return the statistics
   */
  public LockStatistics statistics() {
    return lock.statistics();
  }

  @Override
  public String toString() {
    return Description.of(this, name);
  }
}
