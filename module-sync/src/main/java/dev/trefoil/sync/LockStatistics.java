package dev.trefoil.sync;

import dev.trefoil.hazmat.Task;
import org.jspecify.annotations.Nullable;

/**
 * A snapshot of a {@link Lock}, {@link StrictFIFOLock} or {@link RLock}.
 *
 * <p>Source: Trio's {@code LockStatistics}.
 *
 * @param locked whether it was held
 * @param owner the task that held it, or {@code null}
 * @param tasksWaiting how many tasks waited to acquire it
 */
public record LockStatistics(boolean locked, @Nullable Task<?> owner, int tasksWaiting) {}
