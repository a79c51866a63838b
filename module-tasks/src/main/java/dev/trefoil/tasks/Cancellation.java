package dev.trefoil.tasks;

import dev.trefoil.hazmat.Action;
import dev.trefoil.hazmat.Body;
import dev.trefoil.hazmat.CancelReason;
import dev.trefoil.hazmat.CancelStatus;
import dev.trefoil.hazmat.Cancelled;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.Task;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The current task's say in when it is cancelled, as Curio's tasks have it.
 *
 * <pre>{@code
 * Cancellation.disableCancellation(() -> {
 *   account.withdraw(amount);         // both, or neither
 *   other.deposit(amount);
 * });
 * Cancellation.checkCancellation();   // raises what came meanwhile
 * }</pre>
 *
 * <p>Every method throws {@link IllegalStateException} outside a task.
 */
public final class Cancellation {
  private Cancellation() {}

  /**
   * Runs {@code body} so that nothing from outside cancels it: not {@link Task#cancel()}, not a scope
   * or timeout around it. What comes meanwhile is raised at the first checkpoint behind. Nestable.
   * Scopes and timeouts opened in the body work as ever. It is a {@linkplain CancelScope#shielded()
   * shielded} scope. No checkpoint by itself.
   *
   * <p>Source: Curio's {@code disable_cancellation}, which puts off timeouts of the body as well.
   *
   * @param <T> the type of the result
   * @param <X> what the body may throw
   * @param body what to run
   * @return what the body returned
   * @throws X whatever the body throws
   */
  @SuppressWarnings("NullAway") // nobody can cancel the scope, so null is the body's
  public static <T extends @Nullable Object, X extends Throwable> T disableCancellation(
      Body<T, X> body) throws X {
    return CancelScope.create().shielded().run(body);
  }

  /**
   * Runs {@code body}, which has no result, so that nothing from outside cancels it.
   *
   * @param <X> what the body may throw
   * @param body what to run
   * @throws X whatever the body throws
   * @see #disableCancellation(Body)
   */
  public static <X extends Throwable> void disableCancellation(Action<X> body) throws X {
    CancelScope.create().shielded().run(body);
  }

  /**
   * Raises what is pending for the current task; where that is put off by a shield, returns it.
   * Nothing is used up by being returned. Lets other tasks run if something is pending, and does
   * nothing otherwise.
   *
   * <p>Source: Curio's {@code check_cancellation}.
   *
   * @return what the first checkpoint outside of all shields will raise, or {@code null} if that is
   *     nothing
   */
  public static @Nullable Throwable checkCancellation() {
    Hazmat.yieldIfCancelled();
    Task<?> task = Hazmat.currentTask();
    CancelReason reason = hiddenReason(task);
    if (reason != null) {
      return cancelled(task, reason);
    }
    Supplier<? extends Throwable> interrupt = interruptOf(task);
    if (interrupt != null) {
      return interrupt.get();
    }
    Timeout timeout = pendingTimeout(task);
    return timeout == null ? null : timeout.pending();
  }

  /**
   * As {@link #checkCancellation()}, but only if what is pending is of a type, and what is returned is
   * used up: it will not be raised any more. A {@link Cancelled} of a scope cannot be used up and is
   * raised until that scope is left.
   *
   * <p>Source: Curio's {@code check_cancellation(exc_type)}.
   *
   * @param <E> the type of error
   * @param type which errors to look for, such as {@code TimeoutCancellation.class}
   * @return the pending error, or {@code null} if none of the type is pending
   */
  public static <E extends Throwable> @Nullable E checkCancellation(Class<E> type) {
    Objects.requireNonNull(type, "type: expected a type of errors to look for, got null");
    Task<?> task = Hazmat.currentTask();
    if (type.isAssignableFrom(Cancelled.class)) {
      CancelReason reason = hiddenReason(task);
      if (reason != null || task.cancelStatus().effectivelyCancelled()) {
        Hazmat.yieldIfCancelled();
        return reason == null ? null : type.cast(cancelled(task, reason));
      }
    }
    Supplier<? extends Throwable> interrupt = interruptOf(task);
    if (interrupt != null) {
      Throwable error = interrupt.get();
      if (type.isInstance(error)) {
        Hazmat.yieldIfCancelled();
        task.withdrawInterrupt();
        return type.cast(error);
      }
    }
    Timeout timeout = pendingTimeout(task);
    if (timeout != null && type.isAssignableFrom(TimeoutCancellation.class)) {
      Hazmat.yieldIfCancelled();
      return type.cast(timeout.take());
    }
    return null;
  }

  /**
   * Makes the current task's first checkpoint outside of all shields raise {@code error}, once, in
   * place of what {@link Task#cancel()} or an earlier call may have left pending. Never suspends.
   *
   * <p>Source: Curio's {@code set_cancellation}.
   *
   * @param error what to raise, or {@code null} for nothing
   * @return what was pending, or {@code null} if nothing was
   */
  public static @Nullable Throwable setCancellation(@Nullable Throwable error) {
    Task<?> task = Hazmat.currentTask();
    Supplier<? extends Throwable> before = task.withdrawInterrupt();
    if (error != null) {
      task.interrupt(() -> error);
    }
    return before == null ? null : before.get();
  }

  // ---- what is pending

  /** Of the cancelled scopes around, behind whatever shields, the reason of the outermost. */
  private static @Nullable CancelReason hiddenReason(Task<?> task) {
    CancelReason found = null;
    for (CancelStatus up = task.cancelStatus(); up != null; up = up.parent()) {
      CancelReason reason = up.reason();
      if (reason != null) {
        found = reason;
      }
    }
    return found;
  }

  /** Only the kernel makes a Cancelled: it does so here for a scope of the moment. */
  private static Cancelled cancelled(Task<?> task, CancelReason reason) {
    CancelStatus moment = task.cancelStatus().newChild("a look at what is pending");
    moment.enter();
    try {
      moment.cancel(reason);
      Hazmat.yieldIfCancelled();
      throw new AssertionError("a cancelled scope did not raise");
    } catch (Cancelled pending) {
      return pending;
    } finally {
      moment.leave();
    }
  }

  private static @Nullable Supplier<? extends Throwable> interruptOf(Task<?> task) {
    Supplier<? extends Throwable> pending = task.withdrawInterrupt();
    if (pending != null) {
      task.interrupt(pending);
    }
    return pending;
  }

  private static @Nullable Timeout pendingTimeout(Task<?> task) {
    Timeout found = null;
    for (CancelStatus up = task.cancelStatus(); up != null; up = up.parent()) {
      if (up.owner() instanceof Timeout timeout && timeout.isPendingIn(task)) {
        found = timeout;
      }
    }
    return found;
  }
}
