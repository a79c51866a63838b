package dev.trefoil.kernel;

import dev.trefoil.hazmat.AbortFunction;
import dev.trefoil.hazmat.CancelStatus;
import dev.trefoil.hazmat.Cancelled;
import dev.trefoil.hazmat.Outcome;
import dev.trefoil.hazmat.ParkingLot;
import dev.trefoil.hazmat.Run;
import dev.trefoil.hazmat.Task;
import dev.trefoil.hazmat.TaskAction;
import dev.trefoil.hazmat.TaskContext;
import dev.trefoil.hazmat.TaskError;
import dev.trefoil.hazmat.TaskOwner;
import dev.trefoil.hazmat.TaskState;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A task, and the body of its coroutine.
 *
 * <pre>
 *   RUNNABLE -> RUNNING      picked by the loop
 *   RUNNING  -> RUNNABLE     passed a schedule point
 *   RUNNING  -> PARKED       sleeps; {@code abort} is set until it has been called
 *   PARKED   -> RUNNABLE     rescheduled, or aborted with SUCCEEDED (never both)
 *   RUNNING  -> TERMINATED, CANCELLED, CRASHED   the body returned or threw
 * </pre>
 */
final class KernelTask<T extends @Nullable Object> implements Task<T> {
  private final RunLoop loop;
  private final long id;
  private final @Nullable String givenName;
  private final Callable<? extends T> body;
  private TaskOwner owner;
  private final TaskContext initialContext;
  private TaskContext context;
  private CancelNode node;

  /** The node that the task was spawned under; see {@link #home()}. */
  private CancelNode home;

  /** Null until the first step, and again when the task has ended. */
  @Nullable Coroutine coroutine;

  TaskState state = TaskState.RUNNABLE;

  /** What a parked task waits for. */
  @Nullable String label;

  /** How to undo the sleep; null if the task is not asleep or its abort has been called. */
  @Nullable AbortFunction abort;

  /** What the sleep that has just ended returns or throws. */
  @Nullable Outcome<?> wakeOutcome;

  /** Set by the body when it is done; the task ends when the loop sees it. */
  @Nullable Outcome<T> outcome;

  boolean interruptProtected;
  int schedulePoints;
  int cancelPoints;
  private @Nullable Object customSleepData;
  private @Nullable List<ExitListener> exitListeners;
  private @Nullable ParkingLot joiners;

  /** Links of {@link RunQueue} and {@link CancelNode}. */
  @Nullable KernelTask<?> nextRunnable;

  @Nullable KernelTask<?> previousInNode;
  @Nullable KernelTask<?> nextInNode;

  KernelTask(
      RunLoop loop,
      long id,
      @Nullable String name,
      Callable<? extends T> body,
      TaskOwner owner,
      TaskContext context,
      CancelNode node) {
    this.loop = loop;
    this.id = id;
    this.givenName = name;
    this.body = body;
    this.owner = owner;
    this.initialContext = context;
    this.context = context;
    this.node = node;
    this.home = node;
  }

  /** The body of the coroutine: never throws. */
  void execute() {
    outcome = Outcome.capture(body);
  }

  // ---- for the kernel

  RunLoop loop() {
    return loop;
  }

  CancelNode node() {
    return node;
  }

  TaskContext initialContext() {
    return initialContext;
  }

  void moveTo(CancelNode target) {
    node.removeTask(this);
    node = target;
    target.addTask(this);
  }

  boolean isAbortable() {
    return state == TaskState.PARKED && abort != null;
  }

  void clearSleep(Outcome<?> wakeWith) {
    abort = null;
    customSleepData = null;
    wakeOutcome = wakeWith;
  }

  /** The node that the task has to end in: where it was spawned, or what that was closed into. */
  private CancelNode home() {
    home = home.openSelfOrAncestor();
    return home;
  }

  /** A body that ended without leaving what it had entered has failed, whatever came of it. */
  void leaveAbandonedScopes() {
    CancelNode end = home();
    if (node == end) {
      return;
    }
    IllegalStateException misnested =
        new IllegalStateException(
            this
                + " ended inside "
                + node
                + ", which it had entered and not left. "
                + CancelNode.MISNESTING_ADVICE);
    if (outcome instanceof Outcome.Failure<T>(Throwable error)) {
      misnested.addSuppressed(error);
    }
    outcome = Outcome.failure(misnested);
    CancelNode inner = node;
    moveTo(end);
    inner.closeUpTo(end);
  }

