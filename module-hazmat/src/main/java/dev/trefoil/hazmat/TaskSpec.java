package dev.trefoil.hazmat;

import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/**
 * What {@link Hazmat#spawn(TaskSpec)} needs to know of a task. Only the body is required.
 *
 * <p>Not thread-safe; may be reused for several tasks.
 *
 * @param <T> the type of the body's result
 */
public final class TaskSpec<T extends @Nullable Object> {
  private final Callable<? extends T> body;
  private @Nullable String name;
  private @Nullable CancelStatus cancelStatus;
  private @Nullable TaskOwner owner;
  private @Nullable TaskContext context;

  private TaskSpec(Callable<? extends T> body) {
    this.body = body;
  }

  /**
   * Starts a specification.
   *
   * @param <T> the type of the body's result
   * @param body what the task executes
   * @return a specification with defaults for the rest
   */
  public static <T extends @Nullable Object> TaskSpec<T> of(Callable<? extends T> body) {
    Objects.requireNonNull(body, "body: expected a task body, got null");
    return new TaskSpec<>(body);
  }

  /**
   * Names the task, for people. Default: derived from the body's class.
   *
   * @param name the name, or {@code null} for the default
   * @return this
   */
  public TaskSpec<T> name(@Nullable String name) {
    this.name = name;
    return this;
  }

  /**
   * Says where in the cancellation tree the task starts. Default: under the run's root, outside
   * every scope.
   *
   * @param status a node of the same run that is not closed
   * @return this
   */
  public TaskSpec<T> cancelStatus(CancelStatus status) {
    this.cancelStatus = Objects.requireNonNull(status, "status");
    return this;
  }

  /**
   * Says who is responsible for the task. Required: a task that nobody is responsible for could
   * fail unseen.
   *
   * @param owner is told when the task has ended
   * @return this
   */
  public TaskSpec<T> owner(TaskOwner owner) {
    this.owner = Objects.requireNonNull(owner, "owner");
    return this;
  }

  /**
   * Gives the task its inheritable values. Default: those of the current task.
   *
   * @param context the values
   * @return this
   */
  public TaskSpec<T> context(TaskContext context) {
    this.context = Objects.requireNonNull(context, "context");
    return this;
  }

  /**
   * Returns the body.
   *
   * @return the body
   */
  public Callable<? extends T> body() {
    return body;
  }

  /**
   * Returns the name.
   *
   * @return the name, or {@code null} for the default
   */
  public @Nullable String name() {
    return name;
  }

  /**
   * Returns where the task starts in the cancellation tree.
   *
   * @return the node, or {@code null} for the default
   */
  public @Nullable CancelStatus cancelStatus() {
    return cancelStatus;
  }

  /**
   * Returns who is responsible for the task.
   *
   * @return the owner, or {@code null} if none was given
   */
  public @Nullable TaskOwner owner() {
    return owner;
  }

  /**
   * Returns the inheritable values.
   *
   * @return the values, or {@code null} for the default
   */
  public @Nullable TaskContext context() {
    return context;
  }
}
