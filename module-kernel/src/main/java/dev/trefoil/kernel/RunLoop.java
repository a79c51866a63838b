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
import java.util.Objects;
import java.util.function.BooleanSupplier;
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
  private final String name;
  private final RunOptions options;
  private final Clock clock;
  private final Operations operations;
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
  private final RunningStep runningStep;
  private final CoroutineFactory coroutines;

  private final Faults faults = new Faults();
  private final ControlCReceiver controlC;
  private final RunInterrupt keyboardInterrupt;

  /** For all who want to know whose step this is. */
  final Steps steps;

  /** A field for {@link CancelNode}, which after a stack overflow cannot call anything. */
  final Aborts aborts = new Aborts(this);

  /** For all who change what belongs to this run. */
  final StackReserve stack = new StackReserve();

  /** Kept by {@link CancelNode}. */
  int openNodes;

  /** Kept by {@link CancelNode}: counted up when its short cuts may lead astray. */
  int shortcutAge;

  private @Nullable Thread loopThread;

  private @Nullable KernelTask<?> mainTask;

  /** What the main task has inherited. */
  private TaskContext mainContext = TaskContext.EMPTY;

  /** Whether nobody but the tasks waits for passes to end. */
  private boolean ownsThread;

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
    Clock chosen = options.clock();
    this.clock = chosen != null ? chosen : new SystemClock();
    this.runnable = new RunQueue(options.seed());
    this.steps = new Steps(this, runnable, instruments, coroutines);
    this.operations = new Operations(this, steps);
    this.runningStep = new RunningStep(this, steps);
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
      KernelTask<?> entries =
          new KernelTask<>(
              0, "entry queue", () -> null, new RunOwner.OfEntries(this), TaskContext.EMPTY, root);
      entries.interruptProtected = true;
      steps.begin(entries);
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

  /** A task has ended. */
  void countEnd() {
    livingTasks--;
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

  boolean isStopRequested() {
    return stopRequested;
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
      entries.closeAndRunRest(steps.entryRunner());
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
      steps.recover();
      crash(new KernelError("The kernel itself failed; please report this.", fault));
      faults.countOfKernel();
    }
  }

  private void pass(long timeout) {
    aborts.repair(root);
    if (!steps.hasBatch()) {
      pollIo(timeout);
      dueTimers.fire();
      if (!entries.isEmpty()) {
        entries.runBatch(steps.entryRunner());
      }
      steps.takeBatch();
    }
    steps.runBatch();
  }

  /** Decides for how long the next pass may sleep: not at all if there is anything to do. */
  void planPoll() {
    if (steps.hasBatch() || !runnable.isEmpty() || !entries.isEmpty()) {
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

  /** Records what broke the run, and ends it: everything is cancelled. */
  void crash(KernelError error) {
    if (faults.add(error)) {
      root.cancel(CancelReason.of(CancelReason.Source.CRASH));
    }
  }

  // ---- waking

  /** Ends a step that is to have another. */
  void makeRunnable(KernelTask<?> task) {
    runnable.add(task);
    noteChange();
    instruments.taskScheduled(task);
  }

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

  /** Whether the next pass would do nothing but run tasks; false if that cannot be seen from here. */
  boolean isNextPassEmpty() {
    return ownsThread
        && !runnable.isRandom()
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
      KernelTask<?> parent = steps.current();
      context = parent == null ? TaskContext.EMPTY : parent.context();
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

  RunningStep runningStep() {
    return runningStep;
  }

  /** From any thread, at a guess: the one that calls exit listeners and what else is of no task. */
  @Nullable Thread thread() {
    Thread ending = steps.endingThread();
    return ending != null ? ending : loopThread;
  }

  @Nullable KernelTask<?> mainTask() {
    return mainTask;
  }

  TaskContext mainContext() {
    return mainContext;
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
