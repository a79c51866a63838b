package dev.trefoil.tasks;

import dev.trefoil.hazmat.Action;
import dev.trefoil.hazmat.Body;
import dev.trefoil.hazmat.CancelReason;
import dev.trefoil.hazmat.CancelStatus;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.KeyboardInterrupts;
import dev.trefoil.hazmat.Task;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A part of a task's work that can be cancelled as a whole, by a call or by a deadline.
 *
 * <p>While the scope is cancelled, every checkpoint inside it raises {@link
 * dev.trefoil.hazmat.Cancelled}, again and again, until the scope is left; there the scope catches
 * it and the program goes on behind it. A scope catches only what it is responsible for: if an
 * enclosing scope is cancelled as well and no shield is between, the outermost one catches.
 *
 * <pre>{@code
 * CancelScope scope = CancelScope.withTimeout(Duration.ofSeconds(5));
 * scope.run(() -> fetch(url));
 * if (scope.cancelledCaught()) {
 *   System.out.println("gave up");
 * }
 * }</pre>
 *
 * <p>A scope is for one use. It may be made, given a deadline and cancelled before it is entered,
 * and entered by another task. Groups of errors are split: the cancellations this scope is
 * responsible for are taken out, the rest goes on. If something was suppressed by a caught
 * cancellation, such as an error while closing a resource, that error goes on.
 *
 * <p>Thread-safety: for the tasks of the run it is entered in. A foreign thread that cancels it is
 * refused with {@link IllegalStateException}; see {@link dev.trefoil.hazmat.EntryPoint}.
 *
 * <p>Source: Trio's {@code CancelScope}.
 */
public final class CancelScope {
  private final Object owner;
  private @Nullable CancelStatus status;
  private boolean entered;
  private boolean left;
  private boolean caught;

  /** Until the scope is entered: what its status will be given then. */
  private long earlyDeadline = CancelStatus.NO_DEADLINE;

  private @Nullable Duration earlyTimeout;
  private boolean earlyShield;
  private @Nullable CancelReason earlyReason;

  private CancelScope(@Nullable Object owner) {
    this.owner = owner == null ? this : owner;
  }

  /** A scope that shows as {@code owner} in the cancellation tree. */
  static CancelScope ownedBy(Object owner) {
    return new CancelScope(owner);
  }

  // ---- making

  /**
   * Makes a scope without a deadline.
   *
   * @return a scope that has not been entered
   */
  public static CancelScope create() {
    return new CancelScope(null);
  }

  /**
   * Makes a scope with a deadline on the run's clock.
   *
   * @param deadline nanoseconds, as in {@link Trefoil#currentTime()}
   * @return a scope that has not been entered
   */
  public static CancelScope withDeadline(long deadline) {
    CancelScope scope = create();
    scope.earlyDeadline = deadline;
    return scope;
  }

  /**
   * Makes a scope whose deadline is counted from when it is entered.
   *
   * @param timeout the time it gets
   * @return a scope that has not been entered
   * @throws IllegalArgumentException if {@code timeout} is negative
   */
  public static CancelScope withTimeout(Duration timeout) {
    CancelScope scope = create();
    scope.earlyTimeout = Times.requireNotNegative(timeout, "timeout");
    return scope;
  }

  /**
   * Raises the shield and returns this, for use while making a scope.
   *
   * @return this
   */
  public CancelScope shielded() {
    setShield(true);
    return this;
  }

  // ---- running

  /**
   * Runs {@code body} inside this scope. Not a checkpoint by itself.
   *
   * @param <T> the type of the result
   * @param <X> what the body may throw
   * @param body what to run
   * @return what the body returned, or {@code null} if its cancellation was caught
   * @throws X whatever the body throws, save for a cancellation that this scope catches
   * @throws IllegalStateException if the scope has been entered before
   */
  public <T extends @Nullable Object, X extends Throwable> @Nullable T run(Body<T, X> body)
      throws X {
    requireBody(body);
    enter();
    T result;
    try {
      result = KeyboardInterrupts.callOut(body);
    } catch (Throwable error) {
      leave(error);
      return null;
    }
    leave(null);
    return result;
  }

