package dev.trefoil.tasks;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
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

  /** Whose each of them is, for people; empty if that is not known. */
  private final String[] culprits;

  private final FirstLeaves firstLeaves = new FirstLeaves();

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
    this(message, exceptions, Collections.nCopies(exceptions.size(), ""));
  }

  /** Makes a group that knows whose each error is; empty where it does not. */
  ExceptionGroup(String message, List<? extends Throwable> exceptions, List<String> culprits) {
    super(Objects.requireNonNull(message, "message"));
    this.exceptions = List.copyOf(exceptions).toArray(new Throwable[0]);
    this.culprits = culprits.toArray(new String[0]);
    if (this.exceptions.length == 0) {
      throw new IllegalArgumentException("exceptions: expected at least one error, got none");
    }
    boolean cancellation = false;
    boolean other = false;
    for (int i = 0; i < this.exceptions.length; i++) {
      Throwable exception = this.exceptions[i];
      addSuppressed(exception);
      if (exception instanceof ExceptionGroup group) {
        cancellation |= group.holdsCancellation;
        other |= group.holdsOther;
        firstLeaves.addAll(group.firstLeaves, this.culprits[i]);
      } else {
        cancellation |= Cancellations.isRemovable(exception);
        other |= !Cancellations.isOfScope(exception);
        firstLeaves.add(exception, this.culprits[i]);
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
    @Nullable Throwable[] matching = new Throwable[exceptions.length];
    @Nullable Throwable[] others = new Throwable[exceptions.length];
    for (int i = 0; i < exceptions.length; i++) {
      Throwable member = exceptions[i];
      if (member instanceof ExceptionGroup group) {
        Split split = group.split(condition);
        matching[i] = split.match();
        others[i] = split.rest();
      } else {
        (condition.test(member) ? matching : others)[i] = member;
      }
    }
    return new Split(derive(matching), derive(others));
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

  /**
   * A group like this one with what is left of each member, where that is not null; this one itself
   * if everything is left.
   *
   * @return null if nothing is left
   */
  @Nullable ExceptionGroup derive(@Nullable Throwable[] parts) {
    if (Arrays.equals(parts, exceptions)) {
      return this;
    }
    List<Throwable> members = new ArrayList<>();
    List<String> theirCulprits = new ArrayList<>();
    for (int i = 0; i < parts.length; i++) {
      Throwable part = parts[i];
      if (part != null) {
        members.add(part);
        theirCulprits.add(culprits[i]);
      }
    }
    if (members.isEmpty()) {
      return null;
    }
    ExceptionGroup derived =
        new ExceptionGroup(Objects.requireNonNull(super.getMessage()), members, theirCulprits);
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
   * Returns on one line what the errors have in common, how many {@linkplain #leaves() leaves} there
   * are, and what the first three are, with the tasks they come from if a nursery made the group:
   *
   * <pre>
   * nursery failed: 5 errors: IOException: broken (task 'download'), IllegalStateException: late
   * (body in task 'main'), IOException: broken (task 'upload'), ... and 2 more
   * </pre>
   *
   * @return the message
   */
  @Override
  public String getMessage() {
    return super.getMessage() + ": " + firstLeaves;
  }
}
