package dev.trefoil.kernel;

import dev.trefoil.hazmat.Abort;
import dev.trefoil.hazmat.AbortFunction;
import dev.trefoil.hazmat.CancelReason;
import dev.trefoil.hazmat.CancelStatus;
import dev.trefoil.hazmat.Cancelled;
import dev.trefoil.hazmat.KernelOperations;
import dev.trefoil.hazmat.KeyboardInterrupt;
import dev.trefoil.hazmat.Outcome;
import dev.trefoil.hazmat.Run;
import dev.trefoil.hazmat.ScopedBindings;
import dev.trefoil.hazmat.SignalWatch;
import dev.trefoil.hazmat.Task;
import dev.trefoil.hazmat.TaskOwner;
import dev.trefoil.hazmat.TaskSpec;
import dev.trefoil.hazmat.TaskState;
import java.nio.channels.SelectableChannel;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What tasks ask of their run. It checks what they give, and how they give up the thread is here;
 * how they get it back is in {@link RunLoop}.
 */
final class Operations extends KernelOperations {
  private static final AbortFunction NOTHING_TO_UNDO = raiseCancel -> Abort.SUCCEEDED;

  private final RunLoop loop;
  private final Steps steps;

  Operations(RunLoop loop, Steps steps) {
    this.loop = loop;
    this.steps = steps;
  }

  static Cancelled cancelled(CancelReason reason) {
    return newCancelled(reason);
  }

  static KeyboardInterrupt keyboardInterrupt() {
    return newKeyboardInterrupt();
  }

  // ---- the binding of threads, for the loop

  static boolean isThreadBound() {
    return isAnyBound();
  }

  boolean isThreadBoundHere() {
    return isBound();
  }

  void bindThread() {
    bind();
  }

  static void unbindThread() {
    unbind();
  }

  void beginExecutionOfRun() {
    beginExecution();
  }

  void endExecutionOfRun() {
    endExecution();
  }

  // ---- interrupts from outside, for the one who throws them

  void announce(Thread target, boolean interrupted) {
    announceInterrupt(target, interrupted);
  }

  boolean interruptAnnounced(Thread target) {
    return interruptIfAnnounced(target);
  }

  void withdrawAnnouncement() {
    withdrawInterrupt();
  }

  // ---- schedule points and sleep

  private void schedulePoint(KernelTask<?> task) {
    task.schedulePoints++;
    if (steps.goesOnAlone()) {
      task.cycles++;
      return;
    }
    try {
      steps.suspend(task);
    } catch (IllegalStateException pinned) {
      throw cannotSuspend(task, pinned);
    }
  }

  @Override
  protected @Nullable Task<?> tryCheckpoint() {
    KernelTask<?> task = steps.current();
    if (task == null || steps.callbacks > 0 || task.mustRaise() || !steps.maySkipSwitch()) {
      return null;
    }
    task.schedulePoints++;
    task.cancelPoints++;
    return task;
  }

  @Override
  protected void yieldBriefly() {
    KernelTask<?> task = steps.suspendableTask("pass a checkpoint");
    schedulePoint(task);
    task.cancelPoints++;
    if (task.mustRaise()) {
      throw task.raiser().raise();
    }
  }

  @Override
  protected void yieldIfCancelled() {
    KernelTask<?> task = steps.suspendableTask("pass a checkpoint");
    if (task.mustRaise()) {
      yieldIndefinitely("CANCELLED_WAIT", NOTHING_TO_UNDO);
    } else {
      task.cancelPoints++;
    }
  }

  @Override
  protected void yieldBrieflyNoCancel() {
    KernelTask<?> task = steps.suspendableTask("pass a checkpoint");
    task.schedulePoints++;
    try {
      if (!steps.maySkipSwitch()) {
        steps.suspend(task);
      }
    } catch (IllegalStateException | StackOverflowError cannotBeSuspendedHere) {
      // What the caller does has happened. An error would tell that it has not, and lose what it
      // gave.
    }
  }

  @Override
  protected @Nullable Object yieldIndefinitely(String label, AbortFunction abort) {
    KernelTask<?> task = steps.suspendableTask("wait");
    task.schedulePoints++;
    task.cancelPoints++;
    task.state = TaskState.PARKED;
    task.label = label;
    task.abort = abort;
    try {
      steps.suspend(task);
    } catch (Throwable notSuspended) {
      task.state = TaskState.RUNNING;
      task.abort = null;
      task.customSleepData = null;
      loop.aborts.undoSleep(task, abort);
      if (notSuspended instanceof IllegalStateException pinned) {
        throw cannotSuspend(task, pinned);
      }
      throw notSuspended;
    }
    Outcome<?> outcome = Objects.requireNonNull(task.wakeOutcome);
    task.wakeOutcome = null;
    if (outcome instanceof Outcome.Failure<?>(KeyboardInterrupt met)) {
      // Made by the loop, whose frames tell nobody anything.
      met.fillInStackTrace();
    }
    return outcome.unwrap();
  }

