package dev.trefoil.sync;

import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.ParkingLot;
import dev.trefoil.hazmat.RunGuard;

/**
 * A flag that tasks wait for.
 *
 * <pre>{@code
 * Event ready = new Event();
 * nursery.spawn(() -> { ready.await(); System.out.println("go"); });
 * ready.set();
 * }</pre>
 *
 * <p>{@link #set()} wakes all who wait at that moment, and a {@link #clear()} that follows at once does
 * not put them to sleep again: they return, and may find the event unset. To wait for something that
 * comes and goes use {@link Condition}; where an event is set once and never cleared there is nothing
 * to think about.
 *
 * <p>Source: Trio's and Curio's {@code Event}.
 */
public final class Event {
  private final RunGuard guard = new RunGuard(this);
  private final ParkingLot waiting = new ParkingLot();
  private boolean set;

  /** Makes an event that is not set. */
  public Event() {}

  /**
   * Returns whether the event is set.
   *
   * @return true from {@link #set()} until {@link #clear()}
   */
  public boolean isSet() {
    return set;
  }

  /**
   * Sets the event and wakes all who wait for it. Does nothing if it is set. Never waits; no checkpoint.
   *
   * @throws IllegalStateException from the wrong thread or run
   */
  public void set() {
    guard.require();
    set = true;
    if (!waiting.isEmpty()) {
      waiting.unparkAll();
    }
  }

  /**
   * Makes the event unset, so that who waits from now on waits for the next {@link #set()}. Those whom
   * an earlier one has woken are not affected. Never waits; no checkpoint.
   *
   * <p>Source: Curio's {@code Event.clear}; Trio has none.
   *
   * @throws IllegalStateException from the wrong thread or run
   */
  public void clear() {
    guard.require();
    set = false;
  }

  /**
   * Waits until the event is set. A checkpoint. All who wait wake together.
   *
   * <p>Source: {@code Event.wait}.
   *
   * @throws dev.trefoil.hazmat.Cancelled if cancelled before the event was set
   * @throws IllegalStateException from the wrong thread or run
   */
  public void await() {
    if (set && guard.tryCheckpoint() != null) {
      return;
    }
    guard.requireTask();
    Hazmat.yieldIfCancelled();
    if (set) {
      Hazmat.yieldBrieflyNoCancel();
    } else {
      waiting.park("EVENT_WAIT");
    }
  }

  /**
   * Returns a snapshot of counters.
   *
   * @return the statistics
   */
  public EventStatistics statistics() {
    return new EventStatistics(set, waiting.size());
  }

  @Override
  public String toString() {
    return Description.of(this, null);
  }
}
