package dev.trefoil.hazmat;

import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
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
 * <p>Apart from that state, all code marked with {@link KeyboardInterruptProtected} is protected while it
 * runs, and with it what it calls by other means than {@link #callOut(Body)}; so are class
 * initializers and the loading of classes, whoever's they are.
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

  /**
   * Returns {@code body} with {@link #enableProtection(Body)} around it.
   *
   * @param body what to protect
   * @return the same, protected
   */
  public static Runnable protecting(Runnable body) {
    Objects.requireNonNull(body, "body");
    return () -> enableProtection(asBody(body));
  }

  /**
   * Returns {@code body} with {@link #enableProtection(Body)} around it.
   *
   * @param <T> the type of the result
   * @param body what to protect
   * @return the same, protected
   */
  public static <T extends @Nullable Object> Supplier<T> protecting(Supplier<T> body) {
    Objects.requireNonNull(body, "body");
    return () -> KeyboardInterrupts.<T, RuntimeException>enableProtection(body::get);
  }

  /**
   * Returns {@code body} with {@link #enableProtection(Body)} around it.
   *
   * @param <T> the type of the result
   * @param body what to protect
   * @return the same, protected
   */
  public static <T extends @Nullable Object> Callable<T> protecting(Callable<T> body) {
    Objects.requireNonNull(body, "body");
    return () -> KeyboardInterrupts.<T, Exception>enableProtection(body::call);
  }

  /**
   * Returns {@code body} with {@link #disableProtection(Body)} around it.
   *
   * @param body what to expose
   * @return the same, unprotected
   */
  public static Runnable exposing(Runnable body) {
    Objects.requireNonNull(body, "body");
    return () -> disableProtection(asBody(body));
  }

  private static Body<@Nullable Void, RuntimeException> asBody(Runnable body) {
    return () -> {
      KeyboardInterrupts.<RuntimeException>callOut(body::run);
      return null;
    };
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
      return callOut(body);
    } finally {
      kernel.setProtected(before);
    }
  }

  // ---- for primitives

  /**
   * For code marked with {@link KeyboardInterruptProtected}: calls code of the user, which then is in the
   * state of whoever called the primitive. Whatever it is that ends the call, a keyboard interrupt
   * meant for the user's code is thrown by it at the latest, and none comes after it.
   *
   * @param <T> the type of the result
   * @param <X> what the body may throw
   * @param body what to call
   * @return what the body returned
   * @throws X whatever the body throws
   */
  public static <T extends @Nullable Object, X extends Throwable> T callOut(Body<T, X> body)
      throws X {
    try {
      return body.call();
    } finally {
      InterruptLanding.pass();
    }
  }

  /**
   * Like {@link #callOut(Body)}, for code without a result.
   *
   * @param <X> what the body may throw
   * @param body what to call
   * @throws X whatever the body throws
   */
  public static <X extends Throwable> void callOut(Action<X> body) throws X {
    try {
      body.run();
    } finally {
      InterruptLanding.pass();
    }
  }

  /**
   * Code of the user that takes an argument.
   *
   * @param <A> the type of the argument
   * @param <T> the type of the result
   * @param <X> what it may throw
   */
  @FunctionalInterface
  public interface Taker<
      A extends @Nullable Object, T extends @Nullable Object, X extends Throwable> {
    /**
     * Calls it.
     *
     * @param argument the argument
     * @return the result
     * @throws X what it may throw
     */
    T take(A argument) throws X;
  }

  /**
   * Code of the user that takes an argument and has no result.
   *
   * @param <A> the type of the argument
   * @param <X> what it may throw
   */
  @FunctionalInterface
  public interface Acceptor<A extends @Nullable Object, X extends Throwable> {
    /**
     * Calls it.
     *
     * @param argument the argument
     * @throws X what it may throw
     */
    void accept(A argument) throws X;
  }

  /**
   * Like {@link #callOut(Body)}, for code that takes an argument. Give it as a method reference: a lambda
   * that calls it is a method of the primitive's, and so protects it.
   *
   * @param <A> the type of the argument
   * @param <T> the type of the result
   * @param <X> what the body may throw
   * @param body what to call
   * @param argument what to call it with
   * @return what the body returned
   * @throws X whatever the body throws
   */
  public static <A extends @Nullable Object, T extends @Nullable Object, X extends Throwable>
      T callOut(Taker<? super A, ? extends T, X> body, A argument) throws X {
    try {
      return body.take(argument);
    } finally {
      InterruptLanding.pass();
    }
  }

  /**
   * Like {@link #callOut(Taker, Object)}, for code without a result.
   *
   * @param <A> the type of the argument
   * @param <X> what the body may throw
   * @param body what to call
   * @param argument what to call it with
   * @throws X whatever the body throws
   */
  public static <A extends @Nullable Object, X extends Throwable> void callOut(
      Acceptor<? super A, X> body, A argument) throws X {
    try {
      body.accept(argument);
    } finally {
      InterruptLanding.pass();
    }
  }

  /**
   * For code marked with {@link KeyboardInterruptProtected}: to be called at the beginning of an operation that
   * changes something before it calls anything else of this package. A keyboard interrupt that was
   * meant for the caller, and has not been thrown yet, is thrown here.
   *
   * <p>Costs a look at one field.
   */
  public static void enter() {
    InterruptLanding.pass();
  }
}
