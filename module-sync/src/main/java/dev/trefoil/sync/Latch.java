package dev.trefoil.sync;

import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.ParkingLot;
import dev.trefoil.hazmat.RunGuard;

/**
 * A count that goes down to 0 and stays there, and that tasks wait for.
 *
 * <pre>{@code
 * Latch started = new Latch(servers.size());
 * for (Server server : servers) {
 *   nursery.spawn(() -> { server.open(); started.countDown(); server.serve(); });
 * }
 * started.await();
 * }</pre>
 *
 * <p>Source: neither Trio nor Curio has one; {@link java.util.concurrent.CountDownLatch}.
 */
public final class Latch {
  private final RunGuard guard = new RunGuard(this);
  private final ParkingLot waiting = new ParkingLot();
  private int count;

  /**
   * Makes a latch.
   *
   * @param count how often it is to be counted down, 0 or more
   * @throws IllegalArgumentException if {@code count} is negative
   */
  public Latch(int count) {
    if (count < 0) {
      throw new IllegalArgumentException("count: expected 0 or more, got " + count);
    }
    this.count = count;
  }

  /**
   * Takes 1 from the count; when it gets to 0 all who wait wake together. Does nothing if it is 0. Any
   * task may, and also code of the run that is no task. Never waits; no checkpoint.
   *
   * @throws IllegalStateException from the wrong thread or run
   */
  public void countDown() {
    guard.require();
    if (count == 1 && !waiting.isEmpty()) {
      waiting.unparkAll();
    }
    // Only now: a fault in the above, such as a stack overflow, must not lose a sleeper.
    if (count > 0) {
      count--;
    }
  }

  /**
   * Waits until the count is 0. A checkpoint.
   *
   * @throws dev.trefoil.hazmat.Cancelled if cancelled before that
   * @throws IllegalStateException from the wrong thread or run
   */
  public void await() {
    guard.requireTask();
    Hazmat.yieldIfCancelled();
    if (count == 0) {
      Hazmat.yieldBrieflyNoCancel();
    } else {
      waiting.park("LATCH_WAIT");
    }
  }

  /**
   * Returns how often it has still to be counted down.
   *
   * @return the count, 0 or more
   */
  public int count() {
    return count;
  }

  /**
   * Returns a snapshot of the latch.
   *
   * @return the statistics
   */
  public LatchStatistics statistics() {
    return new LatchStatistics(count, waiting.size());
  }

  @Override
  public String toString() {
    return Description.of(this, null);
  }
}
