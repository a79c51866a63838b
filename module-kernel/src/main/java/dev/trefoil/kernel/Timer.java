package dev.trefoil.kernel;

import dev.trefoil.hazmat.CancelStatus;

/** What {@link DeadlineHeap} keeps: something that is to happen at a point in time. */
abstract sealed class Timer permits CancelNode, Alarm {
  /** Written by {@link DeadlineHeap} as long as this is in it. */
  long deadline = CancelStatus.NO_DEADLINE;

  /** Written by {@link DeadlineHeap} only. */
  long heapOrder;

  /** Written by {@link DeadlineHeap} only; -1 if not in it. */
  int heapPlace = -1;
}
