package dev.trefoil.kernel;

import dev.trefoil.hazmat.Abort;
import dev.trefoil.hazmat.CancelReason;
import dev.trefoil.hazmat.KernelError;
import dev.trefoil.hazmat.Outcome;
import dev.trefoil.hazmat.TaskState;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What has broken a run. The first fault ends it and is thrown when its tasks have ended; those that
 * come after are suppressed by that.
 *
 * <p>Confinement: belongs to the run's thread, and at its end to whoever ends the run.
 */
final class Faults {
  /** How many faults of the kernel itself a run survives before it is given up. */
  private static final int MAX_OF_KERNEL = 100;

  static {
    initializeWhatFaultsNeed();
  }

  /**
   * A class whose initializer meets a stack overflow is dead for the whole process, so what is first
   * needed when something goes wrong is initialized before any task can cause one. Nothing of it is
   * kept: an error's backtrace would keep the classes, and so the bundle, of whoever ran first.
   */
  private static void initializeWhatFaultsNeed() {
    List<Object> needed =
        List.of(
            Abort.SUCCEEDED,
            TaskState.PARKED,
            Operations.cancelled(CancelReason.of(CancelReason.Source.CRASH)),
            Outcome.nothing(),
            new KernelError("never thrown"));
    if (needed.isEmpty()) {
      throw new AssertionError("keeps the list from being optimized away");
    }
  }

  private @Nullable KernelError first;
  private int ofKernel;

  /** Returns whether it is the first. */
  boolean add(KernelError fault) {
    if (first != null) {
      first.addSuppressed(fault);
      return false;
    }
    first = fault;
    return true;
  }

  /** The last one was of the kernel itself: throws the first if there have been too many of them. */
  void countOfKernel() {
    if (++ofKernel > MAX_OF_KERNEL) {
      throw Objects.requireNonNull(first);
    }
  }

  void throwFirst() {
    if (first != null) {
      throw first;
    }
  }
}
