package dev.trefoil.threads;

import dev.trefoil.hazmat.Cancelled;
import dev.trefoil.hazmat.ContextSnapshot;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.Outcome;
import dev.trefoil.hazmat.Run;
import dev.trefoil.hazmat.RunFinished;
import dev.trefoil.hazmat.Task;
import dev.trefoil.hazmat.TaskAction;
import dev.trefoil.hazmat.TaskContext;
import dev.trefoil.tasks.CancelScope;
import dev.trefoil.tasks.Nursery;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A nursery for code that knows executors: what it is given is executed by tasks of the nursery.
 *
 * <pre>{@code
 * Nursery.open(nursery -> {
 *   try (NurseryExecutor executor = NurseryExecutor.of(nursery)) {
 *     server.onRequest(request -> executor.submit(() -> answer(request)));   // on the server's threads
 *     server.awaitEnd();
 *   }   // all of them have ended here
 * });
 * }</pre>
 *
 * <p>All methods may be used by any thread and by tasks. Where a thread blocks, a task suspends: in {@link
 * #invokeAll}, {@link #invokeAny}, {@link #awaitTermination}, {@link #close()}, and in {@code get} and
 * {@code join} of the futures that come from here; these are checkpoints if they have to wait, and time
 * is that of the run's clock. Nothing else here is a checkpoint.
 *
 * <p>Whatever was accepted becomes a task. So the nursery is not left before the executor is {@linkplain
 * #shutdown() shut down} and all that it accepted has ended. The nursery's being cancelled shuts the
 * executor down. From then on it throws {@link RejectedExecutionException}, its cause being {@link
 * RunFinished} where even the run is over.
 *
 * <p>Tasks see the {@link dev.trefoil.tasks.TaskLocal}s of the task, or code on a thread for one, that
 * submitted them. All tasks of a run share a thread: code that blocks it belongs on an executor of
 * another kind.
 *
 * <p>Thread-safety: for all threads.
 */
public final class NurseryExecutor implements ExecutorService {
  private static final System.Logger LOG = System.getLogger(NurseryExecutor.class.getName());

  private final Nursery nursery;
  private final Run run;
  private final SuspendingFuture<@Nullable Void> termination = new SuspendingFuture<>();

  // Guarded by the monitor of `termination`, which is held for a few instructions.
  private boolean shutdown;
  private int unfinished;

  // On the run's thread only.
  private final Map<Task<?>, Job<?>> jobs = new LinkedHashMap<>();
  private boolean cancelling;

  private NurseryExecutor(Nursery nursery) {
    this.nursery = nursery;
    this.run = Hazmat.currentRun();
  }

  /**
   * Makes an executor that is open, and a task in the nursery that keeps that open as long. No checkpoint.
   *
   * @param nursery where the tasks will live
   * @return a new executor
   * @throws IllegalStateException if the nursery has been left, or is not of the calling code's run
   */
  public static NurseryExecutor of(Nursery nursery) {
    Objects.requireNonNull(nursery, "nursery: expected where the tasks are to live, got null");
    NurseryExecutor executor = new NurseryExecutor(nursery);
    nursery.spawn("executor", executor::keepNurseryOpen);
    return executor;
  }

  private void keepNurseryOpen() {
    try {
      termination.join();
    } finally {
      shutdown();
      CancelScope.create().shielded().run(termination::join);
    }
  }

  // ---- taking tasks

  /**
   * Has a task execute {@code command}, as {@link Nursery#spawn} does: if it throws, the nursery fails.
   *
   * @param command what to execute; may use all task operations
   * @throws RejectedExecutionException if the executor is shut down
   */
  @Override
  public void execute(Runnable command) {
    Objects.requireNonNull(command, "command: expected what to execute, got null");
    accept(new Job<>(Executors.callable(command), CancelScope.create(), null));
  }

  /**
   * Has a task execute {@code task}. If that throws, its future tells, and the nursery is not affected.
   *
   * <p>{@link CompletableFuture#cancel(boolean)}, from any thread, cancels it as a scope is cancelled,
   * whatever the argument; what has not begun never begins. The future is done when the task has really
   * ended. In all else it is like those of {@link Futures#ofTask(Task)}.
   *
   * @param <T> the type of the result
   * @param task what to execute; may use all task operations
   * @return its future
   * @throws RejectedExecutionException if the executor is shut down
   */
  @Override
  public <T extends @Nullable Object> CompletableFuture<T> submit(Callable<T> task) {
    Objects.requireNonNull(task, "task: expected what to execute, got null");
    CancelScope scope = CancelScope.create();
    TaskFuture<T> future = new TaskFuture<>(run, () -> scope.cancel("its future was cancelled"));
    accept(new Job<>(task, scope, future));
    return future;
  }

  /**
   * Has a task execute {@code task}, as {@link #submit(Callable)} does.
   *
   * @param task what to execute
   * @param result what the future will give
   * @return its future
   * @throws RejectedExecutionException if the executor is shut down
   */
  @Override
  public <T extends @Nullable Object> CompletableFuture<T> submit(Runnable task, T result) {
    Objects.requireNonNull(task, "task: expected what to execute, got null");
    return submit(Executors.callable(task, result));
  }

  /**
   * Has a task execute {@code task}, as {@link #submit(Callable)} does.
   *
   * @param task what to execute
   * @return its future, which will give {@code null}
   * @throws RejectedExecutionException if the executor is shut down
   */
  @Override
  public CompletableFuture<?> submit(Runnable task) {
    return this.<@Nullable Void>submit(task, null);
  }

  private void accept(Job<?> job) {
    synchronized (termination) {
      if (shutdown) {
        throw rejection(null);
      }
      unfinished++;
    }
    try {
      InRun.nowOrSoon(run, () -> start(job));
    } catch (RunFinished over) {
      finished();
      throw rejection(over);
    } catch (Throwable notAccepted) {
      finished();
      throw notAccepted;
    }
  }

  private RejectedExecutionException rejection(@Nullable RunFinished over) {
    RunFinished why = over == null && run.hasEnded() ? new RunFinished(run + " has ended.") : over;
    return new RejectedExecutionException(
        "Expected an executor that is open, but this "
            + this
            + " takes no tasks any more: it was shut down, or its nursery was cancelled or is"
            + " over.",
        why);
  }

  /** In the run. */
  private void start(Job<?> job) {
    try {
      if (cancelling) {
        job.scope.cancel("its executor was shut down");
      }
      Task<?> task = nursery.spawn("executor task", job);
      jobs.put(task, job);
      task.addExitListener(this::ended);
    } catch (Throwable notStarted) {
      job.refuse(notStarted);
      finished();
    }
  }

  private void ended(Task<?> task) {
    Job<?> job = Objects.requireNonNull(jobs.remove(task));
    job.tell(task);
    finished();
  }

  private void finished() {
    synchronized (termination) {
      unfinished--;
    }
    terminateIfDone();
  }

  // ---- the end

  /**
   * Takes no more tasks. Those that were accepted go on. Idempotent; does not wait.
   */
  @Override
  public void shutdown() {
    synchronized (termination) {
      shutdown = true;
    }
    terminateIfDone();
  }

  private void terminateIfDone() {
    if (isTerminated()) {
      termination.complete(null);
    }
  }

  /**
   * Takes no more tasks, and cancels those that were accepted, as a scope is cancelled. Does not wait.
   *
   * @return always an empty list: what was accepted is not held back for want of a thread
   */
  @Override
  public List<Runnable> shutdownNow() {
    shutdown();
    try {
      InRun.nowOrSoon(run, this::cancelAll);
    } catch (RunFinished nothingLeft) {
      // Nothing to cancel.
    }
    return List.of();
  }

  private void cancelAll() {
    cancelling = true;
    List.copyOf(jobs.values()).forEach(job -> job.scope.cancel("its executor was shut down"));
  }

  @Override
  public boolean isShutdown() {
    synchronized (termination) {
      return shutdown;
    }
  }

  @Override
  public boolean isTerminated() {
    synchronized (termination) {
      return shutdown && unfinished == 0;
    }
  }

  @Override
  public boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
    try {
      termination.get(timeout, unit);
      return true;
    } catch (TimeoutException notYet) {
      return false;
    } catch (ExecutionException never) {
      throw new IllegalStateException(never);
    }
  }

  /**
   * Shuts down and waits until all tasks have ended. If the waiting task is cancelled, or the waiting
   * thread interrupted, they are cancelled, and waited for all the same.
   *
   * @throws IllegalStateException in a task of this executor, which would wait for itself
   */
  @Override
  public void close() {
    if (!Hazmat.inRun()) {
      ExecutorService.super.close();
      return;
    }
    if (InRun.isCurrent(run) && jobs.containsKey(Hazmat.currentTask())) {
      throw new IllegalStateException(
          "Expected to be closed by others, but "
              + Hazmat.currentTask()
              + " is executed by this "
              + this
              + " and would wait for itself. Use shutdown, which does not wait.");
    }
    shutdown();
    try {
      termination.join();
    } catch (Throwable cancelled) {
      shutdownNow();
      CancelScope.create().shielded().run(termination::join);
      throw cancelled;
    }
  }

  // ---- many at once

  /**
   * {@inheritDoc}
   *
   * <p>If the waiting task is cancelled, or the waiting thread interrupted, the tasks are cancelled, and not
   * waited for.
   */
  @Override
  public <T extends @Nullable Object> List<Future<T>> invokeAll(
      Collection<? extends Callable<T>> tasks) throws InterruptedException {
    return invokeAll(tasks, Long.MAX_VALUE, TimeUnit.NANOSECONDS);
  }

  /**
   * {@inheritDoc}
   *
   * <p>When the time is over, those that have not ended are cancelled and waited for: they are all done when
   * this returns.
   */
  @Override
  public <T extends @Nullable Object> List<Future<T>> invokeAll(
      Collection<? extends Callable<T>> tasks, long timeout, TimeUnit unit)
      throws InterruptedException {
    List<CompletableFuture<T>> futures = new ArrayList<>();
    try {
      for (Callable<T> task : List.<Callable<T>>copyOf(tasks)) {
        futures.add(submit(task));
      }
      SuspendingFuture<@Nullable Void> all = new SuspendingFuture<>();
      CompletableFuture.allOf(futures.toArray(CompletableFuture<?>[]::new))
          .whenComplete((nothing, error) -> all.complete(null));
      try {
        all.get(timeout, unit);
      } catch (TimeoutException over) {
        futures.forEach(future -> future.cancel(true));
        all.get();
      }
      return List.copyOf(futures);
    } catch (ExecutionException never) {
      throw new IllegalStateException(never);
    } catch (Throwable failure) {
      futures.forEach(future -> future.cancel(true));
      throw failure;
    }
  }

  /**
   * {@inheritDoc}
   *
   * <p>However this ends, the tasks that have not ended are cancelled, and not waited for.
   */
  @Override
  public <T extends @Nullable Object> T invokeAny(Collection<? extends Callable<T>> tasks)
      throws InterruptedException, ExecutionException {
    try {
      return invokeAny(tasks, Long.MAX_VALUE, TimeUnit.NANOSECONDS);
    } catch (TimeoutException centuries) {
      throw new IllegalStateException(centuries);
    }
  }

  /**
   * {@inheritDoc}
   *
   * <p>However this ends, the tasks that have not ended are cancelled, and not waited for.
   */
  @Override
  public <T extends @Nullable Object> T invokeAny(
      Collection<? extends Callable<T>> tasks, long timeout, TimeUnit unit)
      throws InterruptedException, ExecutionException, TimeoutException {
    List<Callable<T>> all = List.copyOf(tasks);
    if (all.isEmpty()) {
      throw new IllegalArgumentException("tasks: expected at least one, got none");
    }
    SuspendingFuture<Outcome<T>> first = new SuspendingFuture<>();
    AtomicInteger left = new AtomicInteger(all.size());
    List<CompletableFuture<T>> futures = new ArrayList<>();
    try {
      for (Callable<T> task : all) {
        CompletableFuture<T> future = submit(task);
        futures.add(future);
        future.whenComplete(
            (value, error) -> {
              if (error == null) {
                first.complete(Outcome.of(value));
              } else if (left.decrementAndGet() == 0) {
                first.complete(Outcome.failure(error));
              }
            });
      }
      return switch (first.get(timeout, unit)) {
        case Outcome.Value<T>(T value) -> value;
        case Outcome.Failure<T>(Throwable error) -> throw new ExecutionException(error);
      };
    } finally {
      futures.forEach(future -> future.cancel(true));
    }
  }

  @Override
  public String toString() {
    return "executor of the " + nursery;
  }

  /** The body of a task, and what becomes of it. Confined to the run once it is accepted. */
  private static final class Job<T extends @Nullable Object> implements TaskAction {
    final CancelScope scope;
    private final Callable<T> body;

    /** Null if nobody asks for the result; a failure is the nursery's then. */
    private final @Nullable TaskFuture<T> future;

    /** Null for what the task is spawned with. */
    private final @Nullable TaskContext context =
        Hazmat.inTask() || Host.ofThread() != null ? ContextSnapshot.currentContext() : null;

    private @Nullable Outcome<T> outcome;

    Job(Callable<T> body, CancelScope scope, @Nullable TaskFuture<T> future) {
      this.body = body;
      this.scope = scope;
      this.future = future;
    }

    @Override
    public void run() throws Exception {
      if (context != null) {
        Hazmat.currentTask().setContext(context);
      }
      if (future == null) {
        scope.run(body::call);
      } else if (!scope.cancelCalled()) {
        keepOutcome();
      }
    }

    @SuppressWarnings("NullAway") // a scope that has caught nothing returns what the body returned
    private void keepOutcome() {
      try {
        T value = scope.run(body::call);
        if (!scope.cancelledCaught()) {
          outcome = Outcome.of(value);
        }
      } catch (Cancelled fromOutside) {
        throw fromOutside;
      } catch (Throwable failure) {
        outcome = Outcome.failure(failure);
      }
    }

    void tell(Task<?> ended) {
      if (future == null) {
        return;
      }
      if (outcome != null) {
        future.end(outcome);
      } else if (ended.outcome() instanceof Outcome.Failure<?>(Throwable error)) {
        future.end(Outcome.failure(error));
      } else {
        future.endCancelled();
      }
    }

    void refuse(Throwable why) {
      if (future != null) {
        future.end(Outcome.failure(why));
      } else {
        LOG.log(System.Logger.Level.ERROR, "A task could not be spawned for " + body, why);
      }
    }
  }
}
