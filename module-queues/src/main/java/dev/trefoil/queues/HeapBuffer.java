package dev.trefoil.queues;

import java.util.Arrays;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/**
 * The smallest first, equal ones in the order of arrival.
 *
 * <p>A binary heap in two arrays, of items and of the numbers of their arrivals. Each change has two
 * passes: the first compares, which is the users' code and may throw, and finds the final place; the
 * second moves the items on the way between that place and the root, and cannot fail.
 */
final class HeapBuffer<E> extends Buffer<E> {
  private final Comparator<? super E> order;
  private @Nullable Object[] items = new @Nullable Object[INITIAL_LENGTH];
  private long[] arrivals = new long[INITIAL_LENGTH];
  private long nextArrival;

  HeapBuffer(Comparator<? super E> order) {
    this.order = order;
  }

  @Override
  void add(E item) {
    int place = size;
    if (place == 0) {
      requireComparable(item);
    }
    while (place > 0 && order.compare(item, at(parent(place))) < 0) {
      place = parent(place);
    }
    if (size == items.length) {
      int length = longer(size);
      @Nullable Object[] longerItems = Arrays.copyOf(items, length);
      arrivals = Arrays.copyOf(arrivals, length);
      items = longerItems;
    }
    for (int hole = size; hole > place; hole = parent(hole)) {
      move(parent(hole), hole);
    }
    set(place, item, nextArrival++);
    size++;
  }

  @Override
  E removeNext() {
    int last = size - 1;
    int place = placeBelow(at(last), arrivals[last], last);
    E next = sink(at(last), arrivals[last], place);
    items[last] = null;
    size--;
    return next;
  }

  @Override
  int planReplacement(E item) {
    if (size == 1) {
      requireComparable(item);
    }
    return placeBelow(item, nextArrival, size);
  }

  @Override
  E replaceNext(E item, int plan) {
    return sink(item, nextArrival++, plan);
  }

  @Override
  void clear() {
    Arrays.fill(items, 0, size, null);
    size = 0;
  }

  /** Refuses now, where there is nothing to compare it with, what could not be compared later. */
  private void requireComparable(E item) {
    order.compare(item, item);
  }

  /** Where an item comes to rest that starts at the root, of a heap of {@code count} items. */
  private int placeBelow(E item, long arrival, int count) {
    int place = 0;
    while (2 * place + 1 < count) {
      int child = 2 * place + 1;
      if (child + 1 < count
          && isBefore(at(child + 1), arrivals[child + 1], at(child), arrivals[child])) {
        child++;
      }
      if (!isBefore(at(child), arrivals[child], item, arrival)) {
        break;
      }
      place = child;
    }
    return place;
  }

  /** Puts an item at its place, moves those above it up by one, and returns the old root. */
  private E sink(E item, long arrival, int place) {
    E moved = item;
    long movedArrival = arrival;
    for (int hole = place; ; hole = parent(hole)) {
      E displaced = at(hole);
      long displacedArrival = arrivals[hole];
      set(hole, moved, movedArrival);
      if (hole == 0) {
        return displaced;
      }
      moved = displaced;
      movedArrival = displacedArrival;
    }
  }

  private boolean isBefore(E one, long oneArrival, E other, long otherArrival) {
    int comparison = order.compare(one, other);
    return comparison < 0 || (comparison == 0 && oneArrival < otherArrival);
  }

  private static int parent(int place) {
    return (place - 1) >> 1;
  }

  @SuppressWarnings({"unchecked", "NullAway"}) // only items are put in
  private E at(int place) {
    return (E) items[place];
  }

  private void set(int place, E item, long arrival) {
    items[place] = item;
    arrivals[place] = arrival;
  }

  private void move(int from, int to) {
    items[to] = items[from];
    arrivals[to] = arrivals[from];
  }
}
