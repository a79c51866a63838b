package dev.trefoil.hazmat;

import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * Who cancelled, and why. The first reason given to a scope sticks.
 *
 * <p>Source: the cancel reasons of Trio's {@code Cancelled} (source, source task, reason).
 *
 * @param source what kind of event it was
 * @param text the caller's own words, or {@code null}
 * @param task the description of the task that cancelled, or {@code null} if no task did
 */
public record CancelReason(Source source, @Nullable String text, @Nullable String task)
    implements Serializable {
  /** The kinds of events that cancel. */
  public enum Source {
    /** Somebody called {@code cancel}. */
    EXPLICIT("an explicit cancel"),
    /** {@link Task#cancel()}: one task was cancelled, once, and not a scope. */
    TASK("Task.cancel"),
    /** The scope's deadline passed. */
    DEADLINE("a deadline"),
    /** A task of a nursery failed, so its siblings are cancelled. */
    NURSERY("a failure in the nursery"),
    /** The run is ending. */
    SHUTDOWN("the end of the run"),
    /** A scope was left or finished while tasks or scopes inside it were still open. */
    ABANDONED("leaving an enclosing scope out of order"),
    /** The kernel found an internal error and ends the run. */
    CRASH("an internal error of the run");

    private final String words;

    Source(String words) {
      this.words = words;
    }
  }

  /**
   * A reason without words of the caller and without a task.
   *
   * @param source what kind of event it was
   * @return the reason
   */
  public static CancelReason of(Source source) {
    return new CancelReason(source, null, null);
  }

  /**
   * The reason of an explicit cancel, made by the current task if there is one.
   *
   * @param text the caller's own words, or {@code null}
   * @return the reason
   */
  public static CancelReason explicit(@Nullable String text) {
    return byCurrentTask(Source.EXPLICIT, text);
  }

  /**
   * A reason that names the current task as its author, if there is one.
   *
   * @param source what kind of event it was
   * @param text the caller's own words, or {@code null}
   * @return the reason
   */
  public static CancelReason byCurrentTask(Source source, @Nullable String text) {
    KernelOperations kernel = KernelOperations.ofThread();
    Task<?> task = kernel == null ? null : kernel.currentTaskOrNull();
    return new CancelReason(source, text, task == null ? null : task.toString());
  }

  @Override
  public String toString() {
    StringBuilder line = new StringBuilder("cancelled by ").append(source.words);
    if (task != null) {
      line.append(" from ").append(task);
    }
    if (text != null) {
      line.append(": ").append(text);
    }
    return line.toString();
  }
}
