package dev.trefoil.hazmat;

/**
 * The answer of an {@link AbortFunction}: could the sleep be undone?
 *
 * <p>Source: Trio's {@code Abort}.
 */
public enum Abort {
  /**
   * Everything was undone and nobody will call {@link Hazmat#reschedule(Task)} for this sleep any
   * more. The kernel itself then wakes the task with the cancellation, which counts as the one
   * reschedule that the sleep is owed.
   */
  SUCCEEDED,

  /**
   * The sleep cannot be undone now. The task stays asleep, somebody still has to reschedule it
   * exactly once, and the cancellation is not lost: the task's next cancel point raises it.
   */
  FAILED
}
