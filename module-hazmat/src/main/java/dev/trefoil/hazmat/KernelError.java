package dev.trefoil.hazmat;

/**
 * The run's own machinery was broken: by a fault in a plugin that uses the SPI (the message names
 * it), or by a fault in the kernel (please report it). Everything is cancelled and the run ends with
 * this error; the cause is what went wrong first, suppressed errors are what went wrong after it.
 *
 * <p>Raised by whatever started the run, never wrapped in a group. A fresh run in the same thread
 * works.
 *
 * <p>Source: Trio's {@code TrioInternalError}.
 */
public final class KernelError extends Error {
  private static final long serialVersionUID = 1L;

  /**
   * Makes one without a cause.
   *
   * @param message whose fault it is, and which rule was broken
   */
  public KernelError(String message) {
    super(message);
  }

  /**
   * Makes one with a cause.
   *
   * @param message whose fault it is, and which rule was broken
   * @param cause what went wrong
   */
  public KernelError(String message, Throwable cause) {
    super(message, cause);
  }
}
