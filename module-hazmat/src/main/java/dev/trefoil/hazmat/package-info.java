/**
 * The hazmat SPI, for authors of primitives. It is supported: it is documented, tested and versioned
 * like everything else, and Trefoil's own nurseries, locks, queues and sockets are built on it with
 * no private access. It is called hazmat because it hands out what the rest of Trefoil keeps safely
 * contained: with it one can write a new kind of lock in fifty lines, and with it one can put a task
 * to sleep that nobody ever wakes. If the primitive you need exists, use that.
 *
 * <h2>Who needs what</h2>
 *
 * <ul>
 *   <li>To make tasks wait for each other: {@link dev.trefoil.hazmat.ParkingLot}, and the checkpoint
 *       pattern below.
 *   <li>To wait for something of another kind (a callback, a device, a thread): {@link
 *       dev.trefoil.hazmat.Hazmat#yieldIndefinitely(AbortFunction)}, {@link
 *       dev.trefoil.hazmat.Hazmat#reschedule(Task, Outcome)} and {@link
 *       dev.trefoil.hazmat.EntryPoint}.
 *   <li>To wait for time to pass: {@link dev.trefoil.hazmat.Hazmat#sleepUntil(String, long)}.
 *   <li>To do I/O: {@link dev.trefoil.hazmat.Hazmat#waitSocketReadable} and its siblings.
 *   <li>To get signals of the operating system: {@link dev.trefoil.hazmat.Hazmat#watchSignal}.
 *   <li>To make a kind of nursery or scope: {@link dev.trefoil.hazmat.TaskSpec}, {@link
 *       dev.trefoil.hazmat.TaskOwner} and {@link dev.trefoil.hazmat.CancelStatus}.
 *   <li>To observe: {@link dev.trefoil.hazmat.Instrument}, {@link dev.trefoil.hazmat.Run}.
 *   <li>To write a kernel: {@link dev.trefoil.hazmat.KernelOperations}, {@link
 *       dev.trefoil.hazmat.KernelProvider}.
 * </ul>
 *
 * <h2>Words</h2>
 *
 * <p>A <b>task</b> executes a body, in <b>steps</b>: a step is what it does between two switches. A
 * <b>run</b> is one life of a kernel. A <b>schedule point</b> lets other tasks run, a <b>cancel
 * point</b> raises {@link dev.trefoil.hazmat.Cancelled} if a scope around the task is cancelled, and
 * a <b>checkpoint</b> is both. To <b>park</b> is to sleep in a lot until <b>unparked</b>; to
 * <b>reschedule</b> is to wake any sleeper with an <b>outcome</b>; to <b>abort</b> is to undo a
 * sleep so that a cancellation can be delivered. Between two checkpoints no other task of the same
 * run executes.
 *
 * <p>All tasks of a run share one thread of execution. Thread-locals are therefore shared or, with
 * virtual threads, not: use a task local. Monitors and thread-owned locks exclude other threads, not
 * other tasks; never hold one across a checkpoint.
 *
 * <h2>The checkpoint pattern</h2>
 *
 * <p>An operation that may or may not have to wait is a checkpoint in either case, and if it raises
 * {@code Cancelled} it did not happen:
 *
 * <pre>{@code
 * Item take() {
 *   Hazmat.yieldIfCancelled();          // may raise, nothing has happened yet
 *   Item item = items.poll();
 *   if (item == null) {
 *     return lot.park("TAKE");          // waits: a checkpoint by itself
 *   }
 *   Hazmat.yieldBrieflyNoCancel();      // has happened: let others run, but do not raise
 *   return item;
 * }
 *
 * void put(Item item) {                 // never waits
 *   if (lot.unpark(Outcome.of(item)) == null) {
 *     items.add(item);
 *   }
 * }
 * }</pre>
 *
 * <p>If the attempt fails with an error, call {@code yieldBrieflyNoCancel} before letting the error
 * out, so that a loop of failing attempts starves nobody.
 *
 * <h2>The abort protocol</h2>
 *
 * <p>Each sleep is owed exactly one reschedule. If the scope around a sleeper is cancelled, its abort
 * function is called, at most once per sleep. It undoes the arrangement and answers {@code
 * SUCCEEDED}, which counts as the reschedule; or it answers {@code FAILED}, and the debt stands. For
 * example, waiting for a callback that can be unregistered:
 *
 * <pre>{@code
 * Reply await(Request request) {
 *   Task<?> task = Hazmat.currentTask();                        // capture it here, not in abort
 *   EntryPoint entry = Hazmat.currentCallSoonThreadAndSignalSafe();
 *   Handle handle = client.send(request, reply ->               // called on some other thread
 *       entry.callSoonThreadAndSignalSafe(() -> Hazmat.reschedule(task, Outcome.of(reply))));
 *   return Hazmat.yieldIndefinitely("REPLY_WAIT", raiseCancel ->
 *       handle.unregister() ? Abort.SUCCEEDED : Abort.FAILED);  // too late: the reply is coming
 * }
 * }</pre>
 *
 * <p>An operation that can be cancelled, but learns only later whether it was, answers {@code FAILED},
 * keeps {@code raiseCancel}, and when the answer is there either reschedules the task with {@code
 * Outcome.capture(raiseCancel::raise)} or lets the woken task call it.
 *
 * <p>An abort function that throws, or claims success for a sleep that has already been rescheduled,
 * ends the run with a {@link dev.trefoil.hazmat.KernelError} that names the sleeper.
 */
@Export
@KeyboardInterruptProtected
@Version("0.1.0")
@NullMarked
package dev.trefoil.hazmat;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
