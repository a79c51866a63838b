package dev.trefoil.tasks;

import dev.trefoil.hazmat.Action;
import dev.trefoil.hazmat.Body;
import dev.trefoil.hazmat.CancelStatus;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.KeyboardInterrupts;
import dev.trefoil.hazmat.Task;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A limit of time that interrupts a task once, as Curio's do.
 *
 * <pre>{@code
 * try {
 *   page = Timeout.timeoutAfter(Duration.ofSeconds(5), () -> fetch(url));
 * } catch (TaskTimeout late) {
 *   page = cached;
 * }
 * }</pre>
 *
 * <p>When the time is over, the task that called is raised {@link TimeoutCancellation} at its next
 * checkpoint, or at once if it sleeps. That is an edge: it comes once, and a body that catches it goes
 * on. At the call it becomes {@link TaskTimeout}, or nothing if it is to be ignored. A {@link
 * CancelScope} raises at every checkpoint until it has been left, which is harder to get wrong; prefer
 * it in new programs.
 *
 * <p>Timeouts nest. Each interrupts when its own time is over, so the nearest deadline comes first and
 * an inner timeout cannot extend an outer one. If several are over at the same time, only the
 * outermost interrupts: the inner ones see {@code TimeoutCancellation} pass. {@code TaskTimeout} that
 * is not caught between two timeouts becomes {@link UncaughtTimeout} at the outer one, unless the time
 * of that one is over as well. One of a task that the body has spawned arrives in the group of its
 * nursery, as other failures do, and stays as it is.
 *
 * <p>Tasks that the body has spawned are not interrupted themselves. A {@link Nursery} or {@link
 * TaskGroup} that the body has opened cancels its tasks when the task that opened it is interrupted,
 * and waits for them. If other errors come with the timeout, all come in an {@link ExceptionGroup}.
 *
 * <p>A body that ends in its own time although the limit has passed, since it met no checkpoint after
 * that, has ended normally. A warning is logged, as it may have kept others waiting.
 *
 * <p>How timeouts go together with scopes, shields and {@link Task#cancel()} is said in the {@linkplain
 * dev.trefoil.tasks package documentation}. No method here is a checkpoint by itself.
 *
 * <p>Thread-safety: for the tasks of a run.
 *
 * <p>Source: Curio's {@code timeout_after} and {@code ignore_after}.
 */
public final class Timeout {
  private static final System.Logger LOG = System.getLogger("dev.trefoil.tasks");

  private final String words;
  private final boolean ignored;
  private final Task<?> task = Hazmat.currentTask();
  private final CancelStatus status = task.cancelStatus().newChild(this);
  private final long deadline;
  private boolean expired;

  private Timeout(String words, long deadline, boolean ignored) {
    this.words = words;
    this.deadline = deadline;
    this.ignored = ignored;
  }

  private static Timeout after(@Nullable Duration limit, boolean ignored) {
    return new Timeout(
        (ignored ? "ignoreAfter(" : "timeoutAfter(") + limit + ")",
        limit == null
            ? CancelStatus.NO_DEADLINE
            : Times.after(Times.requireNotNegative(limit, "limit")),
        ignored);
  }

  private static Timeout at(long deadline, boolean ignored) {
    return new Timeout((ignored ? "ignoreAt(" : "timeoutAt(") + deadline + ")", deadline, ignored);
  }

  // ---- the usual cases

  /**
   * Runs {@code body} for at most {@code limit}; if the time is over, interrupts it and throws.
   *
   * <p>Source: Curio's {@code timeout_after}.
   *
   * @param <T> the type of the result
   * @param <X> what the body may throw
   * @param limit how long, counted from now; {@code null} for no limit of its own
   * @param body what to run
   * @return what the body returned
   * @throws X whatever the body throws
   * @throws TaskTimeout if the body was cut short
   * @throws UncaughtTimeout if a {@link TaskTimeout} came out of the body before the time was over
   * @throws IllegalArgumentException if {@code limit} is negative
   */
  @SuppressWarnings("NullAway") // null without the body saying so only if ignored
  public static <T extends @Nullable Object, X extends Throwable> T timeoutAfter(
      @Nullable Duration limit, Body<T, X> body) throws X {
    requireBody(body);
    return after(limit, false).run(body, null);
  }

  /**
   * Runs {@code body}, which has no result, for at most {@code limit}.
   *
   * @param <X> what the body may throw
   * @param limit how long, counted from now; {@code null} for no limit of its own
   * @param body what to run
   * @throws X whatever the body throws
   * @throws TaskTimeout if the body was cut short
   * @throws UncaughtTimeout if a {@link TaskTimeout} came out of the body before the time was over
   * @throws IllegalArgumentException if {@code limit} is negative
   * @see #timeoutAfter(Duration, Body)
   */
  public static <X extends Throwable> void timeoutAfter(@Nullable Duration limit, Action<X> body)
      throws X {
    requireBody(body);
    after(limit, false).run(body.asBody(), null);
  }

