package dev.trefoil.tasks;

/**
 * Raised at a checkpoint inside a {@link Timeout} whose time is over, once. It passes through the
 * timeouts further inside, whose time it was not, up to the one it is meant for, which catches it.
 *
 * <p>Like {@link dev.trefoil.hazmat.Cancelled} it is an {@link Error}, so that {@code catch (Exception
 * e)} lets it pass. Clean up and let it propagate: whoever swallows it goes on undisturbed, and the
 * timeout has no effect.
 *
 * <p>It carries no stack trace; the exception that comes of it does.
 *
 * <p>Source: Curio's {@code TimeoutCancellationError}.
 */
public final class TimeoutCancellation extends Error {
  private static final long serialVersionUID = 1L;

  private final transient Timeout expired;

  TimeoutCancellation(Timeout expired) {
    super("The time of " + expired + " is over.", null, true, false);
    this.expired = expired;
  }

  boolean isOf(Timeout timeout) {
    return expired == timeout;
  }
}
