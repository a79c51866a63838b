package dev.trefoil.kernel;

import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Whether it is a thread's turn, of several of which only one runs at a time. That one gives its turn
 * away as the last thing it does: {@link #leave}, {@link #give()} of the other, {@link #await}. What it
 * has written is seen by the other, since {@code here} is volatile, and needs no synchronization.
 *
 * <p>Two that give the turn to and fro spin a little before they park, which takes longer than most steps
 * do. Not so if there are more of them: they would only be in each other's way.
 */
final class Turn {
  /** How often to look: for about a microsecond. */
  private static final int SPINS = 100;

  /** How many waits not to spin in after one in which that was in vain. */
  private static final int PARKED_WAITS = 16;

  /** With a single carrier, the other could not run meanwhile. */
  private static final boolean WORTHWHILE =
      Runtime.getRuntime().availableProcessors() > 1
          && Integer.getInteger("jdk.virtualThreadScheduler.parallelism", 2) > 1;

  /** Of all threads that share the turn: how often one has given it away. Belongs to who has the turn. */
  static final class Count {
    private int given;
  }

  private volatile boolean here;
  private @Nullable Thread thread;

  /** The count after the thread gave the turn away. */
  private int given;

  /** Whether only one other had the turn before it came back. */
  private boolean toAndFro;

  private byte parkedWaits;

  /** To be called when nobody waits for this turn, or could. */
  void runOn(@Nullable Thread turned) {
    thread = turned;
  }

  @Nullable Thread thread() {
    return thread;
  }

  void leave(Count count) {
    here = false;
    given = ++count.given;
  }

  /** Takes {@link #leave} back, if the other could not be given the turn. */
  void stay() {
    here = true;
  }

  /** Wakes the thread, if it waits. */
  void give() {
    // Read before: whoever has the turn may go on in another thread.
    Thread waiting = thread;
    here = true;
    LockSupport.unpark(waiting);
  }

  /** Waits. An interrupt must not turn waiting into spinning, and must not be lost. */
  void await(Object blocker, Count count) {
    if (toAndFro && !here) {
      spin();
    }
    boolean interrupted = false;
    while (!here) {
      try {
        LockSupport.park(blocker);
        interrupted |= Thread.interrupted();
      } catch (StackOverflowError tooDeepToUnmount) {
        // Another runs already: nothing may happen here before the turn is back.
        Thread.onSpinWait();
      }
    }
    toAndFro = WORTHWHILE && count.given == given + 1;
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void spin() {
    if (parkedWaits > 0) {
      parkedWaits--;
      return;
    }
    for (int left = SPINS; left > 0; left--) {
      if (here) {
        return;
      }
      Thread.onSpinWait();
    }
    parkedWaits = PARKED_WAITS;
  }
}
