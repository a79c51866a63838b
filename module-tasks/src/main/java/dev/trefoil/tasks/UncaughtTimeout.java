package dev.trefoil.tasks;

/**
 * A {@link TaskTimeout} was not caught where it was thrown and has got out of an enclosing {@link
 * Timeout} whose own time is not over. An error of the program: each timeout needs somebody who
 * catches it, or is one of those that are ignored. The cause is the timeout that escaped.
 *
 * <p>Source: Curio's {@code UncaughtTimeoutError}.
 */
public final class UncaughtTimeout extends RuntimeException {
  private static final long serialVersionUID = 1L;

  UncaughtTimeout(String message, TaskTimeout escaped) {
    super(message, escaped);
  }
}
