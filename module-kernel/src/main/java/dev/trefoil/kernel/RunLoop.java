package dev.trefoil.kernel;

import dev.trefoil.hazmat.Abort;
import dev.trefoil.hazmat.AbortFunction;
import dev.trefoil.hazmat.Backend;
import dev.trefoil.hazmat.Body;
import dev.trefoil.hazmat.CancelReason;
import dev.trefoil.hazmat.CancelStatus;
import dev.trefoil.hazmat.Cancelled;
import dev.trefoil.hazmat.Clock;
import dev.trefoil.hazmat.EntryPoint;
import dev.trefoil.hazmat.Instrument;
import dev.trefoil.hazmat.KernelError;
import dev.trefoil.hazmat.KernelOperations;
import dev.trefoil.hazmat.Outcome;
import dev.trefoil.hazmat.RaiseCancel;
import dev.trefoil.hazmat.Run;
import dev.trefoil.hazmat.RunOptions;
import dev.trefoil.hazmat.RunStatistics;
import dev.trefoil.hazmat.RunningCode;
import dev.trefoil.hazmat.Task;
import dev.trefoil.hazmat.TaskContext;
import dev.trefoil.hazmat.TaskDump;
import dev.trefoil.hazmat.TaskOwner;
import dev.trefoil.hazmat.TaskSpec;
import dev.trefoil.hazmat.TaskState;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.channels.SelectableChannel;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One run: the loop, and what tasks ask of it.
 *
 * <p>It is one file because it is one algorithm: how a task gives up the thread, how it is woken,
 * how it is cancelled and how it ends cannot be understood apart. What can be has its own file.
 *
 * <p>A pass: look for I/O (sleeping if nothing is runnable), fire deadlines, run the entry calls that
 * have come, run the batch of tasks that are runnable. What is woken in a pass runs in the next, so
 * nothing that is always ready can keep the rest waiting for more than one batch. I/O comes before
 * deadlines: what became ready in time is not timed out.
 *
 * <p>Confinement: everything here is touched by the run's own thread of execution only, save for
 * {@link EntryQueue}, {@link Io#wakeLoop()} and the counter that the {@link Watchdog} reads.
 *
 * <p>Faults: what tasks throw is their owners' business. Whatever else throws in here, be it an abort
 * function, an entry call, an exit listener, a system task or the kernel itself, ends in {@link
 * #crash(KernelError)}: all tasks are cancelled, the run goes on until they have ended, and then
 * fails.
 */
final class RunLoop extends KernelOperations implements Run {
  /** How many schedule points after an operation that has happened may be skipped in a step. */
  private static final int SKIPS_PER_STEP = 31;

  /** How many faults of the kernel itself a run survives before it is given up. */
  private static final int MAX_INTERNAL_FAULTS = 100;

  private static final AbortFunction NOTHING_TO_UNDO = raiseCancel -> Abort.SUCCEEDED;

  /** A constant, since making it takes more of the stack than an overflow has left. */
  private static final RaiseCancel NOT_SUSPENDED =
      () -> {
        throw newCancelled(CancelReason.of(CancelReason.Source.EXPLICIT));
      };

  private static final VarHandle FOREIGN_CODE;

  static {
    initializeWhatFaultsNeed();
    try {
      FOREIGN_CODE = MethodHandles.lookup().findVarHandle(RunLoop.class, "foreignCode", long.class);
    } catch (ReflectiveOperationException impossible) {
      throw new ExceptionInInitializerError(impossible);
    }
  }

  /**
   * A class whose initializer meets a stack overflow is dead for the whole process, so what is first
   * needed when something goes wrong is initialized before any task can cause one. Nothing of it is
   * kept: an error's backtrace would keep the classes, and so the bundle, of whoever ran first.
   */
  private static void initializeWhatFaultsNeed() {
    List<Object> needed =
        List.of(
            Abort.SUCCEEDED,
            TaskState.PARKED,
            newCancelled(CancelReason.of(CancelReason.Source.CRASH)),
            Outcome.nothing(),
            new KernelError("never thrown"));
    if (needed.isEmpty()) {
      throw new AssertionError("keeps the list from being optimized away");
    }
  }

  private final String name;
  private final RunOptions options;
  private final Clock clock;
  private final RunQueue runnable;
  private final Io io;
  private final EntryQueue entries;
  private final Instruments instruments = new Instruments(this);
  private final IdleWaiters idleWaiters = new IdleWaiters();
  private final Map<Object, Object> locals = new HashMap<>();
  private final CancelNode root;
  private final Consumer<Runnable> entryRunner = this::runEntry;

  /** Shared with {@link CancelNode}. */
  final DeadlineHeap deadlines = new DeadlineHeap();

  /** Kept by {@link CancelNode}. */
  int openNodes;

  private final CoroutineFactory coroutines;
  private @Nullable Thread loopThread;
  private @Nullable KernelTask<?> mainTask;

  /** Stands for the entry queue as the current task of its calls; never runs. */
  private @Nullable KernelTask<?> entryTask;

  /** The task whose step this is, or that stands for an entry call; null between steps. */
  private @Nullable KernelTask<?> current;

  /** More than 0 in code that must not suspend: abort functions, entry calls, listeners. */
  private int callbacks;

  private int skipsLeft;

  /** See {@link #repairCancellation()}; a field, since setting it takes no stack. */
  boolean cancellationFaulted;

  /** What is left of the batch that is being run; more than null only within a pass or a fault. */
  private @Nullable KernelTask<?> batch;

  private int livingTasks;
  private long lastTaskId;

  /** What the next poll was planned for; see {@link #planPoll()}. */
  private IdlePurpose plannedFor = IdlePurpose.NONE;

  private long plannedTimeout;
  private long pollBegan;
  private volatile boolean stopRequested;

  /** Whether code of a host may run; see {@link HostedDrive}. */
  private boolean leftToHost;

  /** Whether code of a host has changed what the next pass will find. */
  private volatile boolean changed;

  private boolean spawningClosed;
  private int internalFaults;
  private @Nullable KernelError crash;

  /** Counted up on the way into and out of foreign code; see {@link Watchdog}. */
  @SuppressWarnings("UnusedVariable") // through FOREIGN_CODE
  private long foreignCode;

  /** Who is told that a whole planned sleep has passed without anything happening. */
  private enum IdlePurpose {
    NONE,
    WAITERS,
    CLOCK
  }

  RunLoop(String name, RunOptions options, Backend backend) {
    this.name = name;
    this.options = options;
    this.io = new Io(this, options.selectorProvider());
    this.entries = new EntryQueue(io::wakeLoop);
    this.coroutines = CoroutineFactory.of(backend, this::bindTaskThread);
    Clock chosen = options.clock();
    this.clock = chosen != null ? chosen : new SystemClock();
    this.runnable = new RunQueue(options.seed());
    this.root = new CancelNode(this, null, name);
  }

  static void refuseInsideRun() {
    if (isAnyBound()) {
      throw new IllegalStateException(
          "Expected no run on this thread, but it already belongs to one, and a run inside a run"
              + " would block it. Spawn a task instead, or start the other run on another thread.");
    }
  }

  // ---- the life of a run

  /** Makes the run ready; no task exists yet. To be called once, before anything else. */
  void begin() {
    bind();
    try {
      clock.start();
      for (Instrument instrument : options.instruments()) {
        instruments.add(instrument);
      }
      instruments.beforeRun();
      entryTask =
          new KernelTask<>(
              this, 0, "entry queue", () -> null, new RunOwner(), TaskContext.EMPTY, root);
      entryTask.interruptProtected = true;
    } finally {
      unbind();
    }
  }

  /** Runs {@code body}, which is no task's, as code of this run. */
  <T extends @Nullable Object, X extends Throwable> T enter(Body<T, X> body) throws X {
    refuseInsideRun();
    bind();
    try {
      return body.call();
    } finally {
      unbind();
    }
  }

  /** Makes the task whose end is the end of the run. */
  <T extends @Nullable Object> KernelTask<T> spawnMain(TaskSpec<T> main) {
    if (mainTask != null) {
      throw new IllegalStateException(
          "Expected " + this + " to have no main task yet, but it has " + mainTask + ".");
    }
    KernelTask<T> task = newTask(main, root.newChild("the main task"), new MainOwner());
    mainTask = task;
    return task;
  }

  /** Makes the calling thread the one that executes this run. */
  void attach() {
    bind();
    loopThread = Thread.currentThread();
    coroutines.runLoopOn(loopThread);
    io.start();
    if (options.blockedWarningAfter().isPositive()) {
      Watchdog.watch(this, options.blockedWarningAfter());
    }
  }

  /** The attached thread has ended, and the calling one goes on in its stead. */
  void moveToThread(Thread thread) {
    bind();
    loopThread = thread;
    coroutines.runLoopOn(thread);
  }

  /** From any thread: nobody will execute this run any more. */
  void forgetWatching() {
    Watchdog.forget(this);
  }

  /** After how long without progress something is to be reported. */
  long blockedWarningNanos() {
    return options.blockedWarningAfter().isPositive()
        ? Watchdog.nanosOf(options.blockedWarningAfter())
        : Long.MAX_VALUE;
  }

  /** Ends the run for a fault outside of it. */
  void fail(KernelError error) {
    crash(error);
  }

  /** Ends {@link #attach()}. */
  void detach() {
    Watchdog.forget(this);
    io.handInterruptBack();
    unbind();
  }

  /**
   * Makes passes on the attached thread until there are no tasks, {@code until} holds at the end of
   * a pass, or {@link #stop()} has been called.
   *
   * @throws KernelError if the run has broken and all its tasks have ended
   */
  void drive(BooleanSupplier until) {
    while (isDriven() && !until.getAsBoolean()) {
      planPoll();
      guardedPass(plannedTimeout);
    }
    throwCrash();
  }

  /** Whether there is any reason to make another pass. */
  boolean isDriven() {
    return livingTasks > 0 && !stopRequested;
  }

  boolean hasTasks() {
    return livingTasks > 0;
  }

  /** Says whether the host's other jobs may be running, so that a change has to wake the sleeper. */
  void leaveToHost(boolean left) {
    leftToHost = left;
    changed = false;
  }

  /** On the sleeper's thread, while the host has nothing to do for this run. */
  void sleepForHost(long nanos) {
    io.sleep(nanos);
  }

  /** To be called by whatever changes what the next pass will find. */
  void noteChange() {
    if (leftToHost) {
      changed = true;
      io.wakeLoop();
    }
  }

  void throwCrash() {
    if (crash != null && livingTasks == 0) {
      throw crash;
    }
  }

  /** From any thread: ends {@link #drive} after the current step. */
  void stop() {
    stopRequested = true;
    io.wakeLoop();
  }

  /** Looked at by whoever is about to sleep, after it has announced that. */
  boolean mustNotSleep() {
    return stopRequested || changed || !entries.isEmpty();
  }

  /** Lets the next {@link #drive} begin. */
  void clearStop() {
    stopRequested = false;
  }

  /** Ends the run: refuses entry calls, runs the last of them, and gives up what it holds. */
  void end() {
    bind();
    try {
      spawningClosed = true;
      entries.closeAndRunRest(entryRunner);
      instruments.afterRun();
    } finally {
      try {
        io.close();
      } finally {
        unbind();
      }
    }
    throwCrash();
  }

  /** Makes a thread that will execute one task look like the loop's. */
  private void bindTaskThread() {
    bind();
    Thread.currentThread()
        .setContextClassLoader(Objects.requireNonNull(loopThread).getContextClassLoader());
  }

  /** One pass, which looks for I/O for up to {@code timeout} nanoseconds first. */
  void guardedPass(long timeout) {
    try {
      pass(timeout);
    } catch (Throwable fault) {
      recover();
      crash(new KernelError("The kernel itself failed; please report this.", fault));
      if (++internalFaults > MAX_INTERNAL_FAULTS) {
        throw Objects.requireNonNull(crash);
      }
    }
  }

  /** After a fault in the middle of a pass: whoever was in its hands must run again. */
  private void recover() {
    KernelTask<?> task = current;
    callbacks = 0;
    current = null;
    if (task != null && task != entryTask && task.state == TaskState.RUNNING) {
      makeRunnable(task);
    }
  }

  private void pass(long timeout) {
    if (cancellationFaulted) {
      repairCancellation();
    }
    if (batch == null) {
      pollIo(timeout);
      fireDeadlines();
      if (!entries.isEmpty()) {
        entries.runBatch(entryRunner);
      }
      batch = runnable.takeBatch();
    }
    for (KernelTask<?> task = batch; task != null && !stopRequested; task = batch) {
      batch = task.nextRunnable;
      task.nextRunnable = null;
      step(task);
    }
  }

  /**
   * Decides for how long the next pass may sleep: not at all if there is anything to do, else until
   * the next deadline. Somebody who waits for idleness cuts it short.
   */
  void planPoll() {
    plannedFor = IdlePurpose.NONE;
    if (batch != null || !runnable.isEmpty() || !entries.isEmpty()) {
      plannedTimeout = 0;
      return;
    }
    CancelNode next = deadlines.first();
    long deadline = next == null ? CancelStatus.NO_DEADLINE : next.deadline();
    plannedTimeout = Math.max(0, clock.nanosUntil(deadline));
    if (!idleWaiters.isEmpty()) {
      if (idleWaiters.smallestCushion() < plannedTimeout) {
        plannedTimeout = idleWaiters.smallestCushion();
        plannedFor = IdlePurpose.WAITERS;
        pollBegan = System.nanoTime();
      }
    } else if (next != null && clock.idleThreshold() < plannedTimeout) {
      // Without a deadline there is nothing to tell the clock, and a threshold of zero would spin.
      plannedTimeout = clock.idleThreshold();
      plannedFor = IdlePurpose.CLOCK;
      pollBegan = System.nanoTime();
    }
  }

  long plannedTimeout() {
    return plannedTimeout;
  }

  /**
   * Looks for I/O, sleeping for up to {@code timeout}. Having slept through the whole of a time that
   * was planned for somebody who waits for idleness means that idleness is reached.
   */
  private void pollIo(long timeout) {
    if (timeout == 0 && !io.hasWaiters() && plannedFor == IdlePurpose.NONE) {
      return;
    }
    instruments.beforeIoWait(timeout);
    io.poll(timeout);
    instruments.afterIoWait(timeout);
    if (plannedFor == IdlePurpose.NONE
        || !runnable.isEmpty()
        || !entries.isEmpty()
        || System.nanoTime() - pollBegan < plannedTimeout
        || isDue(deadlines.first())) {
      return;
    }
    if (plannedFor == IdlePurpose.CLOCK) {
      if (deadlines.first() != null) {
        clock.idle(deadlines.first().deadline());
      }
    } else if (!idleWaiters.isEmpty()) {
      idleWaiters.wakeSmallest(this);
    }
  }

  private boolean isDue(@Nullable CancelNode node) {
    return node != null && node.deadline() <= clock.now();
  }

  private void fireDeadlines() {
    CancelNode node = deadlines.first();
    if (node == null) {
      return;
    }
    long now = clock.now();
    while (node != null && node.deadline() <= now) {
      node.cancel(CancelReason.of(CancelReason.Source.DEADLINE));
      node = deadlines.first();
    }
  }

  // ---- steps

  private void step(KernelTask<?> task) {
    current = task;
    task.state = TaskState.RUNNING;
    task.cycles++;
    skipsLeft = runnable.isRandom() ? 0 : SKIPS_PER_STEP;
    instruments.beforeTaskStep(task);
    // It may come a second time, if a fault kept it from being finished.
    if (task.outcome == null) {
      resume(task);
    }
    if (task.outcome != null) {
      finish(task);
    } else if (task.state == TaskState.RUNNING) {
      makeRunnable(task);
    } else {
      deliverCancellation(task);
    }
    current = null;
    instruments.afterTaskStep(task);
  }

  private void resume(KernelTask<?> task) {
    enterForeignCode();
    try {
      Coroutine coroutine = task.coroutine;
      if (coroutine == null) {
        coroutine = coroutines.create(task::execute);
        task.coroutine = coroutine;
      }
      coroutine.resume();
    } catch (Throwable notRun) {
      // Out of memory, most likely. That is the end of this task, not of the run.
      task.outcome = Outcome.failure(notRun);
    } finally {
      leaveForeignCode();
    }
  }

  private void makeRunnable(KernelTask<?> task) {
    runnable.add(task);
    noteChange();
    instruments.taskScheduled(task);
  }

  private void finish(KernelTask<?> task) {
    task.leaveAbandonedScopes();
    task.finish();
    livingTasks--;
    current = null;
    callbacks++;
    enterForeignCode();
    try {
      task.notifyExit(
          (listener, error) ->
              crash(
                  new KernelError(
                      "The exit listener "
                          + Descriptions.of(listener)
                          + " of "
                          + task
                          + " threw. Exit listeners must not throw.",
                      error)));
    } finally {
      leaveForeignCode();
      callbacks--;
    }
    instruments.taskExited(task);
  }

  private void runEntry(Runnable fn) {
    current = entryTask;
    callbacks++;
    enterForeignCode();
    try {
      fn.run();
    } catch (Throwable error) {
      crash(
          new KernelError(
              "The entry call "
                  + Descriptions.of(fn)
                  + " threw. Calls given to callSoonThreadAndSignalSafe must not"
                  + " throw: catch what can go wrong inside the call.",
              error));
    } finally {
      leaveForeignCode();
      callbacks--;
      current = null;
      Objects.requireNonNull(entryTask).setContext(TaskContext.EMPTY);
    }
  }

  /** Records what broke the run, and ends it: everything is cancelled. */
  private void crash(KernelError error) {
    if (crash == null) {
      crash = error;
      root.cancel(CancelReason.of(CancelReason.Source.CRASH));
    } else {
      crash.addSuppressed(error);
    }
  }

  // ---- cancellation

  /** Does, with the loop's own stack, what was not finished. */
  private void repairCancellation() {
    cancellationFaulted = false;
    root.recalculateAll();
    for (KernelTask<?> task : TaskDumper.allTasks(root)) {
      if (task.aborting) {
        task.aborting = false;
        abortBroke(task, "did not come to an end", null);
      } else {
        deliverCancellation(task);
      }
    }
  }

  /** Aborts a task's sleep if there is one, it can be, and there is something to raise by now. */
  void deliverCancellation(KernelTask<?> task) {
    if (task.isAbortable() && task.mustRaise()) {
      abort(task, task.raiser());
    }
  }

  static Cancelled cancelled(CancelReason reason) {
    return newCancelled(reason);
  }

  private void abort(KernelTask<?> task, RaiseCancel raiseCancel) {
    AbortFunction function = Objects.requireNonNull(task.abort);
    task.abort = null;
    task.aborting = true;
    Abort answer;
    callbacks++;
    try {
      answer = function.abort(raiseCancel);
    } catch (Throwable error) {
      abortBroke(task, "threw", error);
      task.aborting = false;
      return;
    } finally {
      callbacks--;
    }
    if (answer == null) {
      abortBroke(task, "returned null instead of SUCCEEDED or FAILED", null);
    } else if (answer == Abort.SUCCEEDED) {
      if (task.state == TaskState.PARKED) {
        wake(task, Outcome.capture(raiseCancel::raise));
      } else {
        crash(
            new KernelError(
                "The abort function of "
                    + task
                    + " answered SUCCEEDED, but the task had already"
                    + " been rescheduled. Whoever reschedules must make the abort answer FAILED."));
      }
    }
    task.aborting = false;
  }

  /** Nobody can be relied on to wake that task any more, so it is woken here. */
  private void abortBroke(KernelTask<?> task, String how, @Nullable Throwable error) {
    String message =
        "The abort function of "
            + task
            + ", which waits in "
            + task.stateLabel()
            + ", "
            + how
            + ". Abort functions must undo the sleep or answer FAILED.";
    KernelError failure =
        error == null ? new KernelError(message) : new KernelError(message, error);
    if (task.state == TaskState.PARKED) {
      wake(task, Outcome.failure(failure));
    }
    crash(failure);
  }

  private void wake(KernelTask<?> task, Outcome<?> outcome) {
    runnable.addWoken(task, outcome);
    noteChange();
    instruments.taskScheduled(task);
  }

  // ---- what tasks ask for

  /** The task that is running, if it could suspend here. */
  KernelTask<?> suspendableTask(String action) {
    KernelTask<?> task = current;
    if (task == null || callbacks > 0) {
      throw new IllegalStateException(
          "Cannot "
              + action
              + " here: this code is called by the run itself (an entry call, abort"
              + " function, exit listener or instrument) and has no task of its own. Spawn a task"
              + " for it.");
    }
    return task;
  }

  void requireBound(String action) {
    if (!isBound()) {
      throw new IllegalStateException(
          "Cannot "
              + action
              + " from thread '"
              + Thread.currentThread().getName()
              + "', which does not belong to "
              + this
              + ". Enter that run with EntryPoint.callSoonThreadAndSignalSafe.");
    }
  }

  /** Gives up the thread; the task's state says what for. */
  private void suspend(KernelTask<?> task) {
    Objects.requireNonNull(task.coroutine).suspend();
  }

  private void schedulePoint(KernelTask<?> task) {
    task.schedulePoints++;
    try {
      suspend(task);
    } catch (IllegalStateException pinned) {
      throw cannotSuspend(task, pinned);
    }
  }

  @Override
  protected void yieldBriefly() {
    KernelTask<?> task = suspendableTask("pass a checkpoint");
    schedulePoint(task);
    task.cancelPoints++;
    if (task.mustRaise()) {
      throw task.raiser().raise();
    }
  }

  @Override
  protected void yieldIfCancelled() {
    KernelTask<?> task = suspendableTask("pass a checkpoint");
    if (task.mustRaise()) {
      yieldIndefinitely("CANCELLED_WAIT", NOTHING_TO_UNDO);
    } else {
      task.cancelPoints++;
    }
  }

  @Override
  protected void yieldBrieflyNoCancel() {
    KernelTask<?> task = suspendableTask("pass a checkpoint");
    if (skipsLeft > 0) {
      skipsLeft--;
      task.schedulePoints++;
    } else {
      schedulePoint(task);
    }
  }

  @Override
  protected @Nullable Object yieldIndefinitely(String label, AbortFunction abort) {
    KernelTask<?> task = suspendableTask("wait");
    task.schedulePoints++;
    task.cancelPoints++;
    task.state = TaskState.PARKED;
    task.label = label;
    task.abort = abort;
    try {
      suspend(task);
    } catch (Throwable notSuspended) {
      task.state = TaskState.RUNNING;
      task.abort = null;
      task.customSleepData = null;
      undoSleep(task, abort);
      if (notSuspended instanceof IllegalStateException pinned) {
        throw cannotSuspend(task, pinned);
      }
      throw notSuspended;
    }
    Outcome<?> outcome = Objects.requireNonNull(task.wakeOutcome);
    task.wakeOutcome = null;
    return outcome.unwrap();
  }

  /** The stack could not be suspended after all: takes the arrangements for the sleep back. */
  private void undoSleep(KernelTask<?> task, AbortFunction abort) {
    callbacks++;
    try {
      Abort answer = abort.abort(NOT_SUSPENDED);
      if (answer != Abort.SUCCEEDED) {
        crash(
            new KernelError(
                task + " could not be suspended and its abort function could not undo the sleep."));
      }
    } catch (Throwable error) {
      crash(new KernelError("The abort function of " + task + " threw.", error));
    } finally {
      callbacks--;
    }
  }

  private static IllegalStateException cannotSuspend(
      KernelTask<?> task, IllegalStateException pinned) {
    String frame =
        StackWalker.getInstance()
            .walk(
                frames ->
                    frames
                        .filter(RunLoop::cannotBeSuspended)
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
    if (!(sleeper instanceof KernelTask<?> task) || task.loop() != this || !isBound()) {
      throw new IllegalStateException(
          "Expected a task of "
              + this
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
    wake(task, outcome);
  }

  @Override
  protected <T extends @Nullable Object> Task<T> spawn(TaskSpec<T> spec) {
    TaskOwner owner = spec.owner();
    if (owner == null) {
      throw new IllegalArgumentException(
          "Expected a task specification with an owner, who is told how the task ends, got one"
              + " without. Applications spawn into a nursery.");
    }
    CancelStatus status = spec.cancelStatus();
    return newTask(spec, status == null ? root : status, owner);
  }

  @Override
  protected <T extends @Nullable Object> Task<T> spawnSystemTask(TaskSpec<T> spec) {
    spec.context(mainTask == null ? TaskContext.EMPTY : mainTask.initialContext());
    KernelTask<T> task = newTask(spec, root, new SystemOwner());
    task.interruptProtected = true;
    return task;
  }

  private <T extends @Nullable Object> KernelTask<T> newTask(
      TaskSpec<T> spec, CancelStatus status, TaskOwner owner) {
    if (!(status instanceof CancelNode node) || node.loop() != this || node.isClosed()) {
      throw new IllegalStateException(
          "Expected an open cancel status of "
              + this
              + " to spawn a task under, got "
              + status
              + ". Its scope or nursery has been left, or belongs to another run.");
    }
    if (spawningClosed) {
      throw new IllegalStateException(
          this + " is over: its last task has ended, and no task can be spawned any more.");
    }
    TaskContext context = spec.context();
    if (context == null) {
      context = current == null ? TaskContext.EMPTY : current.context();
    }
    KernelTask<T> task =
        new KernelTask<>(this, ++lastTaskId, spec.name(), spec.body(), owner, context, node);
    node.addTask(task);
    livingTasks++;
    instruments.taskSpawned(task);
    makeRunnable(task);
    return task;
  }

  @Override
  protected void waitReadable(SelectableChannel channel) {
    io.waitFor(channel, false);
  }

  @Override
  protected void waitWritable(SelectableChannel channel) {
    io.waitFor(channel, true);
  }

  @Override
  protected void notifyClosing(SelectableChannel channel) {
    io.notifyClosing(channel);
  }

  @Override
  protected void waitReadable(int fd) {
    io.waitFor(fd, false);
  }

  @Override
  protected void waitWritable(int fd) {
    io.waitFor(fd, true);
  }

  @Override
  protected void notifyClosing(int fd) {
    io.notifyClosing(fd);
  }

  @Override
  protected void waitUntilIdle(long cushionNanos) {
    idleWaiters.park(this, suspendableTask("wait until the run is idle"), cushionNanos);
  }

  @Override
  protected boolean isProtected() {
    KernelTask<?> task = current;
    return task == null || task.interruptProtected || isCallbackOf(task);
  }

  @Override
  protected void setProtected(boolean value) {
    KernelTask<?> task = current;
    if (task != null && !isCallbackOf(task)) {
      task.interruptProtected = value;
    }
  }

  /** Whether the code that runs is no part of the current task, such as an abort that it causes. */
  private boolean isCallbackOf(KernelTask<?> task) {
    return callbacks > (task == entryTask ? 1 : 0);
  }

  @Override
  protected Run run() {
    return this;
  }

  @Override
  protected @Nullable Task<?> currentTaskOrNull() {
    return current;
  }

  @Override
  protected boolean inTask() {
    return current != null;
  }

  // ---- Run

  String name() {
    return name;
  }

  @Override
  public EntryPoint entryPoint() {
    return entries;
  }

  @Override
  public Clock clock() {
    return clock;
  }

  @Override
  public Backend backend() {
    return coroutines.backend();
  }

  @Override
  public Task<?> mainTask() {
    if (mainTask == null) {
      throw new IllegalStateException(
          "Expected " + this + " to have a main task, but whoever drives it has made none.");
    }
    return mainTask;
  }

  @Override
  public CancelStatus rootCancelStatus() {
    return root;
  }

  @Override
  public RunStatistics statistics() {
    requireBound("read statistics");
    CancelNode next = deadlines.first();
    return new RunStatistics(
        livingTasks,
        runnable.size(),
        next == null ? Long.MAX_VALUE : next.deadline() - clock.now(),
        deadlines.size(),
        openNodes,
        entries.size(),
        io.statistics());
  }

  @Override
  public List<Task<?>> tasks() {
    requireBound("list the tasks");
    return List.copyOf(TaskDumper.allTasks(root));
  }

  @Override
  public TaskDump dump() {
    requireBound("dump the tasks");
    return TaskDumper.dump(root);
  }

  @Override
  public void addInstrument(Instrument instrument) {
    requireBound("add an instrument");
    instruments.add(Objects.requireNonNull(instrument, "instrument"));
  }

  @Override
  public void removeInstrument(Instrument instrument) {
    requireBound("remove an instrument");
    instruments.remove(instrument);
  }

  @Override
  public Map<Object, Object> locals() {
    requireBound("use run-local values");
    return locals;
  }

  @Override
  public String toString() {
    return name;
  }

  // ---- for the instruments

  Instruments instruments() {
    return instruments;
  }

  void enterCallback() {
    callbacks++;
  }

  void leaveCallback() {
    callbacks--;
  }

  // ---- for the watchdog

  private void enterForeignCode() {
    FOREIGN_CODE.setOpaque(this, foreignCode + 1);
  }

  private void leaveForeignCode() {
    FOREIGN_CODE.setOpaque(this, foreignCode + 1);
  }

  /** From any thread: odd while foreign code runs. */
  long foreignCodeCount() {
    return (long) FOREIGN_CODE.getOpaque(this);
  }

  @Override
  public @Nullable RunningCode runningCode() {
    long count = foreignCodeCount();
    KernelTask<?> task = current;
    Thread thread = loopThread;
    if ((count & 1) == 0 || thread == null) {
      return null;
    }
    Coroutine coroutine = task == null ? null : task.coroutine;
    StackTraceElement[] stack =
        (coroutine == null ? thread : coroutine.runningThread(thread)).getStackTrace();
    if (foreignCodeCount() != count) {
      return null;
    }
    return new RunningCode(
        task == null ? "An exit listener" : task.toString(),
        task == entryTask ? null : task,
        List.of(StackTraces.ofTask(stack)));
  }

  // ---- owners of the kernel's own tasks

  private class RunOwner implements TaskOwner {
    @Override
    public @Nullable Task<?> parentTask() {
      return null;
    }

    @Override
    public void taskExited(Task<?> task) {}

    @Override
    public String toString() {
      return name;
    }
  }

  private final class MainOwner extends RunOwner {
    @Override
    public void taskExited(Task<?> task) {
      root.cancel(CancelReason.of(CancelReason.Source.SHUTDOWN));
      task.cancelStatus().close();
    }
  }

  private final class SystemOwner extends RunOwner {
    @Override
    public void taskExited(Task<?> task) {
      if (task.outcome() instanceof Outcome.Failure<?>(Throwable error)
          && !(error instanceof Cancelled cancelled && isRegular(cancelled))) {
        crash(
            new KernelError(
                "System "
                    + task
                    + " failed. System tasks serve the run as a whole and must not"
                    + " fail.",
                error));
      }
    }

    /** The end of the run, or somebody who has cancelled just this task. */
    private boolean isRegular(Cancelled cancelled) {
      return root.effectivelyCancelled() || cancelled.reason().source() == CancelReason.Source.TASK;
    }
  }
}
