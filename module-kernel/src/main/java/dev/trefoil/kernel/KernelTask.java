package dev.trefoil.kernel;

import dev.trefoil.hazmat.AbortFunction;
import dev.trefoil.hazmat.CancelReason;
import dev.trefoil.hazmat.CancelStatus;
import dev.trefoil.hazmat.Cancelled;
import dev.trefoil.hazmat.KeyboardInterrupts;
import dev.trefoil.hazmat.Outcome;
import dev.trefoil.hazmat.RaiseCancel;
import dev.trefoil.hazmat.Run;
import dev.trefoil.hazmat.Task;
import dev.trefoil.hazmat.TaskAction;
import dev.trefoil.hazmat.TaskContext;
import dev.trefoil.hazmat.TaskError;
import dev.trefoil.hazmat.TaskOwner;
import dev.trefoil.hazmat.TaskState;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
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
  private final long id;

  /** A {@link Callable}, or the {@link TaskAction} that one was made of. */
  private final Object body;

  private TaskOwner owner;
  private TaskContext context;

  /** Where the task is in the tree. Written by {@link CancelNode} only. */
  CancelNode node;

  /** The node that the task was spawned under and has to end in. */
  private final CancelNode home;

  /** Null until the first step, and again when the task has ended. */
  @Nullable Coroutine coroutine;

  TaskState state = TaskState.RUNNABLE;

  /** What a parked task waits for. */
  @Nullable String label;

  /** How to undo the sleep; null if the task is not asleep or its abort has been called. */
  @Nullable AbortFunction abort;

  /** Whether the abort function was taken and its answer has not been dealt with. */
  boolean aborting;

  /** What the sleep that has just ended returns or throws. */
  @Nullable Outcome<?> wakeOutcome;

  /** Set by the body when it is done; the task ends when the loop sees it. */
  @Nullable Outcome<T> outcome;

  private final boolean hasResult;

  boolean interruptProtected;
  long schedulePoints;
  long cancelPoints;
  long cycles;
  @Nullable Object customSleepData;

  private @Nullable TaskExtras extras;

  /** Links of {@link RunQueue} and {@link CancelNode}. */
  @Nullable KernelTask<?> nextRunnable;

  @Nullable KernelTask<?> previousInNode;
  @Nullable KernelTask<?> nextInNode;

  KernelTask(
      long id,
      @Nullable String name,
      Callable<? extends T> body,
      TaskOwner owner,
      TaskContext context,
      CancelNode node) {
    this.id = id;
    this.body = TaskAction.unwrap(body);
    this.hasResult = this.body == body;
    if (name != null) {
      extras().name = name;
    }
    this.owner = owner;
    this.context = context;
    this.node = node;
    this.home = node;
  }

  /** The body of the coroutine: never throws. {@link FrameKind} knows its name. */
  void execute() {
    try {
      if (hasResult) {
        outcome = Outcome.of(KeyboardInterrupts.<T, Exception>callOut(callable()::call));
      } else {
        KeyboardInterrupts.<Exception>callOut(((TaskAction) body)::run);
        outcome = withoutResult();
      }
    } catch (Throwable error) {
      outcome = Outcome.failure(error);
    }
  }

  @SuppressWarnings("unchecked") // what the constructor was given
  private Callable<T> callable() {
    return (Callable<T>) body;
  }

  @SuppressWarnings("unchecked") // null is of any type that a body without a result has
  private Outcome<T> withoutResult() {
    return (Outcome<T>) Outcome.nothing();
  }

  // ---- for the kernel

  RunLoop loop() {
    return home.loop();
  }

  /** Counts the nodes that the task has entered and that have an interrupt for it that is due. */
  void countDueInterrupts(int change) {
    extras().dueInterrupts += change;
  }

  private TaskExtras extras() {
    if (extras == null) {
      extras = new TaskExtras();
    }
    return extras;
  }

  CancelNode node() {
    return node;
  }

  boolean isAbortable() {
    return state == TaskState.PARKED && abort != null;
  }

  // ---- what cancel points raise

  /** Whether a cancel point of this task raises now. */
  boolean mustRaise() {
    return node.effectivelyCancelled()
        || placeOfInterrupt() != null
        || node.loop().keyboardInterrupt().mustRaiseIn(this);
  }

  /**
   * The node whose interrupt is next: the outermost that has one and that no shield is inside of.
   * {@link #home} stands for what was sent to the task itself.
   */
  private @Nullable CancelNode placeOfInterrupt() {
    TaskExtras sent = extras;
    if (sent == null || (sent.interrupt == null && sent.dueInterrupts == 0)) {
      return null;
    }
    CancelNode found = null;
    for (CancelNode up = node; up != null && up != home; up = up.parentNode()) {
      if (up.dueInterrupt() != null) {
        found = up;
      }
      if (up.isShielded()) {
        return found;
      }
    }
    return sent.interrupt != null ? home : found;
  }

  /**
   * What a cancel point raises now. A cancelled node goes first, since it will raise again until it
   * is left, while an interrupt that is replaced by something else on its way is lost. An interrupt
   * counts as raised only when this is called.
   */
  RaiseCancel raiser() {
    RunInterrupt ofRun = loop().keyboardInterrupt();
    if (ofRun.mustRaiseIn(this)) {
      return () -> {
        throw ofRun.take();
      };
    }
    CancelNode place = node.effectivelyCancelled() ? null : placeOfInterrupt();
    if (place == null) {
      CancelReason reason = node.responsibleReason();
      return () -> {
        throw Operations.cancelled(reason);
      };
    }
    Supplier<? extends Throwable> pending =
        Objects.requireNonNull(place == home ? extras().interrupt : place.dueInterrupt());
    return () -> {
      useUp(place, pending);
      throw Outcome.<RuntimeException>failure(pending.get()).unwrap();
    };
  }

  /** An interrupt takes those with it that are due further inside. */
  private void useUp(CancelNode place, Supplier<? extends Throwable> pending) {
    TaskExtras sent = extras();
    if ((place == home ? sent.interrupt : place.dueInterrupt()) != pending) {
      return;
    }
    for (CancelNode up = node; up != null && up != home; up = up.parentNode()) {
      if (up.dueInterrupt() != null) {
        up.dropInterrupt();
      }
      if (up == place) {
        return;
      }
    }
    sent.interrupt = null;
  }

  @Override
  public boolean interrupt() {
    return requestCancel(cancellation());
  }

  /** An error that is pending gives way: it might be caught, and the task would never end. */
  private boolean requestCancel(Supplier<? extends Throwable> error) {
    loop().requireBound("cancel a task");
    TaskExtras sent = extras();
    if (sent.cancelRequested) {
      return false;
    }
    sent.interrupt = null;
    sent.cancelRequested = interrupt(error);
    return sent.cancelRequested;
  }

  private static Supplier<Cancelled> cancellation() {
    CancelReason reason = CancelReason.byCurrentTask(CancelReason.Source.TASK, null);
    return () -> Operations.cancelled(reason);
  }

  @Override
  public boolean interrupt(Supplier<? extends Throwable> error) {
    loop().requireBound("interrupt a task");
    Objects.requireNonNull(error, "error");
    TaskExtras sent = extras();
    if (state.isFinal() || sent.interrupt != null) {
      return false;
    }
    sent.interrupt = error;
    loop().aborts.deliver(this);
    return true;
  }

  @Override
  public @Nullable Supplier<? extends Throwable> withdrawInterrupt() {
    loop().requireBound("withdraw an interrupt");
    TaskExtras sent = extras;
    if (sent == null) {
      return null;
    }
    Supplier<? extends Throwable> pending = sent.interrupt;
    sent.interrupt = null;
    return pending;
  }

  /** Whether the task itself, and not one around it, is inside a node by having entered it. */
  boolean hasEntered(CancelNode entered) {
    CancelNode inner = node;
    while (inner != null && inner != home && inner != entered) {
      inner = inner.parentNode();
    }
    return inner == entered && inner != home;
  }

  /** A body that ended without leaving what it had entered has failed, whatever came of it. */
  void leaveAbandonedScopes() {
    if (node == home) {
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
    home.takeOver(this);
    inner.detachIfAbandoned();
    inner.closeUpTo(home);
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
    TaskExtras told = extras;
    if (told == null) {
      notifyExit(owner, report);
      return;
    }
    for (ExitListener listener : told.takeListeners()) {
      notifyExit(listener, report);
    }
    notifyExit(owner, report);
    told.unparkJoiners();
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
    String given = extras == null ? null : extras.name;
    return given != null ? given : nameOf(body);
  }

  private static String nameOf(Object body) {
    String name = body.getClass().getName();
    int lambda = name.indexOf("$$Lambda");
    String readable = lambda < 0 ? name : name.substring(0, lambda);
    return readable.substring(readable.lastIndexOf('.') + 1);
  }

  @Override
  public Object body() {
    return body;
  }

  @Override
  public Run run() {
    return loop().view();
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
    loop().requireBound("change a task's owner");
    requireLiving("change the owner of");
    owner = Objects.requireNonNull(newOwner, "owner");
  }

  @Override
  public TaskContext context() {
    return context;
  }

  @Override
  public void setContext(TaskContext newContext) {
    loop().requireBound("change a task's context");
    context = Objects.requireNonNull(newContext, "context");
  }

  @Override
  public T join() {
    loop().requireBound("join a task");
    TaskExtras joining = extras();
    joining.waitingJoins++;
    try {
      waitForEnd("join", "JOIN_TASK");
      joining.joined = true;
    } finally {
      joining.waitingJoins--;
    }
    return result();
  }

  @Override
  public void awaitEnd() {
    loop().requireBound("wait for a task");
    waitForEnd("wait for", "WAIT_TASK");
  }

  @Override
  public boolean isJoined() {
    return extras != null && (extras.joined || extras.waitingJoins > 0);
  }

  private void waitForEnd(String action, String waitLabel) {
    if (loop().steps.suspendableTask(action + " a task") == this) {
      throw new IllegalStateException(
          this + " cannot " + action + " itself: it would wait for its own end for ever.");
    }
    if (state.isFinal()) {
      loop().operations().yieldIfCancelled();
      loop().operations().yieldBrieflyNoCancel();
      return;
    }
    extras().parkJoiner(waitLabel);
  }

  @Override
  public boolean cancel() {
    return cancel(cancellation());
  }

  @Override
  public boolean cancel(Supplier<? extends Throwable> error) {
    loop().requireBound("cancel a task");
    Objects.requireNonNull(error, "error");
    boolean interrupted = loop().steps.current() != this && requestCancel(error);
    waitForEnd("cancel", "CANCEL_TASK");
    owner.outcomeTaken(this);
    return interrupted && extras().interrupt != error;
  }

  @Override
  public T result() {
    return switch (takeOutcome("result")) {
      case Outcome.Value<T>(T value) -> value;
      case Outcome.Failure<T>(Throwable error) ->
          throw new TaskError(this + " has failed: " + Descriptions.of(error), error);
    };
  }

  @Override
  public @Nullable Throwable exception() {
    return takeOutcome("exception") instanceof Outcome.Failure<T>(Throwable error) ? error : null;
  }

  private Outcome<T> takeOutcome(String what) {
    Outcome<T> taken = outcome();
    if (taken == null) {
      throw new IllegalStateException(
          "Expected a task that has ended, but "
              + this
              + " has no "
              + what
              + " yet: it is "
              + stateLabel()
              + ". Wait for its end with join() or awaitEnd().");
    }
    owner.outcomeTaken(this);
    return taken;
  }

  @Override
  public boolean hasEnded() {
    return state.isFinal();
  }

  @Override
  public boolean isCancelled() {
    return state == TaskState.CANCELLED;
  }

  @Override
  public void addExitListener(ExitListener listener) {
    loop().requireBound("listen for a task's end");
    requireLiving("listen for the end of");
    extras().addListener(Objects.requireNonNull(listener, "listener"));
  }

  @Override
  public boolean removeExitListener(ExitListener listener) {
    loop().requireBound("stop listening for a task's end");
    return extras != null && extras.removeListener(listener);
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
  public long cycles() {
    return cycles;
  }

  @Override
  public StackTraceElement[] stackTrace() {
    loop().requireBound("look at a task's stack");
    return suspendedStack();
  }

  /** From any thread, if the run does not go on meanwhile. */
  StackTraceElement[] suspendedStack() {
    Coroutine running = coroutine;
    if (running == null || state == TaskState.RUNNING) {
      return new StackTraceElement[0];
    }
    return StackTraces.ofTask(running.suspendedStack());
  }

  @Override
  public @Nullable StackTraceElement where() {
    loop().requireBound("look at where a task is");
    return StackTraces.innermostOfUser(suspendedStack());
  }

  @Override
  public String traceback() {
    if (!state.isFinal()) {
      loop().requireBound("look at a task's stack");
    }
    StringBuilder lines = new StringBuilder(toString()).append(", ").append(stateLabel());
    for (StackTraceElement frame : suspendedStack()) {
      lines.append(System.lineSeparator()).append("    at ").append(frame);
    }
    if (outcome() instanceof Outcome.Failure<T>(Throwable error)) {
      lines.append(System.lineSeparator()).append(Descriptions.withStack(error));
    }
    return lines.toString();
  }

  @Override
  public String toString() {
    return "task '" + name() + "' (#" + id + ")";
  }
}
