package dev.trefoil.tests.model;

import org.jspecify.annotations.Nullable;

/**
 * What a primitive promises, as plainly as it can be said: nothing suspends, and a task that waits is
 * an element of a list. What calls return and errors are texts, as with {@link Subject}.
 */
public abstract class Model {
  /** What stands for the result of a call that has none. */
  protected static final String DONE = Subject.DONE;

  protected static final String CANCELLED = "Cancelled";
  protected static final String BROKEN = "BrokenResource";
  protected static final String REFUSED = "IllegalStateException";
  protected static final String WOULD_BLOCK = "WouldBlock";

  /** Returns how the call ends, or null if it waits: the task stands in some line then. */
  public abstract @Nullable String perform(ModelTask task, Call call);

  /** Takes the task, which waits, out of its line. */
  protected abstract void leave(ModelTask task);

  /** The task, which waits, is cancelled. */
  protected void cancelled(ModelTask task) {
    leave(task);
    task.wake(CANCELLED);
  }

  /** The task has ended, with whatever it holds. */
  protected void ended(ModelTask task) {}

  /** What {@link Subject#look} is to say. */
  public abstract String look();
}
