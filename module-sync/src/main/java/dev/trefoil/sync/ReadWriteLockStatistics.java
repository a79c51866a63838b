package dev.trefoil.sync;

import dev.trefoil.hazmat.Task;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A snapshot of a {@link ReadWriteLock}.
 *
 * @param writer the task that held the write side, or {@code null}
 * @param readers the tasks that held the read side, in no particular order
 * @param writersWaiting how many tasks waited for the write side
 * @param readersWaiting how many tasks waited for the read side
 */
public record ReadWriteLockStatistics(
    @Nullable Task<?> writer, List<Task<?>> readers, int writersWaiting, int readersWaiting) {
  /** Makes the list unmodifiable. */
  public ReadWriteLockStatistics {
    readers = List.copyOf(readers);
  }
}
