package dev.trefoil.tasks;

import dev.trefoil.hazmat.Abort;
import dev.trefoil.hazmat.CancelReason;
import dev.trefoil.hazmat.CancelStatus;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.KeyboardInterrupts;
import dev.trefoil.hazmat.Outcome;
import dev.trefoil.hazmat.RaiseCancel;
import dev.trefoil.hazmat.Task;
import dev.trefoil.hazmat.TaskAction;
import dev.trefoil.hazmat.TaskOwner;
import dev.trefoil.hazmat.TaskSpec;
import dev.trefoil.hazmat.TaskState;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/**
 * Where tasks live: it is left only when all of them have ended, so no task outlives the block of
 * code it was spawned in.
 *
 * <pre>{@code
 * Nursery.open(nursery -> {
 *   nursery.spawn(() -> download(first));
 *   nursery.spawn(() -> download(second));
 * });   // both have ended here
 * }</pre>
 *
 * <p>If the body or a task fails, everything else in the nursery is cancelled, and when all have
 * ended the failures come as one {@link ExceptionGroup}, in the order in which they happened, even if
 * it is only one. Of the cancellations of enclosing scopes only the first to arrive is kept; if
 * nothing else came, it is raised without a group.
 *
 * <p>Leaving a nursery is a schedule point, and never raises a cancellation of its own: waiting for
 * the tasks ends when they end, which a cancellation around the nursery makes happen soon.
 *
 * <p>Thread-safety: for the tasks of its run.
 *
 * <p>Source: Trio's {@code open_nursery} and {@code Nursery}.
 */
public final class Nursery {
  private final Task<?> parent;
  private final CancelScope scope;
  private final Owner owner = new Owner();
  private final List<Failure> failures = new ArrayList<>(0);
  private @Nullable Nursery startsFor;
  private @Nullable Throwable notAdded;
  private boolean cancellationSeen;
  private int living;
  private int pendingStarts;
  private boolean bodyRuns = true;
  private boolean parentWaits;
  private boolean closed;

  /** The culprit is the parent if the body failed. */
  private record Failure(Throwable error, Task<?> culprit) {}

  private Nursery(Task<?> parent) {
    this.parent = parent;
    this.scope = CancelScope.ownedBy(this);
  }

  /**
   * The body of a nursery with a result.
   *
   * @param <T> the type of the result
   */
  @FunctionalInterface
  public interface Body<T extends @Nullable Object> {
    /**
     * Runs; may suspend.
     *
     * @param nursery to spawn into
     * @return the result
     * @throws Exception whatever it throws goes into the nursery's group
     */
    T call(Nursery nursery) throws Exception;
  }

  /** The body of a nursery without a result. */
  @FunctionalInterface
  public interface BodyAction {
    /**
     * Runs; may suspend.
     *
     * @param nursery to spawn into
     * @throws Exception whatever it throws goes into the nursery's group
     */
    void run(Nursery nursery) throws Exception;
  }

  /**
   * The body of a task that says when it is ready.
   *
   * @param <V> the type of the value it reports
   */
  @FunctionalInterface
  public interface Startable<V extends @Nullable Object> {
    /**
     * Runs; may suspend.
     *
     * @param status where to say that the task is ready
     * @throws Exception whatever it throws
     */
    void run(TaskStatus<V> status) throws Exception;
  }

  // ---- opening

  /**
   * Opens a nursery, runs {@code body}, and waits for all tasks.
   *
   * @param body what to run
   * @throws ExceptionGroup of everything that failed
   */
  public static void open(BodyAction body) {
    Objects.requireNonNull(body, "body: expected the body of the nursery, got null");
    Body<@Nullable Object> withResult =
        nursery -> {
          KeyboardInterrupts.callOut(body::run, nursery);
          return null;
        };
    call(withResult);
  }

  /**
   * Opens a nursery, runs {@code body}, waits for all tasks, and returns what the body returned.
   *
   * @param <T> the type of the result
   * @param body what to run
   * @return what the body returned; {@code null} if the nursery's own scope was cancelled and that
   *     cut the body short
   * @throws ExceptionGroup of everything that failed
   */
  public static <T extends @Nullable Object> @Nullable T call(Body<T> body) {
    Objects.requireNonNull(body, "body: expected the body of the nursery, got null");
    Nursery nursery = new Nursery(Hazmat.currentTask());
    nursery.scope.enter();
    T result = null;
    try {
      result = KeyboardInterrupts.callOut(body::call, nursery);
    } catch (Throwable error) {
      nursery.addErrorOfBody(error);
    }
    Throwable rest = nursery.leave();
    if (rest != null) {
      throw Sneaky.<RuntimeException>rethrow(rest);
    }
    return result;
  }

