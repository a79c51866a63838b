package dev.trefoil.hazmat;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * Watches a run. Override what is of interest: hooks that are not overridden cost nothing.
 *
 * <p>Hooks are called on the run's thread, except for {@link #runBlocked}, in the order in which
 * instruments were installed, and must not suspend. Which hooks an instrument overrides is looked up when it is installed. An
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

  /**
   * A deadline has passed and has cancelled its node of the cancellation tree, just now. What slept
   * under the node has been aborted and has not run yet.
   *
   * @param status the node, cancelled with {@link CancelReason.Source#DEADLINE}
   */
  default void deadlineFired(CancelStatus status) {}

  /**
   * Something has kept the run from going on for {@link
   * RunOptions#withBlockedWarningAfter(java.time.Duration)}. Called once for each such piece of code
   * when that has been logged, on a thread of the kernel's that watches all runs and not on the run's,
   * which is blocked: the hook must be quick and must not wait for the run. Where blocked runs are not
   * looked for, it is not called.
   *
   * @param run the run, of which only what is safe from any thread may be used
   * @param code what it executes
   * @param nanos for how long already, as far as known
   */
  default void runBlocked(Run run, RunningCode code, long nanos) {}
}
