/**
 * Out of a run and back.
 *
 * <ul>
 *   <li>A task runs code that blocks on another thread and waits for it: {@link
 *       dev.trefoil.threads.ToThread}.
 *   <li>Or in another process, which can be stopped in the middle: {@link dev.trefoil.threads.ToProcess}.
 *   <li>Code on such a thread does something in the run, in between: {@link dev.trefoil.threads.FromThread}; or is
 *       written as a task that happens to have a thread: {@link dev.trefoil.threads.AsyncThread}.
 *   <li>A task waits for a queue of {@code java.util.concurrent}: {@link
 *       dev.trefoil.threads.BlockingQueues}.
 *   <li>It uses files, streams and iterators of the JDK: {@link dev.trefoil.threads.io}.
 *   <li>A thread that no task has started enters a run: {@link dev.trefoil.threads.Portal}; code that
 *       knows executors has its work done there: {@link dev.trefoil.threads.NurseryExecutor}.
 *   <li>A task waits for a future of the JDK, or is one to others: {@link
 *       dev.trefoil.threads.Futures}.
 *   <li>A task receives what a publisher sends, or is one: {@link dev.trefoil.threads.FlowReceiver},
 *       {@link dev.trefoil.threads.TaskPublisher}.
 * </ul>
 */
@Export
@KeyboardInterruptProtected
@Version("0.1.0")
@NullMarked
package dev.trefoil.threads;

import dev.trefoil.hazmat.KeyboardInterruptProtected;
import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
