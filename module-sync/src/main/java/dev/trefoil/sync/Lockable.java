package dev.trefoil.sync;

import dev.trefoil.hazmat.Action;
import dev.trefoil.hazmat.Body;
import dev.trefoil.hazmat.KeyboardInterrupts;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.osgi.annotation.versioning.ProviderType;

/**
 * What a task acquires, waiting for it if it must, and releases again: locks, and whatever else is held
 * for a while.
 *
 * <pre>{@code
 * lock.withLock(() -> balance += amount);
 *
 * try (var _ = lock.hold()) {
 *   balance += amount;
 * }
 * }</pre>
 *
 * <p>The package documentation says what holds for all of them about checkpoints, cancellation,
 * fairness and threads.
 */
@ProviderType
@SuppressWarnings("exports") // the annotation above is for bnd, and not for users
public sealed interface Lockable
    permits CapacityLimiter, Condition, Lock, RLock, ReadWriteLock.Side, Semaphore {
  /**
   * Acquires, waiting behind those who came earlier. A checkpoint. If it throws, nothing was acquired.
   *
   * <p>Source: {@code acquire} of Trio's and Curio's locks.
   *
   * @throws dev.trefoil.hazmat.Cancelled if cancelled before it was this task's turn
   * @throws dev.trefoil.hazmat.BrokenResource if a task that held it has ended without releasing it, for
   *     those kinds where just the holder can release
   * @throws IllegalStateException if the task may not hold it once more; or from the wrong run
   */
  void acquire();

  /**
   * Acquires if that is possible without waiting and without overtaking anybody. Never waits; no
   * checkpoint.
   *
   * @return whether it was acquired
   * @throws dev.trefoil.hazmat.BrokenResource as {@link #acquire()}
   * @throws IllegalStateException as {@link #acquire()}
   */
  boolean tryAcquire();

  /**
   * Acquires as {@link #tryAcquire()} does, for when anything else is an error. Never waits; no
   * checkpoint.
   *
   * <p>Source: Trio's {@code acquire_nowait}.
   *
   * @throws dev.trefoil.hazmat.WouldBlock if it would have to wait
   * @throws dev.trefoil.hazmat.BrokenResource as {@link #acquire()}
   * @throws IllegalStateException as {@link #acquire()}
   */
  void acquireNowait();

  /**
   * Releases, and hands over to the task that has waited longest, if any. Never waits; no checkpoint.
   *
   * <p>Source: {@code release} of Trio's and Curio's locks.
   *
   * @throws IllegalStateException if there is nothing to release, or it is not the caller's to release;
   *     nothing has changed then
   */
  void release();

  /**
   * Returns whether a task that holds nothing of it would now have to wait, or would be refused.
   *
   * <p>Source: {@code locked} of Trio's and Curio's locks.
   *
   * @return false if it can be acquired at once
   */
  boolean isLocked();

  /**
   * Acquires, runs {@code body}, and releases, however the body ends. A checkpoint, in acquiring.
   *
   * <p>Source: {@code async with lock}.
   *
   * @param <T> the type of the result
   * @param <X> what the body may throw
   * @param body what to run while it is held; not run if {@link #acquire()} throws
   * @return what the body returned
   * @throws X whatever the body throws; if releasing fails as well, that is suppressed by it
   * @throws IllegalStateException as {@link #acquire()} and {@link #release()}
   */
  default <T extends @Nullable Object, X extends Throwable> T withLock(Body<T, X> body) throws X {
    Objects.requireNonNull(body, "body: expected what to run while it is held, got null");
    acquire();
    T result;
    try {
      result = KeyboardInterrupts.callOut(body);
    } catch (Throwable error) {
      releaseAfter(error);
      throw error;
    }
    release();
    return result;
  }

  /**
   * Acquires, runs {@code body}, which has no result, and releases, however the body ends. A
   * checkpoint, in acquiring.
   *
   * <p>Source: {@code async with lock}.
   *
   * @param <X> what the body may throw
   * @param body what to run while it is held; not run if {@link #acquire()} throws
   * @throws X whatever the body throws; if releasing fails as well, that is suppressed by it
   * @throws IllegalStateException as {@link #acquire()} and {@link #release()}
   */
  default <X extends Throwable> void withLock(Action<X> body) throws X {
    Objects.requireNonNull(body, "body: expected what to run while it is held, got null");
    acquire();
    try {
      KeyboardInterrupts.callOut(body);
    } catch (Throwable error) {
      releaseAfter(error);
      throw error;
    }
    release();
  }

  private void releaseAfter(Throwable error) {
    try {
      release();
    } catch (RuntimeException refused) {
      error.addSuppressed(refused);
    }
  }

  /**
   * Acquires, and gives what releases it at the end of a try-with-resources statement. A checkpoint.
   *
   * <p>Source: {@code async with lock}.
   *
   * @return what to close
   * @throws IllegalStateException as {@link #acquire()}
   */
  default Held hold() {
    Held held = new Held(this);
    acquire();
    return held;
  }
}
