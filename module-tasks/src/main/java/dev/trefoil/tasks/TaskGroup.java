package dev.trefoil.tasks;

import dev.trefoil.hazmat.Abort;
import dev.trefoil.hazmat.CancelStatus;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.KeyboardInterrupts;
import dev.trefoil.hazmat.Outcome;
import dev.trefoil.hazmat.ParkingLot;
import dev.trefoil.hazmat.Task;
import dev.trefoil.hazmat.TaskAction;
import dev.trefoil.hazmat.TaskError;
import dev.trefoil.hazmat.TaskOwner;
import dev.trefoil.hazmat.TaskSpec;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/**
 * Tasks that are waited for together, and whose results are looked at one by one or all at once.
 *
 * <pre>{@code
 * TaskGroup<String> group = TaskGroup.open(TaskGroup.Wait.ANY, mirrors -> {
 *   mirrors.spawn(() -> fetch(first));
 *   mirrors.spawn(() -> fetch(second));
 * });   // all have ended here: one by itself, the other cancelled
 * String page = group.result();
 * }</pre>
 *
 * <p>The group waits as its {@link Wait} says and then cancels all members that are left, with what
 * {@link Task#interrupt()} raises, and waits until they have ended. While it waits, the first member
 * to fail ends the waiting. That failure is <em>not</em> thrown where the group is left: {@link
 * #result()}, {@link #results()} and {@link #nextResult()} throw it, so look at one of them. A {@link
 * Nursery} throws by itself.
 *
 * <p>If the body throws, or whoever waits is cancelled, all members are cancelled and waited for, and
 * that error is thrown as it is, whatever the members failed with.
 *
 * <p>A member leaves the group when it is collected by {@link #nextDone()} or by iterating, and, as
 * long as the group is open, when it is joined with {@link Task#join()} by anybody, when it was
 * cancelled by {@link #cancelRemaining()}, and when somebody else cancelled just it with {@link
 * Task#cancel()}. What has left is not among the results, and its failure does not end the waiting.
 *
 * <p>Members live in the scopes that the group was opened in, so a group that has to end soon is
 * opened inside a {@link CancelScope} or {@link Timeout}.
 *
 * <p>Thread-safety: for the tasks of its run.
 *
 * <p>Source: Curio's {@code TaskGroup}.
 *
 * @param <T> the type of the members' results
 */
public final class TaskGroup<T extends @Nullable Object> implements Iterable<Task<? extends T>> {
  private static final RunLocal<Map<Task<?>, TaskGroup<?>>> ADOPTED =
      RunLocal.withInitial(IdentityHashMap::new);

  /** What a group waits for before it cancels its members. */
  public enum Wait {
    /** For all members to end. */
    ALL,
    /** For the first member to end, well or badly. */
    ANY,
    /** For the first member that has a result other than {@code null}, or fails. */
    OBJECT,
    /** For nothing. */
    NONE
  }

  /**
   * The body of a group.
   *
   * @param <T> the type of the members' results
   * @param <X> what it may throw
   */
  @FunctionalInterface
  public interface BodyAction<T extends @Nullable Object, X extends Throwable> {
    /**
     * Runs; may suspend.
     *
     * @param group to spawn into
     * @throws X whatever it throws
     */
    void run(TaskGroup<T> group) throws X;
  }

  private enum Phase {
    OPEN,
    JOINING,
    LEFT
  }

  private final Task<?> opener = Hazmat.currentTask();
  private final Wait policy;
  private final CancelStatus status;
  private final Owner owner = new Owner();

  /** All that has not left the group, daemons excepted, in the order in which it came. */
  private final Set<Task<?>> members = new LinkedHashSet<>();

  private final Set<Task<?>> daemons = new LinkedHashSet<>();

  /** Members that have not ended. */
  private final Set<Task<?>> running = new LinkedHashSet<>();

  /** Members that have ended and that nobody has collected, in the order in which they ended. */
  private final LinkedHashSet<Task<?>> ended = new LinkedHashSet<>();

  /** Those of {@link #ended} that {@link #join()} has yet to look at. */
  private final LinkedHashSet<Task<?>> unseen = new LinkedHashSet<>();

  private final ParkingLot changes = new ParkingLot();
  private Phase phase = Phase.OPEN;

  /** From when on members that end by being cancelled stay members, and new ones are cancelled. */
  private boolean cancelling;

  private boolean openerWaitsForAll;

  private @Nullable Task<?> completed;

  private TaskGroup(Wait policy) {
    this.policy = policy;
    this.status = opener.cancelStatus().newChild(this);
  }

  // ---- opening and leaving