  /** Whatever happens, the tasks are to be waited for: an error that cannot be added is kept. */
  private void addErrorOfBody(Throwable error) {
    try {
      addError(error, parent, "the body of the nursery failed");
    } catch (Throwable noStackOrMemory) {
      notAdded = error;
    }
  }

  private @Nullable Throwable leave() {
    try {
      waitForTasks();
    } catch (Throwable cannotWait) {
      return abandonTasks(cannotWait);
    }
    return scope.close(combinedErrorOrFault());
  }

  private void waitForTasks() {
    bodyRuns = false;
    if (notAdded != null) {
      scope.cancel(CancelReason.of(CancelReason.Source.NURSERY));
    }
    if (isDone()) {
      Hazmat.yieldBrieflyNoCancel();
    }
    // Not an if: an entry call may have spawned while the above let others run.
    while (!isDone()) {
      parentWaits = true;
      try {
        Hazmat.<@Nullable Object>yieldIndefinitely("NURSERY_WAIT", this::refuseAbort);
      } finally {
        parentWaits = false;
      }
    }
    closed = true;
  }

  /** The tree of scopes must be right even if nobody can wait for what is left in this one. */
  private Throwable abandonTasks(Throwable cannotWait) {
    closed = true;
    int abandoned = living;
    Throwable leaving = scope.close(null);
    Throwable failure = cannotWait;
    if (cannotWait instanceof IllegalStateException) {
      failure =
          new IllegalStateException(
              "Expected to wait for the tasks of the "
                  + this
                  + " at its end. "
                  + cannotWait.getMessage()
                  + (abandoned == 0
                      ? ""
                      : " Its tasks (" + abandoned + ") have been cancelled and left behind."),
              cannotWait);
    }
    for (Failure each : failures) {
      suppress(failure, each.error);
    }
    if (notAdded != null) {
      suppress(failure, notAdded);
    }
    if (leaving != null && abandoned == 0) {
      suppress(failure, leaving);
    }
    return failure;
  }

  /**
   * Cancelling the wait would abandon the tasks. If they are being cancelled as well, that is all
   * there is to do; what was meant for this task alone becomes an error of the nursery.
   */
  private Abort refuseAbort(RaiseCancel raiseCancel) {
    if (parent.state() == TaskState.RUNNING) {
      // It could not be put to sleep at all.
      return Abort.SUCCEEDED;
    }
    if (!status().effectivelyCancelled()
        && Outcome.capture(raiseCancel::raise) instanceof Outcome.Failure<?>(Throwable error)) {
      addError(error, parent, "the wait for the nursery's tasks failed");
    }
    return Abort.FAILED;
  }

  private boolean isDone() {
    return living == 0 && pendingStarts == 0;
  }

  /** Of errors that are nothing but cancellation the first is kept: the others say no more. */
  private void addError(Throwable error, Task<?> culprit, String what) {
    boolean pure = Cancellations.isPure(error);
    if (!pure || !cancellationSeen) {
      failures.add(new Failure(error, culprit));
    }
    cancellationSeen |= pure;
    if (!status().cancelCalled()) {
      scope.cancel(
          new CancelReason(
              CancelReason.Source.NURSERY,
              what + ": " + ErrorWords.all(error),
              culprit.toString()));
    }
  }

  private static void suppress(Throwable kept, Throwable other) {
    if (kept != other) {
      kept.addSuppressed(other);
    }
  }

  private @Nullable Throwable combinedErrorOrFault() {
    Throwable lost = notAdded;
    if (lost != null) {
      for (Failure failure : failures) {
        suppress(lost, failure.error);
      }
      return lost;
    }
    try {
      return combinedError();
    } catch (Throwable noStackOrMemory) {
      return noStackOrMemory;
    }
  }

