package dev.trefoil.threads;

import dev.trefoil.hazmat.Body;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.Outcome;
import dev.trefoil.hazmat.Task;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * Results that tasks and the futures of the JDK hand to each other.
 *
 * <pre>{@code
 * HttpResponse<String> response = Futures.await(client.sendAsync(request, ofString()));
 *
 * CompletableFuture<Report> report = Futures.ofTask(nursery.spawn(() -> write()));
 * }</pre>
 *
 * <p>Awaiting a future means being responsible for it: whatever makes {@code await} fail, a cancellation
 * above all, cancels the future too. For one that others wait for as well, await a copy: {@code
 * Futures.await(shared.copy())}.
 *
 * <p>Source: Curio's {@code _future_wait}.
 */
public final class Futures {
  private Futures() {}

  /**
   * Waits for a future; the same as {@link #await(CompletionStage)}.
   *
   * @param <T> the type of the result
   * @param future what to wait for
   * @return the future's result
   * @throws Exception what the future failed with
   */
  public static <T extends @Nullable Object> T await(CompletableFuture<? extends T> future)
      throws Exception {
    CompletionStage<? extends T> stage = future;
    return Futures.<T>await(stage);
  }

  /**
   * Waits for a stage to complete, wherever that happens. A checkpoint.
   *
   * <p>If it failed, its error is thrown here as it is, the very same object, with the stack trace of where
   * it came up; the {@link CompletionException} that a dependent stage wraps it in is taken off.
   *
   * <p>Cancellation: the task leaves at once, and cancels the stage, by {@link
   * CompletableFuture#cancel(boolean) cancel(true)}. A completion that comes after that goes
   * unheeded. Whether the work behind the stage ends is up to the stage: that of a plain {@code
   * CompletableFuture} does not notice.
   *
   * <p>Source: Curio's {@code _future_wait}.
   *
   * @param <T> the type of the result
   * @param stage what to wait for
   * @return the stage's result
   * @throws Exception what the stage failed with, an {@link Error} included
   * @throws CancellationException if the stage was cancelled
   * @throws dev.trefoil.hazmat.Cancelled if cancelled, and the stage with it
   * @throws IllegalStateException outside a task; the stage is left alone then
   */
  public static <T extends @Nullable Object> T await(CompletionStage<? extends T> stage)
      throws Exception {
    Objects.requireNonNull(stage, "stage: expected what to wait for, got null");
    Host<T> host = new Host<>("FUTURE_WAIT", () -> {});
    try {
      Hazmat.yieldIfCancelled();
      stage.whenComplete((value, error) -> host.finishFromAnywhere(outcome(value, error)));
      if (host.isFinished()) {
        Hazmat.yieldBrieflyNoCancel();
      }
      return host.await();
    } catch (Throwable failure) {
      if (!host.isFinished()) {
        cancel(stage, failure);
      }
      throw failure;
    }
  }

  private static <T extends @Nullable Object> Outcome<T> outcome(
      T value, @Nullable Throwable error) {
    return error == null ? Outcome.of(value) : Outcome.failure(original(error));
  }

  /** Without what a dependent stage wraps it in, and {@code Future.get}. */
  private static Throwable original(Throwable error) {
    Throwable cause = error.getCause();
    return cause != null
            && (error instanceof CompletionException || error instanceof ExecutionException)
        ? cause
        : error;
  }

  private static void cancel(CompletionStage<?> stage, Throwable why) {
    try {
      Future<?> future = stage instanceof Future<?> itself ? itself : stage.toCompletableFuture();
      future.cancel(true);
    } catch (UnsupportedOperationException cannotBeCancelled) {
      // Nobody can end it, then.
    } catch (Throwable broken) {
      why.addSuppressed(broken);
    }
  }