  /**
   * Opens a group that waits for all its members: {@link #open(Wait, BodyAction)} with {@link
   * Wait#ALL}.
   *
   * @param <T> the type of the members' results
   * @param <X> what the body may throw
   * @param body what to run
   * @return the group, for its results
   * @throws X whatever the body throws
   */
  public static <T extends @Nullable Object, X extends Throwable> TaskGroup<T> open(
      BodyAction<T, X> body) throws X {
    return open(Wait.ALL, body);
  }

  /**
   * Opens a group, runs {@code body}, waits for the members as {@code wait} says, and cancels the
   * rest. A checkpoint, unless the body throws. When this returns or throws, all members and daemons
   * have ended.
   *
   * @param <T> the type of the members' results
   * @param <X> what the body may throw
   * @param wait what to wait for
   * @param body what to run
   * @return the group, for its results
   * @throws X whatever the body throws; nothing that a member throws
   */
  public static <T extends @Nullable Object, X extends Throwable> TaskGroup<T> open(
      Wait wait, BodyAction<T, X> body) throws X {
    Objects.requireNonNull(wait, "wait: expected what to wait for, got null");
    Objects.requireNonNull(body, "body: expected the body of the group, got null");
    TaskGroup<T> group = new TaskGroup<>(wait);
    try {
      KeyboardInterrupts.callOut(body::run, group);
      if (group.phase == Phase.OPEN) {
        group.join();
      }
    } finally {
      if (group.phase != Phase.LEFT) {
        group.cancelAll();
      }
    }
    return group;
  }

  /**
   * Waits for the members as {@link #open} does at the end of the body, which then does not. From
   * then on nothing can be spawned into the group, and its results are there. A checkpoint. If the
   * caller is cancelled meanwhile, so are all members.
   *
   * @throws IllegalStateException if the group has been joined, or by another task than the one that
   *     opened it
   */
  public void join() {
    if (Hazmat.currentTask() != opener) {
      throw new IllegalStateException(
          "Expected "
              + this
              + " to be joined by the task that opened it, not by "
              + Hazmat.currentTask()
              + ". To wait for one of its members, join that.");
    }
    if (phase != Phase.OPEN) {
      throw new IllegalStateException(
          "Expected one join of "
              + this
              + ", but it has been joined. Its results are there; a group is for one use.");
    }
    phase = Phase.JOINING;
    try {
      waitAsAsked();
    } finally {
      cancelAll();
    }
  }

  private void waitAsAsked() {
    Hazmat.yieldIfCancelled();
    boolean waited = false;
    while (policy != Wait.NONE && !lookAtEnded() && !running.isEmpty()) {
      changes.park("TASK_GROUP_WAIT");
      waited = true;
    }
    if (!waited) {
      Hazmat.yieldBrieflyNoCancel();
    }
  }

  /** Whether what has ended so far ends the waiting. */
  private boolean lookAtEnded() {
    for (Task<?> task = firstOf(unseen); task != null; task = firstOf(unseen)) {
      boolean failed = task.outcome() instanceof Outcome.Failure<?>;
      boolean counts = policy != Wait.OBJECT || failed || valueOf(task) != null;
      if (completed == null && counts) {
        completed = task;
      }
      if (failed || (policy != Wait.ALL && counts)) {
        return true;
      }
    }
    return false;
  }

  /** Takes out the first that is still a member. */
  private @Nullable Task<?> firstOf(LinkedHashSet<Task<?>> tasks) {
    while (!tasks.isEmpty()) {
      Task<?> task = tasks.removeFirst();
      if (phase == Phase.LEFT || !task.isJoined()) {
        return task;
      }
      letGo(task);
    }
    return null;
  }

  /** Cancels everybody, waits whatever may come, and closes the group. */
  private void cancelAll() {
    phase = Phase.JOINING;
    cancelling = true;
    try {
      List<Task<?>> living = new ArrayList<>(running);
      living.addAll(daemons);
      living.forEach(Task::interrupt);
      while (!haveAllEnded()) {
        waitForAll();
      }
    } finally {
      members.stream().filter(Task::isJoined).toList().forEach(this::letGo);
      members.forEach(ADOPTED.get()::remove);
      phase = Phase.LEFT;
      status.close();
      changes.unparkAll();
    }
  }

  /** What would cut the waiting short is left pending, and raised behind the group. */
  private void waitForAll() {
    openerWaitsForAll = true;
    try {
      Hazmat.<@Nullable Object>yieldIndefinitely("TASK_GROUP_CANCEL", raiseCancel -> Abort.FAILED);
    } finally {
      openerWaitsForAll = false;
    }
  }

