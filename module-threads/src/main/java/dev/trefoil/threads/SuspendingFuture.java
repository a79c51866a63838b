package dev.trefoil.threads;

import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.sync.UniversalEvent;
import dev.trefoil.tasks.CancelScope;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A future that suspends the task that waits for it, where others would block the run that is to complete
 * them. Threads without a run block as usual.
 */
class SuspendingFuture<T extends @Nullable Object> extends CompletableFuture<T> {
  private final UniversalEvent done = new UniversalEvent();

  SuspendingFuture() {
    whenComplete((value, error) -> done.set());
  }

  @Override
  public T get() throws InterruptedException, ExecutionException {
    if (isToSuspend()) {
      done.await();
    }
    return super.get();
  }

  @Override
  public T get(long timeout, TimeUnit unit)
      throws InterruptedException, ExecutionException, TimeoutException {
    if (!isToSuspend()) {
      return super.get(timeout, unit);
    }
    CancelScope.moveOnAfter(Duration.ofNanos(Math.max(0, unit.toNanos(timeout))), done::await);
    if (!isDone()) {
      throw new TimeoutException(
          "Expected to be done within " + timeout + " " + unit + ", but was not: " + this);
    }
    return super.get();
  }

  @Override
  public T join() {
    if (isToSuspend()) {
      try {
        done.await();
      } catch (InterruptedException neverInTasks) {
        throw new IllegalStateException(neverInTasks);
      }
    }
    return super.join();
  }

  /** What is done already can be had where nothing can suspend, such as in the callbacks of futures. */
  private boolean isToSuspend() {
    return !isDone() && Hazmat.inRun();
  }
}
