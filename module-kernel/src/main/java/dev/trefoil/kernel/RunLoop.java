package dev.trefoil.kernel;

import dev.trefoil.hazmat.Abort;
import dev.trefoil.hazmat.AbortFunction;
import dev.trefoil.hazmat.Backend;
import dev.trefoil.hazmat.CancelReason;
import dev.trefoil.hazmat.CancelStatus;
import dev.trefoil.hazmat.Cancelled;
import dev.trefoil.hazmat.Clock;
import dev.trefoil.hazmat.EntryPoint;
import dev.trefoil.hazmat.Instrument;
import dev.trefoil.hazmat.Kernel;
import dev.trefoil.hazmat.KernelError;
import dev.trefoil.hazmat.Outcome;
import dev.trefoil.hazmat.RaiseCancel;
import dev.trefoil.hazmat.Run;
import dev.trefoil.hazmat.RunOptions;
import dev.trefoil.hazmat.RunStatistics;
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
final class RunLoop extends Kernel implements Run {
  /** How many schedule points after an operation that has happened may be skipped in a step. */
  private static final int SKIPS_PER_STEP = 31;

  /** How many faults of the kernel itself a run survives before it is given up. */
  private static final int MAX_INTERNAL_FAULTS = 100;

  private static final AbortFunction NOTHING_TO_UNDO = raiseCancel -> Abort.SUCCEEDED;
  private static final VarHandle FOREIGN_CODE;

  static {
    try {
      FOREIGN_CODE = MethodHandles.lookup().findVarHandle(RunLoop.class, "foreignCode", long.class);
    } catch (ReflectiveOperationException impossible) {
      throw new ExceptionInInitializerError(impossible);
    }
  }

  private final String name;
  private final RunOptions options;
  private final Clock clock;
  private final RunQueue runnable;
  private final Io io = new Io(this);
  private final EntryQueue entries = new EntryQueue(io::wakeLoop);
  private final Instruments instruments = new Instruments(this);
  private final IdleWaiters idleWaiters = new IdleWaiters();
  private final Map<Object, Object> locals = new HashMap<>();
  private final CancelNode root;
  private final Consumer<Runnable> entryRunner = this::runEntry;

  /** Shared with {@link CancelNode}. */
  final DeadlineHeap deadlines = new DeadlineHeap();

  /** Kept by {@link CancelNode}. */
  int openNodes;

  private @Nullable CoroutineFactory coroutines;
  private @Nullable Thread loopThread;
  private @Nullable KernelTask<?> mainTask;

  /** Stands for the entry queue as the current task of its calls; never runs. */
  private @Nullable KernelTask<?> entryTask;

  /** The task whose step this is, or that stands for an entry call; null between steps. */
  private @Nullable KernelTask<?> current;

  /** More than 0 in code that must not suspend: abort functions, entry calls, listeners. */
  private int callbacks;

  private int skipsLeft;

  /** What is left of the batch that is being run; more than null only within a pass or a fault. */
  private @Nullable KernelTask<?> batch;

  private int livingTasks;
  private long lastTaskId;
  private boolean spawningClosed;
  private int internalFaults;
  private @Nullable KernelError crash;

  /** Counted up on the way into and out of foreign code; see {@link Watchdog}. */
  @SuppressWarnings("UnusedVariable") // through FOREIGN_CODE
  private long foreignCode;

