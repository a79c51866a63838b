package dev.trefoil.kernel;

import dev.trefoil.hazmat.CancelStatus;
import dev.trefoil.hazmat.Clock;
import org.jspecify.annotations.Nullable;

/**
 * For how long the next pass may sleep, and what it means to have slept through all of it.
 *
 * <p>A run sleeps until its next deadline. Whoever waits for idleness, a task or a clock that jumps,
 * cuts that short: if nothing has come in the time it asked for, the run was idle.
 */
final class PollPlan {
  /** Who is told that a whole planned sleep has passed without anything happening. */
  private enum Purpose {
    NONE,
    WAITERS,
    CLOCK
  }

  private final Clock clock;
  private final DeadlineHeap deadlines;
  private final IdleWaiters idleWaiters;
  private Purpose purpose = Purpose.NONE;
  private long timeout;
  private long began;

  PollPlan(Clock clock, DeadlineHeap deadlines, IdleWaiters idleWaiters) {
    this.clock = clock;
    this.deadlines = deadlines;
    this.idleWaiters = idleWaiters;
  }

  /** In nanoseconds; 0 if the run is not to sleep. */
  long timeout() {
    return timeout;
  }

  /** Whether somebody counts on the sleep's being made, although it may be of length 0. */
  boolean hasPurpose() {
    return purpose != Purpose.NONE;
  }

  /** There is something to do. */
  void dontSleep() {
    purpose = Purpose.NONE;
    timeout = 0;
  }

  /** There is nothing to do before the next deadline. */
  void sleep() {
    purpose = Purpose.NONE;
    Timer next = deadlines.first();
    timeout =
        Math.max(0, clock.nanosUntil(next == null ? CancelStatus.NO_DEADLINE : next.deadline));
    if (!idleWaiters.isEmpty()) {
      shorten(idleWaiters.smallestCushion(), Purpose.WAITERS);
    } else if (next != null) {
      // Without a deadline there is nothing to tell the clock, and a threshold of zero would spin.
      shorten(clock.idleThreshold(), Purpose.CLOCK);
    }
  }

  private void shorten(long nanos, Purpose newPurpose) {
    if (nanos < timeout) {
      timeout = nanos;
      purpose = newPurpose;
      began = System.nanoTime();
    }
  }

  /** The sleep is over and nothing has come: tells who waited for that, if the time was the whole. */
  void tellOfIdleness(Operations operations) {
    if (System.nanoTime() - began < timeout || isDue(deadlines.first())) {
      return;
    }
    Timer next = deadlines.first();
    if (purpose == Purpose.CLOCK) {
      if (next != null) {
        clock.idle(next.deadline);
      }
    } else if (!idleWaiters.isEmpty()) {
      idleWaiters.wakeSmallest(operations);
    }
  }

  private boolean isDue(@Nullable Timer timer) {
    return timer != null && timer.deadline <= clock.now();
  }
}
