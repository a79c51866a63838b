package dev.trefoil.testing;

import dev.trefoil.hazmat.Hazmat;
import java.time.Duration;

/**
 * Waiting for the other tasks of a test.
 *
 * <p>Source: {@code trio.testing}.
 */
public final class Testing {
  private Testing() {}

  /**
   * Waits until every other task of the run is blocked: the first moment in which no task is
   * runnable. A checkpoint.
   *
   * <p>This is how a test knows that tasks it has started wait where they are meant to wait:
   *
   * <pre>{@code
   * nursery.spawn(() -> lock.acquire());
   * Testing.waitAllTasksBlocked();       // now it waits for the lock, if it has to
   * }</pre>
   *
   * <p>Same as {@link #waitAllTasksBlocked(Duration)} with a cushion of zero.
   *
   * @throws dev.trefoil.hazmat.Cancelled if a scope around the task is cancelled
   */
  public static void waitAllTasksBlocked() {
    waitAllTasksBlocked(Duration.ZERO);
  }

  /**
   * Waits until no task of the run has been runnable for {@code cushion}. A checkpoint.
   *
   * <p>The cushion is real time, whatever the run's clock is. Zero is right unless something outside
   * the run, such as another thread or a socket, is expected to wake a task and needs a moment for
   * it. Tasks that wait here do not count as runnable. Of several, those with the smallest cushion
   * wake first, equal ones together, and that starts the time of the others anew. A deadline that is
   * moved or an entry call that comes meanwhile starts the time anew as well; it does not count as
   * idleness.
   *
   * <p>While any task waits here, no {@link MockClock} of the run jumps by itself.
   *
   * <p>Source: Trio's {@code wait_all_tasks_blocked}.
   *
   * @param cushion real time, zero for the first moment of idleness
   * @throws IllegalArgumentException if {@code cushion} is negative
   * @throws dev.trefoil.hazmat.Cancelled if a scope around the task is cancelled
   */
  public static void waitAllTasksBlocked(Duration cushion) {
    Hazmat.waitUntilIdle(cushion);
  }
}
