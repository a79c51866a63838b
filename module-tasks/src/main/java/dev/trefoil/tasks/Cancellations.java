package dev.trefoil.tasks;

import dev.trefoil.hazmat.Cancelled;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What catching a cancellation leaves of an error. */
final class Cancellations {
  private Cancellations() {}

  /** Whether an error is nothing but cancellation, be it in groups. */
  static boolean isPure(Throwable error) {
    return switch (error) {
      case Cancelled cancelled -> cancelled.getSuppressed().length == 0;
      case ExceptionGroup group -> group.exceptions().stream().allMatch(Cancellations::isPure);
      default -> false;
    };
  }

  /**
   * Takes the cancellations out.
   *
   * @return {@code error} itself if there is none in it, {@code null} if there is nothing else
   */
  static @Nullable Throwable removeFrom(Throwable error) {
    return switch (error) {
      case Cancelled cancelled -> suppressedBy(cancelled);
      case ExceptionGroup group -> removeFrom(group);
      default -> error;
    };
  }

  private static @Nullable Throwable removeFrom(ExceptionGroup group) {
    List<Throwable> rest = new ArrayList<>();
    boolean changed = false;
    for (Throwable member : group.exceptions()) {
      Throwable left = removeFrom(member);
      changed |= left != member;
      if (left != null) {
        rest.add(left);
      }
    }
    if (!changed) {
      return group;
    }
    return rest.isEmpty() ? null : group.derive(rest);
  }

  /**
   * What went wrong while a cancellation was on its way, such as in a {@code close}. Java keeps it
   * as suppressed; dropping it with the cancellation would lose it.
   */
  private static @Nullable Throwable suppressedBy(Cancelled cancelled) {
    List<Throwable> rest = new ArrayList<>();
    for (Throwable suppressed : cancelled.getSuppressed()) {
      Throwable left = removeFrom(suppressed);
      if (left != null) {
        rest.add(left);
      }
    }
    return switch (rest.size()) {
      case 0 -> null;
      case 1 -> rest.getFirst();
      default -> new ExceptionGroup("errors while being cancelled", rest);
    };
  }
}