  private boolean haveAllEnded() {
    return running.isEmpty() && daemons.isEmpty();
  }

  // ---- members

  /**
   * Spawns a member. It has not run when this returns. If the members are being cancelled, since the
   * group is about to be left, it starts all the same and is cancelled at its first checkpoint. Never
   * suspends; no checkpoint.
   *
   * @param <S> the type of the task's result
   * @param body what the task executes
   * @return the task
   * @throws IllegalStateException if the group has been left
   */
  public <S extends T> Task<S> spawn(Callable<S> body) {
    return spawnMember(TaskSpec.<S>of(body));
  }

  /**
   * Spawns a member without a result: the result is {@code null}.
   *
   * @param body what the task executes
   * @return the task
   * @throws IllegalStateException if the group has been left
   * @see #spawn(Callable)
   */
  public Task<@Nullable Void> spawn(TaskAction body) {
    return spawnMember(TaskSpec.<@Nullable Void>of(TaskAction.asCallable(body)));
  }

  /**
   * Spawns a member with a name, for people.
   *
   * @param <S> the type of the task's result
   * @param name the name
   * @param body what the task executes
   * @return the task
   * @throws IllegalStateException if the group has been left
   * @see #spawn(Callable)
   */
  public <S extends T> Task<S> spawn(String name, Callable<S> body) {
    return spawnMember(TaskSpec.<S>of(body).name(name));
  }

  /**
   * Spawns a member without a result, with a name, for people.
   *
   * @param name the name
   * @param body what the task executes
   * @return the task
   * @throws IllegalStateException if the group has been left
   * @see #spawn(Callable)
   */
  public Task<@Nullable Void> spawn(String name, TaskAction body) {
    return spawnMember(TaskSpec.<@Nullable Void>of(TaskAction.asCallable(body)).name(name));
  }

  private <S extends @Nullable Object> Task<S> spawnMember(TaskSpec<S> spec) {
    requireNotLeft("spawn into");
    Task<S> task = Hazmat.spawn(spec.owner(owner).cancelStatus(status));
    members.add(task);
    running.add(task);
    cancelIfLate(task);
    return task;
  }

  /**
   * Spawns a task that serves the members: nobody waits for it, it has no part in the results, its
   * failure is nobody's, and it is cancelled when the group is left.
   *
   * @param body what the task executes
   * @return the task
   * @throws IllegalStateException if the group has been left
   */
  public Task<@Nullable Void> spawnDaemon(TaskAction body) {
    requireNotLeft("spawn into");
    TaskSpec<@Nullable Void> spec = TaskSpec.<@Nullable Void>of(TaskAction.asCallable(body));
    Task<@Nullable Void> task = Hazmat.spawn(spec.owner(owner).cancelStatus(status));
    daemons.add(task);
    cancelIfLate(task);
    return task;
  }

  private void cancelIfLate(Task<?> task) {
    if (cancelling) {
      task.interrupt();
    }
  }

  /**
   * Makes an existing task a member, which may have ended already. Its owner stays responsible for
   * it: if that is a nursery, a failure of the task is one of the nursery as well. It stays in its own
   * scopes, too. Never suspends; no checkpoint.
   *
   * <p>Source: Curio's {@code TaskGroup.add_task}, and the tasks given to its constructor.
   *
   * @param task a task of this run, and neither this one nor the one that opened the group, nor one
   *     that waits for that one, such as the parent of its nursery
   * @throws IllegalStateException if the task is in a group, or cannot be a member of this one, or if
   *     this has been left
   */
  public void addTask(Task<? extends T> task) {
    Objects.requireNonNull(task, "task: expected the task to add, got null");
    requireNotLeft("add a task to");
    if (task.run() != Hazmat.currentRun()) {
      throw new IllegalStateException(
          "Expected a task of "
              + opener.run()
              + ", but "
              + task
              + " is one of "
              + task.run()
              + ".");
    }
    if (task == opener || task == Hazmat.currentTask()) {
      throw new IllegalStateException(
          task + " cannot be added to " + this + ": it would wait for its own end for ever.");
    }
    TaskGroup<?> group = groupOf(task);
    if (group != null) {
      throw new IllegalStateException(
          "Expected a task that is in no group, but "
              + task
              + " is already in "
              + (group == this ? "this one" : group)
              + ". Collect it there first, with nextDone() or by joining it.");
    }
    members.add(task);
    ADOPTED.get().put(task, this);
    if (task.outcome() == null) {
      running.add(task);
      task.addExitListener(this::memberEnded);
      cancelIfLate(task);
    } else {
      ended.add(task);
      unseen.add(task);
      changes.unparkAll();
    }
  }

