package dev.trefoil.tests.sync;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** Things done by a thread of their own; a hang fails. */
final class OtherThread {
  private static final int SECONDS = 60;

  private OtherThread() {}

  static <T> FutureTask<T> start(Callable<T> body) {
    FutureTask<T> future = new FutureTask<>(body);
    Thread.ofPlatform().daemon().start(future);
    return future;
  }

  static <T> T resultOf(FutureTask<T> future) throws Exception {
    try {
      return future.get(SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException failed) {
      throw new AssertionError(failed.getCause());
    } catch (TimeoutException hang) {
      throw new AssertionError("hangs", hang);
    }
  }

  /** Runs {@code body} on another thread, waits for it, and throws what it threw. */
  static void run(ThrowingCallable body) throws Throwable {
    Throwable[] thrown = new Throwable[1];
    resultOf(
        start(
            () -> {
              try {
                body.call();
              } catch (Throwable error) {
                thrown[0] = error;
              }
              return null;
            }));
    if (thrown[0] != null) {
      throw thrown[0];
    }
  }
}
