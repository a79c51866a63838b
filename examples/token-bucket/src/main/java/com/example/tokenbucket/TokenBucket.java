package com.example.tokenbucket;

import dev.trefoil.hazmat.Cancelled;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.ParkingLot;
import dev.trefoil.hazmat.Run;

/**
 * Limits a rate: a bucket that fills with tokens as time goes by, up to its capacity, and from which
 * tasks take them.
 *
 * <p>Fair: tasks are served in the order in which they came, so one that wants many tokens is not
 * passed by those that want few. A task that is cancelled while it waits has taken nothing, and the
 * next in line takes its place.
 *
 * <p>For the tasks of the run that it was made in. Anywhere else its methods throw {@link
 * IllegalStateException}.
 */
public final class TokenBucket {
  private final Run run = Hazmat.currentRun();
  private final ParkingLot line = new ParkingLot();
  private final int capacity;
  private final long nanosPerToken;

  /** The whole content: the time at which it was empty, had it been filling ever since. */
  private long emptyAt;

  /** Whether a task sleeps until its tokens are there; the others stand in line behind it. */
  private boolean frontIsTaken;

  /**
   * Makes a full bucket.
   *
   * @param capacity how many tokens it holds, at least 1
   * @param tokensPerSecond how fast it fills, to the nanosecond per token, on the run's clock
   * @throws IllegalArgumentException if the capacity is not positive, or if the rate is not, or is
   *     above 1e9, or fills the bucket in more than 95 years
   */
  public TokenBucket(int capacity, double tokensPerSecond) {
    double nanos = 1e9 / tokensPerSecond;
    if (capacity < 1 || !(nanos >= 1 && nanos * capacity <= 3e18)) {
      throw new IllegalArgumentException(
          "expected a capacity of 1 or more and a rate of up to 1e9 that fills it in 95 years, got "
              + (capacity + " and " + tokensPerSecond));
    }
    this.capacity = capacity;
    this.nanosPerToken = Math.round(nanos);
    this.emptyAt = run.clock().now() - capacity * nanosPerToken;
  }

  /** When so many tokens are there, if nobody takes any before. */
  private long timeOf(int tokens) {
    if (Hazmat.currentRun() != run) {
      throw new IllegalStateException(
          "This bucket belongs to " + run + " and cannot be used in " + Hazmat.currentRun());
    }
    if (tokens < 1 || tokens > capacity) {
      throw new IllegalArgumentException(
          "tokens: expected 1 to the capacity, " + capacity + ", got " + tokens);
    }
    emptyAt = Math.max(emptyAt, run.clock().now() - capacity * nanosPerToken);
    return emptyAt + tokens * nanosPerToken;
  }

  /**
   * Takes tokens if they are there and nobody waits. Never waits; no checkpoint.
   *
   * @param tokens how many, from 1 to the capacity
   * @return whether they were taken
   * @throws IllegalArgumentException if there can never be so many
   */
  public boolean tryAcquire(int tokens) {
    long time = timeOf(tokens);
    if (frontIsTaken || time > run.clock().now()) {
      return false;
    }
    emptyAt = time;
    return true;
  }

  /**
   * Takes tokens, waiting until they are there and everybody who came earlier has been served. A
   * checkpoint; if it raises {@link Cancelled}, nothing was taken.
   *
   * @param tokens how many, from 1 to the capacity
   * @throws IllegalArgumentException if there can never be so many
   */
  public void acquire(int tokens) {
    Hazmat.yieldIfCancelled();
    if (tryAcquire(tokens)) {
      Hazmat.yieldBrieflyNoCancel();
      return;
    }
    if (frontIsTaken) {
      line.park("TOKEN_WAIT");
    }
    frontIsTaken = true;
    try {
      Hazmat.sleepUntil("TOKEN_WAIT", timeOf(tokens));
      emptyAt = timeOf(tokens);
    } finally {
      frontIsTaken = line.unpark() != null;
    }
  }
}
