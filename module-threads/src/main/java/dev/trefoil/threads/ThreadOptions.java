package dev.trefoil.threads;

import dev.trefoil.sync.Limiter;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How {@link ToThread#runInThread(ThreadOptions, dev.trefoil.hazmat.Body)} goes about it. Immutable;
 * every method that changes something returns a copy.
 *
 * <p>Source: the keyword arguments of Trio's {@code to_thread.run_sync}.
 */
public final class ThreadOptions {
  private static final ThreadOptions DEFAULTS = new ThreadOptions(false, null, null);

  private final boolean abandonOnCancel;
  private final @Nullable Limiter limiter;
  private final @Nullable String threadName;

  private ThreadOptions(
      boolean abandonOnCancel, @Nullable Limiter limiter, @Nullable String threadName) {
    this.abandonOnCancel = abandonOnCancel;
    this.limiter = limiter;
    this.threadName = threadName;
  }

  /**
   * A cancelled task waits for its thread; the run's own limiter; no name of its own.
   *
   * @return the defaults
   */
  public static ThreadOptions defaults() {
    return DEFAULTS;
  }

  /**
   * Makes a task that is cancelled leave at once. The thread runs on by itself: what comes of it is
   * dropped, and it gives its token back when it ends.
   *
   * @return changed options
   */
  public ThreadOptions withAbandonOnCancel() {
    return new ThreadOptions(true, limiter, threadName);
  }

  /**
   * Asks another limiter than {@link ToThread#currentDefaultThreadLimiter()}.
   *
   * @param limiter is asked for a token before a thread is started, on behalf of an object that stands
   *     for the thread
   * @return changed options
   */
  public ThreadOptions withLimiter(Limiter limiter) {
    Objects.requireNonNull(limiter, "limiter");
    return new ThreadOptions(abandonOnCancel, limiter, threadName);
  }

  /**
   * Names the thread for the time of this call.
   *
   * @param threadName the name, for people
   * @return changed options
   */
  public ThreadOptions withThreadName(String threadName) {
    Objects.requireNonNull(threadName, "threadName");
    return new ThreadOptions(abandonOnCancel, limiter, threadName);
  }

  /**
   * Returns whether a cancelled task leaves at once.
   *
   * @return false if it waits for the thread
   */
  public boolean abandonOnCancel() {
    return abandonOnCancel;
  }

  /**
   * Returns the limiter.
   *
   * @return the limiter, or {@code null} for the run's own
   */
  public @Nullable Limiter limiter() {
    return limiter;
  }

  /**
   * Returns the thread's name.
   *
   * @return the name, or {@code null} for none of its own
   */
  public @Nullable String threadName() {
    return threadName;
  }
}
