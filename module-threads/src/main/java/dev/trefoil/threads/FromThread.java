package dev.trefoil.threads;

import dev.trefoil.hazmat.Action;
import dev.trefoil.hazmat.Body;
import dev.trefoil.hazmat.ContextSnapshot;
import dev.trefoil.hazmat.Hazmat;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The way back from a thread that a task waits for: what is asked for here is done by that very task.
 *
 * <pre>{@code
 * ToThread.runInThread(() -> {
 *   for (Path file : files) {
 *     FromThread.checkCancelled();
 *     String text = Files.readString(file);
 *     FromThread.run(() -> channel.send(text));
 *   }
 * });
 * }</pre>
 *
 * <p>All of it blocks the calling thread, and only that. It may be used in code that {@link
 * ToThread#runInThread}, {@link ToThread#runInExecutor} or {@link AsyncThread} runs, and in threads that
 * such code forks in a structured scope. A thread of another origin uses a {@link Portal}.
 *
 * <p>Once a task has left its thread alone, being cancelled, everything here throws what the task was
 * cancelled with.
 *
 * <p>Source: Trio's {@code trio.from_thread}.
 */
public final class FromThread {
  private FromThread() {}

  /**
   * Does something in the task that waits for this thread, and waits until it is done. The body may use
   * all task operations, is inside the scopes of that task, and sees the task locals of this code. What
   * it throws, {@link dev.trefoil.hazmat.Cancelled} included, is thrown here; let that pass, and it gets
   * to the scope it belongs to by way of the task.
   *
   * <p>Source: Trio's {@code from_thread.run}.
   *
   * @param <T> the type of the result
   * @param <X> what the body may throw
   * @param body what the task is to do
   * @return what the body returned
   * @throws X whatever the body throws, the very same object
   * @throws InterruptedException if this thread is interrupted, and cancelling the body for that had an
   *     effect; the body has ended by then
   * @throws IllegalStateException on the thread of a run, which would wait for itself; and on a thread
   *     that no task waits for
   */
  public static <T extends @Nullable Object, X extends Throwable> T run(Body<T, X> body)
      throws X, InterruptedException {
    Objects.requireNonNull(body, "body: expected what the task is to do, got null");
    Host<?> host = requiredHost("FromThread.run");
    return host.ask(Request.<T>thatMaySuspend(body, ContextSnapshot.currentContext()));
  }

  /**
   * Does something that has no result in the task that waits for this thread, as {@link #run(Body)} does.
   *
   * @param <X> what the body may throw
   * @param body what the task is to do
   * @throws X whatever the body throws, the very same object
   * @throws InterruptedException as {@link #run(Body)}
   * @throws IllegalStateException as {@link #run(Body)}
   */
  public static <X extends Throwable> void run(Action<X> body) throws X, InterruptedException {
    Objects.requireNonNull(body, "body: expected what the task is to do, got null");
    run(body.asBody());
  }

  /**
   * Does something in the task that waits for this thread, as {@link #run(Body)} does, that is short and
   * does not suspend. An interrupt stays pending.
   *
   * <p>Source: Trio's {@code from_thread.run_sync}.
   *
   * @param <T> the type of the result
   * @param <X> what the body may throw
   * @param body what the task is to do, without waiting
   * @return what the body returned
   * @throws X whatever the body throws, the very same object
   * @throws IllegalStateException as {@link #run(Body)}
   */
  public static <T extends @Nullable Object, X extends Throwable> T runSync(Body<T, X> body)
      throws X {
    Objects.requireNonNull(body, "body: expected what the task is to do, got null");
    Host<?> host = requiredHost("FromThread.runSync");
    return host.ask(Request.<T>thatDoesNotSuspend(body, ContextSnapshot.currentContext()));
  }

  /**
   * Does something that has no result in the task that waits for this thread, as {@link #runSync(Body)}
   * does.
   *
   * @param <X> what the body may throw
   * @param body what the task is to do, without waiting
   * @throws X whatever the body throws, the very same object
   * @throws IllegalStateException as {@link #run(Body)}
   */
  public static <X extends Throwable> void runSync(Action<X> body) throws X {
    Objects.requireNonNull(body, "body: expected what the task is to do, got null");
    runSync(body.asBody());
  }

  /**
   * Throws if the task that waits for this thread was cancelled, also if it has left since: how code
   * that takes long can end early. Does nothing otherwise. Never waits for the task.
   *
   * <p>Source: Trio's {@code from_thread.check_cancelled}.
   *
   * @throws dev.trefoil.hazmat.Cancelled if the task was cancelled; let it pass
   * @throws IllegalStateException as {@link #run(Body)}
   */
  public static void checkCancelled() {
    requiredHost("FromThread.checkCancelled").checkCancelled();
  }

  static Host<?> requiredHost(String caller) {
    refuseInRun(caller);
    Host<?> host = Host.ofThread();
    if (host == null) {
      throw new IllegalStateException(
          caller
              + ": expected a thread that a task waits for, but thread '"
              + Thread.currentThread().getName()
              + "' was not started by ToThread or AsyncThread. Enter the run from here by a Portal,"
              + " which a task gets with Portal.current().");
    }
    return host;
  }

  static void refuseInRun(String caller) {
    if (Hazmat.inRun()) {
      throw new IllegalStateException(
          caller
              + " blocks its thread until a run has answered, but this is code of "
              + Hazmat.currentRun()
              + " itself, which could not go on. Call what you want to be done directly, or use it"
              + " from another thread.");
    }
  }
}
