package dev.trefoil.threads;

import dev.trefoil.hazmat.Body;
import dev.trefoil.hazmat.ContextSnapshot;
import dev.trefoil.hazmat.Outcome;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;

/**
 * A call that an executor makes for a task. What the executor sees is a future, which can be cancelled
 * from both sides: by the task, and by who shuts the executor down with calls still in it.
 */
final class ExecutorCall<T extends @Nullable Object> {
  private final Host<T> host;
  private final FutureTask<Outcome<T>> future;

  ExecutorCall(Body<? extends T, ?> body) {
    this("THREAD", body);
  }

  /**
   * @param label what the task's state is called while it waits
   */
  ExecutorCall(String label, Body<? extends T, ?> body) {
    host = new Host<>(label, () -> future().cancel(true));
    ContextSnapshot context = ContextSnapshot.capture();
    Body<T, Throwable> inHost = () -> host.<T, Throwable>call(body::call);
    future =
        new FutureTask<>(
            () -> {
              try {
                return Outcome.of(context.<T, Throwable>call(inHost));
              } catch (Throwable error) {
                return Outcome.failure(error);
              }
            }) {
          @Override
          protected void done() {
            host.report(() -> host.finish(outcome(this)));
          }
        };
  }

  private FutureTask<Outcome<T>> future() {
    return future;
  }

  /** Of a future that is done. */
  private static <T extends @Nullable Object> Outcome<T> outcome(FutureTask<Outcome<T>> done) {
    try {
      return done.get();
    } catch (Throwable cancelled) {
      return Outcome.failure(cancelled);
    }
  }

  T runOn(Executor executor) {
    try {
      executor.execute(future);
    } catch (Throwable refused) {
      // It may have it all the same, and must not run it, nor wait for a task that does not wait.
      host.leave(Outcome.failure(refused));
      future.cancel(true);
      throw refused;
    }
    return host.await();
  }
}
