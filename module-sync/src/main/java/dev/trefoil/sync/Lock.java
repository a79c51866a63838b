package dev.trefoil.sync;

import dev.trefoil.hazmat.BrokenResource;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.ParkingLot;
import dev.trefoil.hazmat.RunGuard;
import dev.trefoil.hazmat.Task;
import dev.trefoil.hazmat.WouldBlock;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A lock that one task holds at a time, its owner.
 *
 * <pre>{@code
 * Lock accounts = new Lock("accounts");
 * accounts.withLock(() -> transfer(from, to));
 * }</pre>
 *
 * <p>Only the owner may release it, and it may not acquire it again ({@link RLock} lets it). If a task
 * ends without releasing what it owns, the lock is broken for good: those who wait for it, and those
 * who ask for it later, get {@link BrokenResource}.
 *
 * <p>Between two checkpoints no other task of the run executes, so what does not suspend in the middle
 * needs no lock.
 *
 * <p>Source: Trio's {@code Lock}. Curio's has no owner.
 */
public sealed class Lock implements Lockable permits StrictFIFOLock {
  /*
   * Free:    owner == null, nobody waits.
   * Held:    owner lives.
   * Broken:  owner has ended. Nobody can release any more, so this is for ever.
   *
   * That a lock is broken can be read off its owner at any time. An exit listener is needed only to
   * wake those who wait, so the owner has one only while somebody does, here or for a condition.
   */
  private final Object face;
  private final @Nullable String name;
  private final RunGuard guard;
  private final ParkingLot waiting = new ParkingLot();
  private @Nullable Task<?> owner;

  /** The owner, if it has the listener. */
  private @Nullable Task<?> watched;

  private @Nullable Breaker breaker;

  /** The lots of conditions that tasks wait for; those who could wake them need this lock. */
  private @Nullable List<ParkingLot> conditions;

  /** Makes a lock that nobody holds. */
  public Lock() {
    this(null, null);
  }

  /**
   * Makes a lock that nobody holds.
   *
   * @param name for people: what messages call it
   */
  public Lock(String name) {
    this(Objects.requireNonNull(name, "name: expected a name, or no argument, got null"), null);
  }

  /** A lock that messages call by the name of {@code face}, which is null if it is the lock itself. */
  Lock(@Nullable String name, @Nullable Object face) {
    this.name = name;
    this.face = face == null ? this : face;
    this.guard = new RunGuard(this.face);
  }

  @Override
  public void acquire() {
    Task<?> atOnce = owner == null ? guard.tryCheckpoint() : null;
    if (atOnce != null) {
      take(atOnce);
      return;
    }
    Task<?> task = guard.requireTask();
    Hazmat.yieldIfCancelled();
    if (owner != null) {
      acquireLater(task, owner);
      return;
    }
    take(task);
    Hazmat.yieldBrieflyNoCancel();
  }

  private void acquireLater(Task<?> task, Task<?> holder) {
    if (holder == task || holder.hasEnded()) {
      Hazmat.yieldBrieflyNoCancel();
      throw refusal(task, holder);
    }
    watchOwner();
    try {
      waiting.park("LOCK_ACQUIRE");
    } catch (BrokenResource broken) {
      throw isBroken() ? broken(task) : broken;
    }
  }

  @Override
  public boolean tryAcquire() {
    Task<?> task = guard.requireTask();
    Task<?> holder = owner;
    if (holder == null) {
      take(task);
      return true;
    }
    if (holder == task || holder.hasEnded()) {
      throw refusal(task, holder);
    }
    return false;
  }

  @Override
  public void acquireNowait() {
    if (!tryAcquire()) {
      throw new WouldBlock(
          face
              + " is held by "
              + owner
              + "; "
              + Hazmat.currentTask()
              + " cannot have it at once. Use acquire() to wait for it.");
    }
  }

  @Override
  public void release() {
    requireOwner("release", "it");
    handOver();
  }

  /**
   * Returns whether a task holds the lock. Between two owners it is never false.
   *
   * @return true if held, also by the caller or by a task that has ended
   */
  @Override
  public boolean isLocked() {
    return owner != null;
  }

  /**
   * Returns a snapshot of the lock.
   *
   * @return the statistics
   */
  public LockStatistics statistics() {
    return new LockStatistics(owner != null, owner, waiting.size());
  }

  @Override
  public String toString() {
    return Description.of(face, name);
  }

  // ---- owners

  private void take(Task<?> task) {
    owner = task;
    if (isAwaited()) {
      watchOwner();
    }
  }

  private void handOver() {
    Task<?> before = watched;
    owner = waiting.isEmpty() ? null : waiting.unpark();
    if (before != null) {
      watched = null;
      before.removeExitListener(breaker());
    }
    if (owner != null && isAwaited()) {
      watchOwner();
    }
  }

  private boolean isBroken() {
    return owner != null && owner.hasEnded();
  }

  private boolean isAwaited() {
    return !waiting.isEmpty() || (conditions != null && !conditions.isEmpty());
  }

  private void watchOwner() {
    Task<?> holder = owner;
    if (holder != null && watched != holder) {
      holder.addExitListener(breaker());
      watched = holder;
    }
  }

  private Breaker breaker() {
    if (breaker == null) {
      breaker = new Breaker();
    }
    return breaker;
  }

  private final class Breaker implements Task.ExitListener {
    @Override
    public void taskExited(Task<?> task) {
      watched = null;
      waiting.breakLot(task);
      if (conditions != null) {
        conditions.forEach(lot -> lot.breakLot(task));
      }
    }
  }

  // ---- for those who are made of a lock

  boolean isHeldBy(Task<?> task) {
    return owner == task;
  }

  /** Whoever calls, if it is the owner; {@code verb} and {@code object} are for the message. */
  Task<?> requireOwner(String verb, Object object) {
    Task<?> task = guard.requireTask();
    if (owner != task) {
      throw new IllegalStateException(
          face
              + (owner == null
                  ? " is not held by anybody; "
                  : " is held by " + owner + (isBroken() ? ", which has ended; " : "; "))
              + task
              + " cannot "
              + verb
              + " "
              + object
              + ". Only the task that has acquired it can, until it releases it.");
    }
    return task;
  }

  /** Puts those who wait for a condition at the end of the queue for the lock. */
  void adopt(ParkingLot condition, int count) {
    // No need to watch the owner: it has acquired the lock while they waited, so it is watched.
    condition.repark(waiting, count);
  }

  /** From now on the lot breaks with the lock. */
  void addCondition(ParkingLot condition) {
    if (conditions == null) {
      conditions = new ArrayList<>(1);
    }
    if (!conditions.contains(condition)) {
      conditions.add(condition);
    }
  }

  void removeCondition(ParkingLot condition) {
    if (conditions != null) {
      conditions.remove(condition);
    }
  }

  // ---- errors

  private RuntimeException refusal(Task<?> task, Task<?> holder) {
    if (holder.hasEnded()) {
      return broken(task);
    }
    return new IllegalStateException(
        face
            + " is held by "
            + holder
            + ", which cannot acquire it again: it would wait for itself for ever. Release it"
            + " first, or use an RLock.");
  }

  private BrokenResource broken(Task<?> task) {
    return new BrokenResource(
        face
            + " is broken: "
            + owner
            + " has ended without releasing it, so "
            + task
            + " cannot have it. Release it in every case, as withLock does; what it guards may be"
            + " half-changed, so make both anew.");
  }
}
