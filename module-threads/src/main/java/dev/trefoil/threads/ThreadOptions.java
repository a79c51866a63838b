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
  private static final ThreadOptions DEFAULTS = new ThreadOptions(OnCancel.WAIT, null, null);

  /** What a task does about its thread when it is cancelled. */
  private enum OnCancel {
    WAIT,
    ABANDON,
    INTERRUPT
  }

  private final OnCancel onCancel;
  private final @Nullable Limiter limiter;
  private final @Nullable String threadName;

  private ThreadOptions(OnCancel onCancel, @Nullable Limiter limiter, @Nullable String threadName) {
    this.onCancel = onCancel;
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
   * dropped, and it gives its token back when it ends. Takes the place of {@link
   * #withInterruptOnCancel()}.
   *
   * @return changed options
   */
  public ThreadOptions withAbandonOnCancel() {
    return new ThreadOptions(OnCancel.ABANDON, limiter, threadName);
  }

  /**
   * Makes a task that is cancelled interrupt its thread, once, and go on waiting for it. For code that
   * reacts to {@link Thread#interrupt} by doing nothing, as {@link
   * java.util.concurrent.BlockingQueue#take()} does: either it is stopped or it happens, and nothing is
   * lost between. Takes the place of {@link #withAbandonOnCancel()}.
   *
   * <p>What the code returns, the task returns, cancelled or not; what it throws, the task throws, save
   * for exceptions by which the JDK says that the interrupt has ended something: {@link
   * InterruptedException}, {@link java.nio.channels.ClosedByInterruptException}, {@link
   * java.nio.channels.FileLockInterruptionException}, {@link java.io.InterruptedIOException} but for the
   * timeout of a socket. In their stead the task raises what it was cancelled with.
   *
   * <p>Note that an interrupt closes channels of {@code java.nio}, those of files too.
   *
   * @return changed options
   */
  public ThreadOptions withInterruptOnCancel() {
    return new ThreadOptions(OnCancel.INTERRUPT, limiter, threadName);
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
    return new ThreadOptions(onCancel, limiter, threadName);
  }

  /**
   * Names the thread for the time of this call.
   *
   * @param threadName the name, for people
   * @return changed options
   */
  public ThreadOptions withThreadName(String threadName) {
    Objects.requireNonNull(threadName, "threadName");
    return new ThreadOptions(onCancel, limiter, threadName);
  }

  /**
   * Returns whether a cancelled task leaves at once.
   *
   * @return false if it waits for the thread
   */
  public boolean abandonOnCancel() {
    return onCancel == OnCancel.ABANDON;
  }

  /**
   * Returns whether a cancelled task interrupts its thread and waits for it.
   *
   * @return false if it leaves the thread alone
   */
  public boolean interruptOnCancel() {
    return onCancel == OnCancel.INTERRUPT;
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