  /**
   * Runs {@code body} until {@code deadline} at the latest; then interrupts it and throws.
   *
   * @param <T> the type of the result
   * @param <X> what the body may throw
   * @param deadline nanoseconds on the run's clock, as in {@link Trefoil#currentTime()}
   * @param body what to run
   * @return what the body returned
   * @throws X whatever the body throws
   * @throws TaskTimeout if the body was cut short
   * @throws UncaughtTimeout if a {@link TaskTimeout} came out of the body before the time was over
   */
  @SuppressWarnings("NullAway") // null without the body saying so only if ignored
  public static <T extends @Nullable Object, X extends Throwable> T timeoutAt(
      long deadline, Body<T, X> body) throws X {
    requireBody(body);
    return at(deadline, false).run(body, null);
  }

  /**
   * Runs {@code body}, which has no result, until {@code deadline} at the latest.
   *
   * @param <X> what the body may throw
   * @param deadline nanoseconds on the run's clock
   * @param body what to run
   * @throws X whatever the body throws
   * @throws TaskTimeout if the body was cut short
   * @throws UncaughtTimeout if a {@link TaskTimeout} came out of the body before the time was over
   * @see #timeoutAt(long, Body)
   */
  public static <X extends Throwable> void timeoutAt(long deadline, Action<X> body) throws X {
    requireBody(body);
    at(deadline, false).run(body.asBody(), null);
  }

  /**
   * Runs {@code body} for at most {@code limit}; if the time is over, interrupts it and goes on.
   *
   * <p>Source: Curio's {@code ignore_after}.
   *
   * @param <T> the type of the result
   * @param <X> what the body may throw
   * @param limit how long, counted from now; {@code null} for no limit of its own
   * @param body what to run
   * @return what the body returned, or {@code null} if it was cut short
   * @throws X whatever the body throws
   * @throws UncaughtTimeout if a {@link TaskTimeout} came out of the body before the time was over
   * @throws IllegalArgumentException if {@code limit} is negative
   */
  public static <T extends @Nullable Object, X extends Throwable> @Nullable T ignoreAfter(
      @Nullable Duration limit, Body<T, X> body) throws X {
    requireBody(body);
    return after(limit, true).run(body, null);
  }

  /**
   * Runs {@code body} for at most {@code limit}, with a result for the case that the time is over.
   *
   * <p>Source: Curio's {@code ignore_after(..., timeout_result=...)}, whose manual promises this.
   *
   * @param <T> the type of the result
   * @param <X> what the body may throw
   * @param limit how long, counted from now; {@code null} for no limit of its own
   * @param timeoutResult what to return if the body was cut short
   * @param body what to run
   * @return what the body returned, or {@code timeoutResult}
   * @throws X whatever the body throws
   * @throws UncaughtTimeout if a {@link TaskTimeout} came out of the body before the time was over
   * @throws IllegalArgumentException if {@code limit} is negative
   */
  @SuppressWarnings("NullAway") // null only if the body or the caller says so
  public static <T extends @Nullable Object, X extends Throwable> T ignoreAfter(
      @Nullable Duration limit, T timeoutResult, Body<? extends T, X> body) throws X {
    requireBody(body);
    return after(limit, true).<T, X>run(body::call, timeoutResult);
  }

  /**
   * Runs {@code body}, which has no result, for at most {@code limit}.
   *
   * @param <X> what the body may throw
   * @param limit how long, counted from now; {@code null} for no limit of its own
   * @param body what to run
   * @return the timeout, to ask whether it has {@link #expired()}
   * @throws X whatever the body throws
   * @throws UncaughtTimeout if a {@link TaskTimeout} came out of the body before the time was over
   * @throws IllegalArgumentException if {@code limit} is negative
   * @see #ignoreAfter(Duration, Body)
   */
  public static <X extends Throwable> Timeout ignoreAfter(@Nullable Duration limit, Action<X> body)
      throws X {
    requireBody(body);
    Timeout timeout = after(limit, true);
    timeout.run(body.asBody(), null);
    return timeout;
  }

  /**
   * Runs {@code body} until {@code deadline} at the latest; then interrupts it and goes on.
   *
   * @param <T> the type of the result
   * @param <X> what the body may throw
   * @param deadline nanoseconds on the run's clock
   * @param body what to run
   * @return what the body returned, or {@code null} if it was cut short
   * @throws X whatever the body throws
   * @throws UncaughtTimeout if a {@link TaskTimeout} came out of the body before the time was over
   */
  public static <T extends @Nullable Object, X extends Throwable> @Nullable T ignoreAt(
      long deadline, Body<T, X> body) throws X {
    requireBody(body);
    return at(deadline, true).run(body, null);
  }

