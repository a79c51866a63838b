package dev.trefoil.kernel;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What was sent to one task alone. Few tasks have it. */
final class TaskInterrupts {
  /** Makes the error to raise once; null if none is pending. */
  @Nullable Supplier<? extends Throwable> pending;

  /** How many nodes that the task has entered have an interrupt for it that is due. */
  int due;

  /** Whether {@link KernelTask#cancel()} has interrupted the task, which it does only once. */
  boolean cancelRequested;
}
