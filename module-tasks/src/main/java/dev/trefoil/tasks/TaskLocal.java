package dev.trefoil.tasks;

import dev.trefoil.hazmat.Action;
import dev.trefoil.hazmat.Body;
import dev.trefoil.hazmat.ContextSnapshot;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.KeyboardInterrupts;
import dev.trefoil.hazmat.TaskContext;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A variable with a value for each task. A task starts with the values that its spawner had at that
 * moment; from then on neither sees what the other sets.
 *
 * <p>Use it where other programs use a thread local: all tasks of a run may share one thread. Code that
 * a task has carried to another thread, in a {@link ContextSnapshot}, starts with the task's values too.
 *
 * <p>Thread-safety: may be a constant that is used in many runs and threads.
 *
 * <p>Source: Python's {@code contextvars.ContextVar} as Trio uses it.
 *
 * @param <T> the type of the values
 */
public final class TaskLocal<T> {
  private final @Nullable Supplier<? extends T> initial;

  private TaskLocal(@Nullable Supplier<? extends T> initial) {
    this.initial = initial;
  }

  /**
   * Makes a variable without an initial value.
   *
   * @param <T> the type of the values
   * @return the variable
   */
  public static <T> TaskLocal<T> create() {
    return new TaskLocal<>(null);
  }

  /**
   * Makes a variable whose value, where none has been set, is computed on the first {@link #get()}
   * of a task and then set there.
   *
   * @param <T> the type of the values
   * @param initial computes the value
   * @return the variable
   */
  public static <T> TaskLocal<T> withInitial(Supplier<? extends T> initial) {
    return new TaskLocal<>(Objects.requireNonNull(initial, "initial"));
  }

  /**
   * Returns the current task's value.
   *
   * @return the value
   * @throws IllegalStateException in code that is neither in a task nor in a snapshot of one
   * @throws NoSuchElementException if none is set and there is no initial value
   */
  public T get() {
    T value = getOrNull();
    if (value == null) {
      if (initial == null) {
        throw new NoSuchElementException(
            "Expected a value, but this task local is not set in "
                + (Hazmat.inRun() ? Hazmat.currentTask() : "this thread's copy of a task's context")
                + " and has no initial value. Set it in the task, or in its spawner before.");
      }
      value =
          Objects.requireNonNull(
              initial.get(), "initial: expected a value from the given function, got null");
      set(value);
    }
    return value;
  }

  /**
   * Returns the current task's value if one is set.
   *
   * @return the value, or {@code null}
   */
  @SuppressWarnings("unchecked")
  public @Nullable T getOrNull() {
    return (@Nullable T) ContextSnapshot.currentContext().get(this);
  }

  /**
   * Sets the current task's value.
   *
   * @param value the value, not {@code null}
   */
  public void set(T value) {
    ContextSnapshot.setCurrentContext(ContextSnapshot.currentContext().with(this, value));
  }

  /** Removes the current task's value. */
  public void remove() {
    ContextSnapshot.setCurrentContext(ContextSnapshot.currentContext().without(this));
  }

  /**
   * Runs {@code body} with a value, and puts back afterwards what was there before.
   *
   * @param <R> the type of the result
   * @param <X> what the body may throw
   * @param value the value, not {@code null}
   * @param body what to run
   * @return what the body returned
   * @throws X whatever the body throws
   */
  public <R extends @Nullable Object, X extends Throwable> R callWith(T value, Body<R, X> body)
      throws X {
    Objects.requireNonNull(body, "body: expected what to run with the value, got null");
    T before = getOrNull();
    set(value);
    try {
      return KeyboardInterrupts.callOut(body);
    } finally {
      restore(before);
    }
  }

  /**
   * Runs {@code body}, which has no result, with a value, and puts back afterwards what was there
   * before.
   *
   * @param <X> what the body may throw
   * @param value the value, not {@code null}
   * @param body what to run
   * @throws X whatever the body throws
   * @see #callWith(Object, Body)
   */
  public <X extends Throwable> void runWith(T value, Action<X> body) throws X {
    Objects.requireNonNull(body, "body: expected what to run with the value, got null");
    callWith(value, body.asBody());
  }

  private void restore(@Nullable T before) {
    TaskContext context = ContextSnapshot.currentContext();
    ContextSnapshot.setCurrentContext(
        before == null ? context.without(this) : context.with(this, before));
  }
}
