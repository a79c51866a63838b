package dev.trefoil.hazmat;

import org.osgi.annotation.versioning.ProviderType;

/**
 * From being made to being closed, keeps a signal of the operating system from its usual effect, and
 * tells the run of it.
 *
 * <p>Made by {@link Hazmat#watchSignal(String, Runnable)} and {@link Hazmat#ignoreSignal(String)}.
 * Closed by who made it, and at the latest by the end of the run.
 */
@ProviderType
public interface SignalWatch extends AutoCloseable {
  /**
   * Ends the watch. If it was the last in the process, the handler from before is put back, unless the
   * program has set another meanwhile.
   *
   * <p>What has arrived by now and was not told yet is told before this returns, by calls on the
   * calling thread; afterwards there are no more. Closing again does nothing. Never suspends; no
   * checkpoint.
   *
   * <p>Source: Curio's {@code _sigunwatch}.
   *
   * @throws IllegalStateException from another thread than the run's
   */
  @Override
  void close();

  /**
   * Lets the signal come once more, for a watch that got it and has no use for it: it has the effect
   * that it would have had without this watch. If others in the process watch it, nothing happens,
   * since they have had their own; otherwise runs get their keyboard interrupt, or the handler from
   * before is called, or the system does with the process what it does by default.
   *
   * <p>May be called from any thread. No checkpoint.
   *
   * <p>Source: the end of Trio's {@code open_signal_receiver}.
   *
   * @throws IllegalStateException if the watch is not closed
   * @throws IllegalCallerException if only the system's default is left, and this JVM denies native
   *     access to the kernel
   */
  void passOn();
}
