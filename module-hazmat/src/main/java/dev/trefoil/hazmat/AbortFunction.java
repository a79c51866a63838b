package dev.trefoil.hazmat;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * Undoes the arrangements of one sleep so that a cancellation can be delivered.
 *
 * <p>The kernel calls it at most once per {@link Hazmat#yieldIndefinitely(AbortFunction)}, on the
 * run's thread, possibly on the stack of whoever cancels. It must not block, must not throw, and
 * must not rely on {@link Hazmat#currentTask()}: the current task may be the canceller, the sleeper
 * or nobody at all, so capture the sleeper beforehand. It may cancel scopes and wake other tasks.
 *
 * <p>If it throws or returns {@code null}, the run ends with a {@link KernelError} that names the
 * sleeping task.
 *
 * <p>Source: the {@code abort_fn} of Trio's {@code wait_task_rescheduled}.
 */
@ConsumerType
@FunctionalInterface
public interface AbortFunction {
  /**
   * Tries to undo the sleep.
   *
   * <p>A sleep that could not begin, where the task's stack cannot be suspended or has come to its end, is
   * undone as well, and then has to be: {@link Abort#SUCCEEDED} is the only answer. The sleeper's {@link
   * Task#state()} is {@link TaskState#RUNNING} then, and {@link TaskState#PARKED} otherwise.
   *
   * @param raiseCancel raises the cancellation; keep it when answering {@link Abort#FAILED} to
   *     report the cancellation later
   * @return whether the sleep was undone
   */
  Abort abort(RaiseCancel raiseCancel);
}
