package dev.trefoil.tests.linearizability;

import dev.trefoil.tests.linearizability.History.Entry;
import java.util.BitSet;
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
  private record Tried(BitSet done, Object state) {}

  private final List<Entry<T, S>> entries;
  private final Set<Tried> tried = new HashSet<>();

  private Linearization(List<Entry<T, S>> entries) {
    this.entries = entries;
  }

  /** Returns whether there is one. All operations have ended. */
  static <T, S> boolean exists(S initial, History<T, S> history) {
    List<Entry<T, S>> completed =
        history.entries().stream().filter(entry -> entry.result() != History.CANCELLED).toList();
    return new Linearization<>(completed).existsFrom(initial, new BitSet());
  }

  private boolean existsFrom(S state, BitSet done) {
    if (done.cardinality() == entries.size()) {
      return true;
    }
    if (!tried.add(new Tried(done, state))) {
      return false;
    }
    long firstEnd = Long.MAX_VALUE;
    for (int i = done.nextClearBit(0); i < entries.size(); i = done.nextClearBit(i + 1)) {
      firstEnd = Math.min(firstEnd, entries.get(i).ended());
    }
    for (int i = done.nextClearBit(0); i < entries.size(); i = done.nextClearBit(i + 1)) {
      Entry<T, S> next = entries.get(i);
      Optional<S> after =
          next.began < firstEnd ? next.operation.after(state, next.result()) : Optional.empty();
      if (after.isPresent()) {
        BitSet more = (BitSet) done.clone();
        more.set(i);
        if (existsFrom(after.get(), more)) {
          return true;
        }
      }
    }
    return false;
  }
}