  private static @Nullable TaskGroup<?> groupOf(Task<?> task) {
    if (task.owner() instanceof TaskGroup<?>.Owner spawned && spawned.group().holds(task)) {
      return spawned.group();
    }
    return ADOPTED.get().get(task);
  }

  private boolean holds(Task<?> task) {
    return phase != Phase.LEFT && (members.contains(task) || daemons.contains(task));
  }

  private void requireNotLeft(String action) {
    if (phase == Phase.LEFT) {
      throw new IllegalStateException(
          "Cannot "
              + action
              + " "
              + this
              + ": it has been joined, and all its tasks have ended. A group is for one use: open"
              + " another one.");
    }
  }

  private void memberEnded(Task<?> task) {
    if (!daemons.remove(task) && running.remove(task)) {
      if (task.isJoined() || (!cancelling && wasCancelledAlone(task))) {
        letGo(task);
      } else if (members.contains(task)) {
        ended.add(task);
        unseen.add(task);
      }
    }
    changes.unparkAll();
    if (openerWaitsForAll && haveAllEnded()) {
      openerWaitsForAll = false;
      Hazmat.reschedule(opener);
    }
  }

  private static boolean wasCancelledAlone(Task<?> task) {
    return task.outcome() instanceof Outcome.Failure<?>(Throwable error)
        && Cancellations.isQuietEnd(error);
  }

  private void letGo(Task<?> task) {
    members.remove(task);
    ended.remove(task);
    unseen.remove(task);
    ADOPTED.get().remove(task);
  }

  // ---- one by one

  /**
   * Waits for the next member to end and takes it out of the group. A checkpoint; one that is
   * cancelled has taken nothing. When the group has been left, this gives the members that are left
   * in it, without waiting.
   *
   * <p>Source: Curio's {@code next_done}.
   *
   * @return the member that has ended first of those that are left, or {@code null} if there are none
   */
  public @Nullable Task<? extends T> nextDone() {
    Hazmat.yieldIfCancelled();
    boolean waited = false;
    Task<?> task = firstOf(ended);
    while (task == null && !running.isEmpty()) {
      changes.park("TASK_GROUP_NEXT");
      waited = true;
      task = firstOf(ended);
    }
    if (task != null) {
      letGo(task);
    }
    if (!waited) {
      Hazmat.yieldBrieflyNoCancel();
    }
    return asMember(task);
  }

  /**
   * Waits for the next member to end, takes it out of the group, and returns its result. A
   * checkpoint.
   *
   * <p>Source: Curio's {@code next_result}.
   *
   * @return the result of the member that {@link #nextDone()} would have returned
   * @throws TaskError if that member failed; the cause is what its body threw
   * @throws IllegalStateException if there are no members left
   */
  public T nextResult() {
    Task<? extends T> task = nextDone();
    if (task == null) {
      throw new IllegalStateException(
          "Expected a member to wait for, but "
              + this
              + " has none left: all have been collected. Use nextDone(), which then returns null,"
              + " or iterate.");
    }
    return resultOf(task);
  }

  /**
   * Goes through the members in the order in which they end, taking each out of the group as {@link
   * #nextDone()} does. {@code hasNext} waits for the next one; a checkpoint. Either inside the body, to
   * handle each as soon as it has ended, or behind.
   *
   * @return for one pass
   */
  @Override
  public Iterator<Task<? extends T>> iterator() {
    return new Iterator<>() {
      private @Nullable Task<? extends T> next;

      @Override
      public boolean hasNext() {
        if (next == null) {
          next = nextDone();
        }
        return next != null;
      }

      @Override
      public Task<? extends T> next() {
        if (!hasNext()) {
          throw new NoSuchElementException("Expected a member, but none is left in the group.");
        }
        Task<? extends T> task = Objects.requireNonNull(next);
        next = null;
        return task;
      }
    };
  }

  /**
   * Cancels all members that run, daemons excepted, and waits until they have ended. They leave the
   * group. Those that have ended by themselves stay. A checkpoint.
   *
   * <p>Source: Curio's {@code cancel_remaining}.
   *
   * @throws IllegalStateException if a member calls it: it would wait for its own end
   */
  public void cancelRemaining() {
    if (running.contains(Hazmat.currentTask())) {
      throw new IllegalStateException(
          Hazmat.currentTask()
              + " is one of the tasks of "
              + this
              + " and cannot cancel them: it would wait for its own end for ever.");
    }
    Hazmat.yieldIfCancelled();
    List<Task<?>> remaining = new ArrayList<>(running);
    remaining.forEach(this::letGo);
    remaining.forEach(Task::interrupt);
    boolean waited = false;
    while (remaining.stream().anyMatch(running::contains)) {
      changes.park("TASK_GROUP_CANCEL");
      waited = true;
    }
    if (!waited) {
      Hazmat.yieldBrieflyNoCancel();
    }
  }

