package dev.trefoil.threads;

import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.Outcome;
import dev.trefoil.sync.CapacityLimiter;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The way out of a run into another process: code that computes for long, may use up memory, or may have to
 * be stopped in the middle, which can be done to a process but not to a thread.
 *
 * <pre>{@code
 * int limit = 1_000_000;
 * long primes = ToProcess.runInProcess(() -> Primes.countUpTo(limit));
 * }</pre>
 *
 * <p><strong>Worker processes</strong> are JVMs started from this one: with its launcher (that of the
 * image, in one made by {@code jlink}), its class path and module path, its modules, its working directory
 * and environment, and its flags, those of {@code JDK_JAVA_OPTIONS} and the like included. Left out are
 * flags that would disturb in a second process (agents, debuggers, JMX ports, flight recordings, logs,
 * archives to be written) and those that claim memory in advance ({@code -Xms}); if the flags choose no
 * garbage collector, it is the serial one. Without the module {@code java.management} flags in argument
 * files are not seen, and on Windows none at all.
 *
 * <p>A run starts them when they are needed, as many as there are processors at most, and uses them again;
 * each makes one call at a time. They end with the run, which waits for that, and at once when this process
 * ends in whatever way, {@code kill -9} included. A worker ignores control-C.
 *
 * <p>What a body finds there: static fields as earlier calls in the same worker left them, no task local,
 * no scoped value, no run, though it may start one. What it prints comes out at the standard error of this
 * process; standard input is empty.
 *
 * <p><strong>What goes over.</strong> The body with all that it captures, and what it returns or throws,
 * are serialized, so both sides work on copies. Only objects of these classes are taken out of a stream,
 * on either side, before any code of theirs runs:
 *
 * <ul>
 *   <li>strings, numbers, enums, dates, collections and the like of {@code java.base}, and its
 *       exceptions;
 *   <li>the classes of the body's module or, on the class path, of its package and those below;
 *   <li>those that {@link ProcessOptions#withAllowed(String)} allows.
 * </ul>
 *
 * <p>{@code jdk.serialFilter} and its like hold besides. Arrays that claim to be longer than their stream
 * are refused. A lambda expression can be the body, or captured by it, but not its result.
 *
 * <p>Code on neither the class path nor the module path cannot be run: that of OSGi bundles, or of plugins
 * with class loaders of their own.
 *
 * <p>Source: Curio's {@code run_in_process}.
 */
public final class ToProcess {
  private ToProcess() {}

  /**
   * Runs {@code body} in a worker process and waits for it, as {@link #runInProcess(ProcessOptions,
   * ProcessBody)} does with {@link ProcessOptions#defaults()}.
   *
   * @param <T> the type of the result
   * @param <X> what the body may throw
   * @param body what to run; must not use task operations, save in a run of its own
   * @return a copy of what the body returned
   * @throws X a copy of what the body throws
   */
  public static <T extends @Nullable Object, X extends Throwable> T runInProcess(
      ProcessBody<T, X> body) throws X {
    return runInProcess(ProcessOptions.defaults(), body);
  }

  /**
   * Runs {@code body} in a worker process and waits for it. A checkpoint.
   *
   * <p>What the body captures is copied at once, on the run's thread. Then the task waits, if all workers
   * are busy, first come, first served.
   *
   * <p>What the body throws is thrown here again, as a copy of the same class, with the stack trace of this
   * task and with a {@link RemoteTrace} as its innermost cause. If it cannot be brought over a {@link
   * RemoteFailure} stands for it.
   *
   * <p>Cancellation. On entry, and while the task waits for a worker, it is as everywhere: nothing has
   * happened. Later the task leaves at once, and the worker is killed; how far the body had got, nobody
   * knows. The next call gets another worker.
   *
   * <p>A worker that is killed or crashes takes nothing with it but the call that it is making.
   *
   * @param <T> the type of the result
   * @param <X> what the body may throw
   * @param options which further classes are allowed
   * @param body what to run; must not use task operations, save in a run of its own
   * @return a copy of what the body returned
   * @throws X a copy of what the body throws
   * @throws dev.trefoil.hazmat.Cancelled if cancelled before the result had come
   * @throws WorkerCrashed if the worker ends before it has replied
   * @throws IllegalArgumentException if the body cannot be serialized, or holds what is not allowed, or
   *     belongs to neither the class path nor the module path
   * @throws IllegalStateException if the result cannot be serialized or is not allowed; if Trefoil is on
   *     neither the class path nor the module path
   * @throws java.io.UncheckedIOException if the system does not start another process
   */
  public static <T extends @Nullable Object, X extends Throwable> T runInProcess(
      ProcessOptions options, ProcessBody<T, X> body) throws X {
    Objects.requireNonNull(options, "options");
    Objects.requireNonNull(body, "body: expected what to run in the process, got null");
    Hazmat.yieldIfCancelled();
    WorkerCommand.requireReach(body);
    WorkerProcesses workers = WorkerProcesses.current();
    Outcome<T> outcome = workers.run(ProcessCall.of(options, body));
    if (outcome instanceof Outcome.Failure<T>(Throwable error)) {
      // Where it was thrown first, the remote trace tells.
      error.setStackTrace(new Throwable().getStackTrace());
    }
    return outcome.unwrap();
  }

  /**
   * Returns the limiter of the worker processes: as many tokens as there are processors, to be changed with
   * {@link CapacityLimiter#setTotalTokens(int)}. A call has one until its worker has replied or is gone.
   * Workers that are idle stay until the run ends.
   *
   * @return the same limiter every time within one run
   */
  public static CapacityLimiter currentDefaultProcessLimiter() {
    return WorkerProcesses.current().limiter();
  }
}