  /**
   * Runs {@code body}, which has no result, inside this scope.
   *
   * @param <X> what the body may throw
   * @param body what to run
   * @throws X whatever the body throws, save for a cancellation that this scope catches
   * @throws IllegalStateException if the scope has been entered before
   */
  public <X extends Throwable> void run(Action<X> body) throws X {
    requireBody(body);
    enter();
    try {
      KeyboardInterrupts.callOut(body);
    } catch (Throwable error) {
      leave(error);
      return;
    }
    leave(null);
  }

  private static void requireBody(@Nullable Object body) {
    Objects.requireNonNull(body, "body: expected what to run in the scope, got null");
  }

  void enter() {
    Task<?> task = Hazmat.currentTask();
    if (entered) {
      throw new IllegalStateException(
          "Expected a fresh cancel scope, but this one has been entered before. A scope is for one"
              + " use: make a new one each time.");
    }
    CancelStatus made = task.cancelStatus().newChild(owner);
    try {
      made.enter();
    } catch (Throwable refused) {
      made.close();
      throw refused;
    }
    entered = true;
    status = made;
    try {
      prepare(made);
    } catch (Throwable refused) {
      left = true;
      made.leave();
      throw refused;
    }
  }

  /** Gives the status what the scope was given before it had one. */
  private void prepare(CancelStatus made) {
    if (earlyShield) {
      made.setShielded(true);
    }
    if (earlyTimeout != null) {
      made.setDeadline(Times.after(earlyTimeout));
    } else if (earlyDeadline != CancelStatus.NO_DEADLINE) {
      made.setDeadline(earlyDeadline);
    }
    if (earlyReason != null) {
      made.cancel(earlyReason);
    } else if (earlyTimeout == null || earlyTimeout.isZero()) {
      cancelIfOverdue(made);
    }
  }

  /** Leaves the scope; throws what is left of {@code error}. */
  private void leave(@Nullable Throwable error) {
    Throwable rest = close(error);
    if (rest != null) {
      throw Sneaky.<RuntimeException>rethrow(rest);
    }
  }

  /** Leaves the scope; returns what is left of {@code error} after catching. */
  @Nullable Throwable close(@Nullable Throwable error) {
    CancelStatus own = status();
    boolean catches =
        error != null && own.effectivelyCancelled() && !own.parentCancellationVisible();
    left = true;
    // First of all, so that no fault in what follows leaves the scope in the tree.
    try {
      own.leave();
    } catch (IllegalStateException misnested) {
      if (error instanceof VirtualMachineError) {
        // Such as an overflow of the stack, which is then why something inside was not left.
        error.addSuppressed(misnested);
        return error;
      }
      if (error != null) {
        misnested.addSuppressed(error);
      }
      return misnested;
    }
    if (!catches || error == null) {
      return error;
    }
    Throwable rest = Cancellations.removeFrom(error);
    caught = rest != error;
    return rest;
  }

  /** The node of the cancellation tree that this scope is, once entered. */
  CancelStatus status() {
    CancelStatus own = status;
    if (own == null) {
      throw new IllegalStateException("Expected a cancel scope that has been entered.");
    }
    return own;
  }

  // ---- cancelling

  /**
   * Cancels the scope: sleeping tasks inside are woken with {@link dev.trefoil.hazmat.Cancelled},
   * running ones get it at their next checkpoint. Idempotent. Never suspends; no checkpoint. Before
   * the scope is entered, it will be cancelled from the start; after it has been left, this only
   * sets {@link #cancelCalled()}.
   */
  public void cancel() {
    cancel(CancelReason.explicit(null));
  }

  /**
   * Cancels the scope and says why; see {@link #cancel()}. The first reason sticks.
   *
   * @param reason words for people, to be found in {@link
   *     dev.trefoil.hazmat.Cancelled#reason()}
   */
  public void cancel(String reason) {
    cancel(CancelReason.explicit(reason));
  }

  void cancel(CancelReason reason) {
    if (status != null) {
      status.cancel(reason);
    } else if (earlyReason == null) {
      earlyReason = reason;
    }
  }

  /**
   * Returns whether the scope was cancelled, by a call or by its deadline, whether or not anything
   * was interrupted. If the deadline has passed and the run has not noticed yet, this cancels the
   * scope.
   *
   * @return true once cancelled, for ever
   */
  public boolean cancelCalled() {
    CancelStatus own = status;
    if (own == null) {
      return earlyReason != null;
    }
    if (!left) {
      cancelIfOverdue(own);
    }
    return own.cancelCalled();
  }

