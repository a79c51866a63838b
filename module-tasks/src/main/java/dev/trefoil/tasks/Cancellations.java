package dev.trefoil.tasks;

import dev.trefoil.hazmat.CancelReason;
import dev.trefoil.hazmat.Cancelled;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What catching a cancellation leaves of an error.
 *
 * <p>There are two kinds of {@link Cancelled}. That of a scope is a level, and scopes catch it. That
 * of {@code Task.cancel} is meant for one task, and only the end of that task catches it: to scopes
 * and nurseries on its way it is an error like others. So is what a {@link Timeout} raises, until it
 * comes to that timeout.
 */
final class Cancellations {
  /** What has been looked at: an error may hold itself, by being suppressed by what it holds. */
  private final Set<Throwable> seen = Collections.newSetFromMap(new IdentityHashMap<>());

  private final Predicate<Throwable> toRemove;

  private Cancellations(Predicate<Throwable> toRemove) {
    this.toRemove = toRemove;
  }

  /** Whether this is what {@code Task.cancel} raises. */
  static boolean isOfTask(Throwable error) {
    return error instanceof Cancelled cancelled
        && cancelled.reason().source() == CancelReason.Source.TASK;
  }

  /** Whether a task that ends with this has ended quietly, since somebody cancelled just it. */
  static boolean isQuietEnd(Throwable error) {
    return isOfTask(error)
        && new Cancellations(Cancellations::isOfScope).arePure(List.of(error.getSuppressed()));
  }

  /** Whether an error is nothing but scopes' cancellation, in groups or suppressed by another. */
  static boolean isPure(Throwable error) {
    return isPlain(error) || new Cancellations(Cancellations::isOfScope).pure(error);
  }

  /**
   * Takes the cancellations out.
   *
   * @return {@code error} itself if there is none in it, {@code null} if there is nothing else
   */
  static @Nullable Throwable removeFrom(Throwable error) {
    return isPlain(error) ? null : new Cancellations(Cancellations::isOfScope).remove(error);
  }

  /** What nearly all are, when many tasks are cancelled at once: there is nothing to look through. */
  private static boolean isPlain(Throwable error) {
    return isOfScope(error) && error.getSuppressed().length == 0;
  }

  /**
   * Takes out what one timeout has raised.
   *
   * @return {@code error} itself if there is none in it, {@code null} if there is nothing else
   */
  static @Nullable Throwable removeFrom(Throwable error, Timeout timeout) {
    return new Cancellations(
            raised -> raised instanceof TimeoutCancellation its && its.isOf(timeout))
        .remove(error);
  }

  /**
   * Whether this was raised once in the task that it is on its way in, by somebody who meant just
   * that task. A nursery lets it through alone, if all else that came was the cancellation of scopes.
   */
  static boolean isMeantForTask(Throwable error) {
    return isQuietEnd(error) || error instanceof TimeoutCancellation;
  }

  /** Whether some scope or timeout takes this out of what comes to it. */
  static boolean isRemovable(Throwable error) {
    return isOfScope(error) || error instanceof TimeoutCancellation;
  }

  /** Whether this is what the cancellation of a scope raises. */
  static boolean isOfScope(Throwable error) {
    return error instanceof Cancelled && !isOfTask(error);
  }

  private boolean pure(Throwable error) {
    if (isOfScope(error)) {
      return !seen.add(error) || arePure(List.of(error.getSuppressed()));
    }
    return error instanceof ExceptionGroup group
        && !group.holdsOther()
        && (!seen.add(group) || (arePure(group.exceptions()) && arePure(group.suppressedErrors())));
  }

  private boolean arePure(List<Throwable> errors) {
    return errors.stream().allMatch(this::pure);
  }

  private @Nullable Throwable remove(Throwable error) {
    if (toRemove.test(error)) {
      return seen.add(error) ? onlySuppressed(List.of(error.getSuppressed())) : null;
    }
    if (error instanceof ExceptionGroup group) {
      if (!group.holdsCancellation()) {
        return group;
      }
      return seen.add(group) ? removeFromGroup(group) : null;
    }
    return error;
  }

  private @Nullable Throwable removeFromGroup(ExceptionGroup group) {
    List<Throwable> members = group.exceptions();
    @Nullable Throwable[] parts = new Throwable[members.size()];
    for (int i = 0; i < parts.length; i++) {
      parts[i] = remove(members.get(i));
    }
    ExceptionGroup rest = group.derive(parts);
    return rest == null ? onlySuppressed(group.suppressedErrors()) : rest;
  }

  private List<Throwable> removeFromAll(List<Throwable> errors) {
    List<Throwable> rest = new ArrayList<>();
    for (Throwable error : errors) {
      Throwable left = remove(error);
      if (left != null) {
        rest.add(left);
      }
    }
    return rest;
  }

  /**
   * What went wrong while a cancellation was on its way, such as in a {@code close}. Java keeps it
   * as suppressed; dropping it with the cancellation would lose it.
   */
  private @Nullable Throwable onlySuppressed(List<Throwable> suppressed) {
    List<Throwable> rest = removeFromAll(suppressed);
    return switch (rest.size()) {
      case 0 -> null;
      case 1 -> rest.getFirst();
      default -> new ExceptionGroup("errors while being cancelled", rest);
    };
  }
}
