package dev.trefoil.hazmat;

/**
 * There is nothing more to receive and never will be, since all senders are closed. A normal end, not
 * a fault.
 *
 * <p>Source: Trio's {@code EndOfChannel}.
 */
public final class EndOfChannel extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * Makes one with a message.
   *
   * @param message what was expected, what came, and what to do
   */
  public EndOfChannel(String message) {
    super(message);
  }
}
