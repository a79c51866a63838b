package dev.trefoil.hazmat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * How a run is to be made. Immutable; every method that changes something returns a copy.
 *
 * <p>Source: the keyword arguments of Trio's {@code run}.
 */
public final class RunOptions {
  private static final RunOptions DEFAULTS =
      new RunOptions(null, List.of(), Backend.AUTO, OptionalLong.empty(), Duration.ofSeconds(1));

  private final @Nullable Clock clock;
  private final List<Instrument> instruments;
  private final Backend backend;
  private final OptionalLong seed;
  private final Duration blockedAfter;

  private RunOptions(
      @Nullable Clock clock,
      List<Instrument> instruments,
      Backend backend,
      OptionalLong seed,
      Duration blockedAfter) {
    this.clock = clock;
    this.instruments = instruments;
    this.backend = backend;
    this.seed = seed;
    this.blockedAfter = blockedAfter;
  }

  /**
   * The system's monotonic clock, no instruments, {@link Backend#AUTO}, first-in first-out
   * scheduling, and a warning after one second in which a task has not let others run.
   *
   * @return the defaults
   */
  public static RunOptions defaults() {
    return DEFAULTS;
  }

  /**
   * Uses another clock.
   *
   * @param clock the clock, which must not serve another run at the same time
   * @return changed options
   */
  public RunOptions withClock(Clock clock) {
    Objects.requireNonNull(clock, "clock");
    return new RunOptions(clock, instruments, backend, seed, blockedAfter);
  }

  /**
   * Installs one more instrument from the start.
   *
   * @param instrument the instrument
   * @return changed options
   */
  public RunOptions withInstrument(Instrument instrument) {
    Objects.requireNonNull(instrument, "instrument");
    List<Instrument> more = new ArrayList<>(instruments);
    more.add(instrument);
    return new RunOptions(clock, List.copyOf(more), backend, seed, blockedAfter);
  }

  /**
   * Chooses how tasks are suspended.
   *
   * @param backend the backend; the run refuses to start if it is not available
   * @return changed options
   */
  public RunOptions withBackend(Backend backend) {
    Objects.requireNonNull(backend, "backend");
    return new RunOptions(clock, instruments, backend, seed, blockedAfter);
  }

  /**
   * Runs the tasks of each batch in an order drawn from a seed, and switches at every schedule
   * point, to find code that relies on an order nobody promised. The same seed gives the same
   * order, as far as the program itself does the same.
   *
   * @param seed the seed
   * @return changed options
   */
  public RunOptions withSeed(long seed) {
    return new RunOptions(clock, instruments, backend, OptionalLong.of(seed), blockedAfter);
  }

  /**
   * Sets after how long without a switch a task is reported, with its stack, as blocking the run.
   *
   * @param limit the time, or {@link Duration#ZERO} to switch the watchdog off
   * @return changed options
   */
  public RunOptions withBlockedWarningAfter(Duration limit) {
    if (limit.isNegative()) {
      throw new IllegalArgumentException(
          "limit: expected a positive duration, or zero for no watchdog, got " + limit);
    }
    return new RunOptions(clock, instruments, backend, seed, limit);
  }

  /**
   * Returns the clock.
   *
   * @return the clock, or {@code null} for the system's
   */
  public @Nullable Clock clock() {
    return clock;
  }

  /**
   * Returns the instruments.
   *
   * @return an immutable list
   */
  public List<Instrument> instruments() {
    return instruments;
  }

  /**
   * Returns the backend.
   *
   * @return the backend
   */
  public Backend backend() {
    return backend;
  }

  /**
   * Returns the seed of a random order.
   *
   * @return the seed, or empty for first-in first-out
   */
  public OptionalLong seed() {
    return seed;
  }

  /**
   * Returns after how long a task is reported as blocking the run.
   *
   * @return the time, zero for never
   */
  public Duration blockedWarningAfter() {
    return blockedAfter;
  }
}
