package dev.trefoil.queues;

import org.jspecify.annotations.Nullable;

/** One direction of an exchange, as seen from one end: what a branch of a select may happen on. */
interface Port<E> {
  Exchange<E> exchange();

  /** Where those wait who want the same. */
  WaitList<E> line();

  /** The end of the channel, if that can be closed. */
  @Nullable Object end();

  /** Whether it can be done now; changes nothing. */
  Progress progress();

  /**
   * Does it; it can be done.
   *
   * @param item what to put, or null to get
   * @return what was got, or null
   */
  @Nullable E transfer(@Nullable E item);

  /** Why it cannot be done, in words. */
  RuntimeException failure(Progress why);
}