  @Override
  protected void sleepUntil(String label, long time) {
    KernelTask<?> task = steps.suspendableTask("sleep");
    if (time <= loop.clock().now()) {
      yieldBriefly();
      return;
    }
    if (time == CancelStatus.NO_DEADLINE) {
      yieldIndefinitely(label, NOTHING_TO_UNDO);
      throw rescheduledBySomebody();
    }
    Alarm alarm = new Alarm(task);
    // Whoever sets the alarm has to get to sleep, or to put it back.
    loop.stack.require();
    loop.deadlines().put(alarm, time);
    try {
      yieldIndefinitely(label, alarm);
    } finally {
      if (!alarm.hasRung()) {
        loop.deadlines().remove(alarm);
      }
    }
    if (!alarm.hasRung()) {
      throw rescheduledBySomebody();
    }
  }

  private static IllegalStateException rescheduledBySomebody() {
    return new IllegalStateException(
        "Expected nobody to reschedule a task that sleeps until a point in time or for ever, but"
            + " somebody did. A task may only be rescheduled by who made the arrangement for its"
            + " sleep.");
  }

  private static IllegalStateException cannotSuspend(
      KernelTask<?> task, IllegalStateException pinned) {
    String frame =
        StackWalker.getInstance()
            .walk(
                frames ->
                    frames
                        .filter(Operations::cannotBeSuspended)
                        .map(StackWalker.StackFrame::toString)
                        .findFirst()
                        .orElse("a native frame that called back into Java"));
    return new IllegalStateException(
        task
            + " cannot be suspended here, because its stack holds "
            + frame
            + ". Do not wait inside static initializers or callbacks from native code.",
        pinned);
  }

  private static boolean cannotBeSuspended(StackWalker.StackFrame frame) {
    return frame.isNativeMethod() || frame.getMethodName().equals("<clinit>");
  }

  @Override
  protected void reschedule(Task<?> sleeper, Outcome<?> outcome) {
    if (!(sleeper instanceof KernelTask<?> task) || task.loop() != loop) {
      throw new IllegalStateException(
          "Expected a task of "
              + loop
              + ", got "
              + sleeper
              + " of another run. Enter that run with EntryPoint.callSoonThreadAndSignalSafe.");
    }
    if (task.state != TaskState.PARKED) {
      throw new IllegalStateException(
          "Expected a task that sleeps in yieldIndefinitely, but "
              + task
              + " is "
              + task.state
              + (task.state == TaskState.RUNNABLE
                  ? ": it has already been rescheduled or aborted. Reschedule exactly once for each"
                      + " sleep, and not after its abort has answered SUCCEEDED."
                  : ". Only a sleeping task can be rescheduled."));
    }
    loop.wake(task, outcome);
  }

  @Override
  protected void waitUntilIdle(long cushionNanos) {
    KernelTask<?> task = steps.suspendableTask("wait until the run is idle");
    loop.idleWaiters().park(this, task, cushionNanos);
  }

  // ---- new tasks

  @Override
  protected <T extends @Nullable Object> Task<T> spawn(TaskSpec<T> spec) {
    TaskOwner owner = spec.owner();
    if (owner == null) {
      throw new IllegalArgumentException(
          "Expected a task specification with an owner, who is told how the task ends, got one"
              + " without. Applications spawn into a nursery.");
    }
    CancelStatus status = spec.cancelStatus();
    return loop.newTask(spec, status == null ? loop.root() : status, owner);
  }

  @Override
  protected <T extends @Nullable Object> Task<T> spawnSystemTask(TaskSpec<T> spec) {
    spec.context(loop.mainContext());
    KernelTask<T> task = loop.newTask(spec, loop.root(), new RunOwner.OfSystem(loop));
    task.interruptProtected = true;
    return task;
  }

  // ---- I/O

  @Override
  protected void waitReadable(SelectableChannel channel) {
    loop.io().waitFor(channel, false);
  }

  @Override
  protected void waitWritable(SelectableChannel channel) {
    loop.io().waitFor(channel, true);
  }

  @Override
  protected void notifyClosing(SelectableChannel channel) {
    loop.io().notifyClosing(channel);
  }

  @Override
  protected void waitReadable(int fd) {
    loop.io().waitFor(fd, false);
  }

  @Override
  protected void waitWritable(int fd) {
    loop.io().waitFor(fd, true);
  }

  @Override
  protected void notifyClosing(int fd) {
    loop.io().notifyClosing(fd);
  }

  // ---- signals

  @Override
  protected SignalWatch watchSignal(String name, Runnable onSignal) {
    return SignalTable.watch(loop, name, onSignal);
  }

  @Override
  protected SignalWatch ignoreSignal(String name) {
    return SignalTable.watch(loop, name, null);
  }

  // ---- what is current

  @Override
  protected Run run() {
    return loop.view();
  }

  @Override
  protected @Nullable Task<?> currentTaskOrNull() {
    return steps.current();
  }

  @Override
  protected boolean inTask() {
    return steps.current() != null;
  }

  @Override
  protected ScopedBindings captureScopedBindings() {
    return CapturedBindings.capture();
  }

  @Override
  protected boolean isProtected() {
    KernelTask<?> task = steps.current();
    return task == null || task.interruptProtected || steps.isInCallbackOf(task);
  }

  @Override
  protected void setProtected(boolean value) {
    KernelTask<?> task = steps.current();
    if (task != null && !steps.isInCallbackOf(task)) {
      task.interruptProtected = value;
    }
  }
}
