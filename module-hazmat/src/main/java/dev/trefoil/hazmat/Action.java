package dev.trefoil.hazmat;

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
}
