/**
 * What applications write their tasks with.
 *
 * <p>By need:
 *
 * <ul>
 *   <li>To start: {@link dev.trefoil.tasks.Trefoil#run(dev.trefoil.hazmat.Action)}.
 *   <li>To have tasks that stand on their own, as in Curio: {@link dev.trefoil.tasks.Kernel}.
 *   <li>To do things at the same time: {@link dev.trefoil.tasks.Nursery}.
 *   <li>To give up, in time or on demand: {@link dev.trefoil.tasks.CancelScope}.
 *   <li>To wait for time to pass: {@link dev.trefoil.tasks.Trefoil#sleep}.
 *   <li>To handle several failures at once: {@link dev.trefoil.tasks.ExceptionGroup}.
 *   <li>To have values without passing them around: {@link dev.trefoil.tasks.TaskLocal}, {@link
 *       dev.trefoil.tasks.RunLocal}.
 * </ul>
 *
 * <p>Everything here is built on {@link dev.trefoil.hazmat}, whose package documentation defines the
 * words (task, checkpoint, cancel scope and so on) and says what a run's thread is.
 *
 * <p>Scoped values bound with {@link java.lang.ScopedValue} belong to the task that bound them: they
 * are neither seen by other tasks nor handed to tasks it spawns. {@link
 * dev.trefoil.tasks.TaskLocal} is.
 */
@Export
@Version("0.1.0")
@NullMarked
package dev.trefoil.tasks;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
