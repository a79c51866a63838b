package dev.trefoil.threads;

import dev.trefoil.hazmat.Action;
import dev.trefoil.hazmat.Body;
import dev.trefoil.hazmat.ContextSnapshot;
import dev.trefoil.hazmat.EntryPoint;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.Outcome;
import dev.trefoil.hazmat.Run;
import dev.trefoil.hazmat.RunFinished;
import dev.trefoil.hazmat.TaskContext;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The way into a run for threads that have nothing to do with it: those of servers, of callbacks, of
 * other runs' threads, be they older or younger than the run.
 *
 * <pre>{@code
 * Portal portal = Portal.current();                          // in a task
 * server.onMessage(text -> portal.run(() -> channel.send(text)));   // on the server's threads
 * }</pre>
 *
 * <p>What is asked for here is done by a system task, outside all scopes; it is cancelled when the run's
 * main task has ended. What it throws is thrown to the caller, and never ends the run.
 *
 * <p>Thread-safety: for all threads. A portal may outlive its run.
 *
 * <p>Source: Trio's {@code from_thread.run} with the argument {@code trio_token}.
 */
public final class Portal {
  private final Run run;

  private Portal(Run run) {
    this.run = run;
  }

  /**
   * Makes a portal into the run of the calling code. No checkpoint.
   *
   * @return a portal
   * @throws IllegalStateException outside a run
   */
  public static Portal current() {
    return new Portal(Hazmat.currentRun());
  }

  /**
   * Does something in a task of the run, and blocks the calling thread until it is done.
   *
   * @param <T> the type of the result
   * @param <X> what the body may throw
   * @param body what to do; may use all task operations
   * @return what the body returned
   * @throws X whatever the body throws, the very same object
   * @throws InterruptedException if this thread is interrupted, and cancelling the body for that had an
   *     effect; the body has ended by then
   * @throws RunFinished if the run has ended and nothing was done; or if its main task ended meanwhile,
   *     and the body was cancelled: there is a cause then
   * @throws IllegalStateException on the thread of a run, which would block
   */
  public <T extends @Nullable Object, X extends Throwable> T run(Body<T, X> body)
      throws X, InterruptedException {
    Objects.requireNonNull(body, "body: expected what the run is to do, got null");
    FromThread.refuseInRun("Portal.run");
    Request<T> request = Request.thatMaySuspend(body, contextOfThread());
    EntryPoint entryPoint = run.entryPoint();
    entryPoint.callSoonThreadAndSignalSafe(() -> serveInTask(request));
    return request.await(entryPoint);
  }

  /**
   * Does something that has no result in a task of the run, as {@link #run(Body)} does.
   *
   * @param <X> what the body may throw
   * @param body what to do; may use all task operations
   * @throws X whatever the body throws, the very same object
   * @throws InterruptedException as {@link #run(Body)}
   * @throws RunFinished as {@link #run(Body)}
   * @throws IllegalStateException on the thread of a run, which would block
   */
  public <X extends Throwable> void run(Action<X> body) throws X, InterruptedException {
    Objects.requireNonNull(body, "body: expected what the run is to do, got null");
    run(body.asBody());
  }

  private static <T extends @Nullable Object> void serveInTask(Request<T> request) {
    try {
      Hazmat.<@Nullable Object>spawnSystemTask(
          request.toString(),
          () -> {
            request.serveInSystemTask();
            return null;
          });
    } catch (IllegalStateException tooLate) {
      RunFinished error =
          new RunFinished("The run is ending and takes no task any more: nothing was done.");
      error.initCause(tooLate);
      request.answer(Outcome.failure(error));
    } catch (Throwable error) {
      request.answer(Outcome.failure(error));
    }
  }

  /**
   * Does something in the run that is short and does not suspend, in an entry call, and blocks the
   * calling thread until it is done. An interrupt stays pending.
   *
   * @param <T> the type of the result
   * @param <X> what the body may throw
   * @param body what to do, without waiting
   * @return what the body returned
   * @throws X whatever the body throws, the very same object; it does not end the run
   * @throws RunFinished if the run has ended and nothing was done
   * @throws IllegalStateException on the thread of a run, which would block; or from the body, if that
   *     tries to wait
   */
  public <T extends @Nullable Object, X extends Throwable> T runSync(Body<T, X> body) throws X {
    Objects.requireNonNull(body, "body: expected what the run is to do, got null");
    FromThread.refuseInRun("Portal.runSync");
    Request<T> request = Request.thatDoesNotSuspend(body, contextOfThread());
    EntryPoint entryPoint = run.entryPoint();
    entryPoint.callSoonThreadAndSignalSafe(request::serve);
    return request.await(entryPoint);
  }

  /**
   * Does something that has no result in the run, as {@link #runSync(Body)} does.
   *
   * @param <X> what the body may throw
   * @param body what to do, without waiting
   * @throws X whatever the body throws, the very same object; it does not end the run
   * @throws RunFinished as {@link #runSync(Body)}
   * @throws IllegalStateException as {@link #runSync(Body)}
   */
  public <X extends Throwable> void runSync(Action<X> body) throws X {
    Objects.requireNonNull(body, "body: expected what the run is to do, got null");
    runSync(body.asBody());
  }

  /** Foreign threads have no task's context, save where a task has carried it to. */
  private static @Nullable TaskContext contextOfThread() {
    return Host.ofThread() == null ? null : ContextSnapshot.currentContext();
  }

  @Override
  public String toString() {
    return "Portal(" + run + ")";
  }
}
