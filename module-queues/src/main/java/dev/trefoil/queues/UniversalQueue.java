package dev.trefoil.queues;

import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.KeyboardInterrupts;
import dev.trefoil.hazmat.WouldBlock;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A queue between threads and tasks: what has to wait blocks a thread, but only suspends a task. First
 * in, first out, and with a limit if one is given.
 *
 * <pre>{@code
 * UniversalQueue<Job> jobs = new UniversalQueue<>(100);
 * Thread.ofPlatform().start(() -> { while (true) { work(jobs.get()); jobs.taskDone(); } });
 * Trefoil.run(() -> {
 *   jobs.put(job);
 *   jobs.join();
 * });
 * }</pre>
 *
 * <p>Threads, and tasks of any number of runs, may use it at the same time, on either side. They wait
 * in one line for each side, and who has waited longest is served first; nobody overtakes, neither
 * newcomers nor the {@code Nowait} twins. Whoever was given an item, or whose item was taken, keeps
 * that even if cancelled or interrupted before running again. Whoever was cancelled or interrupted
 * before that has not taken or put anything, and leaves no trace. If a run breaks before a task of
 * it can run with what it was given, the item goes back to the head of the queue.
 *
 * <p>In a task, everything that can wait is a checkpoint, also when it need not wait. For event loops
 * that are not ours, see {@link #openReadiness()}.
 *
 * <p>An operation in one thread that takes an item happens after that which put it. Tasks of one run
 * are better served by a {@link Queue}, which takes part in {@link Select} and needs no lock.
 *
 * <p>Thread-safety: all of it.
 *
 * <p>Source: Curio's {@code UniversalQueue}.
 *
 * @param <E> the type of the items
 */
public final class UniversalQueue<E> {
  private final int maxSize;
  private final int capacity;

  /*
   * The lock guards everything below. It is held for a few instructions only, and never while anybody
   * is woken: a party is taken out of its line and marked as served under the lock, and woken after.
   */
  private final ReentrantLock lock = new ReentrantLock();
  private final RingBuffer<E> items = new RingBuffer<>();
  private final LinkedHashSet<Party<E>> getters = new LinkedHashSet<>();
  private final LinkedHashSet<Party<E>> putters = new LinkedHashSet<>();
  private final LinkedHashSet<Party<E>> joiners = new LinkedHashSet<>();
  private final List<QueueReadiness> readinesses = new ArrayList<>(0);
  private long unfinished;

  /** Makes an empty queue that can hold any number of items. */
  public UniversalQueue() {
    this(0);
  }

  /**
   * Makes an empty queue.
   *
   * @param maxSize the number of items that it can hold, 0 for any number
   * @throws IllegalArgumentException if {@code maxSize} is negative
   */
  public UniversalQueue(int maxSize) {
    Queue.requireMaxSize(maxSize);
    this.maxSize = maxSize;
    this.capacity = maxSize == 0 ? Integer.MAX_VALUE : maxSize;
  }

  // ---- putting and getting

  /**
   * Puts an item, waiting for a free slot if the queue is full. In a task a checkpoint; elsewhere it
   * blocks the thread. The item counts as unfinished from the moment in which it is accepted.
   *
   * <p>Source: Curio's {@code UniversalQueue.put}.
   *
   * @param item what to put
   * @throws InterruptedException if the thread is interrupted while it waits; never in a task. The
   *     item was not put then
   * @throws dev.trefoil.hazmat.Cancelled if the task is cancelled; the item was not put then
   * @throws IllegalStateException on the thread of a run, but not in a task
   */
  public void put(E item) throws InterruptedException {
    Queue.requireItem(item);
    boolean inTask = enter("putNowait");
    Party<E> newcomer = null;
    Party<E> getter;
    takeLock();
    try {
      getter = offer(item);
      if (getter == null && !accepted(item)) {
        newcomer = newParty(putters, item);
      }
    } finally {
      lock.unlock();
    }
    if (newcomer != null) {
      newcomer.await("QUEUE_PUT");
      return;
    }
    wake(getter);
    leave(inTask);
  }

  /**
   * Puts an item if that is possible at once. Never waits; no checkpoint. From everywhere, entry calls
   * and abort functions included.
   *
   * @param item what to put
   * @throws WouldBlock if the queue is full
   */
  public void putNowait(E item) {
    Queue.requireItem(item);
    Party<E> getter;
    takeLock();
    try {
      getter = offer(item);
      if (getter == null && !accepted(item)) {
        throw new WouldBlock(
            "Expected a queue with a free slot, but this one of at most "
                + maxSize
                + " items is full. Use put, which waits for one.");
      }
    } finally {
      lock.unlock();
    }
    wake(getter);
  }

  /**
   * Gets the next item, waiting for one if the queue is empty. In a task a checkpoint; elsewhere it
   * blocks the thread.
   *
   * <p>Source: Curio's {@code UniversalQueue.get}.
   *
   * @return the item
   * @throws InterruptedException if the thread is interrupted while it waits; never in a task. No item
   *     was taken then
   * @throws dev.trefoil.hazmat.Cancelled if the task is cancelled; no item was taken then
   * @throws IllegalStateException on the thread of a run, but not in a task
   */
  public E get() throws InterruptedException {
    boolean inTask = enter("getNowait");
    Party<E> newcomer = null;
    Party<E> putter = null;
    E item = null;
    takeLock();
    try {
      if (items.size == 0) {
        newcomer = newParty(getters, null);
      } else {
        item = items.removeNext();
        putter = admitPutter();
      }
    } finally {
      lock.unlock();
    }
    if (newcomer != null) {
      newcomer.await("QUEUE_GET");
      return Objects.requireNonNull(newcomer.item);
    }
    wake(putter);
    leave(inTask);
    return Objects.requireNonNull(item);
  }

  /**
   * Gets the next item if there is one. Never waits; no checkpoint. From everywhere, entry calls and
   * abort functions included.
   *
   * @return the item
   * @throws WouldBlock if the queue is empty; an item that was handed to somebody who waits is not in
   *     it
   */
  public E getNowait() {
    Party<E> putter;
    E item;
    takeLock();
    try {
      if (items.size == 0) {
        throw new WouldBlock(
            "Expected a queue with items, but this one is empty. Use get, which waits for one.");
      }
      item = items.removeNext();
      putter = admitPutter();
    } finally {
      lock.unlock();
    }
    wake(putter);
    return item;
  }

  // ---- joining

  /**
   * Waits until everything that was put has been reported done; returns at once if that is so, also
   * if nothing was ever put. All who wait are woken together. In a task a checkpoint; elsewhere it
   * blocks the thread.
   *
   * <p>Source: Curio's {@code UniversalQueue.join}.
   *
   * @throws InterruptedException if the thread is interrupted while it waits; never in a task
   * @throws dev.trefoil.hazmat.Cancelled if the task is cancelled
   * @throws IllegalStateException on the thread of a run, but not in a task
   */
  public void join() throws InterruptedException {
    boolean inTask = enter("statistics");
    Party<E> newcomer = null;
    takeLock();
    try {
      if (unfinished > 0) {
        newcomer = newParty(joiners, null);
      }
    } finally {
      lock.unlock();
    }
    if (newcomer != null) {
      newcomer.await("QUEUE_JOIN");
    } else {
      leave(inTask);
    }
  }

  /**
   * Reports one item done. To be called once for each item, when what was to be done with it is
   * finished. Never waits; no checkpoint. From everywhere.
   *
   * <p>Source: Curio's {@code UniversalQueue.task_done}.
   *
   * @throws IllegalStateException if everything that was put has been reported done already
   */
  public void taskDone() {
    List<Party<E>> released = List.of();
    takeLock();
    try {
      if (unfinished == 0) {
        throw new IllegalStateException(
            "Expected taskDone once for each item, but all items that were put into this queue have"
                + " been reported done already.");
      }
      unfinished--;
      if (unfinished == 0) {
        released = List.copyOf(joiners);
        joiners.clear();
        released.forEach(Party::serve);
      }
    } finally {
      lock.unlock();
    }
    released.forEach(Party::wake);
  }

  // ---- looking

  /**
   * Returns the number of items in the queue. Others may change it at any time.
   *
   * @return the number of items
   */
  public int size() {
    return statistics().size();
  }

  /**
   * Returns the number of items that the queue can hold.
   *
   * @return the number, 0 for any number
   */
  public int maxSize() {
    return maxSize;
  }

  /**
   * Returns whether the queue is empty. Others may change that at any time.
   *
   * @return true if there is nothing to get at once
   */
  public boolean isEmpty() {
    return size() == 0;
  }

  /**
   * Returns whether the queue is full. Others may change that at any time.
   *
   * @return true if nothing can be put at once; never without a limit
   */
  public boolean isFull() {
    return size() >= capacity;
  }

  /**
   * Returns a snapshot of counters.
   *
   * @return the statistics
   */
  public QueueStatistics statistics() {
    takeLock();
    try {
      return new QueueStatistics(
          items.size, maxSize, unfinished, getters.size(), putters.size(), joiners.size());
    } finally {
      lock.unlock();
    }
  }

  @Override
  public String toString() {
    return "UniversalQueue of "
        + size()
        + (maxSize == 0 ? " items" : " of at most " + maxSize + " items");
  }

  /**
   * Opens a channel that is readable while the queue is not empty, for event loops that are not ours:
   * register it for reading, and when it is ready call {@link #getNowait()} until that throws {@link
   * WouldBlock}.
   *
   * <p>Source: the option {@code withfd} of Curio's {@code UniversalQueue}.
   *
   * @return what holds the channel; close it when it is no longer needed
   * @throws IOException if the system refuses a pipe
   */
  public QueueReadiness openReadiness() throws IOException {
    QueueReadiness readiness = new QueueReadiness(this::forget);
    takeLock();
    try {
      readinesses.add(readiness);
      readiness.show(items.size > 0);
    } finally {
      lock.unlock();
    }
    return readiness;
  }

  /** Nothing of the program's own may come between this and the {@code try} behind it. */
  private void takeLock() {
    KeyboardInterrupts.enter();
    lock.lock();
  }

  private void forget(QueueReadiness readiness) {
    takeLock();
    try {
      readinesses.remove(readiness);
    } finally {
      lock.unlock();
    }
  }

  // ---- under the lock

  /** Gives the item to the one who has waited longest, who is then to be woken; null if nobody has. */
  private @Nullable Party<E> offer(E item) {
    Party<E> getter = removeFirst(getters);
    if (getter != null) {
      unfinished++;
      getter.item = item;
      getter.serve();
    }
    return getter;
  }

  private boolean accepted(E item) {
    if (items.size >= capacity) {
      return false;
    }
    items.add(item);
    unfinished++;
    showReadiness();
    return true;
  }

  /** Gives a free slot to the one who has waited longest, who is then to be woken. */
  private @Nullable Party<E> admitPutter() {
    // There is none if an item was put back meanwhile.
    Party<E> putter = items.size < capacity ? removeFirst(putters) : null;
    if (putter != null) {
      items.add(Objects.requireNonNull(putter.item));
      unfinished++;
      putter.serve();
    }
    showReadiness();
    return putter;
  }

  private static <P> @Nullable P removeFirst(LinkedHashSet<P> line) {
    return line.isEmpty() ? null : line.removeFirst();
  }

  private void showReadiness() {
    if (!readinesses.isEmpty()) {
      boolean isReady = items.size > 0;
      readinesses.forEach(readiness -> readiness.show(isReady));
    }
  }

  private Party<E> newParty(LinkedHashSet<Party<E>> line, @Nullable E item) {
    Party<E> party =
        Hazmat.inTask() ? new TaskParty<>(this, line, item) : new ThreadParty<>(this, line, item);
    line.add(party);
    return party;
  }

  /** Takes a party out of its line; false if it has been served. */
  boolean withdraw(Party<E> party) {
    takeLock();
    try {
      if (party.isServed()) {
        return false;
      }
      party.line.remove(party);
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** Undoes the service of a party that will not run with what it was given. */
  void putBack(Party<E> party) {
    if (party.line != getters) {
      return;
    }
    Party<E> getter;
    takeLock();
    try {
      E item = party.item;
      if (item == null) {
        return; // whoever served it and the task itself may both find that it cannot go on
      }
      party.item = null;
      getter = removeFirst(getters);
      if (getter != null) {
        getter.item = item;
        getter.serve();
      } else {
        items.addFirst(item);
        showReadiness();
      }
    } finally {
      lock.unlock();
    }
    wake(getter);
  }

  // ---- around it

  /** The first half of a checkpoint in a task; returns whether there is one. */
  private static boolean enter(String alternative) {
    if (Hazmat.inTask()) {
      Hazmat.yieldIfCancelled();
      return true;
    }
    if (Hazmat.inRun()) {
      throw new IllegalStateException(
          "Expected to be called in a task, or on a thread that executes no run, but this is code"
              + " that a run calls between two steps: waiting here would block the whole run. Use "
              + alternative
              + ".");
    }
    return false;
  }

  private static void leave(boolean inTask) {
    if (inTask) {
      Hazmat.yieldBrieflyNoCancel();
    }
  }

  private static void wake(@Nullable Party<?> party) {
    if (party != null) {
      party.wake();
    }
  }
}
