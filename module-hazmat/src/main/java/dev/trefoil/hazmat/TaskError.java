package dev.trefoil.hazmat;

/**
 * The task that was joined has failed; the cause is what its body threw.
 *
 * <p>Source: Curio's {@code TaskError}.
 */
public final class TaskError extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * Makes one.
   *
   * @param message names the task
   * @param cause what its body threw
   */
  public TaskError(String message, Throwable cause) {
    super(message, cause);
  }
}
