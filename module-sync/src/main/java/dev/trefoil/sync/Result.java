package dev.trefoil.sync;

import dev.trefoil.hazmat.Outcome;
import org.jspecify.annotations.Nullable;

/**
 * A value, or an error, that comes later, once: an {@link Event} that brings something.
 *
 * <pre>{@code
 * Result<Config> config = new Result<>();
 * nursery.spawn(() -> config.setValue(load()));
 * nursery.spawn(() -> serve(config.await()));
 * }</pre>
 *
 * <p>Source: Curio's {@code Result}.
 *
 * @param <T> the type of the value
 */
public final class Result<T extends @Nullable Object> {
  private final Event event = new Event();
  private @Nullable Outcome<T> outcome;

  /** Makes a result that is not there yet. */
  public Result() {}

  /**
   * Returns whether the result is there.
   *
   * @return true for ever, once it was set
   */
  public boolean isSet() {
    return outcome != null;
  }

  /**
   * Sets the value, and wakes all who wait for it. Never waits; no checkpoint.
   *
   * @param value the value
   * @throws IllegalStateException if the result is there already, or from the wrong thread or run
   */
  public void setValue(T value) {
    set(Outcome.of(value));
  }

  /**
   * Sets an error in place of the value, and wakes all who wait for it. Never waits; no checkpoint.
   *
   * @param error what {@link #await()} throws
   * @throws IllegalStateException if the result is there already, or from the wrong thread or run
   */
  public void setException(Throwable error) {
    set(Outcome.failure(error));
  }

  private void set(Outcome<T> made) {
    if (outcome != null) {
      throw new IllegalStateException(
          this + " is there already and cannot be set again. Make a new Result for the next one.");
    }
    event.set();
    outcome = made;
  }

  /**
   * Waits until the result is there, and returns it. A checkpoint. Any number of tasks may, any number
   * of times.
   *
   * <p>Source: Curio's {@code Result.unwrap}.
   *
   * @return the value; if an error was set, that is thrown as it is, the very same object to all
   * @throws dev.trefoil.hazmat.Cancelled if cancelled before it was there
   * @throws IllegalStateException from the wrong thread or run
   */
  public T await() {
    event.await();
    Outcome<T> made = outcome;
    if (made == null) {
      throw new AssertionError("woken without an outcome");
    }
    return made.unwrap();
  }

  /**
   * Returns the result if it is there. Does not wait.
   *
   * @return the value or the error, or {@code null}
   */
  public @Nullable Outcome<T> outcome() {
    return outcome;
  }

  /**
   * Returns how many tasks wait for the result.
   *
   * @return the statistics of the event of its arrival
   */
  public EventStatistics statistics() {
    return event.statistics();
  }

  @Override
  public String toString() {
    return Description.of(this, null);
  }
}