  /**
   * Waits for a future of any kind: one that tells nobody when it is done, such as a {@link
   * java.util.concurrent.FutureTask}, by a virtual thread of its own that waits in {@link Future#get()}.
   * A checkpoint.
   *
   * <p>Errors and cancellation are as in {@link #await(CompletionStage)}; the thread is interrupted when
   * the task leaves.
   *
   * @param <T> the type of the result
   * @param future what to wait for
   * @return the future's result
   * @throws Exception what the future failed with, an {@link Error} included
   * @throws CancellationException if the future was cancelled
   * @throws dev.trefoil.hazmat.Cancelled if cancelled, and the future with it
   * @throws IllegalStateException outside a task; the future is left alone then
   */
  @SuppressWarnings("unchecked") // a stage and future has one type of result
  public static <T extends @Nullable Object> T await(Future<? extends T> future) throws Exception {
    Objects.requireNonNull(future, "future: expected what to wait for, got null");
    if (future instanceof CompletionStage<?> stage) {
      return Futures.<T>await((CompletionStage<? extends T>) stage);
    }
    Hazmat.currentTask();
    try {
      Hazmat.yieldIfCancelled();
      if (future.isDone()) {
        Hazmat.yieldBrieflyNoCancel();
        return Futures.<T>resultOfDone(future);
      }
      Executor waiter = Thread.ofVirtual().name("future-wait")::start;
      Body<T, Throwable> get = () -> Futures.<T>get(future);
      return new ExecutorCall<T>("FUTURE_WAIT", get).runOn(waiter);
    } catch (Throwable failure) {
      try {
        future.cancel(true);
      } catch (Throwable broken) {
        failure.addSuppressed(broken);
      }
      throw failure;
    }
  }

  /** Without a regard to interrupts, which are not for the task. */
  private static <T extends @Nullable Object> T resultOfDone(Future<? extends T> future) {
    return switch (future.state()) {
      case SUCCESS -> future.resultNow();
      case FAILED -> Outcome.<T>failure(future.exceptionNow()).unwrap();
      case CANCELLED ->
          throw new CancellationException("Awaited a future that was cancelled: " + future);
      case RUNNING ->
          throw new IllegalStateException("Expected a future that is done, got " + future);
    };
  }

  private static <T extends @Nullable Object> T get(Future<? extends T> future) throws Throwable {
    try {
      return future.get();
    } catch (ExecutionException failure) {
      throw original(failure);
    }
  }

  /**
   * Makes a future of a task: it is completed when the task has ended, with its result or with what its
   * body threw, and is cancelled if the task ended by being cancelled. Never suspends; no checkpoint.
   *
   * <p>{@link CompletableFuture#cancel(boolean)}, from any thread, cancels the task as {@link
   * Task#interrupt()} does, whatever the argument. Unlike other futures this one is not done at
   * that moment, but when the task has really ended; and if the task goes on regardless, its result
   * counts. Completing the future by hand, or by {@link CompletableFuture#orTimeout}, completes it at
   * once, and cancels the task as well.
   *
   * <p>{@code get} and {@code join} on other threads block, as always. In a task they suspend it, unless
   * the future is done, and are checkpoints then, which leave the future alone when they are
   * cancelled. Stages that are made of the future without {@code
   * Async} execute on the run's thread and so must not block; and waiting in the run for one of those,
   * which knows nothing of tasks, would block it: {@link #await(CompletionStage) await} it.
   *
   * <p>A task that fails still fails its nursery. Tasks whose failure is to be found in their future alone
   * are made by {@link NurseryExecutor#submit(java.util.concurrent.Callable)}, from any thread.
   *
   * @param <T> the type of the result
   * @param task the task, of this run
   * @return a new future
   * @throws IllegalStateException outside the task's run
   */
  public static <T extends @Nullable Object> CompletableFuture<T> ofTask(Task<T> task) {
    Objects.requireNonNull(task, "task: expected the task to make a future of, got null");
    if (Hazmat.currentRun() != task.run()) {
      throw new IllegalStateException(
          "Expected a task of "
              + Hazmat.currentRun()
              + ", but "
              + task
              + " belongs to "
              + task.run()
              + ". Make its future there: that can be used everywhere.");
    }
    TaskFuture<T> future = new TaskFuture<>(task.run(), task::interrupt);
    if (task.hasEnded()) {
      future.end(outcome(task));
    } else {
      task.addExitListener(ended -> future.end(outcome(task)));
    }
    return future;
  }

  private static <T extends @Nullable Object> Outcome<T> outcome(Task<T> ended) {
    Throwable error = ended.exception();
    return error == null ? Outcome.of(ended.result()) : Outcome.failure(error);
  }
}
