/**
 * The blocking streams, files and iterators of the JDK, for tasks.
 *
 * <p>A task is plain Java and may suspend anywhere, so nothing here has a new face: these are the types
 * of the JDK themselves, whose blocking part is done on a thread while only the calling task waits. What
 * takes an {@link java.io.InputStream}, a {@link java.nio.file.Path}, an {@link java.lang.Iterable}
 * takes these as well.
 *
 * <ul>
 *   <li>A path, with all of {@link java.nio.file.Files}: {@link dev.trefoil.threads.io.AsyncPath}.
 *   <li>An open file with a position: {@link dev.trefoil.threads.io.AsyncFile}.
 *   <li>What is open already: {@link dev.trefoil.threads.io.AsyncInputStream}, {@link
 *       dev.trefoil.threads.io.AsyncOutputStream}, {@link dev.trefoil.threads.io.AsyncReader}, {@link
 *       dev.trefoil.threads.io.AsyncWriter}.
 *   <li>What is iterated: {@link dev.trefoil.threads.io.AsyncIterable}.
 * </ul>
 *
 * <p>What holds for all of them:
 *
 * <ul>
 *   <li>What may block is a checkpoint in a task. Outside of runs, on a thread that {@link
 *       dev.trefoil.threads.ToThread} gave or any other, it blocks that thread, as the original does.
 *   <li>On entry a cancellation is as everywhere: nothing has happened. Later the task waits for its
 *       thread all the same, and what it got is returned; the cancellation comes at the next
 *       checkpoint. Where something else can be had, it is said there.
 *   <li>{@code close} always closes: when cancelled too, and without waiting for a limiter's token. Only
 *       then it raises.
 *   <li>One operation at a time. A second one gets {@link dev.trefoil.hazmat.ResourceBusy}, {@code
 *       close} excepted: whether an operation of the original that is going on ends thereby is the
 *       original's business. Channels, files and sockets end it.
 *   <li>Threads come from {@link dev.trefoil.threads.ToThread#runInThread}, with its limiter, and see the
 *       context of the task. Which thread it is may change from one operation to the next.
 *   <li>They belong to no run, and may outlive one.
 * </ul>
 */
@Export
@KeyboardInterruptProtected
@Version("0.1.0")
@NullMarked
package dev.trefoil.threads.io;

import dev.trefoil.hazmat.KeyboardInterruptProtected;
import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
