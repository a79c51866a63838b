/**
 * Signals of the operating system, received by tasks.
 *
 * <ul>
 *   <li>To take each signal that comes: {@link dev.trefoil.signals.SignalSet}, Curio's. It also lets
 *       signals be ignored for a while.
 *   <li>To learn that a signal has come, once if it came several times before you looked: {@link
 *       dev.trefoil.signals.SignalReceiver}, Trio's. What it has not handed out at its end has the
 *       effect that it would have had without it.
 * </ul>
 *
 * <h2>What holds for both</h2>
 *
 * <ul>
 *   <li><b>The process.</b> Signals come to the process, not to a run: of all sets and receivers in it
 *       that watch a signal each gets its own copy. The first takes the place of the handler that was
 *       there, be it the program's, the JVM's or the system's default; when the last is gone it is put
 *       back, unless the program has set another meanwhile.
 *   <li><b>Every run.</b> In Python only the main thread receives signals. That is a restriction of
 *       CPython; here any run on any thread may.
 *   <li><b>Control-C.</b> While anything watches {@link dev.trefoil.signals.Signal#INT}, no run gets a
 *       {@link dev.trefoil.hazmat.KeyboardInterrupt} of it.
 *   <li><b>Order.</b> Signals are handed out in the order in which the JVM has handed them to the
 *       process. Of different signals that come at the same moment it may take any first; and the
 *       system makes one of several of a kind that come faster than the JVM takes them.
 *   <li><b>What cannot be had.</b> Some signals are the JVM's, such as {@code QUIT}, {@code SEGV} and
 *       {@code USR2}, or the system's, such as {@code KILL}; a JVM that was started with {@code -Xrs}
 *       leaves {@code INT}, {@code TERM} and {@code HUP} to the system. Watching them is refused with
 *       {@link java.lang.UnsupportedOperationException}, which says who holds them. Those three are
 *       never received if the process was started with them ignored, as by {@code nohup}.
 *   <li><b>Threads and runs.</b> For the tasks of one run at a time. Threads without a run, and tasks of
 *       another one, are refused with {@link java.lang.IllegalStateException}. The end of the run closes
 *       what is open.
 * </ul>
 */
@Export
@KeyboardInterruptProtected
@Version("0.1.0")
@NullMarked
package dev.trefoil.signals;

import dev.trefoil.hazmat.KeyboardInterruptProtected;
import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
