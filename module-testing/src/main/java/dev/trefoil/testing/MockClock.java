package dev.trefoil.testing;

import dev.trefoil.hazmat.CancelStatus;
import dev.trefoil.hazmat.Clock;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.Instrument;
import dev.trefoil.hazmat.Run;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A clock for tests: it stands still, or runs as fast as it is told, and jumps on demand or by
 * itself.
 *
 * <p>It starts at 0 when it is made and by default does not move. Three things make it move, and may
 * be combined:
 *
 * <ul>
 *   <li>{@link #jump(Duration)} moves it once.
 *   <li>{@link #setRate(double)} lets it run, at a multiple of real time.
 *   <li>{@link #setAutojumpThreshold(Duration)} lets it jump to the next deadline whenever every task
 *       has been blocked for that long in real time. With a threshold of zero a program that only
 *       sleeps takes no time at all. It does not jump while a task waits in {@link
 *       Testing#waitAllTasksBlocked()}, nor if there is no deadline to jump to.
 * </ul>
 *
 * <p>With autojump, mind what the run cannot see: while tasks wait for another thread or a socket,
 * they all count as blocked, so time may jump before the answer is there. A larger threshold helps.
 *
 * <p>It ends at {@code Long.MAX_VALUE - 1} nanoseconds, some 292 years, and stands still there; it
 * never overflows.
 *
 * <p>Thread-safety: serves one run at a time. From the start to the end of a run it belongs to the
 * run's thread, and everything that moves it is refused elsewhere with {@link
 * IllegalStateException}; before and after that, it belongs to whoever made it. Time goes on from
 * run to run.
 *
 * <p>Source: Trio's {@code MockClock}.
 */
public final class MockClock implements Clock {
  /** The autojump threshold that switches autojump off. */
  public static final Duration NEVER = Duration.ofSeconds(Long.MAX_VALUE);

  private static final long END_OF_TIME = CancelStatus.NO_DEADLINE - 1;

  private volatile @Nullable Run run;
  private double rate;
  private Duration threshold;
  private long thresholdNanos;

  /* The time was `base` when System.nanoTime() was `realBase`. */
  private long base;
  private long realBase = System.nanoTime();

  /** Makes a clock that stands still. */
  public MockClock() {
    this(0, NEVER);
  }

  /**
   * Makes a clock.
   *
   * @param rate see {@link #setRate(double)}
   * @param autojumpThreshold see {@link #setAutojumpThreshold(Duration)}
   * @throws IllegalArgumentException if one of them is negative, or the rate is not finite
   */
  public MockClock(double rate, Duration autojumpThreshold) {
    this.rate = requireRate(rate);
    this.threshold = requireThreshold(autojumpThreshold);
    this.thresholdNanos = saturatedNanos(autojumpThreshold);
  }

  /**
   * Makes a clock that jumps to the next deadline as soon as every task is blocked.
   *
   * @return a clock with rate 0 and autojump threshold zero
   */
  public static MockClock autojump() {
    return new MockClock(0, Duration.ZERO);
  }

  // ---- moving it

  /**
   * Moves the clock forward. Deadlines that pass thereby fire in the next pass of the run's loop.
   * Never suspends; no checkpoint.
   *
   * @param duration how far
   * @throws IllegalArgumentException if {@code duration} is negative: time does not go backwards
   * @throws IllegalStateException on a thread that does not belong to the run that it serves
   */
  public void jump(Duration duration) {
    requireOwnThread("jump");
    if (duration.isNegative()) {
      throw new IllegalArgumentException(
          "duration: expected zero or a positive duration, since time does not go backwards, got "
              + duration);
    }
    base = saturatedSum(base, saturatedNanos(duration));
  }

  /**
   * Returns how fast the clock runs.
   *
   * @return the multiple of real time
   */
  public double rate() {
    return rate;
  }

  /**
   * Sets how fast the clock runs from now on. What time it is does not change.
   *
   * @param rate how many seconds of this clock pass in one real second; 0 stops it
   * @throws IllegalArgumentException if {@code rate} is negative or not finite
   * @throws IllegalStateException on a thread that does not belong to the run that it serves
   */
  public void setRate(double rate) {
    requireOwnThread("change the rate of");
    requireRate(rate);
    long real = System.nanoTime();
    base = timeAt(real);
    realBase = real;
    this.rate = rate;
  }

  /**
   * Returns after how much idleness the clock jumps by itself.
   *
   * @return real time, {@link #NEVER} if it does not
   */
  public Duration autojumpThreshold() {
    return threshold;
  }

  /**
   * Sets after how much real time without a runnable task the clock jumps to the next deadline. Acts
   * at once: the very next time that the run has nothing to do goes by the new threshold.
   *
   * @param threshold real time, zero to jump in the first moment of idleness, {@link #NEVER} not to
   *     jump
   * @throws IllegalArgumentException if {@code threshold} is negative
   * @throws IllegalStateException on a thread that does not belong to the run that it serves
   */
  public void setAutojumpThreshold(Duration threshold) {
    requireOwnThread("change the autojump threshold of");
    this.threshold = requireThreshold(threshold);
    this.thresholdNanos = saturatedNanos(threshold);
  }

  // ---- Clock

  /**
   * {@inheritDoc}
   *
   * @throws IllegalStateException if it serves a run already
   */
  @Override
  public void start() {
    Run other = run;
    if (other != null) {
      throw new IllegalStateException(
          "Expected a MockClock that serves no run, but this one serves "
              + other
              + ". Make one for each run.");
    }
    Run mine = Hazmat.currentRun();
    run = mine;
    mine.addInstrument(
        new Instrument() {
          @Override
          public void afterRun() {
            run = null;
          }
        });
  }

  @Override
  public long now() {
    return timeAt(System.nanoTime());
  }

  @Override
  public long nanosUntil(long deadline) {
    long now = now();
    if (deadline <= now) {
      return 0;
    }
    if (rate == 0 || deadline == CancelStatus.NO_DEADLINE) {
      return Long.MAX_VALUE;
    }
    double distance = (double) deadline - now;
    return (long) Math.ceil(distance / rate);
  }

  @Override
  public long idleThreshold() {
    return thresholdNanos;
  }

  @Override
  public void idle(long nextDeadline) {
    long now = now();
    // With a rate it may have passed by itself meanwhile.
    if (nextDeadline > now) {
      base = saturatedSum(base, nextDeadline - now);
    }
  }

  @Override
  public String toString() {
    return "MockClock(now=" + Duration.ofNanos(now()) + ", rate=" + rate + ")";
  }

  private long timeAt(long real) {
    return rate == 0 ? base : saturatedSum(base, (long) ((real - realBase) * rate));
  }

  // ---- checks

  private void requireOwnThread(String action) {
    Run mine = run;
    if (mine != null && !(Hazmat.inRun() && Hazmat.currentRun() == mine)) {
      throw new IllegalStateException(
          "Cannot "
              + action
              + " this MockClock from thread '"
              + Thread.currentThread().getName()
              + "', which does not belong to "
              + mine
              + ". Enter that run with EntryPoint.callSoonThreadAndSignalSafe.");
    }
  }

  private static double requireRate(double rate) {
    if (!(rate >= 0) || rate == Double.POSITIVE_INFINITY) {
      throw new IllegalArgumentException(
          "rate: expected zero or a positive finite number, got " + rate);
    }
    return rate;
  }

  private static Duration requireThreshold(Duration threshold) {
    Objects.requireNonNull(threshold, "threshold: expected a duration, or MockClock.NEVER");
    if (threshold.isNegative()) {
      throw new IllegalArgumentException(
          "threshold: expected zero or a positive duration, or MockClock.NEVER, got " + threshold);
    }
    return threshold;
  }

  // ---- arithmetic

  private static long saturatedNanos(Duration duration) {
    try {
      return duration.toNanos();
    } catch (ArithmeticException centuries) {
      return Long.MAX_VALUE;
    }
  }

  private static long saturatedSum(long time, long step) {
    return step >= END_OF_TIME - time ? END_OF_TIME : time + step;
  }
}