  private @Nullable Throwable combinedError() {
    if (failures.isEmpty()) {
      return null;
    }
    Throwable ofTask = null;
    for (Failure failure : failures) {
      if (Cancellations.isMeantForTask(failure.error)) {
        ofTask = failure.error;
      } else if (!Cancellations.isPure(failure.error)) {
        return group();
      }
    }
    if (ofTask != null) {
      return ofTask;
    }
    Throwable first = failures.getFirst().error;
    return first instanceof ExceptionGroup group ? group.leaves().getFirst() : first;
  }

  private ExceptionGroup group() {
    return new ExceptionGroup(
        "nursery failed",
        failures.stream().map(Failure::error).toList(),
        failures.stream().map(this::culpritOf).toList());
  }

  private String culpritOf(Failure failure) {
    return (failure.culprit == parent ? "body in task '" : "task '") + failure.culprit.name() + "'";
  }

  // ---- spawning

  /**
   * Spawns a task. It has not run when this returns. If the nursery is cancelled, it starts all the
   * same and is cancelled at its first checkpoint. Allowed as long as the nursery's body runs, or
   * anything else in it. Never suspends; no checkpoint.
   *
   * <p>Source: Trio's {@code start_soon}.
   *
   * @param <T> the type of the task's result
   * @param body what the task executes
   * @return the task, whose {@link Task#outcome()} and {@link Task#join()} give its result
   * @throws IllegalStateException if the nursery has been left
   */
  public <T extends @Nullable Object> Task<T> spawn(Callable<T> body) {
    return spawnTask(TaskSpec.<T>of(body));
  }

  /**
   * Spawns a task without a result.
   *
   * @param body what the task executes
   * @return the task
   * @throws IllegalStateException if the nursery has been left
   * @see #spawn(Callable)
   */
  public Task<@Nullable Void> spawn(TaskAction body) {
    return spawnTask(TaskSpec.<@Nullable Void>of(TaskAction.asCallable(body)));
  }

  /**
   * Spawns a task with a name, for people.
   *
   * @param <T> the type of the task's result
   * @param name the name
   * @param body what the task executes
   * @return the task
   * @throws IllegalStateException if the nursery has been left
   * @see #spawn(Callable)
   */
  public <T extends @Nullable Object> Task<T> spawn(String name, Callable<T> body) {
    return spawnTask(TaskSpec.<T>of(body).name(name));
  }

  /**
   * Spawns a task without a result, with a name, for people.
   *
   * @param name the name
   * @param body what the task executes
   * @return the task
   * @throws IllegalStateException if the nursery has been left
   * @see #spawn(Callable)
   */
  public Task<@Nullable Void> spawn(String name, TaskAction body) {
    return spawnTask(TaskSpec.<@Nullable Void>of(TaskAction.asCallable(body)).name(name));
  }

