package dev.trefoil.threads;

import dev.trefoil.hazmat.Action;
import dev.trefoil.hazmat.Body;
import dev.trefoil.hazmat.ContextSnapshot;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.Outcome;
import dev.trefoil.sync.CapacityLimiter;
import dev.trefoil.sync.Limiter;
import java.util.Objects;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * The way out of a run: code that blocks, or computes for long, on a thread, while its task waits and
 * all others go on.
 *
 * <pre>{@code
 * String page = ToThread.runInThread(() -> Files.readString(path));
 * }</pre>
 *
 * <p>The code sees the {@link dev.trefoil.tasks.TaskLocal}s and scoped values of the task, as {@link
 * ContextSnapshot} describes, and gets back into the run with {@link FromThread}. It belongs to no task
 * otherwise: task operations refuse to work there.
 *
 * <p>Source: Trio's {@code trio.to_thread}; {@code run_in_thread} and {@code run_in_executor} of Curio.
 */
public final class ToThread {
  private static final System.Logger LOG = System.getLogger(ToThread.class.getName());

  private ToThread() {}

  /**
   * Runs {@code body} on a thread and waits for it, as {@link #runInThread(ThreadOptions, Body)} does
   * with {@link ThreadOptions#defaults()}.
   *
   * @param <T> the type of the result
   * @param <X> what the body may throw
   * @param body what to run; must not use task operations, save through {@link FromThread}
   * @return what the body returned
   * @throws X whatever the body throws, the very same object
   */
  public static <T extends @Nullable Object, X extends Throwable> T runInThread(Body<T, X> body)
      throws X {
    return runInThread(ThreadOptions.defaults(), body);
  }

  /**
   * Runs {@code body}, which has no result, on a thread as {@link #runInThread(Body)} does. A checkpoint.
   *
   * @param <X> what the body may throw
   * @param body what to run; must not use task operations, save through {@link FromThread}
   * @throws X whatever the body throws, the very same object
   */
  public static <X extends Throwable> void runInThread(Action<X> body) throws X {
    runInThread(ThreadOptions.defaults(), body);
  }

  /**
   * Runs {@code body} on a thread of the {@link ThreadCache} and waits for it. A checkpoint.
   *
   * <p>Asks the limiter for a token first, which is given back when the thread has ended, whatever
   * happens to the task. First come, first served, as far as the limiter is.
   *
   * <p>Cancellation. On entry, and while the task waits for the limiter, it is as everywhere: nothing
   * has happened. When the thread runs, the task waits on, the operation happens, and what was missed is
   * raised at the next checkpoint; the thread can ask for it with {@link FromThread#checkCancelled()}.
   * With {@link ThreadOptions#withAbandonOnCancel()} the task leaves at once instead, with {@link
   * ThreadOptions#withInterruptOnCancel()} it interrupts the thread first.
   *
   * <p>Source: Trio's {@code to_thread.run_sync}.
   *
   * @param <T> the type of the result
   * @param <X> what the body may throw
   * @param options the limiter and so on
   * @param body what to run; must not use task operations, save through {@link FromThread}
   * @return what the body returned
   * @throws X whatever the body throws, the very same object
   * @throws dev.trefoil.hazmat.Cancelled if cancelled before the thread was started; with the options also
   *     after that
   * @throws OutOfMemoryError if the system has no thread to give
   */
  public static <T extends @Nullable Object, X extends Throwable> T runInThread(
      ThreadOptions options, Body<T, X> body) throws X {
    Objects.requireNonNull(options, "options");
    requireBody(body);
    Hazmat.yieldIfCancelled();
    RunThreads threads = RunThreads.current();
    Limiter asked = options.limiter();
    Limiter limiter = asked == null ? threads.limiter() : asked;
    Borrower borrower = new Borrower("a thread", Hazmat.currentTask().name());
    limiter.acquireOnBehalfOf(borrower);
    return start(options, threads, limiter, borrower, body).await();
  }

  /**
   * Runs {@code body}, which has no result, on a thread as {@link #runInThread(ThreadOptions, Body)}
   * does. A checkpoint.
   *
   * @param <X> what the body may throw
   * @param options the limiter and so on
   * @param body what to run; must not use task operations, save through {@link FromThread}
   * @throws X whatever the body throws, the very same object
   */
  public static <X extends Throwable> void runInThread(ThreadOptions options, Action<X> body)
      throws X {
    requireBody(body);
    runInThread(options, body.asBody());
  }

  /**
   * Runs {@code body}, which cleans up, on a thread and waits for it, cancelled or not: a schedule point,
   * but no cancel point. Asks no limiter, so that closing something does not wait for a token which a
   * thread holds that waits for it to be closed.
   *
   * <p>What the task was cancelled with stays due; {@link FromThread#checkCancelled()} tells the thread.
   *
   * <p>Source: Trio's {@code to_thread.run_sync} inside {@code CancelScope(shield=True)}, as its files do
   * it to be closed.
   *
   * @param <T> the type of the result
   * @param <X> what the body may throw
   * @param body what to run; must not use task operations, save through {@link FromThread}
   * @return what the body returned
   * @throws X whatever the body throws, the very same object
   * @throws OutOfMemoryError if the system has no thread to give
   */
  public static <T extends @Nullable Object, X extends Throwable> T runInThreadNoCancel(
      Body<T, X> body) throws X {
    requireBody(body);
    Borrower borrower = new Borrower("a thread", Hazmat.currentTask().name());
    Limiter limiter = Unlimited.LIMITER;
    return start(ThreadOptions.defaults(), RunThreads.current(), limiter, borrower, body).await();
  }