  /** Settles the final state; {@code outcome} is set. */
  void finish() {
    coroutine = null;
    label = null;
    state =
        outcome instanceof Outcome.Failure<T> failure
            ? failure.error() instanceof Cancelled ? TaskState.CANCELLED : TaskState.CRASHED
            : TaskState.TERMINATED;
    node.removeTask(this);
  }

  /** Tells everybody who asked to know; {@code report} is given what a listener throws. */
  void notifyExit(BiConsumer<ExitListener, Throwable> report) {
    List<ExitListener> listeners = exitListeners;
    exitListeners = null;
    if (listeners != null) {
      for (ExitListener listener : listeners) {
        notifyExit(listener, report);
      }
    }
    notifyExit(owner, report);
    if (joiners != null) {
      joiners.unparkAll();
    }
  }

  private void notifyExit(ExitListener listener, BiConsumer<ExitListener, Throwable> report) {
    try {
      listener.taskExited(this);
    } catch (Throwable error) {
      report.accept(listener, error);
    }
  }

  // ---- Task

  @Override
  public long id() {
    return id;
  }

  @Override
  public String name() {
    return givenName != null ? givenName : nameOf(body());
  }

  private static String nameOf(Object body) {
    String name = body.getClass().getName();
    int lambda = name.indexOf("$$Lambda");
    String readable = lambda < 0 ? name : name.substring(0, lambda);
    return readable.substring(readable.lastIndexOf('.') + 1);
  }

  @Override
  public Object body() {
    return TaskAction.unwrap(body);
  }

  @Override
  public Run run() {
    return loop;
  }

  @Override
  public TaskState state() {
    return state;
  }

  @Override
  public String stateLabel() {
    String waitsFor = label;
    return state == TaskState.PARKED && waitsFor != null ? waitsFor : state.name();
  }

  @Override
  public @Nullable Outcome<T> outcome() {
    return state.isFinal() ? outcome : null;
  }

  @Override
  public CancelStatus cancelStatus() {
    return node;
  }

  @Override
  public TaskOwner owner() {
    return owner;
  }

  @Override
  public void changeOwner(TaskOwner newOwner) {
    loop.requireBound("change a task's owner");
    requireLiving("change the owner of");
    owner = Objects.requireNonNull(newOwner, "owner");
  }

  @Override
  public TaskContext context() {
    return context;
  }

  @Override
  public void setContext(TaskContext newContext) {
    loop.requireBound("change a task's context");
    context = Objects.requireNonNull(newContext, "context");
  }

  @Override
  public T join() {
    loop.requireBound("join a task");
    KernelTask<?> joiner = loop.suspendableTask("join a task");
    if (joiner == this) {
      throw new IllegalStateException(this + " cannot join itself: it would wait for ever.");
    }
    if (state.isFinal()) {
      loop.yieldIfCancelled();
      loop.yieldBrieflyNoCancel();
    } else {
      if (joiners == null) {
        joiners = new ParkingLot();
      }
      joiners.park("JOIN_TASK");
    }
    return switch (Objects.requireNonNull(outcome)) {
      case Outcome.Value<T>(T value) -> value;
      case Outcome.Failure<T>(Throwable error) ->
          throw new TaskError(this + " has failed: " + Descriptions.of(error), error);
    };
  }

  @Override
  public void addExitListener(ExitListener listener) {
    loop.requireBound("listen for a task's end");
    requireLiving("listen for the end of");
    if (exitListeners == null) {
      exitListeners = new ArrayList<>(1);
    }
    exitListeners.add(Objects.requireNonNull(listener, "listener"));
  }

  @Override
  public boolean removeExitListener(ExitListener listener) {
    loop.requireBound("stop listening for a task's end");
    return exitListeners != null && exitListeners.remove(listener);
  }

  private void requireLiving(String action) {
    if (state.isFinal()) {
      throw new IllegalStateException(
          "Cannot " + action + " " + this + ": it has already ended (" + state + ").");
    }
  }

  @Override
  public @Nullable Object customSleepData() {
    return customSleepData;
  }

  @Override
  public void setCustomSleepData(@Nullable Object data) {
    customSleepData = data;
  }

  @Override
  public long schedulePoints() {
    return schedulePoints;
  }

  @Override
  public long cancelPoints() {
    return cancelPoints;
  }

  @Override
  public StackTraceElement[] stackTrace() {
    loop.requireBound("look at a task's stack");
    Coroutine running = coroutine;
    if (running == null || state == TaskState.RUNNING) {
      return new StackTraceElement[0];
    }
    return StackTraces.ofTask(running.suspendedStack());
  }

  @Override
  public String toString() {
    return "task '" + name() + "' (#" + id + ")";
  }
}
