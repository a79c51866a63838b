package dev.trefoil.queues;

/** How an operation stands. */
enum Progress {
  /** It cannot happen yet. */
  WAITING,
  /** It can happen at once; of a waiter: it has happened. */
  DONE,
  /** It was closed on this side. */
  CLOSED,
  /** It cannot happen any more: the other side is gone. */
  OVER
}
