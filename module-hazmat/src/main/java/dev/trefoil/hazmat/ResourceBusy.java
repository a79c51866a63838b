package dev.trefoil.hazmat;

/**
 * Another task is already using the resource in a way that admits one user at a time, such as
 * waiting until a channel is readable. Not {@link WouldBlock}: waiting would not help, the program
 * has to coordinate its tasks.
 *
 * <p>Source: Trio's {@code BusyResourceError}, Curio's {@code ReadResourceBusy}.
 */
public final class ResourceBusy extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  /**
   * Makes one with a message.
   *
   * @param message what was expected, what came, and what to do
   */
  public ResourceBusy(String message) {
    super(message);
  }
}
