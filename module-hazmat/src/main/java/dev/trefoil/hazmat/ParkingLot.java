package dev.trefoil.hazmat;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A fair wait queue with cancellation and requeueing: the building block of locks, queues and
 * whatever else makes tasks wait for each other.
 *
 * <p>Tasks park at the tail and are unparked from the head. There is no memory: unparking an empty
 * lot does nothing. A task never wakes without having been unparked, cancelled, or told that the lot
 * is broken. A cancelled task leaves whichever lot it is in at that moment at once; an unparked task
 * that is cancelled before it runs still returns normally from {@code park}, so what it was handed
 * is never lost.
 *
 * <p>All operations take constant time for each task they touch. {@code park} is a checkpoint; no
 * other operation is one or suspends.
 *
 * <p>Thread-safety: for the tasks of one run at a time; a foreign thread, or a task of another run
 * while tasks are parked, is refused with {@link IllegalStateException}.
 *
 * <p>Source: Trio's {@code ParkingLot}; Curio's {@code _wait_on_queue} and {@code
 * _reschedule_tasks}.
 */
public final class ParkingLot {
  private static final String PARKED = "PARKED";

  /*
   * A doubly linked list of places with the lot itself as the owner of both ends. A place knows its
   * lot, which changes when it is reparked, so that its abort, which is the place itself, can take
   * it out of wherever it is. A place that has been taken out has lot == null.
   */
  private @Nullable Place head;
  private @Nullable Place tail;
  private int size;
  private boolean hasAbandoned;

  private @Nullable Breakers breakers;
  private @Nullable String brokenBy;

  /** Makes an empty lot. */
  public ParkingLot() {}

  /**
   * Returns the number of parked tasks.
   *
   * @return the number; cancelled tasks are not in it
   */
  public int size() {
    if (hasAbandoned) {
      purge();
    }
    return size;
  }

  /**
   * Returns whether no task is parked.
   *
   * @return true if empty
   */
  public boolean isEmpty() {
    return size() == 0;
  }

  /**
   * Returns a snapshot of counters.
   *
   * @return the statistics
   */
  public ParkingLotStatistics statistics() {
    return new ParkingLotStatistics(size());
  }

  // ---- parking

  /**
   * Parks the current task until it is unparked. Always suspends; a checkpoint.
   *
   * @param <T> the type that the caller knows it is unparked with
   * @return the value given to {@link #unpark(int, Outcome)}, {@code null} by default
   * @throws BrokenResource if the lot is broken or gets broken meanwhile
   * @throws Cancelled if cancelled while parked; the task is in no lot then
   */
  @SuppressWarnings("TypeParameterUnusedInFormals")
  public <T extends @Nullable Object> T park() {
    return park(PARKED);
  }

  /**
   * Parks the current task until it is unparked, with a label for people.
   *
   * @param <T> the type that the caller knows it is unparked with
   * @param label what the task waits for, such as {@code LOCK_ACQUIRE}; see {@link
   *     Task#stateLabel()}
   * @return the value given to {@link #unpark(int, Outcome)}, {@code null} by default
   * @throws BrokenResource if the lot is broken or gets broken meanwhile
   * @throws Cancelled if cancelled while parked; the task is in no lot then
   */
  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals", "NullAway"})
  public <T extends @Nullable Object> T park(String label) {
    Objects.requireNonNull(label, "label");
    KernelOperations kernel = KernelOperations.required();
    Task<?> task = Hazmat.currentTask(kernel);
    requireSameRun(kernel);
    if (brokenBy != null) {
      throw broken();
    }
    Place place = new Place(task);
    move(place, this);
    try {
      return (T) kernel.yieldIndefinitely(label, place);
    } finally {
      // Still in a lot if the sleep never began, as on a stack overflow, or somebody else ended it.
      // There may be no room on the stack even for a call, so the mark comes first.
      ParkingLot abandonedIn = place.lot;
      if (abandonedIn != null) {
        place.abandoned = true;
        abandonedIn.hasAbandoned = true;
        abandonedIn.purge();
      }
    }
  }

  // ---- unparking

