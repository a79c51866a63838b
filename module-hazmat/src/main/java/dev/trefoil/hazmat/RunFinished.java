package dev.trefoil.hazmat;

/**
 * The run that should have taken an entry call has ended; the call was not accepted and never runs.
 *
 * <p>Source: Trio's {@code RunFinishedError}.
 */
public final class RunFinished extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  /**
   * Makes one with a message.
   *
   * @param message what was expected, what came, and what to do
   */
  public RunFinished(String message) {
    super(message);
  }
}
