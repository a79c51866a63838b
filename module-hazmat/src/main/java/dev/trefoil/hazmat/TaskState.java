package dev.trefoil.hazmat;

/** Where a task is in its life. */
public enum TaskState {
  /** Spawned or woken: it runs in one of the next batches. */
  RUNNABLE,
  /** It is the current task. */
  RUNNING,
  /** Asleep until somebody reschedules it. */
  PARKED,
  /** Its body has returned. */
  TERMINATED,
  /** Its body ended with a {@link Cancelled}. */
  CANCELLED,
  /** Its body threw something else. */
  CRASHED;

  /**
   * Returns whether this is one of the three ways to have ended.
   *
   * @return true if nothing can happen to the task any more
   */
  public boolean isFinal() {
    return this == TERMINATED || this == CANCELLED || this == CRASHED;
  }
}
