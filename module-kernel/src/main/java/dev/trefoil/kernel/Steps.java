package dev.trefoil.kernel;

import dev.trefoil.hazmat.KernelError;
import dev.trefoil.hazmat.Outcome;
import dev.trefoil.hazmat.TaskContext;
import dev.trefoil.hazmat.TaskState;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Who has the thread of a run: a task in its step, an entry call, or the kernel between two of these.
 *
 * <p>A step begins when the task is taken from the batch, and ends when it suspends or its body has come
 * to an end. Nearly always the loop does both. But three ways are shorter, if all that they leave out
 * would have done nothing:
 *
 * <ul>
 *   <li>A task that passes a checkpoint while nobody else is runnable goes on, and its next step begins
 *       there: {@link #goesOnAlone()}.
 *   <li>A task that has ended in its first step leaves its coroutine to the next, if that is new:
 *       {@link #beginNextInsteadOf}.
 *   <li>On a backend that {@link CoroutineFactory#handsOver() can}, a task that suspends or ends resumes
 *       the next itself, whereby steps end and begin in its thread: {@link #suspend}, {@link
 *       #handOverAtEnd}.
 * </ul>
 *
 * <p>Confinement: as {@link RunLoop}.
 */
final class Steps {
  /** How many schedule points in a row, of operations that have happened, others may have to wait for. */
  private static final int SKIPS_PER_STEP = 31;

  private final RunLoop loop;
  private final RunQueue runnable;
  private final Instruments instruments;
  private final CoroutineFactory coroutines;
  private final ForeignCode foreignCode = new ForeignCode();
  private final Runnable taskRunner = this::executeTasks;
  private final Consumer<Runnable> entryRunner = this::runEntry;

  /** Whether a task that suspends or ends may resume the next itself. */
  private final boolean handsOver;

  /** Stands for the entry queue as the current task of its calls; never runs. */
  private @Nullable KernelTask<?> entryTask;

  /** The task whose step this is, or that stands for an entry call; null between steps. */
  private @Nullable KernelTask<?> current;

  /** What is left of the batch that is being run; more than null only within a pass or a fault. */
  private @Nullable KernelTask<?> batch;

  /**
   * More than 0 in code that must not suspend: abort functions, entry calls, listeners. A field for
   * all who call such code, since counting down must not take stack that is no longer there.
   */
  int callbacks;

  private int skipsLeft;

  /** Whether a coroutine is executing the kernel instead of a task. */
  private boolean betweenTasks;

  /** The thread of the task that is ending its last step itself; null if that is the loop's affair. */
  private @Nullable Thread endingThread;

  Steps(RunLoop loop, RunQueue runnable, Instruments instruments, CoroutineFactory coroutines) {
    this.loop = loop;
    this.runnable = runnable;
    this.instruments = instruments;
    this.coroutines = coroutines;
    this.handsOver = coroutines.handsOver();
  }

  /** To be called before anything else that runs tasks or calls. */
  void begin(KernelTask<?> standingForEntries) {
    entryTask = standingForEntries;
  }

  // ---- who has the thread

  @Nullable KernelTask<?> current() {
    return current;
  }

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

  /** Whether the code that runs is no part of the current task, such as an abort that it causes. */
  boolean isInCallbackOf(KernelTask<?> task) {
    return callbacks > (task == entryTask ? 1 : 0);
  }

  /** Whether that is the current task while entry calls run. */
  boolean standsForEntries(KernelTask<?> task) {
    return task == entryTask;
  }

  /** From any thread, at a guess: which one calls exit listeners, if it is not the loop's. */
  @Nullable Thread endingThread() {
    return endingThread;
  }

  ForeignCode foreignCode() {
    return foreignCode;
  }

  // ---- batches

  boolean hasBatch() {
    return batch != null;
  }

  /** Makes what is runnable by now the batch, which is to be at its end. */
  void takeBatch() {
    batch = runnable.takeBatch();
  }

  void runBatch() {
    while (batch != null && !loop.isStopRequested()) {
      step();
    }
  }

  /** After a fault in the middle of a pass: whoever was in its hands must run again. */
  void recover() {
    KernelTask<?> task = current;
    callbacks = 0;
    foreignCode.forget();
    current = null;
    if (task != null && task != entryTask && task.state == TaskState.RUNNING) {
      loop.makeRunnable(task);
    }
  }

  /** Keeps hold of no task: others may go on after the one that it resumes, for as long as they like. */
  private void step() {
    // It may come a second time, if a fault kept it from being finished.
    if (beginStep().outcome == null) {
      resume();
    }
    KernelTask<?> task = current;
    if (task != null) {
      endStep(task);
    }
  }

  /** Of the first of the batch. */
  private KernelTask<?> beginStep() {
    KernelTask<?> task = Objects.requireNonNull(batch);
    batch = task.nextRunnable;
    task.nextRunnable = null;
    current = task;
    task.state = TaskState.RUNNING;
    task.cycles++;
    skipsLeft = runnable.isRandom() ? 0 : SKIPS_PER_STEP;
    instruments.beforeTaskStep(task);
    return task;
  }

  private void endStep(KernelTask<?> task) {
    if (task.outcome != null) {
      finish(task);
    } else if (task.state == TaskState.RUNNING) {
      loop.makeRunnable(task);
    } else {
      loop.aborts.deliver(task);
    }
    current = null;
    instruments.afterTaskStep(task);
  }

  /** After this the current task is the one whose step has to be ended, if any has. */
  private void resume() {
    foreignCode.enter();
    try {
      coroutineOf(Objects.requireNonNull(current)).resume();
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
    if (loop.isStopRequested()) {
      return null;
    }
    beginStep();
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
      coroutine.suspend();
      return;
    }
    // An overflow once the turn is given away would leave two threads running, or none.
    loop.stack.requireForPlatform();
    if (!instruments.isEmpty() || (task.state == TaskState.PARKED && task.mustRaise())) {
      coroutine.suspend();
      return;
    }
    foreignCode.leave();
    endStep(task);
    if (!goesOnAtOnce(coroutine)) {
      coroutine.suspend();
    }
  }

  /** Not within {@link #suspend}, whose frame would keep the next task for as long as this one sleeps. */
  private boolean goesOnAtOnce(Coroutine coroutine) {
    Coroutine next = beginNext();
    if (next != null && next != coroutine) {
      coroutine.handOverTo(next);
    }
    return next == coroutine;
  }

  private @Nullable KernelTask<?> handOverAtEnd(KernelTask<?> ended, Coroutine coroutine) {
    foreignCode.leave();
    betweenTasks = true;
    endingThread = Thread.currentThread();
    endStep(ended);
    Coroutine next = beginNext();
    endingThread = null;
    betweenTasks = false;
    if (next != null) {
      coroutine.handOverTo(next);
    }
    return null;
  }

  /**
   * Begins the step that is next, in a thread that is not the loop's. Returns null if that is the loop's
   * affair, since something else has to be done before.
   */
  private @Nullable Coroutine beginNext() {
    if (loop.isStopRequested()) {
      return null;
    }
    KernelTask<?> next = batch;
    if (next == null) {
      if (!loop.isNextPassEmpty()) {
        return null;
      }
      next = runnable.takeBatch();
      batch = next;
    }
    if (next == null || next.outcome != null || !canBegin(next)) {
      return null;
    }
    beginStep();
    foreignCode.enter();
    return next.coroutine;
  }

  private boolean canBegin(KernelTask<?> task) {
    try {
      Coroutine ignored = coroutineOf(task);
      return true;
    } catch (Throwable forTheLoopToFind) {
      return false;
    }
  }

  private Coroutine coroutineOf(KernelTask<?> task) {
    Coroutine coroutine = task.coroutine;
    if (coroutine == null) {
      coroutine = coroutines.create(taskRunner);
      task.coroutine = coroutine;
    }
    return coroutine;
  }

  private void finish(KernelTask<?> task) {
    task.leaveAbandonedScopes();
    task.finish();
    loop.countEnd();
    current = null;
    callbacks++;
    foreignCode.enter();
    try {
      task.notifyExit(
          (listener, error) ->
              loop.crash(
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

  // ---- without the loop

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
    if (batch != null || !runnable.isEmpty() || !loop.isNextPassEmpty()) {
      return false;
    }
    foreignCode.goOn();
    skipsLeft = SKIPS_PER_STEP;
    return true;
  }

  // ---- entry calls

  /** Runs one. */
  Consumer<Runnable> entryRunner() {
    return entryRunner;
  }

  private void runEntry(Runnable fn) {
    current = entryTask;
    callbacks++;
    foreignCode.enter();
    try {
      fn.run();
    } catch (Throwable error) {
      loop.crash(
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
}
