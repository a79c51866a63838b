package dev.trefoil.queues;

/**
 * What holds the accepted items, and says which is next. Not limited: who fills it looks at the
 * size. If a comparison of items throws, nothing has changed.
 */
abstract class Buffer<E> {
  static final int INITIAL_LENGTH = 16;

  int size;

  abstract void add(E item);

  /** Takes out the next item; there is one. */
  abstract E removeNext();

  /**
   * The first half of {@link #replaceNext}: does what may throw and changes nothing.
   *
   * @return what to give to {@code replaceNext}
   */
  int planReplacement(E item) {
    return 0;
  }

  /** Takes out the next item, of which there is one, and then adds another. */
  abstract E replaceNext(E item, int plan);

  abstract void clear();

  /** The length to grow to: arrays of a power of two. */
  static int longer(int length) {
    if (length >= 1 << 30) {
      throw new OutOfMemoryError("a queue cannot hold more than " + length + " items");
    }
    return length * 2;
  }
}
