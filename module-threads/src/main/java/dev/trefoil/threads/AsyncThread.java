package dev.trefoil.threads;

import dev.trefoil.hazmat.Action;
import dev.trefoil.hazmat.Body;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.Task;
import dev.trefoil.tasks.Nursery;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/**
 * A task whose body runs on a thread of its own: code that blocks as it likes, awaits task operations
 * where it wants to, and is joined and cancelled as any task is.
 *
 * <pre>{@code
 * Task<Integer> counter = AsyncThread.spawn(nursery, () -> {
 *   int lines = 0;
 *   while (blockingReader.readLine() != null) {
 *     lines++;
 *     AsyncThread.await(() -> progress.put(line));
 *   }
 *   return lines;
 * });
 * }</pre>
 *
 * <p>Cancelling the task takes effect where the thread awaits something, then or later; code between is
 * not disturbed. {@link FromThread} works there as well. The number of such threads is not limited.
 *
 * <p>Source: Curio's {@code spawn_thread} and {@code AWAIT}.
 */
public final class AsyncThread {
  private AsyncThread() {}

  /**
   * Makes a task in {@code nursery} that runs {@code body} on a thread and ends with it. Never suspends;
   * no checkpoint.
   *
   * @param <T> the type of the result
   * @param nursery is responsible for the task
   * @param body what to run
   * @return the task
   */
  public static <T extends @Nullable Object> Task<T> spawn(Nursery nursery, Callable<T> body) {
    Objects.requireNonNull(nursery, "nursery");
    Objects.requireNonNull(body, "body: expected what to run on the thread, got null");
    return nursery.spawn(() -> run(ThreadOptions.defaults(), body));
  }

  /**
   * Makes a task as {@link #spawn(Nursery, Callable)} does, with a name for both it and its thread.
   *
   * @param <T> the type of the result
   * @param nursery is responsible for the task
   * @param name for people
   * @param body what to run
   * @return the task
   */
  public static <T extends @Nullable Object> Task<T> spawn(
      Nursery nursery, String name, Callable<T> body) {
    Objects.requireNonNull(nursery, "nursery");
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(body, "body: expected what to run on the thread, got null");
    return nursery.spawn(name, () -> run(ThreadOptions.defaults().withThreadName(name), body));
  }

  private static <T extends @Nullable Object> T run(ThreadOptions options, Callable<T> body)
      throws Exception {
    Body<T, Exception> onThread = body::call;
    return ToThread.runInThread(options.withLimiter(Unlimited.LIMITER), onThread);
  }

  /**
   * Does something in the task of this thread, blocking the thread until it is done; the same as {@link
   * FromThread#run(Body)}.
   *
   * @param <T> the type of the result
   * @param <X> what the body may throw
   * @param body what the task is to do; may use all task operations
   * @return what the body returned
   * @throws X whatever the body throws, the very same object
   * @throws dev.trefoil.hazmat.Cancelled if the task is cancelled; let it pass
   * @throws InterruptedException if this thread is interrupted, and cancelling the body for that had an
   *     effect
   * @throws IllegalStateException elsewhere than on the thread of a task
   */
  public static <T extends @Nullable Object, X extends Throwable> T await(Body<T, X> body)
      throws X, InterruptedException {
    Objects.requireNonNull(body, "body: expected what the task is to do, got null");
    FromThread.requiredHost("AsyncThread.await");
    return FromThread.run(body);
  }

  /**
   * Does something that has no result in the task of this thread, as {@link #await(Body)} does.
   *
   * @param <X> what the body may throw
   * @param body what the task is to do; may use all task operations
   * @throws X whatever the body throws, the very same object
   * @throws dev.trefoil.hazmat.Cancelled if the task is cancelled; let it pass
   * @throws InterruptedException as {@link #await(Body)}
   * @throws IllegalStateException elsewhere than on the thread of a task
   */
  public static <X extends Throwable> void await(Action<X> body) throws X, InterruptedException {
    Objects.requireNonNull(body, "body: expected what the task is to do, got null");
    await(body.asBody());
  }

  /**
   * Returns whether the calling code can await: whether a task waits for this thread.
   *
   * @return false in a run and on threads of other origin
   */
  public static boolean canAwait() {
    return !Hazmat.inRun() && Host.ofThread() != null;
  }
}
