package dev.trefoil.hazmat;

/**
 * The resource was closed on this side: by this program, before or during the operation. Not {@link
 * BrokenResource}, which is the other side's or the world's doing.
 *
 * <p>Source: Trio's {@code ClosedResourceError}.
 */
public final class ClosedResource extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * Makes one with a message.
   *
   * @param message what was expected, what came, and what to do
   */
  public ClosedResource(String message) {
    super(message);
  }
}
