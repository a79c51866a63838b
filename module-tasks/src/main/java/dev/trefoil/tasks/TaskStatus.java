package dev.trefoil.tasks;

import dev.trefoil.hazmat.CancelStatus;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.Task;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How a task that was started with {@link Nursery#start} says that it is ready.
 *
 * <p>Source: Trio's {@code TaskStatus}.
 *
 * @param <V> the type of the value that it reports
 */
public final class TaskStatus<V extends @Nullable Object> {
  private static final TaskStatus<?> IGNORED = new TaskStatus<>(null, null);

  private final @Nullable Nursery from;
  private final @Nullable Nursery to;
  private @Nullable Task<?> task;
  private @Nullable CancelStatus taskScope;
  private boolean started;
  private @Nullable V value;

  TaskStatus(@Nullable Nursery from, @Nullable Nursery to) {
    this.from = from;
    this.to = to;
  }

  /**
   * A status that nobody looks at, to call directly what is meant to be started.
   *
   * <p>Source: Trio's {@code TASK_STATUS_IGNORED}.
   *
   * @param <V> the type of the value
   * @return a status on which {@link #started(Object)} may be called any number of times
   */
  @SuppressWarnings("unchecked")
  public static <V extends @Nullable Object> TaskStatus<V> ignored() {
    return (TaskStatus<V>) IGNORED;
  }

  void isFor(Task<?> startedTask, CancelStatus scope) {
    this.task = startedTask;
    this.taskScope = scope;
  }

  boolean isFor(Task<?> other) {
    return task == other;
  }

  /**
   * Says that the task is ready: {@link Nursery#start} returns {@code value}, and from now on the
   * task, with all scopes and nurseries it has opened, belongs to the nursery it was started in. If
   * that nursery is cancelled, so is the task, at once. If the caller of {@code start} has been
   * cancelled meanwhile, the task stays with it, cancelled as it is. Never suspends; no checkpoint.
   *
   * @param readyValue what {@code start} returns
   * @throws IllegalStateException on a second call, after the task has ended, and outside its run
   */
  public void started(V readyValue) {
    if (from == null || to == null) {
      return;
    }
    if (started) {
      throw new IllegalStateException(
          "Expected one call of started(), but this task has already said that it is ready.");
    }
    Task<?> ready = Objects.requireNonNull(task);
    if (ready.run() != Hazmat.currentRun()) {
      throw new IllegalStateException(
          "Expected started() to be called in " + ready.run() + ", which " + ready + " is of.");
    }
    if (ready.state().isFinal()) {
      throw new IllegalStateException(
          "Expected started() while the task runs, but "
              + ready
              + " has already ended. A task says that it is ready before it ends.");
    }
    if (!from.status().effectivelyCancelled()) {
      from.handOver(ready, Objects.requireNonNull(taskScope), to);
    }
    started = true;
    value = readyValue;
  }

  /** Says that the task is ready, with nothing to report. */
  @SuppressWarnings("NullAway") // only for statuses whose value may be null
  public void started() {
    started((V) null);
  }

  @Override
  public String toString() {
    return "the start of " + task;
  }

  boolean hasStarted() {
    return started;
  }

  @SuppressWarnings("NullAway") // asked only after started(V)
  V value() {
    return value;
  }
}
