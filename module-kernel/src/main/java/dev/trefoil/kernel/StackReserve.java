package dev.trefoil.kernel;

/**
 * Makes a stack overflow come early, where nothing has happened yet. One for each run; may be asked in
 * any thread.
 */
final class StackReserve {
  private static final int LITTLE = 1;
  private static final int FRAMES = 4;
  private static final int FRAMES_OF_PLATFORM = 12;

  /** Counts at a guess, since it does not matter if a turn comes twice. */
  private int turn;

  /**
   * Returns if there is stack left for another call like the one that this is called in.
   *
   * @throws StackOverflowError if there is not
   */
  void requireLittle() {
    require(LITTLE);
  }

  /**
   * Returns if there is stack left for a few dozen frames.
   *
   * @throws StackOverflowError if there is not
   */
  void require() {
    require(FRAMES);
  }

  /**
   * Returns if there is stack left for what of the platform's own an overflow would break for good,
   * such as unparking a virtual thread, which may have to start a thread to run it.
   *
   * @throws StackOverflowError if there is not
   */
  void requireForPlatform() {
    require(FRAMES_OF_PLATFORM);
  }

  private void require(int frames) {
    if (LargeFrame.nest(frames, ++turn) == 0) {
      throw new AssertionError("uses the result, for the call not to be optimized away");
    }
  }
}
