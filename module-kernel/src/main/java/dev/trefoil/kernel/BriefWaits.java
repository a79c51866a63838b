package dev.trefoil.kernel;

import java.util.function.BooleanSupplier;

/**
 * Spins through waits that are likely to be over before a thread could be parked and woken again, which
 * takes several microseconds on both sides: those that follow a wait as brief as that. So a thread that
 * waits for long spins once more at most, and one that is idle not at all.
 */
final class BriefWaits {
  /** The longest time to spin for: about what it costs to be parked and woken. */
  static final long LIMIT_NANOS = 20_000;

  /** On a single processor nothing could happen meanwhile. */
  private static final boolean WORTHWHILE = Runtime.getRuntime().availableProcessors() > 1;

  private final BooleanSupplier over;
  private boolean expected;
  private long began;

  /**
   * For the waits of one thread.
   *
   * @param over whether a wait is over
   */
  BriefWaits(BooleanSupplier over) {
    this.over = over;
  }

  /** Begins a wait, and perhaps spins through it, in which case it returns true. */
  @SuppressWarnings("ThreadPriorityCheck") // only to be quicker if it helps
  boolean spin() {
    began = System.nanoTime();
    while (expected) {
      if (over.getAsBoolean()) {
        return true;
      }
      // Whoever is to end the wait may want this very processor.
      Thread.yield();
      expected = System.nanoTime() - began < LIMIT_NANOS;
    }
    return false;
  }

  /** Ends a wait that was not spun through, of which the parking is a part. */
  void parked() {
    expected = WORTHWHILE && over.getAsBoolean() && System.nanoTime() - began < 2 * LIMIT_NANOS;
  }
}
