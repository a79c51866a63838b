package dev.trefoil.queues;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** First in, first out. */
final class RingBuffer<E> extends Buffer<E> {
  private @Nullable Object[] slots = new @Nullable Object[INITIAL_LENGTH];
  private int head;

  @Override
  void add(E item) {
    if (size == slots.length) {
      grow();
    }
    slots[(head + size) & (slots.length - 1)] = item;
    size++;
  }

  /** Puts an item back in front of all others. */
  void addFirst(E item) {
    if (size == slots.length) {
      grow();
    }
    head = (head - 1) & (slots.length - 1);
    slots[head] = item;
    size++;
  }

  private void grow() {
    @Nullable Object[] longer = new @Nullable Object[longer(slots.length)];
    int untilEnd = slots.length - head;
    System.arraycopy(slots, head, longer, 0, untilEnd);
    System.arraycopy(slots, 0, longer, untilEnd, head);
    slots = longer;
    head = 0;
  }

  @Override
  @SuppressWarnings({"unchecked", "NullAway"}) // only items are put in, and there is one
  E removeNext() {
    int first = head;
    E item = (E) slots[first];
    slots[first] = null;
    head = (first + 1) & (slots.length - 1);
    size--;
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
    Arrays.fill(slots, null);
    head = 0;
    size = 0;
  }
}
