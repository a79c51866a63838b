package dev.trefoil.hazmat;

import org.osgi.annotation.versioning.ProviderType;

/**
 * Raises the cancellation that caused an abort.
 *
 * <p>It stays valid after the abort call, also when the task has been shielded meanwhile, and may
 * be used from the task itself or captured for it: {@code reschedule(task,
 * Outcome.capture(raiseCancel::raise))}. That is how an operation reports a cancellation that was
 * requested but took effect later.
 *
 * <p>Source: the {@code raise_cancel} argument of Trio's abort functions.
 */
@ProviderType
@FunctionalInterface
public interface RaiseCancel {
  /**
   * Raises the cancellation; never returns normally.
   *
   * <p>What it throws is {@link Cancelled}, or else the error that {@link
   * Task#interrupt(java.util.function.Supplier)} was given, or in the main task {@link
   * KeyboardInterrupt}.
   *
   * @return never; the type lets callers write {@code throw raiseCancel.raise()}
   */
  Error raise();
}
