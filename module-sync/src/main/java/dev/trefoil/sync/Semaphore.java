package dev.trefoil.sync;

import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.ParkingLot;
import dev.trefoil.hazmat.RunGuard;
import dev.trefoil.hazmat.Task;
import dev.trefoil.hazmat.WouldBlock;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A count that tasks take from and add to.
 *
 * <p>It has no owners: any task may release, and also code of the run that is no task, such as an entry
 * call. To limit how many tasks do something at a time, {@link CapacityLimiter} finds more mistakes.
 *
 * <p>Source: Trio's and Curio's {@code Semaphore}.
 */
public sealed class Semaphore implements Lockable permits BoundedSemaphore {
  private final @Nullable String name;
  private final RunGuard guard = new RunGuard(this);
  private final ParkingLot waiting = new ParkingLot();
  private final int max;

  /** What is there; 0 while anybody waits. */
  private int value;

  /** Makes a semaphore with the value 1 and no maximum. */
  public Semaphore() {
    this(1);
  }

  /**
   * Makes a semaphore without a maximum.
   *
   * @param initial the value to begin with, 0 or more
   * @throws IllegalArgumentException if {@code initial} is negative
   */
  public Semaphore(int initial) {
    this(initial, Integer.MAX_VALUE);
  }

  /**
   * Makes a semaphore with a maximum.
   *
   * @param initial the value to begin with, 0 or more
   * @param max the value that {@link #release()} cannot go beyond
   * @throws IllegalArgumentException if {@code initial} is negative or above {@code max}
   */
  public Semaphore(int initial, int max) {
    this(null, initial, max);
  }

  /**
   * Makes a semaphore with a name and a maximum.
   *
   * @param initial the value to begin with, 0 or more
   * @param max the value that {@link #release()} cannot go beyond, {@link Integer#MAX_VALUE} for none
   * @param name for people: what messages call it
   * @throws IllegalArgumentException if {@code initial} is negative or above {@code max}
   */
  public Semaphore(int initial, int max, String name) {
    this(
        Objects.requireNonNull(name, "name: expected a name, or no argument, got null"),
        initial,
        max);
  }

  private Semaphore(@Nullable String name, int initial, int max) {
    if (initial < 0 || initial > max) {
      throw new IllegalArgumentException(
          "initial: expected a value from 0 to the maximum of " + max + ", got " + initial);
    }
    this.name = name;
    this.value = initial;
    this.max = max;
  }

  /**
   * Takes 1 from the value, waiting while it is 0. A checkpoint. If it throws, nothing was taken.
   *
   * @throws dev.trefoil.hazmat.Cancelled if cancelled before it was this task's turn
   * @throws IllegalStateException from the wrong thread or run
   */
  @Override
  public void acquire() {
    if (value > 0 && guard.tryCheckpoint() != null) {
      value--;
      return;
    }
    guard.requireTask();
    Hazmat.yieldIfCancelled();
    if (value == 0) {
      waiting.park("SEMAPHORE_ACQUIRE");
      return;
    }
    value--;
    Hazmat.yieldBrieflyNoCancel();
  }

  /**
   * Takes 1 from the value unless it is 0. Never waits; no checkpoint.
   *
   * @return whether it was taken
   * @throws IllegalStateException from the wrong thread or run
   */
  @Override
  public boolean tryAcquire() {
    guard.require();
    if (value == 0) {
      return false;
    }
    value--;
    return true;
  }

  @Override
  public void acquireNowait() {
    if (!tryAcquire()) {
      Task<?> task = Hazmat.currentTask();
      throw new WouldBlock(
          this
              + " is at 0 with "
              + waiting.size()
              + " waiting tasks; "
              + task
              + " cannot acquire it at once. Use acquire() to wait.");
    }
  }

  /**
   * Adds 1 to the value, or, if tasks wait, hands it to the one that has waited longest, and the value
   * stays 0. Any task may. Never waits; no checkpoint.
   *
   * @throws IllegalStateException if the value is at the maximum; nothing has changed then
   */
  @Override
  public void release() {
    guard.require();
    if (value == max) {
      throw new IllegalStateException(
          this
              + " is at its maximum of "
              + max
              + " and cannot be released once more. Release exactly what was acquired, as withLock"
              + " does.");
    }
    handOver();
  }

  private void handOver() {
    if (waiting.isEmpty() || waiting.unpark() == null) {
      value++;
    }
  }

  /**
   * Returns whether the value is 0.
   *
   * @return true if {@link #acquire()} would wait
   */
  @Override
  public boolean isLocked() {
    return value == 0;
  }

  /**
   * Returns how many could acquire at once.
   *
   * @return the value, 0 or more
   */
  public int value() {
    return value;
  }

  /**
   * Returns what the value cannot go beyond.
   *
   * @return the maximum, {@link Integer#MAX_VALUE} if there is none
   */
  public int max() {
    return max;
  }

  /**
   * Returns a snapshot of the semaphore.
   *
   * @return the statistics
   */
  public SemaphoreStatistics statistics() {
    return new SemaphoreStatistics(value, waiting.size());
  }

  @Override
  public String toString() {
    return Description.of(this, name);
  }
}
