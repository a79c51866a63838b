package dev.trefoil.hazmat;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Whether the code that runs now may be hit by a {@link KeyboardInterrupt} at any moment, or is
 * protected and gets it only at checkpoints.
 *
 * <p>The state belongs to the task and stays with it while it sleeps. It is scoped: the innermost
 * {@link #enableProtection(Body)} or {@link #disableProtection(Body)} on the stack decides, and code
 * that says nothing is in the state of its caller. A fresh task is unprotected, a system task and a
 * call of an {@link EntryPoint} are protected, and so is everything outside a run.
 *
 * <p>Source: Trio's {@code enable_ki_protection}, {@code disable_ki_protection} and {@code
 * currently_ki_protected}.
 */
public final class KeyboardInterrupts {
  private KeyboardInterrupts() {}

  /**
   * Returns whether the calling code is protected.
   *
   * @return true if a keyboard interrupt can arrive here at checkpoints only
   */
  public static boolean currentlyProtected() {
    KernelOperations kernel = KernelOperations.ofThread();
    return kernel == null || kernel.isProtected();
  }

  /**
   * Runs {@code body} protected. Use it for code whose interruption at an arbitrary place would
   * break an invariant, and only if it ends soon or passes checkpoints.
   *
   * @param <T> the type of the result
   * @param <X> what the body may throw
   * @param body what to run
   * @return what the body returned
   * @throws X whatever the body throws
   */
  public static <T extends @Nullable Object, X extends Throwable> T enableProtection(
      Body<T, X> body) throws X {
    return withProtection(true, body);
  }

  /**
   * Runs {@code body} unprotected. Use it where protected code calls into code of the user.
   *
   * @param <T> the type of the result
   * @param <X> what the body may throw
   * @param body what to run
   * @return what the body returned
   * @throws X whatever the body throws
   */
  public static <T extends @Nullable Object, X extends Throwable> T disableProtection(
      Body<T, X> body) throws X {
    return withProtection(false, body);
  }

  private static <T extends @Nullable Object, X extends Throwable> T withProtection(
      boolean protect, Body<T, X> body) throws X {
    Objects.requireNonNull(body, "body");
    KernelOperations kernel = KernelOperations.ofThread();
    if (kernel == null) {
      return body.call();
    }
    boolean before = kernel.isProtected();
    kernel.setProtected(protect);
    try {
      return body.call();
    } finally {
      kernel.setProtected(before);
    }
  }
}
