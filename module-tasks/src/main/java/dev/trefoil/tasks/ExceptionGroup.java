package dev.trefoil.tasks;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Several errors that happened at the same time, such as those of a nursery's tasks. May hold other
 * groups. Immutable.
 *
 * <p>The errors are also the group's suppressed exceptions, so that any stack trace of the group
 * shows all of them.
 *
 * <p>Source: Python's {@code ExceptionGroup}.
 */
public final class ExceptionGroup extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** An array, since that is serializable by its type. */
  private final Throwable[] exceptions;

  /**
   * Whether any leaf is what a scope or a timeout raises and catches. Kept, since groups nest as deep
   * as nurseries do.
   */
  private final boolean holdsCancellation;

  /** Whether any leaf is something else than a scope's cancellation. */
  private final boolean holdsOther;

  /**
   * The two parts of a group.
   *
   * @param match what the condition holds for, or {@code null} if that is nothing
   * @param rest everything else, or {@code null} if that is nothing
   */
  public record Split(@Nullable ExceptionGroup match, @Nullable ExceptionGroup rest) {}

  /**
   * Makes a group.
   *
   * @param message what the errors have in common
   * @param exceptions the errors, at least one
   * @throws IllegalArgumentException if there is no error
   */
  public ExceptionGroup(String message, List<? extends Throwable> exceptions) {
    super(Objects.requireNonNull(message, "message"));
    this.exceptions = List.copyOf(exceptions).toArray(new Throwable[0]);
    if (this.exceptions.length == 0) {
      throw new IllegalArgumentException("exceptions: expected at least one error, got none");
    }
    boolean cancellation = false;
    boolean other = false;
    for (Throwable exception : this.exceptions) {
      addSuppressed(exception);
      if (exception instanceof ExceptionGroup group) {
        cancellation |= group.holdsCancellation;
        other |= group.holdsOther;
      } else {
        cancellation |= Cancellations.isRemovable(exception);
        other |= !Cancellations.isOfScope(exception);
      }
    }
    this.holdsCancellation = cancellation;
    this.holdsOther = other;
  }

  /**
   * Returns the errors.
   *
   * @return the members of this group, groups among them included, in the order they were given
   */
  public List<Throwable> exceptions() {
    return List.of(exceptions);
  }

  /**
   * Returns the errors that are not groups, of this group and those in it.
   *
   * @return the leaves, in order
   */
  public List<Throwable> leaves() {
    List<Throwable> leaves = new ArrayList<>();
    Deque<Throwable> todo = new ArrayDeque<>(exceptions());
    while (!todo.isEmpty()) {
      Throwable next = todo.pop();
      if (next instanceof ExceptionGroup group) {
        group.exceptions().reversed().forEach(todo::push);
      } else {
        leaves.add(next);
      }
    }
    return List.copyOf(leaves);
  }

  /**
   * Splits this group in two, keeping its structure in both. The condition is asked about groups
   * first, this one included; a group it holds for goes over whole.
   *
   * @param condition what to look for
   * @return both parts
   */
  public Split split(Predicate<? super Throwable> condition) {
    Objects.requireNonNull(condition, "condition");
    if (condition.test(this)) {
      return new Split(this, null);
    }
    List<Throwable> matching = new ArrayList<>();
    List<Throwable> others = new ArrayList<>();
    for (Throwable member : exceptions) {
      if (member instanceof ExceptionGroup group) {
        Split split = group.split(condition);
        if (split.match() != null) {
          matching.add(split.match());
        }
        if (split.rest() != null) {
          others.add(split.rest());
        }
      } else {
        (condition.test(member) ? matching : others).add(member);
      }
    }
    return new Split(
        matching.isEmpty() ? null : derive(matching), others.isEmpty() ? null : derive(others));
  }

  /**
   * Returns the part of this group that a condition holds for.
   *
   * @param condition what to look for
   * @return that part, or {@code null} if it is nothing
   * @see #split(Predicate)
   */
  public @Nullable ExceptionGroup subgroup(Predicate<? super Throwable> condition) {
    return split(condition).match();
  }

  /** A group like this one with other members; this one itself if they are the same. */
  ExceptionGroup derive(List<Throwable> members) {
    if (members.equals(exceptions())) {
      return this;
    }
    ExceptionGroup derived =
        new ExceptionGroup(Objects.requireNonNull(super.getMessage()), members);
    derived.setStackTrace(getStackTrace());
    if (getCause() != null) {
      derived.initCause(getCause());
    }
    suppressedErrors().forEach(derived::addSuppressed);
    return derived;
  }

  /** Whether a leaf of this group is the cancellation of a scope or a timeout. */
  boolean holdsCancellation() {
    return holdsCancellation;
  }

  /** Whether a leaf of this group is anything but the cancellation of a scope. */
  boolean holdsOther() {
    return holdsOther;
  }

  /** What this group suppressed on its way, such as an error while closing a resource. */
  List<Throwable> suppressedErrors() {
    List<Throwable> suppressed = List.of(getSuppressed());
    return suppressed.subList(exceptions.length, suppressed.size());
  }

  /**
   * Returns what the errors have in common, and how many there are.
   *
   * @return the message
   */
  @Override
  public String getMessage() {
    int count = exceptions.length;
    return super.getMessage() + " (" + count + (count == 1 ? " error)" : " errors)");
  }
}