  /**
   * Runs {@code body}, which cleans up and has no result, as {@link #runInThreadNoCancel(Body)} does.
   *
   * @param <X> what the body may throw
   * @param body what to run; must not use task operations, save through {@link FromThread}
   * @throws X whatever the body throws, the very same object
   */
  public static <X extends Throwable> void runInThreadNoCancel(Action<X> body) throws X {
    requireBody(body);
    runInThreadNoCancel(body.asBody());
  }

  private static void requireBody(@Nullable Object body) {
    Objects.requireNonNull(body, "body: expected what to run on the thread, got null");
  }

  private static <T extends @Nullable Object, X extends Throwable> Host<T> start(
      ThreadOptions options,
      RunThreads threads,
      Limiter limiter,
      Borrower borrower,
      Body<T, X> body) {
    Host<T> host = host(options);
    try {
      ContextSnapshot context = ContextSnapshot.capture();
      ThreadCache.<T>startThreadSoon(
          options.threadName(),
          () -> context.<T, X>call(() -> host.call(body)),
          outcome -> host.report(() -> ended(host, threads, limiter, borrower, outcome)));
      threads.started();
    } catch (Throwable notStarted) {
      limiter.releaseOnBehalfOf(borrower);
      throw notStarted;
    }
    return host;
  }

  private static <T extends @Nullable Object> Host<T> host(ThreadOptions options) {
    if (options.interruptOnCancel()) {
      return Host.thatInterrupts();
    }
    Runnable leaveItAlone = () -> {};
    return new Host<>(options.abandonOnCancel() ? leaveItAlone : null);
  }

  /** In the run: the thread has ended. */
  private static <T extends @Nullable Object> void ended(
      Host<T> host, RunThreads threads, Limiter limiter, Borrower borrower, Outcome<T> outcome) {
    threads.ended();
    Outcome<T> result = outcome;
    try {
      limiter.releaseOnBehalfOf(borrower);
    } catch (Throwable error) {
      if (outcome instanceof Outcome.Failure<T>(Throwable earlier)) {
        error.addSuppressed(earlier);
      }
      result = Outcome.failure(error);
      if (host.hasLeft()) {
        LOG.log(
            System.Logger.Level.ERROR,
            "The limiter " + limiter + " did not take a token back, and no task waits to be told.",
            error);
      }
    }
    host.finish(result);
  }

  /**
   * Runs {@code body} on an executor and waits for it. A checkpoint. Any executor will do: a pool of the
   * application, {@link java.util.concurrent.ForkJoinPool#commonPool()}, one virtual thread for each
   * call. How many go on at a time is the executor's business.
   *
   * <p>Cancellation: the task leaves at once. The call is cancelled as a {@link
   * java.util.concurrent.Future} is: one that waits for its turn never begins, the thread of one that
   * runs is interrupted, and what comes of it is dropped.
   *
   * <p>Source: Curio's {@code run_in_executor}.
   *
   * @param <T> the type of the result
   * @param <X> what the body may throw
   * @param executor runs it; one that runs it on the calling thread is refused
   * @param body what to run; must not use task operations, save through {@link FromThread}
   * @return what the body returned
   * @throws X whatever the body throws, the very same object
   * @throws dev.trefoil.hazmat.Cancelled if cancelled before the result had come
   * @throws java.util.concurrent.RejectedExecutionException if the executor does not take it
   * @throws java.util.concurrent.CancellationException if the executor, or who shut it down, cancelled it
   */
  public static <T extends @Nullable Object, X extends Throwable> T runInExecutor(
      Executor executor, Body<T, X> body) throws X {
    Objects.requireNonNull(executor, "executor");
    Objects.requireNonNull(body, "body: expected what to run on the executor, got null");
    Hazmat.yieldIfCancelled();
    return new ExecutorCall<T>(body).runOn(executor);
  }

  /**
   * Runs {@code body}, which has no result, on an executor as {@link #runInExecutor(Executor, Body)}
   * does. A checkpoint.
   *
   * @param <X> what the body may throw
   * @param executor runs it; one that runs it on the calling thread is refused
   * @param body what to run; must not use task operations, save through {@link FromThread}
   * @throws X whatever the body throws, the very same object
   */
  public static <X extends Throwable> void runInExecutor(Executor executor, Action<X> body)
      throws X {
    Objects.requireNonNull(body, "body: expected what to run on the executor, got null");
    runInExecutor(executor, body.asBody());
  }

  // ---- the run's threads

  /**
   * Returns the limiter of all threads for which no other is given: 40 tokens, to be changed with {@link
   * CapacityLimiter#setTotalTokens(int)}.
   *
   * <p>Source: Trio's {@code current_default_thread_limiter}.
   *
   * @return the same limiter every time within one run
   */
  public static CapacityLimiter currentDefaultThreadLimiter() {
    return RunThreads.current().limiter();
  }

  /**
   * Returns how many threads this run has started with {@link #runInThread} that have not ended, those
   * included that were abandoned.
   *
   * <p>Source: Trio's {@code active_thread_count}.
   *
   * @return the count
   */
  public static int activeThreadCount() {
    return RunThreads.current().active();
  }

  /**
   * Waits until {@link #activeThreadCount()} is zero. A checkpoint. For tests, mostly.
   *
   * <p>Source: Trio's {@code wait_all_threads_completed}.
   */
  public static void waitAllThreadsCompleted() {
    RunThreads.current().awaitIdle();
  }
}