  private <T extends @Nullable Object> Task<T> spawnTask(TaskSpec<T> spec) {
    requireOpen();
    Task<T> task = Hazmat.spawn(spec.owner(owner).cancelStatus(status()));
    living++;
    return task;
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException(
          "Expected an open nursery, but the nursery of "
              + parent
              + " has been left: its body and"
              + " all its tasks have ended. Spawn into a nursery that is still open.");
    }
  }

  /**
   * Starts a task and waits until it says that it is ready, for instance that a server listens.
   * Until then the task belongs to the caller: cancelling the caller cancels it. From then on it
   * belongs to this nursery, which stays open meanwhile. A checkpoint.
   *
   * <p>Source: Trio's {@code Nursery.start}.
   *
   * @param <V> the type of the value that the task reports
   * @param body what the task executes; it calls {@link TaskStatus#started(Object)}
   * @return the value given to {@code started}
   * @throws IllegalStateException if the nursery has been left, or if the task ended without having
   *     called {@code started}
   */
  public <V extends @Nullable Object> V start(Startable<V> body) {
    return start(null, body);
  }

  /**
   * Starts a task with a name and waits until it says that it is ready. If it fails before, this
   * throws its error itself, in no group.
   *
   * @param <V> the type of the value that the task reports
   * @param name the name, for people; {@code null} derives one from the body
   * @param body what the task executes; it calls {@link TaskStatus#started(Object)}
   * @return the value given to {@code started}
   * @throws IllegalStateException if the nursery has been left, or if the task ended without having
   *     called {@code started}
   * @see #start(Startable)
   */
  public <V extends @Nullable Object> V start(@Nullable String name, Startable<V> body) {
    Objects.requireNonNull(body, "body: expected the body of a task, got null");
    requireOpen();
    pendingStarts++;
    try {
      TaskStatus<V> status =
          Objects.requireNonNull(call(own -> own.spawnStartable(this, name, body)));
      if (!status.hasStarted()) {
        throw new IllegalStateException(
            "Expected the started task to call started() when it is ready, but it ended without.");
      }
      return status.value();
    } catch (ExceptionGroup group) {
      throw group.exceptions().size() == 1
          ? Sneaky.<RuntimeException>rethrow(group.exceptions().getFirst())
          : group;
    } finally {
      pendingStarts--;
      wakeParentIfDone();
    }
  }

  private <V extends @Nullable Object> TaskStatus<V> spawnStartable(
      Nursery target, @Nullable String name, Startable<V> body) {
    startsFor = target;
    TaskStatus<V> status = new TaskStatus<>(this, target);
    // A scope of its own, so that it can be moved with everything the task has opened by then.
    CancelStatus taskScope = status().newChild(status);
    var spec =
        TaskSpec.<@Nullable Void>of(
            TaskAction.asCallable(() -> KeyboardInterrupts.callOut(body::run, status)));
    spec.name(name != null ? name : nameOf(body));
    Task<?> task = Hazmat.<@Nullable Void>spawn(spec.owner(owner).cancelStatus(taskScope));
    living++;
    status.isFor(task, taskScope);
    return status;
  }

  /** The class that a lambda was written in: its own name is made up at run time. */
  private static String nameOf(Startable<?> body) {
    String name = body.getClass().getName();
    int lambda = name.indexOf("$$Lambda");
    String readable = lambda < 0 ? name : name.substring(0, lambda);
    return readable.substring(readable.lastIndexOf('.') + 1);
  }

  /** Gives a task of this nursery to another. */
  void handOver(Task<?> task, CancelStatus taskScope, Nursery target) {
    // First what can be refused, so that the task has one owner who knows of it in any case.
    taskScope.moveUnder(target.status());
    task.changeOwner(target.owner);
    living--;
    target.living++;
    wakeParentIfDone();
  }

  private void wakeParentIfDone() {
    if (parentWaits && isDone()) {
      parentWaits = false;
      Hazmat.reschedule(parent);
    }
  }

  // ---- looking

  /**
   * Returns the scope that all of the nursery's tasks and its body are in. Cancel it to end the
   * nursery.
   *
   * @return the scope
   */
  public CancelScope cancelScope() {
    return scope;
  }

  /**
   * Returns the task that opened the nursery.
   *
   * @return the task
   */
  public Task<?> parentTask() {
    return parent;
  }

  /**
   * Returns the tasks that are in the nursery now. For introspection: takes time proportional to the
   * number of tasks in the run.
   *
   * @return the tasks that have not ended
   */
  public List<Task<?>> childTasks() {
    return parent.run().tasks().stream().filter(task -> task.owner() == owner).toList();
  }

  /**
   * Returns whether the nursery has been left, so that nothing can be spawned into it.
   *
   * @return true if left
   */
  public boolean isClosed() {
    return closed;
  }

  CancelStatus status() {
    return scope.status();
  }

  /** The nursery that a task belongs to, or null if something else owns it. */
  static @Nullable Nursery owning(Task<?> task) {
    return task.owner() instanceof Owner owner ? owner.nursery() : null;
  }

  /** The nursery that the tasks of this one are being started for, or null. */
  @Nullable Nursery startsFor() {
    return startsFor;
  }

  @Override
  public String toString() {
    return "nursery of " + parent;
  }

  private final class Owner implements TaskOwner {
    Nursery nursery() {
      return Nursery.this;
    }

    @Override
    public Task<?> parentTask() {
      return parent;
    }

    @Override
    public void taskExited(Task<?> task) {
      living--;
      // Only a task that was started has a scope of its own to be closed with it.
      if (task.cancelStatus().owner() instanceof TaskStatus<?> startStatus
          && startStatus.isFor(task)) {
        task.cancelStatus().close();
      }
      if (task.outcome() instanceof Outcome.Failure<?>(Throwable error)
          && !Cancellations.isQuietEnd(error)) {
        addError(error, task, "a task of the nursery failed");
      }
      wakeParentIfDone();
    }

    @Override
    public String toString() {
      return Nursery.this.toString();
    }
  }
}
