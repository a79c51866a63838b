package dev.trefoil.hazmat;

import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/** The body of a task that has no result. */
@FunctionalInterface
public interface TaskAction {
  /**
   * Does the work; may suspend.
   *
   * @throws Exception whatever the work throws
   */
  void run() throws Exception;

  /**
   * The same body as a {@link Callable} whose result is {@code null}.
   *
   * @param action the body
   * @return a callable that keeps {@code action}'s identity for names and introspection
   */
  static Callable<@Nullable Void> asCallable(TaskAction action) {
    Objects.requireNonNull(action, "body: expected a task body, got null");
    return new ActionCallable(action);
  }

  /**
   * Undoes {@link #asCallable(TaskAction)}, for names and introspection.
   *
   * @param body a task body
   * @return the action that {@code body} was made of, or else {@code body} itself
   */
  static Object unwrap(Callable<?> body) {
    return body instanceof ActionCallable wrapper ? wrapper.action() : body;
  }
}

record ActionCallable(TaskAction action) implements Callable<@Nullable Void> {
  @Override
  public @Nullable Void call() throws Exception {
    KeyboardInterrupts.<Exception>callOut(action::run);
    return null;
  }
}
