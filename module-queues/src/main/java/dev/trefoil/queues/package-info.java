/**
 * Queues and channels between tasks.
 *
 * <p>By need:
 *
 * <ul>
 *   <li>To hand out work and know when it is done: {@link dev.trefoil.queues.Queue}, {@link
 *       dev.trefoil.queues.LifoQueue}, {@link dev.trefoil.queues.PriorityQueue}.
 *   <li>For a stream of items that ends: {@link dev.trefoil.queues.MemoryChannel}.
 *   <li>To produce items one by one as they are asked for: {@link dev.trefoil.queues.SafeChannel}.
 *   <li>To take everything there is at once: {@link dev.trefoil.queues.UnboundedQueue}.
 *   <li>Between threads and tasks: {@link dev.trefoil.queues.UniversalQueue}.
 *   <li>To wait for the first of several: {@link dev.trefoil.queues.Select}.
 * </ul>
 *
 * <p>Everything that can wait is a checkpoint, even when it need not wait; what ends in {@code Nowait}
 * never waits and is none. If an operation raises {@link dev.trefoil.hazmat.Cancelled} it did not
 * happen. Everything is fair: who has waited longest is served first, and nobody overtakes.
 */
@Export
@KeyboardInterruptProtected
@Version("0.1.0")
@NullMarked
package dev.trefoil.queues;

import dev.trefoil.hazmat.KeyboardInterruptProtected;
import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
