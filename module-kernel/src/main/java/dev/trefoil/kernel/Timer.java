package dev.trefoil.kernel;

import dev.trefoil.hazmat.CancelStatus;
import org.jspecify.annotations.Nullable;

/**
 * What {@link DeadlineHeap} keeps: something that is to happen at a point in time. What begins with
 * "heap" is written by the heap, and is null or 0 as long as this is not in it.
 */
abstract sealed class Timer permits CancelNode, Alarm {
  /** Written by the heap as long as this is in it. */
  long deadline = CancelStatus.NO_DEADLINE;

  /** When the deadline was set, by the count of the heap; stays when this is taken out. */
  long heapOrder;

  /** The newest of those that are directly below. */
  @Nullable Timer heapBelow;

  /** The next newer one below the same node; of the newest, that node. */
  @Nullable Timer heapNewer;

  /** The next older one below the same node. Others may use it as long as this is not in the heap. */
  @Nullable Timer heapOlder;

  /** The size of the tree from here down, as a power of two that it has at most had. */
  byte heapRank;
}