  RunLoop(String name, RunOptions options) {
    this.name = name;
    this.options = options;
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

  /** Runs {@code main} and everything that comes of it, on the calling thread. */
  <T extends @Nullable Object> Outcome<T> execute(Backend backend, TaskSpec<T> main) {
    bind();
    loopThread = Thread.currentThread();
    boolean watched = options.blockedWarningAfter().isPositive();
    try {
      coroutines = CoroutineFactory.of(backend, this::bindTaskThread);
      io.start();
      if (watched) {
        Watchdog.watch(this, options.blockedWarningAfter());
      }
      clock.start();
      for (Instrument instrument : options.instruments()) {
        instruments.add(instrument);
      }
      instruments.beforeRun();
      entryTask =
          new KernelTask<>(
              this, 0, "entry queue", () -> null, new RunOwner(), TaskContext.EMPTY, root);
      entryTask.interruptProtected = true;
      KernelTask<T> task = newTask(main, root.newChild("the main task"), new MainOwner());
      mainTask = task;
      loop();
      spawningClosed = true;
      entries.closeAndRunRest(entryRunner);
      instruments.afterRun();
      KernelError failure = crash;
      Outcome<T> outcome = task.outcome();
      if (failure == null && outcome != null) {
        return outcome;
      }
      throw Objects.requireNonNull(failure);
    } finally {
      if (watched) {
        Watchdog.forget(this);
      }
      // Refuses, if the above did not get there: nothing would run a call any more.
      entries.closeAndRunRest(ignored -> {});
      try {
        io.close();
      } finally {
        unbind();
      }
    }
  }

  /** Makes a thread that will execute one task look like the loop's. */
  private void bindTaskThread() {
    bind();
    Thread.currentThread()
        .setContextClassLoader(Objects.requireNonNull(loopThread).getContextClassLoader());
  }

  private void loop() {
    while (livingTasks > 0) {
      try {
        pass();
      } catch (Throwable fault) {
        recover();
        crash(new KernelError("The kernel itself failed; please report this.", fault));
        if (++internalFaults > MAX_INTERNAL_FAULTS) {
          throw Objects.requireNonNull(crash);
        }
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

  private void pass() {
    if (batch == null) {
      pollIo();
      fireDeadlines();
      if (!entries.isEmpty()) {
        entries.runBatch(entryRunner);
      }
      batch = runnable.takeBatch();
    }
    for (KernelTask<?> task = batch; task != null; task = batch) {
      batch = task.nextRunnable;
      task.nextRunnable = null;
      step(task);
    }
  }

  /**
   * Looks for I/O, and sleeps if there is nothing else to do. Sleeping through the whole of a time
   * that was set by somebody who waits for idleness means that idleness is reached.
   */
  private void pollIo() {
    if (!runnable.isEmpty()) {
      if (io.hasWaiters()) {
        instruments.beforeIoWait(0);
        io.poll(0, entries);
        instruments.afterIoWait(0);
      }
      return;
    }
    CancelNode next = deadlines.first();
    long deadline = next == null ? CancelStatus.NO_DEADLINE : next.deadline();
    long timeout = entries.isEmpty() ? Math.max(0, clock.nanosUntil(deadline)) : 0;
    boolean forWaiters = !idleWaiters.isEmpty() && idleWaiters.smallestCushion() < timeout;
    boolean forClock = idleWaiters.isEmpty() && clock.idleThreshold() < timeout;
    if (forWaiters) {
      timeout = idleWaiters.smallestCushion();
    } else if (forClock) {
      timeout = clock.idleThreshold();
    }
    long began = forWaiters || forClock ? System.nanoTime() : 0;
    instruments.beforeIoWait(timeout);
    io.poll(timeout, entries);
    instruments.afterIoWait(timeout);
    if ((forWaiters || forClock)
        && runnable.isEmpty()
        && entries.isEmpty()
        && System.nanoTime() - began >= timeout
        && !isDue(deadlines.first())) {
      if (forWaiters) {
        idleWaiters.wakeSmallest(this);
      } else {
        clock.idle(deadline);
      }
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
    } else if (task.node().effectivelyCancelled()) {
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
        coroutine = Objects.requireNonNull(coroutines).create(task::execute);
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
    task.state = TaskState.RUNNABLE;
    task.label = null;
    runnable.add(task);
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

  /** Aborts a task's sleep if there is one, it can be, and the task is cancelled by now. */
  void deliverCancellation(KernelTask<?> task) {
    if (task.isAbortable() && task.node().effectivelyCancelled()) {
      CancelReason reason = task.node().responsibleReason();
      abort(
          task,
          () -> {
            throw newCancelled(reason);
          });
    }
  }

  private void abort(KernelTask<?> task, RaiseCancel raiseCancel) {
    AbortFunction function = Objects.requireNonNull(task.abort);
    task.abort = null;
    Abort answer;
    callbacks++;
    try {
      answer = function.abort(raiseCancel);
    } catch (Throwable error) {
      abortBroke(task, "threw", error);
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
    task.clearSleep(outcome);
    makeRunnable(task);
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
    if (task.node().effectivelyCancelled()) {
      throw newCancelled(task.node().responsibleReason());
    }
  }

  @Override
  protected void yieldIfCancelled() {
    KernelTask<?> task = suspendableTask("pass a checkpoint");
    if (task.node().effectivelyCancelled()) {
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
    task.state = TaskState.RUNNING;
    task.clearSleep(Outcome.nothing());
    task.wakeOutcome = null;
    callbacks++;
    try {
      Abort answer =
          abort.abort(
              () -> {
                throw newCancelled(CancelReason.of(CancelReason.Source.EXPLICIT));
              });
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
    spec.context(Objects.requireNonNull(mainTask).initialContext());
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
    return task == null || task.interruptProtected || (callbacks > 0 && task != entryTask);
  }

  @Override
  protected void setProtected(boolean value) {
    KernelTask<?> task = current;
    if (task != null) {
      task.interruptProtected = value;
    }
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
    return Objects.requireNonNull(coroutines).backend();
  }

  @Override
  public Task<?> mainTask() {
    return Objects.requireNonNull(mainTask);
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

  /** From any thread, for people: may be out of date. */
  String describeForeignCode() {
    KernelTask<?> task = current;
    return task == null ? "An exit listener" : task.toString();
  }

  /** From any thread, for people: may be out of date. */
  StackTraceElement[] foreignCodeStack() {
    KernelTask<?> task = current;
    Thread thread = Objects.requireNonNull(loopThread);
    Coroutine coroutine = task == null ? null : task.coroutine;
    return (coroutine == null ? thread : coroutine.runningThread(thread)).getStackTrace();
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
      task.cancelStatus().close();
      root.cancel(CancelReason.of(CancelReason.Source.SHUTDOWN));
    }
  }

  private final class SystemOwner extends RunOwner {
    @Override
    public void taskExited(Task<?> task) {
      if (task.outcome() instanceof Outcome.Failure<?>(Throwable error)
          && !(error instanceof Cancelled && root.effectivelyCancelled())) {
        crash(
            new KernelError(
                "System "
                    + task
                    + " failed. System tasks serve the run as a whole and must not"
                    + " fail.",
                error));
      }
    }
  }
}
