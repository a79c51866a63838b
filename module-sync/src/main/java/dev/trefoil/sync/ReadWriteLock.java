package dev.trefoil.sync;

import dev.trefoil.hazmat.BrokenResource;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.RunGuard;
import dev.trefoil.hazmat.Task;
import dev.trefoil.hazmat.WouldBlock;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A lock with two sides: many tasks read at a time, or one writes.
 *
 * <pre>{@code
 * ReadWriteLock lock = new ReadWriteLock("routes");
 * Route route = lock.readLock().withLock(() -> find(address));
 * lock.writeLock().withLock(() -> reload());
 * }</pre>
 *
 * <p>There is one queue for both sides. A reader that comes while a writer waits goes behind it, so
 * readers cannot starve a writer; readers that stand next to each other in the queue get in together,
 * so writers cannot starve readers. If a writer that waits is cancelled, the readers behind it get in
 * at once, provided that others are reading.
 *
 * <p>A task holds one side, once. To go from reading to writing release the one and acquire the other,
 * and look again at what was read: others may have written between. If a task ends while it holds a side,
 * the lock is broken for good, as a {@link Lock} is; those who hold it may still release it.
 *
 * <p>Source: neither Trio nor Curio has one; {@link java.util.concurrent.locks.ReentrantReadWriteLock} in its
 * fair mode comes closest.
 */
public final class ReadWriteLock {
  private final @Nullable String name;
  private final RunGuard guard = new RunGuard(this);
  private final Side readSide = new Side(false);
  private final Side writeSide = new Side(true);

  private final Set<Task<?>> readers = Collections.newSetFromMap(new IdentityHashMap<>());
  private @Nullable Task<?> writer;

  /** Nobody is in it whom the holders would let in, nor anybody once the lock is broken. */
  private final WaitQueue<Waiter> queue = new WaitQueue<>(waiter -> admit());

  /** Every holder has it. */
  private final Task.ExitListener breaker = this::breakBy;

  private @Nullable Task<?> brokenBy;

  private static final class Waiter implements WaitQueue.Waiter {
    private final Task<?> task;
    private final Side side;
    private boolean admitted;

    Waiter(Task<?> task, Side side) {
      this.task = task;
      this.side = side;
    }

    @Override
    public Task<?> task() {
      return task;
    }
  }

  /** Makes a lock that nobody holds. */
  public ReadWriteLock() {
    this.name = null;
  }

  /**
   * Makes a lock that nobody holds.
   *
   * @param name for people: what messages call it
   */
  public ReadWriteLock(String name) {
    this.name = Objects.requireNonNull(name, "name: expected a name, or no argument, got null");
  }

  /**
   * Returns the side that many tasks may hold at a time. Only a task that holds it may release it.
   *
   * @return the same object every time
   */
  public Lockable readLock() {
    return readSide;
  }

  /**
   * Returns the side that one task may hold, and only while nobody holds the other. Only that task may
   * release it.
   *
   * @return the same object every time
   */
  public Lockable writeLock() {
    return writeSide;
  }

  /**
   * Returns a snapshot of the lock.
   *
   * @return the statistics
   */
  public ReadWriteLockStatistics statistics() {
    int writersWaiting = 0;
    for (Waiter waiter : queue.all()) {
      if (waiter.side.exclusive) {
        writersWaiting++;
      }
    }
    return new ReadWriteLockStatistics(
        writer, List.copyOf(readers), writersWaiting, queue.size() - writersWaiting);
  }

  @Override
  public String toString() {
    return Description.of(this, name);
  }

  // ---- who is in

  private boolean holds(Task<?> task) {
    return writer == task || readers.contains(task);
  }

  private void admit() {
    Waiter first = queue.first();
    while (first != null && first.side.fits()) {
      queue.wake(first);
      first.admitted = true;
      first.side.take(first.task);
      first = queue.first();
    }
  }

  private void breakBy(Task<?> task) {
    brokenBy = task;
    for (Waiter first = queue.first(); first != null; first = queue.first()) {
      queue.wake(first);
    }
  }

  // ---- errors

  private RuntimeException refusal(Task<?> task, Side side) {
    if (brokenBy != null) {
      return broken(task);
    }
    return new IllegalStateException(
        task
            + " holds "
            + (writer == task ? writeSide : readSide)
            + " and cannot acquire "
            + side
            + ": it would wait for itself for ever. Release the one before acquiring the other.");
  }

  private BrokenResource broken(Task<?> task) {
    return new BrokenResource(
        this
            + " is broken: "
            + brokenBy
            + " has ended without releasing it, so "
            + task
            + " cannot have it. Release it in every case, as withLock does; what it guards may be"
            + " half-changed, so make both anew.");
  }

  private String holders() {
    return writer != null ? "held by " + writer : "held by " + readers.size() + " readers";
  }

  // ---- sides

  /** One side. */
  final class Side implements Lockable {
    private final boolean exclusive;

    Side(boolean exclusive) {
      this.exclusive = exclusive;
    }

    /** Whether the holders leave room for one more on this side. */
    private boolean fits() {
      return writer == null && (!exclusive || readers.isEmpty());
    }

    private void take(Task<?> task) {
      task.addExitListener(breaker);
      if (exclusive) {
        writer = task;
      } else {
        readers.add(task);
      }
    }

    private void giveBack(Task<?> task) {
      task.removeExitListener(breaker);
      if (exclusive) {
        writer = null;
      } else {
        readers.remove(task);
      }
      admit();
    }

    @Override
    public void acquire() {
      Task<?> task = guard.requireTask();
      Hazmat.yieldIfCancelled();
      if (brokenBy != null || holds(task)) {
        Hazmat.yieldBrieflyNoCancel();
        throw refusal(task, this);
      }
      if (isLocked()) {
        Waiter waiter = new Waiter(task, this);
        queue.await(waiter, exclusive ? "WRITE_LOCK_ACQUIRE" : "READ_LOCK_ACQUIRE");
        if (!waiter.admitted) {
          throw broken(task);
        }
        return;
      }
      take(task);
      Hazmat.yieldBrieflyNoCancel();
    }

    @Override
    public boolean tryAcquire() {
      Task<?> task = guard.requireTask();
      if (brokenBy != null || holds(task)) {
        throw refusal(task, this);
      }
      if (isLocked()) {
        return false;
      }
      take(task);
      return true;
    }

    @Override
    public void acquireNowait() {
      if (!tryAcquire()) {
        throw new WouldBlock(
            ReadWriteLock.this
                + " is "
                + holders()
                + ", with "
                + queue.size()
                + " waiting; "
                + Hazmat.currentTask()
                + " cannot have "
                + this
                + " at once. Use acquire() to wait for it.");
      }
    }

    @Override
    public void release() {
      Task<?> task = guard.requireTask();
      if (exclusive ? writer != task : !readers.contains(task)) {
        throw new IllegalStateException(
            task
                + " does not hold "
                + this
                + " and cannot release it: that is "
                + (fits() ? "not held by anybody" : holders())
                + ". Only a task that has acquired a side can release it, and just that side.");
      }
      giveBack(task);
    }

    @Override
    public boolean isLocked() {
      return brokenBy != null || !queue.isEmpty() || !fits();
    }

    @Override
    public String toString() {
      return (exclusive ? "the write side of " : "the read side of ") + ReadWriteLock.this;
    }
  }
}