  // ---- all at once

  /**
   * Returns the member that ended first, or, with {@link Wait#OBJECT}, the first that had a result or
   * failed. Members that have left the group do not count.
   *
   * @return the task, or {@code null} if there was none, or none was waited for yet
   */
  public @Nullable Task<? extends T> completed() {
    return asMember(completed);
  }

  /**
   * Returns the result of {@link #completed()}.
   *
   * @return the result
   * @throws TaskError if that task failed; the cause is what its body threw
   * @throws IllegalStateException if the group has not been left, or no member has completed
   */
  public T result() {
    requireLeft("result");
    Task<? extends T> task = completed();
    if (task == null) {
      throw new IllegalStateException(
          "Expected a member that has completed, but "
              + this
              + " has none"
              + (policy == Wait.NONE ? ": it waits for nothing." : "."));
    }
    return resultOf(task);
  }

  /**
   * Returns what {@link #completed()} failed with.
   *
   * @return what its body threw, or {@code null} if it did not fail, or if there is no such member
   * @throws IllegalStateException if the group has not been left
   */
  public @Nullable Throwable exception() {
    requireLeft("exception");
    return completed == null ? null : errorOf(completed);
  }

  /**
   * Returns the results of all members that have not left the group.
   *
   * @return the results in the order in which the members were made
   * @throws TaskError if any of them failed or was cancelled with the group; the cause is the failure
   *     that came first
   * @throws IllegalStateException if the group has not been left
   */
  public List<T> results() {
    requireLeft("results");
    ended.forEach(this::resultOf);
    List<T> results = new ArrayList<>();
    for (Task<? extends T> task : tasks()) {
      results.add(resultOf(task));
    }
    return results;
  }

  /**
   * Returns what all members that have not left the group failed with.
   *
   * @return for each member, in the order in which they were made, what its body threw, or {@code
   *     null} if it did not fail
   * @throws IllegalStateException if the group has not been left
   */
  public List<@Nullable Throwable> exceptions() {
    requireLeft("exceptions");
    List<@Nullable Throwable> exceptions = new ArrayList<>();
    for (Task<? extends T> task : tasks()) {
      exceptions.add(errorOf(task));
    }
    return exceptions;
  }

  /**
   * Returns the members that have not left the group, daemons excepted.
   *
   * @return the tasks in the order in which they were made
   */
  public List<Task<? extends T>> tasks() {
    List<Task<? extends T>> tasks = new ArrayList<>();
    for (Task<?> task : members) {
      tasks.add(Objects.requireNonNull(asMember(task)));
    }
    tasks.sort(Comparator.comparingLong(Task::id));
    return tasks;
  }

  private void requireLeft(String what) {
    if (phase != Phase.LEFT) {
      throw new IllegalStateException(
          "Expected "
              + this
              + " to have been joined before its "
              + what
              + " is asked for, but its members may still run. Ask behind the body, or call join()"
              + " first; nextResult() waits for one of them.");
    }
  }

  /** A task that was let in through a method that asks for the type. */
  @SuppressWarnings("unchecked")
  private @Nullable Task<? extends T> asMember(@Nullable Task<?> task) {
    return (@Nullable Task<? extends T>) task;
  }

  private static @Nullable Object valueOf(Task<?> task) {
    return task.outcome() instanceof Outcome.Value<?> value ? value.value() : null;
  }

  private static @Nullable Throwable errorOf(Task<?> task) {
    return task.outcome() instanceof Outcome.Failure<?>(Throwable error) ? error : null;
  }

  @SuppressWarnings({"unchecked", "NullAway"}) // null only if that is the result
  private T resultOf(Task<?> task) {
    Throwable error = errorOf(task);
    if (error != null) {
      throw new TaskError(task + " has failed: " + ErrorWords.all(error), error);
    }
    return (T) valueOf(task);
  }

  @Override
  public String toString() {
    return "task group of " + opener;
  }

  private final class Owner implements TaskOwner {
    TaskGroup<T> group() {
      return TaskGroup.this;
    }

    @Override
    public Task<?> parentTask() {
      return opener;
    }

    @Override
    public void taskExited(Task<?> task) {
      memberEnded(task);
    }

    @Override
    public String toString() {
      return TaskGroup.this.toString();
    }
  }
}