  /**
   * Runs {@code body}, which has no result, until {@code deadline} at the latest.
   *
   * @param <X> what the body may throw
   * @param deadline nanoseconds on the run's clock
   * @param body what to run
   * @return the timeout, to ask whether it has {@link #expired()}
   * @throws X whatever the body throws
   * @throws UncaughtTimeout if a {@link TaskTimeout} came out of the body before the time was over
   * @see #ignoreAt(long, Body)
   */
  public static <X extends Throwable> Timeout ignoreAt(long deadline, Action<X> body) throws X {
    requireBody(body);
    Timeout timeout = at(deadline, true);
    timeout.run(body.asBody(), null);
    return timeout;
  }

  private static void requireBody(@Nullable Object body) {
    Objects.requireNonNull(body, "body: expected what to run with a limit of time, got null");
  }

  // ---- running

  private <T extends @Nullable Object, X extends Throwable> @Nullable T run(
      Body<T, X> body, @Nullable T timeoutResult) throws X {
    enter();
    T result;
    try {
      result = KeyboardInterrupts.callOut(body);
    } catch (Throwable error) {
      Throwable rest = leave(error);
      if (rest == null) {
        return timeoutResult;
      }
      throw Sneaky.<RuntimeException>rethrow(rest);
    }
    Throwable misnested = leave(null);
    if (misnested != null) {
      throw Sneaky.<RuntimeException>rethrow(misnested);
    }
    return result;
  }

  private void enter() {
    try {
      status.enter();
    } catch (Throwable refused) {
      status.close();
      throw refused;
    }
    status.interruptAt(deadline, () -> new TimeoutCancellation(this));
  }

  /** Leaves the timeout; returns what is to be thrown, if anything. */
  private @Nullable Throwable leave(@Nullable Throwable error) {
    long late = lateness();
    boolean untold = isUntold();
    try {
      status.leave();
    } catch (IllegalStateException misnested) {
      if (error != null) {
        misnested.addSuppressed(error);
      }
      return misnested;
    }
    if (error != null) {
      return translate(error, late >= 0);
    }
    if (late > 0 && untold) {
      warn(Duration.ofNanos(late));
    }
    return null;
  }

  /** How long the time has been over; negative if it is not. For ever, if it is farther back. */
  private long lateness() {
    long now = Trefoil.currentTime();
    if (deadline == CancelStatus.NO_DEADLINE || deadline > now) {
      return -1;
    }
    long late = now - deadline;
    return late < 0 ? Long.MAX_VALUE : late;
  }

  /** Whether the interruption is still to come: raised, or dropped for an outer one, it is gone. */
  private boolean isUntold() {
    return status.deadline() != CancelStatus.NO_DEADLINE;
  }

  private @Nullable Throwable translate(Throwable error, boolean over) {
    if (error instanceof TaskTimeout inner) {
      if (!over) {
        return new UncaughtTimeout(
            inner.getMessage()
                + " The TaskTimeout was not caught and has got out of "
                + this
                + ", whose time is not over. Catch each TaskTimeout right behind the timeout it"
                + " comes from, or use ignoreAfter there.",
            inner);
      }
      expired = true;
      return ignored ? null : timeout(inner);
    }
    Throwable rest = Cancellations.removeFrom(error, this);
    if (rest == error) {
      return error;
    }
    expired = true;
    if (ignored) {
      return rest;
    }
    TaskTimeout timeout = timeout(null);
    if (rest == null) {
      return timeout;
    }
    if (error instanceof TimeoutCancellation) {
      // What went wrong while it was on its way. Java's own way to tell is good enough here.
      timeout.addSuppressed(rest);
      return timeout;
    }
    return new ExceptionGroup("errors besides a timeout", List.of(timeout, rest));
  }

  private TaskTimeout timeout(@Nullable Throwable cause) {
    return new TaskTimeout(
        "The body of " + this + " did not end in time and was interrupted.", cause);
  }

  private void warn(Duration late) {
    try {
      LOG.log(
          Level.WARNING,
          "The body of "
              + this
              + " in "
              + task
              + " has ended normally, but "
              + late
              + " after its time was over: it met no checkpoint at which it could have been"
              + " interrupted. If it kept its thread, all other tasks had to wait meanwhile.");
    } catch (RuntimeException loggingFailed) {
      // The body has succeeded; that must not be lost for a warning.
    }
  }

  // ---- looking

  /**
   * Returns whether the time was over and this has cut the body short. Stays false if the body ended
   * late but normally, or swallowed the interruption.
   *
   * @return true if the body did not come to its end
   */
  public boolean expired() {
    return expired;
  }

  /** Whether the time is over and the task {@code inside} has yet to be told. */
  boolean isPendingIn(Task<?> inside) {
    return task == inside && isUntold() && lateness() >= 0;
  }

  TimeoutCancellation take() {
    status.setDeadline(CancelStatus.NO_DEADLINE);
    return new TimeoutCancellation(this);
  }

  TimeoutCancellation pending() {
    return new TimeoutCancellation(this);
  }

  @Override
  public String toString() {
    return words;
  }
}
