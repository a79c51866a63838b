package dev.trefoil.tasks;

/**
 * The body of {@link CancelScope#failAfter} or {@link CancelScope#failAt} did not end in time and was
 * cancelled.
 *
 * <p>Source: Trio's {@code TooSlowError}.
 */
public final class TooSlow extends RuntimeException {
  private static final long serialVersionUID = 1L;

  TooSlow(String message) {
    super(message);
  }
}
