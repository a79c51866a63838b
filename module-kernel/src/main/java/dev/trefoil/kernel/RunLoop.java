package dev.trefoil.kernel;

import dev.trefoil.hazmat.Backend;
import dev.trefoil.hazmat.Body;
import dev.trefoil.hazmat.CancelReason;
import dev.trefoil.hazmat.CancelStatus;
import dev.trefoil.hazmat.Clock;
import dev.trefoil.hazmat.Instrument;
import dev.trefoil.hazmat.KernelError;
import dev.trefoil.hazmat.Outcome;
import dev.trefoil.hazmat.RunOptions;
import dev.trefoil.hazmat.RunStatistics;
import dev.trefoil.hazmat.TaskContext;
import dev.trefoil.hazmat.TaskOwner;
import dev.trefoil.hazmat.TaskSpec;
import dev.trefoil.hazmat.TaskState;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The loop of one run: which task has the thread, and how it begins, ends and is woken.
 *
 * <p>A pass: look for I/O (sleeping if nothing is runnable), fire deadlines, run the entry calls that
 * have come, run the batch of tasks that are runnable. What is woken in a pass runs in the next, so
 * nothing that is always ready can keep the rest waiting for more than one batch. I/O comes before
 * deadlines: what became ready in time is not timed out.
 *
 * <p>Around it: {@link Operations} is what tasks ask for, {@link RunView} what they see, {@link
 * CancelNode} and {@link Aborts} are cancellation, {@link PollPlan} and {@link Io} the sleep, {@link
 * RunInterrupt} is the keyboard interrupt.
 *
 * <p>Confinement: everything in here is touched by the run's own thread of execution only, save for
 * {@link EntryQueue}, {@link Io#wakeLoop()} and what {@link RunningStep} reads.
 *
 * <p>Faults: what tasks throw is their owners' business. Whatever else throws in here, be it an abort
 * function, an entry call, an exit listener, a system task or the kernel itself, ends in {@link
 * #crash(KernelError)}: all tasks are cancelled, the run goes on until they have ended, and then
 * fails.
 */
final class RunLoop {
  /** How many schedule points in a row, of operations that have happened, others may have to wait for. */
  private static final int SKIPS_PER_STEP = 31;

  private final String name;
  private final RunOptions options;
  private final Clock clock;
  private final Operations operations = new Operations(this);
  private final RunView view = new RunView(this);
  private final RunQueue runnable;
  private final Io io;
  private final EntryQueue entries;
  private final Instruments instruments = new Instruments(this);
  private final IdleWaiters idleWaiters = new IdleWaiters();
  private final DeadlineHeap deadlines = new DeadlineHeap();
  private final DueTimers dueTimers;
  private final PollPlan plan;
  private final CancelNode root;
  private final ForeignCode foreignCode = new ForeignCode();
  private final RunningStep runningStep = new RunningStep(this, foreignCode);
  private final CoroutineFactory coroutines;

  /** Whether a task that suspends or ends may resume the next itself. */
  private final boolean handsOver;

  private final Consumer<Runnable> entryRunner = this::runEntry;
  private final Runnable taskRunner = this::executeTasks;
  private final Faults faults = new Faults();
  private final ControlCReceiver controlC;
  private final RunInterrupt keyboardInterrupt;

  /** A field for {@link CancelNode}, which after a stack overflow cannot call anything. */
  final Aborts aborts = new Aborts(this);

  /** For all who change what belongs to this run. */
  final StackReserve stack = new StackReserve();

  /** Kept by {@link CancelNode}. */
  int openNodes;

  /** Kept by {@link CancelNode}: counted up when its short cuts may lead astray. */
  int shortcutAge;

  private @Nullable Thread loopThread;

  /** The thread of the task that is ending its last step itself; null if that is the loop's affair. */
  private @Nullable Thread endingThread;

  private @Nullable KernelTask<?> mainTask;

  /** What the main task has inherited. */
  private TaskContext mainContext = TaskContext.EMPTY;

  /** Stands for the entry queue as the current task of its calls; never runs. */
  private @Nullable KernelTask<?> entryTask;

  /** The task whose step this is, or that stands for an entry call; null between steps. */
  private @Nullable KernelTask<?> current;

  /**
   * More than 0 in code that must not suspend: abort functions, entry calls, listeners. A field for
   * all who call such code, since counting down must not take stack that is no longer there.
   */
  int callbacks;

  /** Whether a coroutine is executing the kernel instead of a task. */
  private boolean betweenTasks;

  private int skipsLeft;

  /** Whether nobody but the tasks waits for passes to end. */
  private boolean ownsThread;

  /** What is left of the batch that is being run; more than null only within a pass or a fault. */
  private @Nullable KernelTask<?> batch;

  private int livingTasks;
  private long lastTaskId;
  private volatile boolean stopRequested;

  /** Whether code of a host may run; see {@link HostedDrive}. */
  private boolean leftToHost;

  /** Whether code of a host has changed what the next pass will find. */
  private volatile boolean changed;

  private boolean spawningClosed;

  RunLoop(String name, RunOptions options, Backend backend) {
    this.name = name;
    this.options = options;
    this.controlC = new ControlCReceiver(this, options.controlC());
    this.keyboardInterrupt =
        new RunInterrupt(this, options.keyboardInterruptsRestrictedToCheckpoints());
    this.io = new Io(this, options.selectorProvider());
    this.entries = new EntryQueue(stack, io::prepareToWakeLoop, io::wakeLoop);
    this.coroutines = CoroutineFactory.of(backend, this::bindTaskThread);
    this.handsOver = coroutines.handsOver();
    Clock chosen = options.clock();
    this.clock = chosen != null ? chosen : new SystemClock();
    this.runnable = new RunQueue(options.seed());
    this.dueTimers = new DueTimers(clock, deadlines, aborts);
    this.plan = new PollPlan(clock, deadlines, idleWaiters);
    this.root = new CancelNode(this, null, name);
  }

  static void refuseInsideRun() {
    if (Operations.isThreadBound()) {
      throw new IllegalStateException(
          "Expected no run on this thread, but it already belongs to one, and a run inside a run"
              + " would block it. Spawn a task instead, or start the other run on another thread.");
    }
  }

  // ---- the life of a run

  /** Makes the run ready; no task exists yet. To be called once, before anything else. */
  void begin() {
    operations.bindThread();
    try {
      clock.start();
      for (Instrument instrument : options.instruments()) {
        instruments.add(instrument);
      }
      instruments.beforeRun();
      entryTask =
          new KernelTask<>(
              0, "entry queue", () -> null, new RunOwner.OfEntries(this), TaskContext.EMPTY, root);
      entryTask.interruptProtected = true;
    } finally {
      Operations.unbindThread();
    }
  }

  /** Runs {@code body}, which is no task's, as code of this run. */
  <T extends @Nullable Object, X extends Throwable> T enter(Body<T, X> body) throws X {
    refuseInsideRun();
    operations.bindThread();
    try {
      return body.call();
    } finally {
      Operations.unbindThread();
    }
  }

  /** Makes the task whose end is the end of the run. */
  <T extends @Nullable Object> KernelTask<T> spawnMain(TaskSpec<T> main) {
    if (mainTask != null) {
      throw new IllegalStateException(
          "Expected " + this + " to have no main task yet, but it has " + mainTask + ".");
    }
    KernelTask<T> task = newTask(main, root.newChild("the main task"), new RunOwner.OfMain(this));
    mainTask = task;
    mainContext = task.context();
    return task;
  }

  /** Makes the calling thread the one that executes this run; if it throws, nothing is left of that. */
  void attach() {
    controlC.begin();
    operations.bindThread();
    loopThread = Thread.currentThread();
    coroutines.runLoopOn(loopThread);
    io.start();
    if (options.blockedWarningAfter().isPositive()) {
      Watchdog.watch(this, options.blockedWarningAfter());
    }
    operations.beginExecutionOfRun();
  }

  /** The attached thread has ended, and the calling one goes on in its stead. */
  void moveToThread(Thread thread) {
    operations.bindThread();
    loopThread = thread;
    coroutines.runLoopOn(thread);
  }

  /** From any thread: nobody will execute this run any more. */
  void abandon() {
    entries.close();
    operations.endExecutionOfRun();
    Watchdog.forget(this);
    controlC.end();
    SignalTable.forget(this);
  }

  /** After how long without progress something is to be reported. */
  long blockedWarningNanos() {
    return options.blockedWarningAfter().isPositive()
        ? Watchdog.nanosOf(options.blockedWarningAfter())
        : Long.MAX_VALUE;
  }

  /** Ends {@link #attach()}. */
  void detach() {
    operations.endExecutionOfRun();
    controlC.end();
    Watchdog.forget(this);
    io.handInterruptBack();
    Operations.unbindThread();
  }

  /** Makes passes on the attached thread, which has nothing else to do, until there are no tasks. */
  void driveToEnd() {
    ownsThread = true;
    drive(() -> false);
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
      guardedPass(plan.timeout());
    }
    throwCrash();
    if (mainTask == null) {
      keyboardInterrupt.throwLate();
    }
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
    if (livingTasks == 0) {
      faults.throwFirst();
    }
  }

  /** From any thread: ends {@link #drive} after the current step. */
  void stop() {
    stopHere();
    io.wakeLoop();
  }

  /** The same for the run's own thread, which does not sleep. */
  void stopHere() {
    stopRequested = true;
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
    operations.bindThread();
    try {
      spawningClosed = true;
      entries.closeAndRunRest(entryRunner);
      instruments.afterRun();
    } finally {
      try {
        SignalTable.forget(this);
        io.close();
      } finally {
        Operations.unbindThread();
      }
    }
    throwCrash();
    keyboardInterrupt.throwLate();
  }

  /** Makes a thread that will execute one task look like the loop's. */
  private void bindTaskThread() {
    operations.bindThread();
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
      faults.countOfKernel();
    }
  }

  /** After a fault in the middle of a pass: whoever was in its hands must run again. */
  private void recover() {
    KernelTask<?> task = current;
    callbacks = 0;
    foreignCode.forget();
    current = null;
    if (task != null && task != entryTask && task.state == TaskState.RUNNING) {
      makeRunnable(task);
    }
  }

  private void pass(long timeout) {
    aborts.repair(root);
    if (batch == null) {
      pollIo(timeout);
      dueTimers.fire();
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

  /** Decides for how long the next pass may sleep: not at all if there is anything to do. */
  void planPoll() {
    if (batch != null || !runnable.isEmpty() || !entries.isEmpty()) {
      plan.dontSleep();
    } else {
      plan.sleep();
    }
  }

  long plannedTimeout() {
    return plan.timeout();
  }

  private void pollIo(long timeout) {
    if (timeout == 0 && !io.hasWaiters() && !plan.hasPurpose()) {
      return;
    }
    instruments.beforeIoWait(timeout);
    io.poll(timeout);
    instruments.afterIoWait(timeout);
    if (plan.hasPurpose() && runnable.isEmpty() && entries.isEmpty()) {
      plan.tellOfIdleness(operations);
    }
  }

  // ---- steps

  private void step(KernelTask<?> first) {
    beginStep(first);
    // It may come a second time, if a fault kept it from being finished.
    if (first.outcome == null) {
      resume(first);
    }
    KernelTask<?> task = current;
    if (task != null) {
      endStep(task);
    }
  }

  private void beginStep(KernelTask<?> task) {
    current = task;
    task.state = TaskState.RUNNING;
    task.cycles++;
    skipsLeft = runnable.isRandom() ? 0 : SKIPS_PER_STEP;
    instruments.beforeTaskStep(task);
  }

  private void endStep(KernelTask<?> task) {
    if (task.outcome != null) {
      finish(task);
    } else if (task.state == TaskState.RUNNING) {
      makeRunnable(task);
    } else {
      aborts.deliver(task);
    }
    current = null;
    instruments.afterTaskStep(task);
  }

  /** After this the current task is the one whose step has to be ended, if any has. */
  private void resume(KernelTask<?> task) {
    foreignCode.enter();
    try {
      Coroutine coroutine = task.coroutine;
      if (coroutine == null) {
        coroutine = coroutines.create(taskRunner);
        task.coroutine = coroutine;
      }
      coroutine.resume();
    } catch (Throwable notRun) {
      if (betweenTasks) {
        endingThread = null;
        throw notRun;
      }
      KernelTask<?> unable = current;
      if (unable == null) {
        throw notRun;
      }
      // Out of memory, most likely. That is the end of this task, not of the run.
      unable.outcome = Outcome.failure(notRun);
    } finally {
      betweenTasks = false;
      if (foreignCode.isRunning()) {
        foreignCode.leave();
      }
    }
  }

  /**
   * The body of every coroutine. When a task ends in its first step, and most that are short do, the
   * next of the batch may use the coroutine, if it is new as well: a coroutine that has never been
   * suspended has cost next to nothing, and making another costs more than all the rest.
   */
  private void executeTasks() {
    KernelTask<?> task = Objects.requireNonNull(current);
    Coroutine coroutine = Objects.requireNonNull(task.coroutine);
    do {
      task.execute();
      task = handsOver ? handOverAtEnd(task, coroutine) : beginNextInsteadOf(task, coroutine);
    } while (task != null);
  }

  private @Nullable KernelTask<?> beginNextInsteadOf(KernelTask<?> ended, Coroutine coroutine) {
    KernelTask<?> next = batch;
    if (next == null
        || next.coroutine != null
        || next.outcome != null
        || ended.cycles > 1
        || !coroutine.renew()) {
      return null;
    }
    foreignCode.leave();
    betweenTasks = true;
    endStep(ended);
    if (stopRequested) {
      return null;
    }
    batch = next.nextRunnable;
    next.nextRunnable = null;
    beginStep(next);
    next.coroutine = coroutine;
    betweenTasks = false;
    foreignCode.enter();
    return next;
  }

  /**
   * Gives up the thread of the current task, whose state says what for; returns in its next step.
   *
   * @throws IllegalStateException if the stack cannot be suspended; nothing has happened then
   */
  void suspend(KernelTask<?> task) {
    Coroutine coroutine = Objects.requireNonNull(task.coroutine);
    if (!handsOver) {
      coroutine.suspend(null);
      return;
    }
    // An overflow once the turn is given away would leave two threads running, or none.
    stack.requireForPlatform();
    if (!instruments.isEmpty() || (task.state == TaskState.PARKED && task.mustRaise())) {
      coroutine.suspend(null);
      return;
    }
    foreignCode.leave();
    endStep(task);
    KernelTask<?> next = beginNext();
    if (next != task) {
      coroutine.suspend(next == null ? null : next.coroutine);
    }
  }

  private @Nullable KernelTask<?> handOverAtEnd(KernelTask<?> ended, Coroutine coroutine) {
    foreignCode.leave();
    betweenTasks = true;
    endingThread = Thread.currentThread();
    endStep(ended);
    endingThread = null;
    KernelTask<?> next = beginNext();
    betweenTasks = false;
    if (next != null) {
      coroutine.endInFavourOf(Objects.requireNonNull(next.coroutine));
    }
    return null;
  }

  /**
   * Begins the step that is next, in a thread that is not the loop's. Returns null if that is the loop's
   * affair, since something else has to be done before.
   */
  private @Nullable KernelTask<?> beginNext() {
    if (stopRequested) {
      return null;
    }
    KernelTask<?> next = batch;
    if (next == null) {
      if (!ownsThread || !isNextPassEmpty()) {
        return null;
      }
      next = runnable.takeBatch();
      batch = next;
    }
    if (next == null || next.outcome != null || !hasCoroutine(next)) {
      return null;
    }
    batch = next.nextRunnable;
    next.nextRunnable = null;
    beginStep(next);
    foreignCode.enter();
    return next;
  }

  private boolean hasCoroutine(KernelTask<?> task) {
    if (task.coroutine == null) {
      try {
        task.coroutine = coroutines.create(taskRunner);
      } catch (Throwable forTheLoopToFind) {
        return false;
      }
    }
    return true;
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
    foreignCode.enter();
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
      foreignCode.leave();
      callbacks--;
    }
    instruments.taskExited(task);
  }

  private void runEntry(Runnable fn) {
    current = entryTask;
    callbacks++;
    foreignCode.enter();
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
      foreignCode.leave();
      callbacks--;
      current = null;
      Objects.requireNonNull(entryTask).setContext(TaskContext.EMPTY);
    }
  }

  /** Records what broke the run, and ends it: everything is cancelled. */
  void crash(KernelError error) {
    if (faults.add(error)) {
      root.cancel(CancelReason.of(CancelReason.Source.CRASH));
    }
  }

  // ---- waking

  /** Ends a sleep. */
  void wake(KernelTask<?> task, Outcome<?> outcome) {
    noteChange();
    runnable.addWoken(task, outcome);
    try {
      instruments.taskScheduled(task);
    } catch (StackOverflowError tooDeepToTell) {
      // It is woken, and who woke it must not be told otherwise.
    }
  }

  // ---- who may ask for what

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
    if (!operations.isThreadBoundHere()) {
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

  /** Whether the code that runs is no part of the current task, such as an abort that it causes. */
  boolean isInCallbackOf(KernelTask<?> task) {
    return callbacks > (task == entryTask ? 1 : 0);
  }

  /** Whether that is the current task while entry calls run. */
  boolean standsForEntries(KernelTask<?> task) {
    return task == entryTask;
  }

  /** Takes one of the switches that may be skipped, if any is left. */
  boolean maySkipSwitch() {
    if (skipsLeft > 0) {
      skipsLeft--;
      return true;
    }
    return goesOnAlone();
  }

  /**
   * Begins a step where it stands instead of going round the loop, if another pass would do nothing but
   * resume the same task. What a pass might find that cannot be seen from here makes it false.
   */
  boolean goesOnAlone() {
    if (batch != null || !runnable.isEmpty() || !ownsThread || !isNextPassEmpty()) {
      return false;
    }
    foreignCode.goOn();
    skipsLeft = SKIPS_PER_STEP;
    return true;
  }

  /** Whether the next pass would do nothing but run tasks; false if that cannot be seen from here. */
  private boolean isNextPassEmpty() {
    return !runnable.isRandom()
        && !mustNotSleep()
        && !io.hasWaiters()
        && !aborts.faulted
        && instruments.isEmpty()
        && !isDeadlineNear();
  }

  /** Whether the next deadline has passed; also if only foreign code could say. */
  private boolean isDeadlineNear() {
    Timer next = deadlines.first();
    return next != null && (options.clock() != null || next.deadline <= clock.now());
  }

  <T extends @Nullable Object> KernelTask<T> newTask(
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
        new KernelTask<>(++lastTaskId, spec.name(), spec.body(), owner, context, node);
    // A task that is in the tree and was not made runnable would never end.
    if (leftToHost) {
      stack.requireForPlatform();
    } else {
      stack.requireLittle();
    }
    node.addTask(task);
    livingTasks++;
    runnable.add(task);
    try {
      noteChange();
      instruments.taskSpawned(task);
      instruments.taskScheduled(task);
    } catch (StackOverflowError tooDeepToTell) {
      // It is spawned, and who spawned it must not be told otherwise.
    }
    return task;
  }

  // ---- its parts

  String name() {
    return name;
  }

  RunView view() {
    return view;
  }

  Operations operations() {
    return operations;
  }

  ControlCReceiver controlC() {
    return controlC;
  }

  RunInterrupt keyboardInterrupt() {
    return keyboardInterrupt;
  }

  EntryQueue entries() {
    return entries;
  }

  Clock clock() {
    return clock;
  }

  Backend backend() {
    return coroutines.backend();
  }

  CancelNode root() {
    return root;
  }

  DeadlineHeap deadlines() {
    return deadlines;
  }

  IdleWaiters idleWaiters() {
    return idleWaiters;
  }

  Io io() {
    return io;
  }

  Instruments instruments() {
    return instruments;
  }

  ForeignCode foreignCode() {
    return foreignCode;
  }

  RunningStep runningStep() {
    return runningStep;
  }

  /** From any thread, at a guess: the one that calls exit listeners and what else is of no task. */
  @Nullable Thread thread() {
    Thread ending = endingThread;
    return ending != null ? ending : loopThread;
  }

  @Nullable KernelTask<?> mainTask() {
    return mainTask;
  }

  TaskContext mainContext() {
    return mainContext;
  }

  @Nullable KernelTask<?> current() {
    return current;
  }

  RunStatistics statistics() {
    return new RunStatistics(
        livingTasks,
        runnable.size(),
        deadlines.nanosToFirst(clock),
        deadlines.size(),
        openNodes,
        entries.size(),
        io.statistics());
  }

  @Override
  public String toString() {
    return name;
  }
}
