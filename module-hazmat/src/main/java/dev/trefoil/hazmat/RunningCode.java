package dev.trefoil.hazmat;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The code that keeps a run's thread at one moment, seen from outside.
 *
 * @param description who executes it, for people: a task, the entry queue, an exit listener,
 *     the abort function of a task, an instrument
 * @param task the task whose step it is, of which only what is safe from any thread may be used, or
 *     {@code null} if it is no task's
 * @param stack its frames, innermost first
 */
public record RunningCode(
    String description, @Nullable Task<?> task, List<StackTraceElement> stack) {
  /** Copies the list. */
  public RunningCode {
    stack = List.copyOf(stack);
  }
}
