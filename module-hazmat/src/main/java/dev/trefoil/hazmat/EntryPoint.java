package dev.trefoil.hazmat;

import org.osgi.annotation.versioning.ProviderType;

/**
 * The way into a run from outside: from other threads, from signal handlers, and re-entrantly from
 * itself. One object per run; it may outlive the run.
 *
 * <p>A call that was accepted, which means that the method returned, is run before the run ends. A
 * call that is refused throws {@link RunFinished} and is never run. There is nothing in between.
 *
 * <p>Calls run one after the other on the run's thread, between two task steps, with {@link
 * Hazmat#currentTask()} being a system task and protected from keyboard interrupts. They must be
 * short and cannot suspend; spawn a task for anything longer. A call that throws ends the run with
 * a {@link KernelError} and cancels everything, yet the calls behind it still run. A pass of the
 * loop runs a bounded number of calls, so that a call which submits itself again starves nobody.
 *
 * <p>Source: Trio's {@code call_soon_thread_and_signal_safe}, today {@code TrioToken.run_sync_soon}.
 */
@ProviderType
public interface EntryPoint {
  /**
   * Submits a call. Calls submitted here run in strict first-in first-out order.
   *
   * <p>Never blocks and may be used from any thread.
   *
   * @param fn what to run
   * @throws RunFinished if the run has ended
   */
  void callSoonThreadAndSignalSafe(Runnable fn);

  /**
   * Submits a call, dropping it if an equal idempotent one is still pending.
   *
   * <p>Two idempotent calls are the same if {@code fn} is equal, so a lambda that captures nothing
   * merges with itself and a record merges by its components. As soon as a call has started, an
   * equal submission is run again. Idempotent calls run in the order of their first pending
   * submission; there is no order between them and the others, and they never merge with those.
   *
   * <p>Never blocks on the run and may be used from any thread; {@code fn}'s {@code hashCode} and
   * {@code equals} are called from the submitting thread.
   *
   * @param fn what to run; with {@code idempotent} it must be usable as a hash key
   * @param idempotent whether equal pending calls are merged
   * @throws RunFinished if the run has ended
   */
  void callSoonThreadAndSignalSafe(Runnable fn, boolean idempotent);
}
