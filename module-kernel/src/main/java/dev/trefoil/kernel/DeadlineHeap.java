package dev.trefoil.kernel;

import dev.trefoil.hazmat.Clock;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The deadlines of a run: a binary heap in which every node knows its place, so that moving and
 * dropping a deadline costs no more than adding one and leaves nothing behind. Equal deadlines come
 * out in the order in which they were set.
 *
 * <p>What changes the heap is in one method, which calls nothing: whoever sets a deadline may run out
 * of stack or memory, and that must come before all of the change or not at all.
 */
final class DeadlineHeap {
  private static final int SMALLEST = 16;

  private @Nullable Timer[] heap = new Timer[SMALLEST];
  private int size;
  private long lastOrder;

  int size() {
    return size;
  }

  /** For how many nodes there is room. */
  int capacity() {
    return heap.length;
  }

  /** The node whose deadline is next, or null. */
  @Nullable Timer first() {
    return heap[0];
  }

  /** Time until the next deadline, negative if it is overdue; the largest number if there is none. */
  long nanosToFirst(Clock clock) {
    Timer first = heap[0];
    if (first == null) {
      return Long.MAX_VALUE;
    }
    long now = clock.now();
    try {
      return Math.subtractExact(first.deadline, now);
    } catch (ArithmeticException centuries) {
      return first.deadline < now ? Long.MIN_VALUE : Long.MAX_VALUE;
    }
  }

  /** Gives a node a deadline, or another one. */
  void put(Timer node, long deadline) {
    if (node.heapPlace < 0 && size == heap.length) {
      heap = Arrays.copyOf(heap, size * 2);
    }
    settle(node, node.heapPlace < 0 ? size : node.heapPlace, deadline, ++lastOrder, null);
  }

  /** Takes a node out, if it is here. */
  void remove(Timer node) {
    if (node.heapPlace < 0) {
      return;
    }
    if (heap.length > SMALLEST && size <= heap.length / 4) {
      heap = Arrays.copyOf(heap, heap.length / 2);
    }
    Timer last = Objects.requireNonNull(heap[size - 1]);
    settle(last, node.heapPlace, last.deadline, last.heapOrder, node);
  }

  /** Puts a node at a place, and then where it belongs; before, takes another one out. */
  private void settle(Timer node, int vacant, long deadline, long order, @Nullable Timer leaving) {
    if (leaving != null) {
      leaving.heapPlace = -1;
      heap[--size] = null;
      if (leaving == node) {
        return;
      }
    } else if (vacant == size) {
      size++;
    }
    node.deadline = deadline;
    node.heapOrder = order;
    int place = vacant;
    while (place > 0) {
      Timer above = heap[(place - 1) / 2];
      if (above == null
          || above.deadline < deadline
          || (above.deadline == deadline && above.heapOrder < order)) {
        break;
      }
      heap[place] = above;
      above.heapPlace = place;
      place = (place - 1) / 2;
    }
    for (int below = 2 * place + 1; below < size; below = 2 * place + 1) {
      Timer earlier = heap[below];
      Timer right = below + 1 < size ? heap[below + 1] : null;
      if (earlier == null
          || (right != null
              && (right.deadline < earlier.deadline
                  || (right.deadline == earlier.deadline
                      && right.heapOrder < earlier.heapOrder)))) {
        earlier = right;
        below++;
      }
      if (earlier == null
          || deadline < earlier.deadline
          || (deadline == earlier.deadline && order < earlier.heapOrder)) {
        break;
      }
      heap[place] = earlier;
      earlier.heapPlace = place;
      place = below;
    }
    heap[place] = node;
    node.heapPlace = place;
  }
}
