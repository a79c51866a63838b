package dev.trefoil.sync;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * Says who may go ahead: what an operation asks before it takes something of which there is not enough
 * for everybody, such as a thread. {@link CapacityLimiter} is the usual one; others can look at who asks,
 * or combine several.
 *
 * <p>Source: what Trio's {@code to_thread.run_sync} wants of its argument {@code limiter}.
 */
@ConsumerType
@SuppressWarnings("exports") // the annotation above is for bnd, and not for users
public interface Limiter {
  /**
   * Lets somebody in, as soon as that is possible. May suspend the current task.
   *
   * @param borrower who is let in, compared by {@code equals}; not the current task, as a rule
   */
  void acquireOnBehalfOf(Object borrower);

  /**
   * Is told that somebody who was let in has finished. Called once for each borrower that {@link
   * #acquireOnBehalfOf(Object)} has let in, on the run's thread, and must not suspend.
   *
   * @param borrower who was let in
   */
  void releaseOnBehalfOf(Object borrower);
}
