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
          null,
          List.of(),
          Backend.AUTO,
          OptionalLong.empty(),
          Duration.ofSeconds(1),
          null,
          ControlC.IN_MAIN_THREAD,
          false);

  private final @Nullable Clock clock;
  private final List<Instrument> instruments;
  private final Backend backend;
  private final OptionalLong seed;
  private final Duration blockedAfter;
  private final @Nullable SelectorProvider selectorProvider;
  private final ControlC controlC;
  private final boolean keyboardInterruptsRestricted;

  private RunOptions(
      @Nullable Clock clock,
      List<Instrument> instruments,
      Backend backend,
      OptionalLong seed,
      Duration blockedAfter,
      @Nullable SelectorProvider selectorProvider,
      ControlC controlC,
      boolean keyboardInterruptsRestricted) {
    this.clock = clock;
    this.instruments = instruments;
    this.backend = backend;
    this.seed = seed;
    this.blockedAfter = blockedAfter;
    this.selectorProvider = selectorProvider;
    this.controlC = controlC;
    this.keyboardInterruptsRestricted = keyboardInterruptsRestricted;
  }

  /**
   * The system's monotonic clock, no instruments, {@link Backend#AUTO}, first-in first-out
   * scheduling, a warning after one second in which a task has not let others run, and control-C
   * where {@link ControlC#IN_MAIN_THREAD} has it.
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
        controlC,
        keyboardInterruptsRestricted);
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
        controlC,
        keyboardInterruptsRestricted);
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
        controlC,
        keyboardInterruptsRestricted);
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
        controlC,
        keyboardInterruptsRestricted);
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
        clock,
        instruments,
        backend,
        seed,
        limit,
        selectorProvider,
        controlC,
        keyboardInterruptsRestricted);
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
        clock,
        instruments,
        backend,
        seed,
        blockedAfter,
        provider,
        controlC,
        keyboardInterruptsRestricted);
  }

  /**
   * Lets control-C interrupt the run in whatever thread it is run, as long as it is driven, and not
   * only in the main thread of the program; see {@link ControlC}.
   *
   * @return changed options
   */
  public RunOptions withKeyboardInterrupts() {
    return with(ControlC.IN_ANY_THREAD, keyboardInterruptsRestricted);
  }

  /**
   * Leaves control-C to whoever else takes it, also if the run is run in the main thread of the
   * program. If nobody does, it ends the process, and no {@code finally} of a task is executed.
   *
   * @return changed options
   */
  public RunOptions withoutKeyboardInterrupts() {
    return with(ControlC.NOT_TAKEN, keyboardInterruptsRestricted);
  }

  /**
   * Restricts keyboard interrupts to cancel points of the main task, as if all tasks were protected
   * all the time; see {@link KeyboardInterrupts}. A main task that passes no cancel point is then not
   * interrupted. Whether control-C reaches the run at all is not changed by this.
   *
   * <p>Source: Trio's {@code restrict_keyboard_interrupt_to_checkpoints}.
   *
   * @return changed options
   */
  public RunOptions withKeyboardInterruptsRestrictedToCheckpoints() {
    return with(controlC, true);
  }

  private RunOptions with(ControlC newControlC, boolean newKeyboardInterruptsRestricted) {
    return new RunOptions(
        clock,
        instruments,
        backend,
        seed,
        blockedAfter,
        selectorProvider,
        newControlC,
        newKeyboardInterruptsRestricted);
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
   * Returns where the run has to be run for control-C to interrupt it.
   *
   * @return where
   */
  public ControlC controlC() {
    return controlC;
  }

  /**
   * Returns whether keyboard interrupts come at cancel points of the main task only.
   *
   * @return false if they may also come between them, in code that is not protected
   */
  public boolean keyboardInterruptsRestrictedToCheckpoints() {
    return keyboardInterruptsRestricted;
  }
}