  /**
   * Wakes the task that has been parked longest.
   *
   * @return the task, or {@code null} if the lot is empty
   */
  public @Nullable Task<?> unpark() {
    return unparkOne(KernelOperations.required(), Outcome.nothing());
  }

  /**
   * Wakes the task that has been parked longest with a value or a failure.
   *
   * @param outcome what its {@code park} returns or throws
   * @return the task, or {@code null} if the lot is empty
   */
  public @Nullable Task<?> unpark(Outcome<?> outcome) {
    Objects.requireNonNull(outcome, "outcome");
    return unparkOne(KernelOperations.required(), outcome);
  }

  /**
   * Wakes the {@code count} tasks that have been parked longest, or all if there are fewer.
   *
   * @param count how many at most
   * @return the woken tasks, oldest first
   * @throws IllegalArgumentException if {@code count} is negative
   */
  public List<Task<?>> unpark(int count) {
    return unpark(count, Outcome.nothing());
  }

  /**
   * Wakes the {@code count} tasks that have been parked longest, or all if there are fewer, with a
   * value or a failure.
   *
   * @param count how many at most
   * @param outcome what their {@code park} returns or throws
   * @return the woken tasks, oldest first
   * @throws IllegalArgumentException if {@code count} is negative
   */
  public List<Task<?>> unpark(int count, Outcome<?> outcome) {
    Objects.requireNonNull(outcome, "outcome");
    requireCount(count);
    KernelOperations kernel = KernelOperations.required();
    requireSameRun(kernel);
    List<Task<?>> woken = new ArrayList<>(Math.min(count, size));
    while (woken.size() < count) {
      Task<?> task = unparkOne(kernel, outcome);
      if (task == null) {
        break;
      }
      woken.add(task);
    }
    return woken;
  }

  /**
   * Wakes all parked tasks.
   *
   * @return the woken tasks, oldest first
   */
  public List<Task<?>> unparkAll() {
    return unpark(Integer.MAX_VALUE);
  }

  private @Nullable Task<?> unparkOne(KernelOperations kernel, Outcome<?> outcome) {
    requireSameRun(kernel);
    Place place = head;
    if (place == null) {
      return null;
    }
    try {
      kernel.reschedule(place.task, outcome);
    } catch (IllegalStateException notAsleep) {
      move(place, null);
      throw notAsleep;
    }
    // Only now: a fault in the above, such as a stack overflow, must not lose a sleeper. And one in
    // the following must not leave the place of one that has been woken.
    place.abandoned = true;
    hasAbandoned = true;
    move(place, null);
    hasAbandoned = false;
    return place.task;
  }

  // ---- moving

  /**
   * Moves the {@code count} tasks that have been parked longest, or all if there are fewer, behind
   * those in another lot, in the same order. Nobody wakes. Moving to the lot itself rotates it.
   *
   * @param other where to
   * @param count how many at most
   * @throws IllegalArgumentException if {@code count} is negative
   * @throws BrokenResource if {@code other} is broken
   */
  public void repark(ParkingLot other, int count) {
    Objects.requireNonNull(other, "other: expected the lot to move tasks to, got null");
    requireCount(count);
    KernelOperations kernel = KernelOperations.required();
    requireSameRun(kernel);
    other.requireSameRun(kernel);
    if (other.brokenBy != null) {
      throw other.broken();
    }
    for (int moves = Math.min(count, size); moves > 0; moves--) {
      Place place = Objects.requireNonNull(head);
      move(place, other);
    }
  }

  /**
   * Moves all tasks behind those in another lot, in the same order. Nobody wakes.
   *
   * @param other where to
   * @throws BrokenResource if {@code other} is broken
   */
  public void reparkAll(ParkingLot other) {
    repark(other, Integer.MAX_VALUE);
  }

  // ---- breaking

