package dev.trefoil.tests.linearizability;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** What several parties have done with one subject, and between which moments each thing happened. */
final class History<T, S> {
  /** The result of an operation that was cancelled or interrupted. */
  static final Object CANCELLED = "cancelled";

  static final class Entry<T, S> {
    final String party;
    final Operation<T, S> operation;
    final long began;
    private volatile Object result;
    private volatile long ended = Long.MAX_VALUE;

    private Entry(String party, Operation<T, S> operation, long began) {
      this.party = party;
      this.operation = operation;
      this.began = began;
    }

    Object result() {
      return result;
    }

    long ended() {
      return ended;
    }

    @Override
    public String toString() {
      return ended == Long.MAX_VALUE
          ? "%3d ...     %s: %s".formatted(began, party, operation)
          : "%3d ... %3d %s: %s = %s".formatted(began, ended, party, operation, result);
    }
  }

  private final List<Entry<T, S>> entries = new ArrayList<>();
  private long now;

  synchronized Entry<T, S> begin(String party, Operation<T, S> operation) {
    Entry<T, S> entry = new Entry<>(party, operation, now++);
    entries.add(entry);
    return entry;
  }

  synchronized void end(Entry<T, S> entry, Object result) {
    entry.result = result;
    entry.ended = now++;
  }

  synchronized List<Entry<T, S>> entries() {
    return List.copyOf(entries);
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    entries().stream()
        .sorted(Comparator.comparingLong(entry -> entry.began))
        .forEach(entry -> text.append(entry).append('\n'));
    return text.toString();
  }
}