  private static void cancelIfOverdue(CancelStatus own) {
    if (own.deadline() != CancelStatus.NO_DEADLINE
        && !own.cancelCalled()
        && own.deadline() <= Trefoil.currentTime()) {
      own.cancel(CancelReason.of(CancelReason.Source.DEADLINE));
    }
  }

  /**
   * Returns whether the scope has caught a cancellation that it was responsible for, so that its
   * body was cut short. Stays false if the body ended without one, swallowed it, or turned it into
   * another error.
   *
   * @return true if something was caught
   */
  public boolean cancelledCaught() {
    return caught;
  }

  // ---- deadlines

  /**
   * Returns the deadline on the run's clock.
   *
   * @return nanoseconds, {@link CancelStatus#NO_DEADLINE} if there is none
   * @throws IllegalStateException if the scope has a timeout and has not been entered
   */
  public long deadline() {
    if (status != null) {
      return status.deadline();
    }
    refuseWithTimeout();
    return earlyDeadline;
  }

  /**
   * Moves the deadline. A deadline in the past cancels in the next pass of the run's loop; moving it
   * later cannot undo a cancel.
   *
   * @param deadline nanoseconds on the run's clock, {@link CancelStatus#NO_DEADLINE} for none
   * @throws IllegalStateException if the scope has a timeout and has not been entered
   */
  public void setDeadline(long deadline) {
    if (status != null) {
      status.setDeadline(deadline);
    } else {
      refuseWithTimeout();
      earlyDeadline = deadline;
    }
  }

  private void refuseWithTimeout() {
    if (earlyTimeout != null) {
      throw new IllegalStateException(
          "Expected a scope with a deadline, but this one has a timeout of "
              + earlyTimeout
              + " and gets its deadline when it is entered. Use timeout() and setTimeout() until"
              + " then.");
    }
  }

  /**
   * Returns whether the scope has a timeout that has not become a deadline yet.
   *
   * @return true if made by {@link #withTimeout(Duration)}, false if not, {@code null} once entered
   */
  public @Nullable Boolean isRelative() {
    return entered ? null : earlyTimeout != null;
  }

  /**
   * Returns the time left: before the scope is entered, what it was made with, and then the time
   * until the deadline, negative if that has passed.
   *
   * @return the time left
   * @throws IllegalStateException before the scope is entered if it has no timeout, and after that
   *     if it has no deadline
   */
  public Duration timeout() {
    CancelStatus own = status;
    if (own != null && own.deadline() != CancelStatus.NO_DEADLINE) {
      return Duration.ofNanos(own.deadline()).minusNanos(Trefoil.currentTime());
    }
    if (own == null && earlyTimeout != null) {
      return earlyTimeout;
    }
    throw withoutTimeout();
  }

  /**
   * Sets the time left: before the scope is entered, counted from then; after that, counted from
   * now.
   *
   * @param timeout the time
   * @throws IllegalArgumentException if {@code timeout} is negative
   * @throws IllegalStateException before the scope is entered if it was not made with a timeout
   */
  public void setTimeout(Duration timeout) {
    Times.requireNotNegative(timeout, "timeout");
    if (status != null) {
      status.setDeadline(Times.after(timeout));
    } else if (earlyTimeout != null) {
      earlyTimeout = timeout;
    } else {
      throw withoutTimeout();
    }
  }

  private IllegalStateException withoutTimeout() {
    return new IllegalStateException(
        "Expected a scope "
            + (entered ? "with a deadline" : "made by withTimeout")
            + ", but this one has none. Use setDeadline(Trefoil.deadlineAfter(duration)) to give it"
            + " one.");
  }

  // ---- shield

  /**
   * Returns whether cancellations of enclosing scopes are kept out.
   *
   * @return true if shielded
   */
  public boolean shield() {
    return status != null ? status.isShielded() : earlyShield;
  }

  /**
   * Raises or drops the shield. It keeps out cancellations of enclosing scopes only; this scope's
   * own cancel and deadline still work. Dropping it delivers at once what it kept out, to sleeping
   * tasks too.
   *
   * @param shield whether to shield
   */
  public void setShield(boolean shield) {
    if (status != null) {
      status.setShielded(shield);
    } else {
      earlyShield = shield;
    }
  }

