package dev.trefoil.hazmat;

/**
 * The resource cannot be used any more for a reason outside the user's control: the peer is gone, the
 * task that held it ended without giving it back. Not {@link ClosedResource}, which is this side's
 * own doing.
 *
 * <p>Source: Trio's {@code BrokenResourceError}.
 */
public final class BrokenResource extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * Makes one with a message.
   *
   * @param message what was expected, what came, and what to do
   */
  public BrokenResource(String message) {
    super(message);
  }
}
