package dev.trefoil.hazmat;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * A run's idea of time, in nanoseconds from an arbitrary origin. Deadlines are points on it.
 *
 * <p>Called on the run's thread only. A clock serves one run at a time.
 *
 * <p>Source: Trio's {@code abc.Clock} and the hook of its {@code MockClock}.
 */
@ConsumerType
public interface Clock {
  /** Called once at the start of a run, before anything else. */
  default void start() {}

  /**
   * Returns the time.
   *
   * @return nanoseconds; never decreasing
   */
  long now();

  /**
   * Says how long the run may sleep in real time if nothing else happens before a deadline.
   *
   * @param deadline a point on this clock
   * @return real nanoseconds, 0 or negative if the deadline has passed, {@link Long#MAX_VALUE} to
   *     sleep until something else happens
   */
  long nanosUntil(long deadline);

  /**
   * Says after how much real time of complete idleness {@link #idle(long)} is to be called.
   *
   * @return real nanoseconds, {@link Long#MAX_VALUE} for never
   */
  default long idleThreshold() {
    return Long.MAX_VALUE;
  }

  /**
   * Called when no task has been runnable for {@link #idleThreshold()}, nobody waits in {@link
   * Hazmat#waitUntilIdle(java.time.Duration)}, and there is a deadline. A clock for tests jumps here.
   *
   * @param nextDeadline the next deadline on this clock, not passed yet
   */
  default void idle(long nextDeadline) {}
}
