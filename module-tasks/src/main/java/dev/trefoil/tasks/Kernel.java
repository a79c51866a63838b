package dev.trefoil.tasks;

import dev.trefoil.hazmat.Action;
import dev.trefoil.hazmat.Body;
import dev.trefoil.hazmat.CancelReason;
import dev.trefoil.hazmat.Cancelled;
import dev.trefoil.hazmat.Clock;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.KernelError;
import dev.trefoil.hazmat.KernelProvider;
import dev.trefoil.hazmat.KeyboardInterrupt;
import dev.trefoil.hazmat.Outcome;
import dev.trefoil.hazmat.Run;
import dev.trefoil.hazmat.RunDriver;
import dev.trefoil.hazmat.RunFinished;
import dev.trefoil.hazmat.RunOptions;
import dev.trefoil.hazmat.Task;
import dev.trefoil.hazmat.TaskAction;
import dev.trefoil.hazmat.TaskDump;
import dev.trefoil.hazmat.TaskSpec;
import dev.trefoil.tasks.monitor.Monitor;
import java.lang.System.Logger.Level;
import java.nio.channels.spi.SelectorProvider;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Tasks that stand on their own: Curio's kernel. A task lives until it ends or somebody cancels it,
 * whatever becomes of the task that spawned it, and the failure of one does not touch the others.
 *
 * <pre>{@code
 * try (Kernel kernel = Kernel.create()) {
 *   kernel.run(() -> {
 *     Task<String> task = Kernel.spawn(() -> download(url));
 *     System.out.println(task.join());
 *   });
 * }
 * }</pre>
 *
 * <p>For new programs {@link Trefoil#run} and {@link Nursery} are the better choice: there no task is
 * forgotten. Both go together: a kernel's task may open nurseries and cancel scopes.
 *
 * <p>Where Curio's manual and later Curio differ, this follows the manual: {@link #run()} goes on
 * until all tasks have ended that are not daemons, also after the task given to {@code run(body)}
 * has ended; {@link #spawn(Callable)} returns when the new task has run for the first time; every
 * crash is logged. The manual does not say what {@code run(body)} returns; here, as in later Curio,
 * it is the result of the body, or its error as it is.
 *
 * <p>A kernel is one {@linkplain Run run} from its first task to its shutdown; between two calls of
 * {@code run} that run stands still. A kernel that is no longer needed has to be closed: it may hold a
 * selector.
 *
 * <p>Thread-safety: {@link #stop()} and {@link #dump()} from any thread; {@link #spawn} and {@link #current()} from the
 * kernel's tasks; everything else from outside of runs, by one thread at a time.
 *
 * <p>Source: Curio's {@code Kernel} and {@code spawn}.
 */
public final class Kernel implements AutoCloseable {
  private static final Object CURRENT = new Object();
  private static final long PATIENCE_MILLIS = 100;
  private static final BooleanSupplier NEVER = () -> false;

  private enum Phase {
    IDLE("is not running"),
    RUNNING("is running"),
    LOOKED_AT("is being looked at"),
    SHUTTING_DOWN("is being shut down"),
    SHUT_DOWN("has been shut down"),
    BROKEN("has broken");

    private final String words;

    Phase(String words) {
      this.words = words;
    }
  }

  private final RunDriver driver;
  private final boolean logErrors;
  private final @Nullable BiConsumer<? super Task<?>, ? super Throwable> crashHook;
  private final UnjoinedTasks unjoined = new UnjoinedTasks();
  private final AtomicReference<Phase> phase = new AtomicReference<>(Phase.IDLE);
  private boolean used;

  // Touched by the run's code only, or while it stands still.

  /** Tasks that {@link #run()} waits for. */
  private int working;

  private @Nullable KeyboardInterrupt interrupt;

  private Kernel(Builder builder) {
    this.driver = KernelProvider.find().open(Monitor.addIfRequested(builder.options));
    this.logErrors = builder.logErrors;
    this.crashHook = builder.crashHook;
  }

  /**
   * Makes a kernel as {@link #builder()} describes it without further ado.
   *
   * @return a kernel without tasks
   * @throws IllegalStateException if no kernel module is installed
   */
  public static Kernel create() {
    return builder().build();
  }

  /**
   * Describes a kernel: by default with the options {@link RunOptions#defaults()}, and logging the
   * errors of its tasks.
   *
   * @return what makes the kernel
   */
  public static Builder builder() {
    return new Builder();
  }

  // ---- from outside

  /**
   * Adds a task that the next {@link #run()} will run. Tasks run in the order in which they were
   * added.
   *
   * <p>Source: Curio's {@code Kernel.add_task}.
   *
   * @param <T> the type of the result
   * @param body what the task executes
   * @return the task
   * @throws IllegalStateException if the kernel is running or has been shut down, or inside a run
   */
  public <T extends @Nullable Object> Task<T> addTask(Callable<T> body) {
    return addTask(body, false);
  }

  /**
   * Adds a task without a result that the next {@link #run()} will run.
   *
   * @param body what the task executes
   * @return the task
   * @throws IllegalStateException if the kernel is running or has been shut down, or inside a run
   * @see #addTask(Callable)
   */
  public Task<@Nullable Void> addTask(TaskAction body) {
    return addTask(body, false);
  }

  /**
   * Adds a task that the next {@link #run()} will run.
   *
   * @param <T> the type of the result
   * @param body what the task executes
   * @param daemon whether the task runs in the background: {@link #run()} does not wait for it, and
   *     {@link #shutdown()} cancels it
   * @return the task
   * @throws IllegalStateException if the kernel is running or has been shut down, or inside a run
   * @see #addTask(Callable)
   */
  public <T extends @Nullable Object> Task<T> addTask(Callable<T> body, boolean daemon) {
    return addFromOutside(TaskSpec.<T>of(body), daemon);
  }

  /**
   * Adds a task without a result that the next {@link #run()} will run.
   *
   * @param body what the task executes
   * @param daemon whether the task runs in the background: {@link #run()} does not wait for it, and
   *     {@link #shutdown()} cancels it
   * @return the task
   * @throws IllegalStateException if the kernel is running or has been shut down, or inside a run
   * @see #addTask(Callable)
   */
  public Task<@Nullable Void> addTask(TaskAction body, boolean daemon) {
    return addFromOutside(TaskSpec.<@Nullable Void>of(TaskAction.asCallable(body)), daemon);
  }

  private <T extends @Nullable Object> Task<T> addFromOutside(TaskSpec<T> spec, boolean daemon) {
    begin("add a task to", Phase.RUNNING);
    try {
      return enterAndAdd(spec, daemon);
    } finally {
      phase.set(Phase.IDLE);
    }
  }

  private <T extends @Nullable Object> Task<T> enterAndAdd(TaskSpec<T> spec, boolean daemon) {
    Body<Task<T>, RuntimeException> add =
        () -> {
          used = true;
          Hazmat.currentRun().locals().put(CURRENT, this);
          return add(spec, null, daemon);
        };
    return driver.enter(add);
  }

  /** Runs on the run's thread. */
  private <T extends @Nullable Object> Task<T> add(
      TaskSpec<T> spec, @Nullable Task<?> spawner, boolean daemon) {
    Task<T> task = Hazmat.spawn(spec.owner(new KernelTaskOwner(this, spawner, daemon)));
    if (!daemon) {
      working++;
    }
    return task;
  }

  /**
   * Runs the tasks until all have ended that are not daemons, or {@link #stop()} is called. Daemons
   * are left as they are, for a later {@code run} or {@link #shutdown()}. Without any task to wait for
   * it returns at once.
   *
   * <p>Tasks that crash do not end it; see {@link Builder#logErrors(boolean)}. Only a task that ends
   * with a {@link KeyboardInterrupt} does, as {@link #stop()} would.
   *
   * <p>Source: Curio's {@code Kernel.run} as its manual has it. In later Curio it makes one cycle.
   *
   * @throws KernelError if the run itself broke; all tasks have ended then and the kernel is of no
   *     more use
   * @throws KeyboardInterrupt that a task ended with, or that was {@linkplain
   *     Run#raiseKeyboardInterrupt() raised} meanwhile; all tasks are left as they are
   * @throws IllegalStateException if the kernel is running or has been shut down, or inside a run
   */
  public void run() {
    begin("run", Phase.RUNNING);
    driveUntilDone(null);
  }

  /**
   * Adds a task and runs until all tasks have ended that are not daemons, this one included.
   *
   * <p>The error of the task is thrown when all have ended, which may be much later. It is logged when
   * it happens, as other errors are.
   *
   * <p>Source: Curio's {@code Kernel.run}. Later Curio returns when the task has ended.
   *
   * @param <T> the type of the result
   * @param <X> what {@code main} may throw
   * @param main the body of the task
   * @return what {@code main} returned, or {@code null} if {@link #stop()} was called before it has
   *     ended; a later {@link #run()} resumes it
   * @throws X whatever {@code main} throws, the very same object and in no group
   * @throws KernelError if the run itself broke
   * @throws IllegalStateException if the kernel is running or has been shut down, or inside a run
   * @see #run()
   */
  @SuppressWarnings("RedundantThrows") // Outcome.unwrap throws what the body threw
  public <T extends @Nullable Object, X extends Throwable> @Nullable T run(Body<T, X> main)
      throws X {
    Objects.requireNonNull(main, "main: expected the body of a task, got null");
    begin("run", Phase.RUNNING);
    Task<T> task;
    try {
      task = enterAndAdd(Trefoil.mainTask(main), false);
    } catch (RuntimeException | Error refused) {
      phase.set(Phase.IDLE);
      throw refused;
    }
    driveUntilDone(task);
    Outcome<T> outcome = task.outcome();
    return outcome == null ? null : outcome.unwrap();
  }

  /**
   * Adds a task without a result and runs until all tasks have ended that are not daemons.
   *
   * @param <X> what {@code main} may throw
   * @param main the body of the task
   * @throws X whatever {@code main} throws, the very same object and in no group
   * @throws KernelError if the run itself broke
   * @throws IllegalStateException if the kernel is running or has been shut down, or inside a run
   * @see #run(Body)
   */
  public <X extends Throwable> void run(Action<X> main) throws X {
    Objects.requireNonNull(main, "main: expected the body of a task, got null");
    run(main.asBody());
  }

  private void driveUntilDone(@Nullable Task<?> main) {
    try {
      driver.drive(this::isDone);
    } catch (KernelError broken) {
      if (main != null && main.outcome() instanceof Outcome.Failure<?>(Throwable error)) {
        suppressInto(broken, error);
      }
      throw breakDown(broken);
    } finally {
      phase.compareAndSet(Phase.RUNNING, Phase.IDLE);
    }
    throwInterrupt();
  }

  private void throwInterrupt() {
    KeyboardInterrupt caught = interrupt;
    interrupt = null;
    if (caught != null) {
      throw caught;
    }
  }

  /** A run that has broken is driven until it says so, which is when its last task has ended. */
  private boolean isDone() {
    return working == 0 && !driver.run().rootCancelStatus().cancelCalled();
  }

  private static void suppressInto(KernelError broken, Throwable error) {
    if (error != broken && !(error instanceof Cancelled)) {
      broken.addSuppressed(error);
    }
  }

  private KernelError breakDown(KernelError broken) {
    phase.set(Phase.BROKEN);
    try {
      driver.end();
    } catch (KernelError again) {
      suppressInto(broken, again);
    }
    return broken;
  }

  /**
   * Makes {@link #run()} return as soon as the running task yields, and returns at once. All tasks are
   * left where they are; a later {@code run} resumes them. If the kernel is not running, the next
   * {@code run} returns at once. Has no effect on {@link #shutdown()}.
   *
   * <p>May be called from any thread and from inside tasks; wakes a kernel that sleeps.
   *
   * <p>Source: Curio's {@code Kernel.stop}.
   */
  public void stop() {
    driver.stop();
  }

  /**
   * Ends all tasks, daemons too: one after the other, the newest first, each is cancelled and waited
   * for. Meanwhile the others go on, but no task can be spawned any more, except into nurseries. A
   * task that catches its cancellation and goes on is waited for all the same. After that the kernel
   * is of no more use. A second call does nothing.
   *
   * <p>Warns of tasks that were never joined: those made by {@link #spawn}, not as daemons, that ended
   * with a result, or with an error that was not logged, and were not asked for it.
   *
   * <p>Source: Curio's {@code Kernel.shutdown}.
   *
   * @throws KernelError if the run itself broke
   * @throws KeyboardInterrupt that a task ended with, or that came meanwhile
   * @throws IllegalStateException if the kernel is running, or inside a run
   */
  public void shutdown() {
    if (isGone() && !Hazmat.inRun()) {
      return;
    }
    begin("shut down", Phase.SHUTTING_DOWN);
    try {
      if (used) {
        cancelAll();
      }
      driver.end();
    } catch (KernelError broken) {
      throw breakDown(broken);
    } finally {
      phase.compareAndSet(Phase.SHUTTING_DOWN, Phase.SHUT_DOWN);
      unjoined.close();
    }
    throwInterrupt();
  }

  private boolean isGone() {
    Phase now = phase.get();
    return now == Phase.SHUT_DOWN || now == Phase.BROKEN;
  }

  private void cancelAll() {
    for (Task<?> task : driver.enter(this::tasks).reversed()) {
      driver.enter(task::interrupt);
      driveUntilEnded(task::hasEnded);
    }
    // What is left belongs to others: system tasks, and what third parties have spawned.
    Run run = driver.run();
    Body<Boolean, RuntimeException> cancelRest =
        () -> {
          run.rootCancelStatus().cancel(CancelReason.of(CancelReason.Source.SHUTDOWN));
          return run.tasks().isEmpty();
        };
    while (!driver.enter(cancelRest)) {
      drive(NEVER);
    }
  }

  /** Not put off by {@link #stop()}. */
  private void driveUntilEnded(BooleanSupplier ended) {
    while (!ended.getAsBoolean()) {
      drive(ended);
    }
  }

  /** A keyboard interrupt does not keep a shutdown from going on; it is thrown when that is done. */
  private void drive(BooleanSupplier until) {
    try {
      driver.drive(until);
    } catch (KeyboardInterrupt later) {
      interrupt = later;
    }
  }

  private List<Task<?>> tasks() {
    return driver.run().tasks().stream().filter(this::isOwn).toList();
  }

  private boolean isOwn(Task<?> task) {
    return task.owner() instanceof KernelTaskOwner owner && owner.isOf(this);
  }

  /**
   * Shuts the kernel down.
   *
   * @see #shutdown()
   */
  @Override
  public void close() {
    shutdown();
  }

  /**
   * Returns a snapshot of all tasks with their states and stacks. While the kernel runs on another
   * thread, waits until it gets to the question; a task that blocks the kernel delays that, and is for
   * the {@linkplain Builder#monitor(int) monitor} to find. May be called from any thread, and by the
   * kernel's tasks; no checkpoint.
   *
   * @return the dump; its {@code toString} is a tree for people, {@link TaskDump#toJson()} is for
   *     programs
   * @throws IllegalStateException if the kernel has been shut down, inside another run, or if the
   *     waiting thread is interrupted
   */
  public TaskDump dump() {
    Run run = driver.run();
    if (Hazmat.inRun()) {
      if (Hazmat.currentRun() == run) {
        return run.dump();
      }
      throw new IllegalStateException(
          "Cannot dump " + this + " inside " + Hazmat.currentRun() + ", which would wait for it.");
    }
    FutureTask<TaskDump> question = new FutureTask<>(run::dump);
    while (true) {
      if (phase.compareAndSet(Phase.IDLE, Phase.LOOKED_AT)) {
        try {
          Body<TaskDump, RuntimeException> dump = run::dump;
          return driver.enter(dump);
        } finally {
          phase.set(Phase.IDLE);
        }
      }
      TaskDump answer = ask(question);
      if (answer != null) {
        return answer;
      }
    }
  }

  /** Returns null if there is no answer soon: the kernel may have stopped to run meanwhile. */
  private @Nullable TaskDump ask(FutureTask<TaskDump> question) {
    try {
      // The same call each time, so a kernel that is blocked keeps one.
      driver.run().entryPoint().callSoonThreadAndSignalSafe(question, true);
      return question.get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
    } catch (TimeoutException notYet) {
      return null;
    } catch (RunFinished gone) {
      throw new IllegalStateException("Cannot dump " + this + ", because it has ended.", gone);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(
          "Interrupted while waiting for " + this + " to dump its tasks.", interrupted);
    } catch (ExecutionException failed) {
      throw new IllegalStateException("Cannot dump " + this + ".", failed.getCause());
    }
  }

  private void begin(String action, Phase next) {
    if (Hazmat.inRun()) {
      throw new IllegalStateException(
          "Cannot "
              + action
              + " "
              + this
              + " inside a run, which would be blocked meanwhile. Inside a kernel's tasks, start"
              + " others with Kernel.spawn, and call Kernel.stop() to make run() return.");
    }
    if (!enterPhase(next)) {
      Phase now = phase.get();
      throw new IllegalStateException(
          "Cannot "
              + action
              + " "
              + this
              + ", because it "
              + now.words
              + (isGone() ? ". Make another kernel." : " on another thread. Stop it first."));
    }
  }

  /** Somebody who looks at the kernel is gone in a moment, and is no reason to refuse anything. */
  private boolean enterPhase(Phase next) {
    Phase found = phase.compareAndExchange(Phase.IDLE, next);
    while (found == Phase.LOOKED_AT) {
      Thread.onSpinWait();
      found = phase.compareAndExchange(Phase.IDLE, next);
    }
    return found == Phase.IDLE;
  }

  // ---- from inside

  /**
   * Returns the kernel whose task this is.
   *
   * @return the kernel
   * @throws IllegalStateException outside a run, or inside a run that is no kernel's
   */
  public static Kernel current() {
    if (Hazmat.currentRun().locals().get(CURRENT) instanceof Kernel kernel) {
      return kernel;
    }
    throw new IllegalStateException(
        "Expected to be called by a task of a Kernel, but "
            + Hazmat.currentRun()
            + " was started by Trefoil.run, where every task lives in a nursery. Spawn the task"
            + " into one (Nursery.open), or start the program with Kernel.run.");
  }

  /**
   * Spawns a task beside the current one, and returns when it has run until it first gave up the
   * thread, or ended. It is under no cancel scope and in no nursery: cancel it with {@link
   * Task#cancel()}. A schedule point, but no cancel point: if this returns, the task exists.
   *
   * <p>Source: Curio's {@code spawn} as its manual has it. In later Curio, and in {@link
   * Nursery#spawn(Callable)}, the new task has not run yet.
   *
   * @param <T> the type of the result
   * @param body what the task executes
   * @return the task
   * @throws IllegalStateException if this is no task of a kernel, or the kernel is being shut down
   */
  public static <T extends @Nullable Object> Task<T> spawn(Callable<T> body) {
    return spawn(body, false);
  }

  /**
   * Spawns a task without a result beside the current one.
   *
   * @param body what the task executes
   * @return the task
   * @throws IllegalStateException if this is no task of a kernel, or the kernel is being shut down
   * @see #spawn(Callable)
   */
  public static Task<@Nullable Void> spawn(TaskAction body) {
    return spawn(body, false);
  }

  /**
   * Spawns a task beside the current one.
   *
   * @param <T> the type of the result
   * @param body what the task executes
   * @param daemon whether the task has no parent and runs in the background: {@link #run()} does not
   *     wait for it, {@link #shutdown()} cancels it, and nobody needs to join it
   * @return the task
   * @throws IllegalStateException if this is no task of a kernel, or the kernel is being shut down
   * @see #spawn(Callable)
   */
  public static <T extends @Nullable Object> Task<T> spawn(Callable<T> body, boolean daemon) {
    return current().spawnHere(TaskSpec.<T>of(body), daemon);
  }

  /**
   * Spawns a task without a result beside the current one.
   *
   * @param body what the task executes
   * @param daemon whether the task has no parent and runs in the background: {@link #run()} does not
   *     wait for it, {@link #shutdown()} cancels it, and nobody needs to join it
   * @return the task
   * @throws IllegalStateException if this is no task of a kernel, or the kernel is being shut down
   * @see #spawn(Callable)
   */
  public static Task<@Nullable Void> spawn(TaskAction body, boolean daemon) {
    return current().spawnHere(TaskSpec.<@Nullable Void>of(TaskAction.asCallable(body)), daemon);
  }

  private <T extends @Nullable Object> Task<T> spawnHere(TaskSpec<T> spec, boolean daemon) {
    Task<?> spawner = Hazmat.currentTask();
    if (phase.get() == Phase.SHUTTING_DOWN) {
      throw new IllegalStateException(
          spawner
              + " cannot spawn a task, because "
              + this
              + " is being shut down. Finish the work in the task itself, or in a nursery.");
    }
    Task<T> task = add(spec, spawner, daemon);
    // A single switch need not do: it may be skipped, and a random order may come back here first.
    while (task.cycles() == 0) {
      Hazmat.yieldBrieflyNoCancel();
    }
    return task;
  }

  // ---- for the owners of tasks

  /** Called on the run's thread when a task has ended. */
  void taskEnded(Task<?> task, boolean daemon, @Nullable Throwable crash) {
    if (!daemon) {
      working--;
    }
    if (crash instanceof KeyboardInterrupt fatal) {
      interrupt = fatal;
      driver.stop();
    } else if (crash != null) {
      reportCrash(task, crash);
    }
  }

  private void reportCrash(Task<?> task, Throwable crash) {
    if (logErrors) {
      KernelLog.log(Level.ERROR, task + " has crashed", crash);
    }
    if (crashHook != null) {
      try {
        crashHook.accept(task, crash);
      } catch (Throwable error) {
        KernelLog.log(Level.ERROR, "The crash hook threw, called for " + task, error);
      }
    }
  }

  boolean logsErrors() {
    return logErrors;
  }

  UnjoinedTasks unjoined() {
    return unjoined;
  }

  @Override
  public String toString() {
    return "kernel " + driver.run();
  }

  /** Describes a {@link Kernel} to be made. Not thread-safe. */
  public static final class Builder {
    private RunOptions options = RunOptions.defaults();
    private boolean logErrors = true;
    private @Nullable BiConsumer<? super Task<?>, ? super Throwable> crashHook;

    private Builder() {}

    /**
     * Replaces all that {@link RunOptions} can say: clock, instruments, backend, seed and so on.
     *
     * @param options the options
     * @return this
     */
    public Builder options(RunOptions options) {
      this.options = Objects.requireNonNull(options, "options");
      return this;
    }

    /**
     * Uses another clock.
     *
     * @param clock the clock, which must not serve another run at the same time
     * @return this
     */
    public Builder clock(Clock clock) {
      options = options.withClock(clock);
      return this;
    }

    /**
     * Waits for channels with a selector of this provider, which is opened when a task first waits
     * for a channel, and closed with the kernel.
     *
     * <p>Source: the argument {@code selector} of Curio's {@code Kernel}, which takes a selector that
     * is open.
     *
     * @param provider opens the selector
     * @return this
     */
    public Builder selectorProvider(SelectorProvider provider) {
      options = options.withSelectorProvider(provider);
      return this;
    }

    /**
     * Says whether to log each task that crashes, with the stack trace, through {@link System.Logger}
     * {@code dev.trefoil.tasks} at level {@code ERROR}. Tasks that end by a cancellation have not
     * crashed. Default: true.
     *
     * <p>Source: the argument {@code log_errors} of Curio's {@code Kernel.run}.
     *
     * @param log whether to log
     * @return this
     */
    public Builder logErrors(boolean log) {
      this.logErrors = log;
      return this;
    }

    /**
     * Calls {@code hook} for each task that crashes, when it has ended, and before anybody who waits
     * for it runs. On the run's thread; the hook must not suspend. What it throws is logged.
     *
     * <p>Source: the argument {@code pdb} of Curio's {@code Kernel.run}, which enters a debugger. Set
     * a breakpoint in the hook.
     *
     * @param hook is given the task and what its body threw
     * @return this
     */
    public Builder crashHook(BiConsumer<? super Task<?>, ? super Throwable> hook) {
      this.crashHook = Objects.requireNonNull(hook, "hook");
      return this;
    }

    /**
     * Lets people look into the kernel with {@code nc} or {@code telnet}, as {@link Monitor} says. It
     * listens from the first task to the shutdown, also between two calls of {@code run}. To know the
     * token in the program, make the monitor yourself and give it with {@link #options(RunOptions)}.
     *
     * <p>Source: the argument {@code with_monitor} of Curio's {@code Kernel}.
     *
     * @param port where to listen on the loopback address, 0 for a free port
     * @return this
     * @throws IllegalArgumentException if it is no port
     */
    public Builder monitor(int port) {
      options = options.withInstrument(Monitor.onPort(port));
      return this;
    }

    /**
     * Makes the kernel.
     *
     * @return a kernel without tasks
     * @throws IllegalStateException if no kernel module is installed, or the chosen backend is not
     *     available
     */
    public Kernel build() {
      return new Kernel(this);
    }
  }
}
