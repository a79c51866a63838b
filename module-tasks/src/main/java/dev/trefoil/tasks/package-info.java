/**
 * What applications write their tasks with.
 *
 * <p>By need:
 *
 * <ul>
 *   <li>To start: {@link dev.trefoil.tasks.Trefoil#run(dev.trefoil.hazmat.Action)}.
 *   <li>To have tasks that stand on their own, as in Curio: {@link dev.trefoil.tasks.Kernel}.
 *   <li>To do things at the same time: {@link dev.trefoil.tasks.Nursery}.
 *   <li>To wait for all, the first or any of several, and look at results one by one: {@link
 *       dev.trefoil.tasks.TaskGroup}.
 *   <li>To give up, in time or on demand: {@link dev.trefoil.tasks.CancelScope}; as in Curio: {@link
 *       dev.trefoil.tasks.Timeout}, {@link dev.trefoil.tasks.Cancellation}.
 *   <li>To wait for time to pass: {@link dev.trefoil.tasks.Trefoil#sleep}.
 *   <li>To handle several failures at once: {@link dev.trefoil.tasks.ExceptionGroup}.
 *   <li>To have values without passing them around: {@link dev.trefoil.tasks.TaskLocal}, {@link
 *       dev.trefoil.tasks.RunLocal}.
 * </ul>
 *
 * <p>Everything here is built on {@link dev.trefoil.hazmat}, whose package documentation defines the
 * words (task, checkpoint, cancel scope and so on) and says what a run's thread is.
 *
 * <h2>Scopes, timeouts and the cancelling of one task together</h2>
 *
 * <p>Scopes are levels: once cancelled, every cancel point inside raises, until the scope is left. What
 * a {@link dev.trefoil.tasks.Timeout} raises and what {@link dev.trefoil.hazmat.Task#cancel()} and
 * {@link dev.trefoil.hazmat.Task#interrupt()} raise are edges: they come once. However they are nested,
 * a cancel point goes by one rule, and raises the first of these that there is:
 *
 * <ol>
 *   <li>in the main task, a pending {@link dev.trefoil.hazmat.KeyboardInterrupt};
 *   <li>{@link dev.trefoil.hazmat.Cancelled}, if a scope around it is cancelled;
 *   <li>the edge that is meant for the task as a whole;
 *   <li>of the timeouts around it whose time is over, the edge of the outermost; those further inside
 *       are dropped with that.
 * </ol>
 *
 * <p>Only scopes reach the tasks that were spawned inside: an edge is for the one task that it was sent
 * to, or that opened the timeout. A shield hides the second to the fourth as far as they come from
 * outside of it. An edge that is
 * not raised yet waits: behind a shield, or until the cancelled scope has been left. What is raised
 * goes out as exceptions do. A scope catches the {@code Cancelled} of scopes if it is cancelled itself
 * and nothing outside cancels as well; a timeout catches its own edge; that of {@code Task.cancel} is
 * caught by the end of the task. What does not get there is gone if it was an edge: caught on its
 * way, or replaced, as by a {@code finally} that throws. A level comes again.
 *
 * <p>Scoped values bound with {@link java.lang.ScopedValue} belong to the task that bound them: they
 * are neither seen by other tasks nor handed to tasks it spawns. {@link
 * dev.trefoil.tasks.TaskLocal} is.
 */
@Export
@KeyboardInterruptProtected
@Version("0.1.0")
@NullMarked
package dev.trefoil.tasks;

import dev.trefoil.hazmat.KeyboardInterruptProtected;
import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
