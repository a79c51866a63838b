/**
 * What tasks coordinate themselves with.
 *
 * <p>By need:
 *
 * <ul>
 *   <li>To tell that something has happened: {@link dev.trefoil.sync.Event}; with a value {@link
 *       dev.trefoil.sync.Result}; after several such things {@link dev.trefoil.sync.Latch}.
 *   <li>To have something to oneself: {@link dev.trefoil.sync.Lock}, {@link
 *       dev.trefoil.sync.StrictFIFOLock}, {@link dev.trefoil.sync.RLock}; or share it among readers:
 *       {@link dev.trefoil.sync.ReadWriteLock}.
 *   <li>To wait, with a lock, until what it guards has changed: {@link dev.trefoil.sync.Condition}.
 *   <li>To let a limited number in: {@link dev.trefoil.sync.CapacityLimiter}, which knows who has what
 *       and can be resized; {@link dev.trefoil.sync.Semaphore} and {@link
 *       dev.trefoil.sync.BoundedSemaphore}, which only count.
 *   <li>To go on together: {@link dev.trefoil.sync.Barrier}.
 *   <li>To reach across threads and runs: {@link dev.trefoil.sync.UniversalEvent}, {@link
 *       dev.trefoil.sync.UniversalResult}.
 * </ul>
 *
 * <h2>What holds for all of them</h2>
 *
 * <ul>
 *   <li><b>Checkpoints.</b> Every operation that may have to wait ({@code acquire}, {@code await}) is a
 *       checkpoint, whether it waits or not, and also if it refuses what it was asked for. All others
 *       neither suspend nor are checkpoints: what releases never waits.
 *   <li><b>Cancellation.</b> An operation that raises {@link dev.trefoil.hazmat.Cancelled}, or any other
 *       error, did not happen, and the task leaves no trace in the queue it waited in. ({@link
 *       dev.trefoil.sync.Condition#await()} is the exception, and says so.) A task that was given what
 *       it waited for keeps it: if it is cancelled after that, the operation returns all the same, and
 *       the next checkpoint raises.
 *   <li><b>Fairness.</b> What is released is handed to the task that has waited longest, before anybody
 *       else can see it free. Nobody overtakes: not a newcomer, and not by {@code tryAcquire}.
 *   <li><b>Threads and runs.</b> All but the universal ones are for the tasks of one run at a time: the
 *       run that uses one first, until that run has ended. Threads without a run, and tasks of another
 *       one, are refused with {@link java.lang.IllegalStateException}, as far as the operation changes
 *       anything. Questions such as {@code isLocked} and {@code statistics} are answered everywhere,
 *       but only on the run's own thread is the answer sure to be current.
 * </ul>
 */
@Export
@KeyboardInterruptProtected
@Version("0.1.0")
@NullMarked
package dev.trefoil.sync;

import dev.trefoil.hazmat.KeyboardInterruptProtected;
import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