  /**
   * Makes a task vouch for this lot: if it ends while it vouches, the lot breaks. For primitives
   * whose waiters wait for one task, such as the holder of a lock.
   *
   * <p>Source: Trio's {@code add_parking_lot_breaker}.
   *
   * @param task the task; it may vouch several times, and for several lots
   * @throws BrokenResource if the task has already ended; the lot is broken then
   */
  public void addBreaker(Task<?> task) {
    requireSameRun(KernelOperations.required());
    if (task.state().isFinal()) {
      breakLot(task);
      throw broken();
    }
    if (breakers == null) {
      breakers = new Breakers();
    }
    breakers.tasks.add(task);
    task.addExitListener(breakers);
  }

  /**
   * Ends one {@link #addBreaker(Task)}.
   *
   * @param task the task
   * @throws IllegalStateException if the task does not vouch for this lot
   */
  public void removeBreaker(Task<?> task) {
    requireSameRun(KernelOperations.required());
    if (breakers == null || !breakers.tasks.remove(task)) {
      throw new IllegalStateException(
          "Expected a task that was given to addBreaker, but "
              + task
              + " does not vouch for this parking lot.");
    }
    task.removeExitListener(breakers);
  }

  /**
   * Breaks the lot for good: all parked tasks get {@link BrokenResource}, and every later {@code
   * park} fails at once.
   *
   * <p>Source: Trio's {@code ParkingLot.break_lot}.
   *
   * @param culprit the task whose fault it is, for the message
   */
  public void breakLot(Task<?> culprit) {
    KernelOperations kernel = KernelOperations.required();
    requireSameRun(kernel);
    if (brokenBy == null) {
      brokenBy = culprit.toString();
    }
    while (head != null) {
      unparkOne(kernel, Outcome.failure(broken()));
    }
  }

  private BrokenResource broken() {
    return new BrokenResource(
        "This parking lot is broken: "
            + brokenBy
            + ", whom its waiters depended on, ended without passing on what they waited for.");
  }

  // ---- the list

  private static void requireCount(int count) {
    if (count < 0) {
      throw new IllegalArgumentException(
          "count: expected 0 or more tasks (Integer.MAX_VALUE for all), got " + count);
    }
  }

  /** The guard of every operation that looks at the places. */
  private void requireSameRun(KernelOperations kernel) {
    if (hasAbandoned) {
      purge();
    }
    Place first = head;
    if (first != null && first.task.run() != kernel.run()) {
      throw new IllegalStateException(
          "This parking lot holds tasks of "
              + first.task.run()
              + " and cannot be used from "
              + kernel.run()
              + ". Enter the other run with EntryPoint.callSoonThreadAndSignalSafe.");
    }
  }

  /** Drops the places of tasks that could not leave them themselves. */
  private void purge() {
    Place place = head;
    while (place != null) {
      Place next = place.next;
      if (place.abandoned) {
        move(place, null);
      }
      place = next;
    }
    hasAbandoned = false;
  }

  /** Takes a place out of the lot it is in, if any, and puts it at the tail of another, if any. */
  private static void move(Place place, @Nullable ParkingLot to) {
    ParkingLot from = place.lot;
    if (from != null) {
      Place previous = place.previous;
      Place next = place.next;
      if (previous == null) {
        from.head = next;
      } else {
        previous.next = next;
      }
      if (next == null) {
        from.tail = previous;
      } else {
        next.previous = previous;
      }
      from.size--;
    }
    place.lot = to;
    place.next = null;
    place.previous = null;
    if (to != null) {
      Place last = to.tail;
      place.previous = last;
      if (last == null) {
        to.head = place;
      } else {
        last.next = place;
      }
      to.tail = place;
      to.size++;
    }
  }

  private static final class Place implements AbortFunction {
    final Task<?> task;
    @Nullable ParkingLot lot;
    @Nullable Place previous;
    @Nullable Place next;

    /** Whether the task is not in {@code park} any more, or has been woken. */
    boolean abandoned;

    Place(Task<?> task) {
      this.task = task;
    }

    @Override
    public Abort abort(RaiseCancel raiseCancel) {
      move(this, null);
      return Abort.SUCCEEDED;
    }
  }

  private final class Breakers implements Task.ExitListener {
    final List<Task<?>> tasks = new ArrayList<>(1);

    @Override
    public void taskExited(Task<?> task) {
      tasks.remove(task);
      breakLot(task);
    }
  }
}
