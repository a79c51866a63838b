package dev.trefoil.kernel;

import dev.trefoil.hazmat.Clock;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The deadlines of a run: a binary heap in which every node knows its place, so that moving and
 * dropping a deadline costs no more than adding one and leaves nothing behind. Equal deadlines come
 * out in the order in which they were set.
 */
final class DeadlineHeap {
  private static final int SMALLEST = 16;

  private @Nullable CancelNode[] heap = new CancelNode[SMALLEST];
  private int size;
  private long lastOrder;

  int size() {
    return size;
  }

  /** The node whose deadline is next, or null. */
  @Nullable CancelNode first() {
    return heap[0];
  }

  /** Time until the next deadline, negative if it is overdue; the largest number if there is none. */
  long nanosToFirst(Clock clock) {
    CancelNode first = heap[0];
    if (first == null) {
      return Long.MAX_VALUE;
    }
    long now = clock.now();
    try {
      return Math.subtractExact(first.deadline(), now);
    } catch (ArithmeticException centuries) {
      return first.deadline() < now ? Long.MIN_VALUE : Long.MAX_VALUE;
    }
  }

  /** Adds a node, or moves it after its deadline has changed. */
  void put(CancelNode node) {
    node.heapOrder = ++lastOrder;
    int place = node.heapPlace;
    if (place < 0) {
      if (size == heap.length) {
        heap = Arrays.copyOf(heap, size * 2);
      }
      place = size++;
    }
    siftDown(node, siftUp(node, place));
  }

  /** Drops a node's deadline, if it is here. */
  void remove(CancelNode node) {
    int place = node.heapPlace;
    if (place < 0) {
      return;
    }
    node.heapPlace = -1;
    CancelNode last = heap[--size];
    heap[size] = null;
    if (last != null && last != node) {
      siftDown(last, siftUp(last, place));
    }
    if (heap.length > SMALLEST && size < heap.length / 4) {
      heap = Arrays.copyOf(heap, heap.length / 2);
    }
  }

  /** Puts {@code node} at {@code place} or above; returns where it ended up. */
  private int siftUp(CancelNode node, int place) {
    while (place > 0) {
      int above = (place - 1) / 2;
      CancelNode other = heap[above];
      if (other == null || !before(node, other)) {
        break;
      }
      set(place, other);
      place = above;
    }
    set(place, node);
    return place;
  }

  private void siftDown(CancelNode node, int place) {
    while (true) {
      int below = 2 * place + 1;
      if (below >= size) {
        break;
      }
      CancelNode other = heap[below];
      CancelNode right = below + 1 < size ? heap[below + 1] : null;
      if (other == null || (right != null && before(right, other))) {
        other = right;
        below++;
      }
      if (other == null || !before(other, node)) {
        break;
      }
      set(place, other);
      place = below;
    }
    set(place, node);
  }

  private void set(int place, CancelNode node) {
    heap[place] = node;
    node.heapPlace = place;
  }

  private static boolean before(CancelNode one, CancelNode other) {
    long first = one.deadline();
    long second = other.deadline();
    return first < second || (first == second && one.heapOrder < other.heapOrder);
  }
}
