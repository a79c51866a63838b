package dev.trefoil.tests.linearizability;

import dev.trefoil.tests.linearizability.History.Entry;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The search for an order of the operations of a history that keeps what was one after the other in that
 * order, and in which each has the result that the model gives it. Cancelled ones are not in it, since
 * they must have had no effect.
 *
 * <p>As of Wing and Gong, "Testing and Verifying Concurrent Objects", with the memory of what has been
 * tried that Lowe added to it.
 */
final class Linearization<T, S> {
  private record Tried(long done, Object state) {}

  private final List<Entry<T, S>> entries;
  private final Set<Tried> tried = new HashSet<>();

  private Linearization(List<Entry<T, S>> entries) {
    if (entries.size() >= Long.SIZE) {
      throw new IllegalArgumentException("a history too long: " + entries.size());
    }
    this.entries = entries;
  }

  /** Returns whether there is one. All operations have ended. */
  static <T, S> boolean exists(S initial, History<T, S> history) {
    List<Entry<T, S>> completed =
        history.entries().stream().filter(entry -> entry.result() != History.CANCELLED).toList();
    return new Linearization<>(completed).existsFrom(initial, 0);
  }

  private boolean existsFrom(S state, long done) {
    if (done == (1L << entries.size()) - 1) {
      return true;
    }
    if (!tried.add(new Tried(done, state))) {
      return false;
    }
    long firstEnd = Long.MAX_VALUE;
    for (int i = 0; i < entries.size(); i++) {
      if ((done & 1L << i) == 0) {
        firstEnd = Math.min(firstEnd, entries.get(i).ended());
      }
    }
    for (int i = 0; i < entries.size(); i++) {
      Entry<T, S> next = entries.get(i);
      if ((done & 1L << i) == 0 && next.began < firstEnd) {
        Optional<S> after = next.operation.after(state, next.result());
        if (after.isPresent() && existsFrom(after.get(), done | 1L << i)) {
          return true;
        }
      }
    }
    return false;
  }
}
