package dev.trefoil.sync;

import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.Outcome;
import dev.trefoil.hazmat.ParkingLot;
import dev.trefoil.hazmat.RunGuard;

/**
 * Where tasks wait for each other: when a given number has come they all go on, and the next ones to
 * come wait for each other anew.
 *
 * <pre>{@code
 * Barrier phase = new Barrier(workers);
 * nursery.spawn(() -> {
 *   computeFirstHalf();
 *   if (phase.await() == 0) {
 *     System.out.println("first half done");        // one of them says so
 *   }
 *   computeSecondHalf();
 * });
 * }</pre>
 *
 * <p>A task that is cancelled while it waits has not come: another one is needed in its place, and the
 * others go on waiting. The barrier does not break.
 *
 * <p>Source: neither Trio nor Curio has one; {@link java.util.concurrent.CyclicBarrier}, without breaking.
 */
public final class Barrier {
  private final RunGuard guard = new RunGuard(this);
  private final ParkingLot waiting = new ParkingLot();
  private final int parties;

  /**
   * Makes a barrier.
   *
   * @param parties how many tasks go on together, 1 or more
   * @throws IllegalArgumentException if {@code parties} is less than 1
   */
  public Barrier(int parties) {
    if (parties < 1) {
      throw new IllegalArgumentException("parties: expected 1 or more tasks, got " + parties);
    }
    this.parties = parties;
  }

  /**
   * Waits until as many tasks as {@link #parties()} have come, this one included. A checkpoint.
   *
   * @return this task's place among those that go on together: 0 for the one that came first, up to
   *     {@code parties() - 1} for the one that came last
   * @throws dev.trefoil.hazmat.Cancelled if cancelled before the last one came
   * @throws IllegalStateException from the wrong thread or run
   */
  public int await() {
    guard.requireTask();
    Hazmat.yieldIfCancelled();
    int before = waiting.size();
    if (before + 1 < parties) {
      return waiting.<Integer>park("BARRIER_WAIT");
    }
    for (int place = 0; place < before; place++) {
      waiting.unpark(Outcome.of(place));
    }
    Hazmat.yieldBrieflyNoCancel();
    return before;
  }

  /**
   * Returns how many tasks go on together.
   *
   * @return the number given when the barrier was made
   */
  public int parties() {
    return parties;
  }

  /**
   * Returns a snapshot of the barrier.
   *
   * @return the statistics
   */
  public BarrierStatistics statistics() {
    return new BarrierStatistics(parties, waiting.size());
  }

  @Override
  public String toString() {
    return Description.of(this, null);
  }
}
