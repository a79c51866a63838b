package dev.trefoil.kernel;

/** Makes a stack overflow come early, where nothing has happened yet. */
final class StackReserve {
  private static final int LITTLE = 24;
  private static final int LEVELS = 64;
  private static final int LEVELS_OF_PLATFORM = 512;

  private StackReserve() {}

  /**
   * Returns if there is stack left for another call like the one that this is called in.
   *
   * @throws StackOverflowError if there is not
   */
  static void requireLittle() {
    require(LITTLE);
  }

  /**
   * Returns if there is stack left for a few dozen frames.
   *
   * @throws StackOverflowError if there is not
   */
  static void require() {
    require(LEVELS);
  }

  /**
   * Returns if there is stack left for what of the platform's own an overflow would break for good,
   * such as unparking a virtual thread, which may have to start a thread to run it. Takes half a
   * microsecond.
   *
   * @throws StackOverflowError if there is not
   */
  static void requireForPlatform() {
    require(LEVELS_OF_PLATFORM);
  }

  private static void require(int levels) {
    if (descend(levels, 1, 2, 3, 4, 5, 6, 7) == 0) {
      throw new AssertionError("counts up, and so does not end at 0");
    }
  }

  /** Has many parameters so that its frames are large. */
  private static long descend(int levels, long a, long b, long c, long d, long e, long f, long g) {
    return levels == 0 ? a : 1 + descend(levels - 1, b, c, d, e, f, g, a);
  }
}
