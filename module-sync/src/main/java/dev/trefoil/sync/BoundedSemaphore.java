package dev.trefoil.sync;

/**
 * A {@link Semaphore} that cannot be released above the value it began with, which finds the mistake
 * of releasing too often.
 *
 * <p>Source: Curio's {@code BoundedSemaphore}.
 */
public final class BoundedSemaphore extends Semaphore {
  /** Makes a semaphore with the value 1. */
  public BoundedSemaphore() {
    this(1);
  }

  /**
   * Makes a semaphore.
   *
   * @param initial the value to begin with, and the maximum, 0 or more
   * @throws IllegalArgumentException if {@code initial} is negative
   */
  public BoundedSemaphore(int initial) {
    super(requireNotNegative(initial), initial);
  }

  /**
   * Makes a semaphore with a name.
   *
   * @param initial the value to begin with, and the maximum, 0 or more
   * @param name for people: what messages call it
   * @throws IllegalArgumentException if {@code initial} is negative
   */
  public BoundedSemaphore(int initial, String name) {
    super(requireNotNegative(initial), initial, name);
  }

  private static int requireNotNegative(int initial) {
    if (initial < 0) {
      throw new IllegalArgumentException("initial: expected 0 or more, got " + initial);
    }
    return initial;
  }
}
