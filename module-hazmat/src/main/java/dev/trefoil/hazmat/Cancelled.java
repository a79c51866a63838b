package dev.trefoil.hazmat;

/**
 * Raised in a task at a cancel point while a cancel scope around it is cancelled.
 *
 * <p>It is an {@link Error}, so that {@code catch (Exception e)} in application code lets it pass,
 * and only the kernel makes one. Do not swallow it: cancellation is level-triggered, so the next
 * cancel point raises a new one until the responsible scope has been left. Clean up and let it
 * propagate.
 *
 * <p>Whether an operation that raised {@code Cancelled} took place: it did not, unless its
 * documentation says otherwise.
 *
 * <p>It carries no stack trace, which would cost more than the whole delivery; {@link #reason()}
 * says who cancelled and why, and a task dump says where tasks are.
 *
 * <p>Source: Trio's {@code Cancelled}.
 */
public final class Cancelled extends Error {
  private static final long serialVersionUID = 1L;

  private final CancelReason reason;

  Cancelled(CancelReason reason) {
    super(null, null, true, false);
    this.reason = reason;
  }

  /**
   * Returns who cancelled and why.
   *
   * @return the reason given to the scope that is responsible for this cancellation
   */
  public CancelReason reason() {
    return reason;
  }

  @Override
  public String getMessage() {
    return reason.toString();
  }
}
