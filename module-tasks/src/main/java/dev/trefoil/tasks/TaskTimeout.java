package dev.trefoil.tasks;

import org.jspecify.annotations.Nullable;

/**
 * The time of a {@link Timeout} is over, and its body was cut short. Thrown by the call whose time it
 * was, and meant to be caught right there: if it gets out of an enclosing {@code timeoutAfter} whose
 * own time is not over, it turns into {@link UncaughtTimeout}.
 *
 * <p>What is raised inside the body is {@link TimeoutCancellation}.
 *
 * <p>Source: Curio's {@code TaskTimeout}.
 */
public final class TaskTimeout extends RuntimeException {
  private static final long serialVersionUID = 1L;

  TaskTimeout(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
