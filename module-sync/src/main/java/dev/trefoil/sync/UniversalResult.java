package dev.trefoil.sync;

import dev.trefoil.hazmat.KeyboardInterrupts;
import dev.trefoil.hazmat.Outcome;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A value, or an error, that comes later, once, from a task or a thread to tasks of any number of runs and
 * threads without one. A task that waits for it suspends, a thread blocks.
 *
 * <pre>{@code
 * UniversalResult<String> line = new UniversalResult<>();
 * Thread.ofPlatform().start(() -> line.setValue(readLine()));
 * nursery.spawn(() -> System.out.println(line.await()));
 * }</pre>
 *
 * <p>Thread-safety: for all threads, inside and outside of runs. All that the setter did before is
 * visible to those that got the result.
 *
 * <p>Source: Curio's {@code UniversalResult}.
 *
 * @param <T> the type of the value
 */
public final class UniversalResult<T extends @Nullable Object> {
  private final UniversalEvent event = new UniversalEvent();

  /** Decided before the event is set, and there for everybody from that moment on. */
  private final AtomicReference<@Nullable Outcome<T>> outcome = new AtomicReference<>();

  /** Makes a result that is not there yet. */
  public UniversalResult() {}

  /**
   * Returns whether the result is there.
   *
   * @return true for ever, once it was set
   */
  public boolean isSet() {
    return event.isSet();
  }

  /**
   * Sets the value, and wakes all who wait for it. Never waits; no checkpoint.
   *
   * @param value the value
   * @throws IllegalStateException if the result is there already
   */
  public void setValue(T value) {
    set(Outcome.of(value));
  }

  /**
   * Sets an error in place of the value, and wakes all who wait for it. Never waits; no checkpoint.
   *
   * @param error what {@link #await()} throws
   * @throws IllegalStateException if the result is there already
   */
  public void setException(Throwable error) {
    set(Outcome.failure(error));
  }

  private void set(Outcome<T> made) {
    KeyboardInterrupts.enter();
    boolean isFirst = outcome.compareAndSet(null, made);
    event.set(); // also by one who is too late: that it is there must be so when it is said
    if (!isFirst) {
      throw new IllegalStateException(
          this
              + " is there already and cannot be set again. Make a new UniversalResult for the next"
              + " one.");
    }
  }

  /**
   * Waits until the result is there, and returns it: in a task a checkpoint, elsewhere the thread
   * blocks. Anybody may, any number of times.
   *
   * <p>Source: Curio's {@code UniversalResult.unwrap}.
   *
   * @return the value; if an error was set, that is thrown as it is, the very same object to all
   * @throws InterruptedException if a thread without a run is interrupted when it calls this, or while
   *     it waits; never in a task
   * @throws dev.trefoil.hazmat.Cancelled if a task is cancelled when it calls this, or while it waits
   * @throws IllegalStateException in code of a run that is no task, such as an entry call
   */
  public T await() throws InterruptedException {
    event.await();
    Outcome<T> made = outcome.get();
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
    return event.isSet() ? outcome.get() : null;
  }

  /**
   * Returns how many tasks and threads wait for the result.
   *
   * @return the statistics of the event of its arrival
   */
  public UniversalEventStatistics statistics() {
    return event.statistics();
  }

  @Override
  public String toString() {
    return Description.of(this, null);
  }
}
