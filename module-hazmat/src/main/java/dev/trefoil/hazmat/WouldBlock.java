package dev.trefoil.hazmat;

/**
 * A non-blocking operation cannot be done at once. Try the waiting form. Not {@link ResourceBusy}.
 *
 * <p>Source: Trio's {@code WouldBlock}.
 */
public final class WouldBlock extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * Makes one with a message.
   *
   * @param message what was expected, what came, and what to do
   */
  public WouldBlock(String message) {
    super(message);
  }
}
