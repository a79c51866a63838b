package dev.trefoil.hazmat;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * Watches a run. Override what is of interest: hooks that are not overridden cost nothing.
 *
 * <p>Hooks are called on the run's thread, in the order in which instruments were installed, and
 * must not suspend. Which hooks an instrument overrides is looked up when it is installed. An
 * instrument that throws is logged and removed, and the run goes on.
 *
 * <p>Source: Trio's {@code abc.Instrument}.
 */
@ConsumerType
public interface Instrument {
  /** The run starts; no task exists. */
  default void beforeRun() {}

  /** The run is over; no task exists. */
  default void afterRun() {}

  /**
   * A task was made.
   *
   * @param task the task
   */
  default void taskSpawned(Task<?> task) {}

  /**
   * A task became runnable. For a plain schedule point this fires before {@link
   * #afterTaskStep(Task)} of the step that ends there.
   *
   * @param task the task
   */
  default void taskScheduled(Task<?> task) {}

  /**
   * A task runs until its next switch.
   *
   * @param task the task
   */
  default void beforeTaskStep(Task<?> task) {}

  /**
   * A task has switched back or ended.
   *
   * @param task the task
   */
  default void afterTaskStep(Task<?> task) {}

  /**
   * A task has ended.
   *
   * @param task the task
   */
  default void taskExited(Task<?> task) {}

  /**
   * The run looks for I/O and may sleep.
   *
   * @param timeoutNanos for how long at most, {@link Long#MAX_VALUE} for as long as it takes
   */
  default void beforeIoWait(long timeoutNanos) {}

  /**
   * The run has looked for I/O.
   *
   * @param timeoutNanos what {@link #beforeIoWait(long)} was given
   */
  default void afterIoWait(long timeoutNanos) {}
}
