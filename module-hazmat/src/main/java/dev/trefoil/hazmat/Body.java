package dev.trefoil.hazmat;

import org.jspecify.annotations.Nullable;

/**
 * Code to run inside something that ends with it, such as a cancel scope.
 *
 * @param <T> the type of its result
 * @param <X> what it may throw
 */
@FunctionalInterface
public interface Body<T extends @Nullable Object, X extends Throwable> {
  /**
   * Runs the code; may suspend.
   *
   * @return its result
   * @throws X whatever the code throws
   */
  T call() throws X;
}
