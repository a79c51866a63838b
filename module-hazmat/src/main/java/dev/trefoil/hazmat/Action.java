package dev.trefoil.hazmat;

import org.jspecify.annotations.Nullable;

/**
 * Code without a result to run inside something that ends with it, such as a cancel scope.
 *
 * @param <X> what it may throw
 */
@FunctionalInterface
public interface Action<X extends Throwable> {
  /**
   * Runs the code; may suspend.
   *
   * @throws X whatever the code throws
   */
  void run() throws X;

  /**
   * Returns this code as one with a result, for what takes such only.
   *
   * @return runs this and returns null
   */
  default Body<@Nullable Void, X> asBody() {
    return () -> {
      KeyboardInterrupts.callOut(this);
      return null;
    };
  }
}