  // ---- the usual cases

  /**
   * Runs {@code body} for at most {@code timeout}; if the time is over, cancels it and goes on.
   *
   * @param <X> what the body may throw
   * @param timeout how long, counted from now
   * @param body what to run
   * @return the scope, to ask whether it {@link #cancelledCaught()}
   * @throws X whatever the body throws, save for the cancellation
   * @throws IllegalArgumentException if {@code timeout} is negative
   */
  public static <X extends Throwable> CancelScope moveOnAfter(Duration timeout, Action<X> body)
      throws X {
    CancelScope scope = withTimeout(timeout);
    scope.run(body);
    return scope;
  }

  /**
   * Runs {@code body} until {@code deadline} at the latest; then cancels it and goes on.
   *
   * @param <X> what the body may throw
   * @param deadline nanoseconds on the run's clock
   * @param body what to run
   * @return the scope, to ask whether it {@link #cancelledCaught()}
   * @throws X whatever the body throws, save for the cancellation
   */
  public static <X extends Throwable> CancelScope moveOnAt(long deadline, Action<X> body) throws X {
    CancelScope scope = withDeadline(deadline);
    scope.run(body);
    return scope;
  }

  /**
   * Runs {@code body} for at most {@code timeout}; if the time is over, cancels it and throws.
   *
   * @param <T> the type of the result
   * @param <X> what the body may throw
   * @param timeout how long, counted from now
   * @param body what to run
   * @return what the body returned
   * @throws X whatever the body throws, save for the cancellation
   * @throws TooSlow if the body was cut short; not if it ended late without having been interrupted
   * @throws IllegalArgumentException if {@code timeout} is negative
   */
  public static <T extends @Nullable Object, X extends Throwable> T failAfter(
      Duration timeout, Body<T, X> body) throws X {
    return failIfCaught(withTimeout(timeout), timeout, body);
  }

  /**
   * Runs {@code body}, which has no result, for at most {@code timeout}.
   *
   * @param <X> what the body may throw
   * @param timeout how long, counted from now
   * @param body what to run
   * @throws X whatever the body throws, save for the cancellation
   * @throws TooSlow if the body was cut short
   * @see #failAfter(Duration, Body)
   */
  public static <X extends Throwable> void failAfter(Duration timeout, Action<X> body) throws X {
    requireBody(body);
    failIfCaught(withTimeout(timeout), timeout, body.asBody());
  }

  /**
   * Runs {@code body} until {@code deadline} at the latest; then cancels it and throws.
   *
   * @param <T> the type of the result
   * @param <X> what the body may throw
   * @param deadline nanoseconds on the run's clock
   * @param body what to run
   * @return what the body returned
   * @throws X whatever the body throws, save for the cancellation
   * @throws TooSlow if the body was cut short; not if it ended late without having been interrupted
   */
  public static <T extends @Nullable Object, X extends Throwable> T failAt(
      long deadline, Body<T, X> body) throws X {
    return failIfCaught(withDeadline(deadline), null, body);
  }

  /**
   * Runs {@code body}, which has no result, until {@code deadline} at the latest.
   *
   * @param <X> what the body may throw
   * @param deadline nanoseconds on the run's clock
   * @param body what to run
   * @throws X whatever the body throws, save for the cancellation
   * @throws TooSlow if the body was cut short
   * @see #failAt(long, Body)
   */
  public static <X extends Throwable> void failAt(long deadline, Action<X> body) throws X {
    requireBody(body);
    failIfCaught(withDeadline(deadline), null, body.asBody());
  }

  @SuppressWarnings(
      "NullAway") // null without the body saying so only if caught, and then this throws
  private static <T extends @Nullable Object, X extends Throwable> T failIfCaught(
      CancelScope scope, @Nullable Duration timeout, Body<T, X> body) throws X {
    T result = scope.run(body);
    if (scope.cancelledCaught()) {
      throw new TooSlow(
          "The body did not end "
              + (timeout == null ? "before its deadline" : "within " + timeout)
              + " and was cancelled.");
    }
    return result;
  }

  @Override
  public String toString() {
    return owner == this ? "cancel scope " + Integer.toHexString(hashCode()) : owner.toString();
  }
}
