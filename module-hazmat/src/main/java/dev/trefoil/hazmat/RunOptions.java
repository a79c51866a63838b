package dev.trefoil.hazmat;

import java.nio.channels.spi.SelectorProvider;
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
      new RunOptions(
          null, List.of(), Backend.AUTO, OptionalLong.empty(), Duration.ofSeconds(1), null, false);

  private final @Nullable Clock clock;
  private final List<Instrument> instruments;
  private final Backend backend;
  private final OptionalLong seed;
  private final Duration blockedAfter;
  private final @Nullable SelectorProvider selectorProvider;
  private final boolean keyboardInterruptAtCheckpoints;

  private RunOptions(
      @Nullable Clock clock,
      List<Instrument> instruments,
      Backend backend,
      OptionalLong seed,
      Duration blockedAfter,
      @Nullable SelectorProvider selectorProvider,
      boolean keyboardInterruptAtCheckpoints) {
    this.clock = clock;
    this.instruments = instruments;
    this.backend = backend;
    this.seed = seed;
    this.blockedAfter = blockedAfter;
    this.selectorProvider = selectorProvider;
    this.keyboardInterruptAtCheckpoints = keyboardInterruptAtCheckpoints;
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
    return new RunOptions(
        clock,
        instruments,
        backend,
        seed,
        blockedAfter,
        selectorProvider,
        keyboardInterruptAtCheckpoints);
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
    return new RunOptions(
        clock,
        List.copyOf(more),
        backend,
        seed,
        blockedAfter,
        selectorProvider,
        keyboardInterruptAtCheckpoints);
  }

  /**
   * Chooses how tasks are suspended.
   *
   * @param backend the backend; the run refuses to start if it is not available
   * @return changed options
   */
  public RunOptions withBackend(Backend backend) {
    Objects.requireNonNull(backend, "backend");
    return new RunOptions(
        clock,
        instruments,
        backend,
        seed,
        blockedAfter,
        selectorProvider,
        keyboardInterruptAtCheckpoints);
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
    return new RunOptions(
        clock,
        instruments,
        backend,
        OptionalLong.of(seed),
        blockedAfter,
        selectorProvider,
        keyboardInterruptAtCheckpoints);
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
    return new RunOptions(
        clock, instruments, backend, seed, limit, selectorProvider, keyboardInterruptAtCheckpoints);
  }

  /**
   * Opens the selector that channels are waited for with from somebody else's provider. The run opens
   * one when it first waits for a channel, and closes it when it ends.
   *
   * <p>Source: the argument {@code selector} of Curio's {@code Kernel}.
   *
   * @param provider opens selectors that channels of the program can be registered with
   * @return changed options
   */
  public RunOptions withSelectorProvider(SelectorProvider provider) {
    Objects.requireNonNull(provider, "provider");
    return new RunOptions(
        clock, instruments, backend, seed, blockedAfter, provider, keyboardInterruptAtCheckpoints);
  }

  /**
   * Makes control-C interrupt the program where it expects it: while the run is driven, SIGINT
   * raises {@link KeyboardInterrupt} in the main task at its next cancel point, ahead of all cancel
   * scopes and shields, as {@link Run#raiseKeyboardInterrupt()} does. A main task that passes no cancel
   * point is not interrupted.
   *
   * <p>Without this, control-C does what it does in any Java program: it ends the process, and no
   * {@code finally} of a task is executed.
   *
   * <p>The handler of SIGINT is left as it is if the program has set one or the process ignores the
   * signal, and is put back afterwards. Several runs with this option are all interrupted.
   *
   * <p>Source: Trio's {@code restrict_keyboard_interrupt_to_checkpoints}.
   *
   * @return changed options
   */
  public RunOptions withKeyboardInterruptAtCheckpoints() {
    return new RunOptions(clock, instruments, backend, seed, blockedAfter, selectorProvider, true);
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

  /**
   * Returns who opens selectors.
   *
   * @return the provider, or {@code null} for the platform's
   */
  public @Nullable SelectorProvider selectorProvider() {
    return selectorProvider;
  }

  /**
   * Returns whether control-C is delivered to the main task.
   *
   * @return true if it is raised at the main task's cancel points
   */
  public boolean keyboardInterruptAtCheckpoints() {
    return keyboardInterruptAtCheckpoints;
  }
}
