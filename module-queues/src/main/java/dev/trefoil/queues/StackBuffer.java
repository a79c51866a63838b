package dev.trefoil.queues;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Last in, first out. */
final class StackBuffer<E> extends Buffer<E> {
  private @Nullable Object[] slots = new @Nullable Object[INITIAL_LENGTH];

  @Override
  void add(E item) {
    if (size == slots.length) {
      slots = Arrays.copyOf(slots, longer(slots.length));
    }
    slots[size++] = item;
  }

  @Override
  @SuppressWarnings({"unchecked", "NullAway"}) // only items are put in, and there is one
  E removeNext() {
    E item = (E) slots[--size];
    slots[size] = null;
    return item;
  }

  @Override
  E replaceNext(E item, int plan) {
    E next = removeNext();
    add(item);
    return next;
  }

  @Override
  void clear() {
    Arrays.fill(slots, 0, size, null);
    size = 0;
  }
}
