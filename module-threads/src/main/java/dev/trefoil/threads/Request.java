package dev.trefoil.threads;

import dev.trefoil.hazmat.Body;
import dev.trefoil.hazmat.Cancelled;
import dev.trefoil.hazmat.EntryPoint;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.KeyboardInterrupts;
import dev.trefoil.hazmat.Outcome;
import dev.trefoil.hazmat.RunFinished;
import dev.trefoil.hazmat.Task;
import dev.trefoil.hazmat.TaskContext;
import dev.trefoil.tasks.CancelScope;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * What a thread wants to be done in a run, and waits for. It is accepted by the run's entry queue or
 * refused there; one that is accepted is answered, whatever becomes of the run.
 */
final class Request<T extends @Nullable Object> {
  private final Thread thread = Thread.currentThread();
  private final Body<? extends T, ?> body;
  private final @Nullable TaskContext context;

  /** Cancelled if the thread is interrupted; confined to the run. Null if the body cannot suspend. */
  private final @Nullable CancelScope scope;

  private volatile @Nullable Outcome<T> answer;

  private Request(
      Body<? extends T, ?> body, @Nullable TaskContext context, @Nullable CancelScope scope) {
    this.body = body;
    this.context = context;
    this.scope = scope;
  }

  /**
   * @param context what the body sees, or null for what it finds
   */
  static <T extends @Nullable Object> Request<T> thatMaySuspend(
      Body<? extends T, ?> body, @Nullable TaskContext context) {
    return new Request<>(body, context, CancelScope.create());
  }

  static <T extends @Nullable Object> Request<T> thatDoesNotSuspend(
      Body<? extends T, ?> body, @Nullable TaskContext context) {
    return new Request<>(body, context, null);
  }

  // ---- in the run

  boolean maySuspend() {
    return scope != null;
  }

  /** Does it in the current task, or entry call, and answers. Throws nothing. */
  void serve() {
    Outcome<T> outcome;
    try {
      outcome = Outcome.of(context == null ? inScope() : inContext(context));
    } catch (Throwable error) {
      outcome = Outcome.failure(error);
    }
    answer(outcome);
  }

  /** As {@link #serve()}, in a system task: being cancelled there means that the run ends. */
  void serveInSystemTask() {
    Outcome<T> outcome;
    try {
      outcome = Outcome.of(context == null ? inScope() : inContext(context));
    } catch (Cancelled endOfRun) {
      RunFinished error =
          new RunFinished(
              "The run's main task has ended, and what was done in the run for thread '"
                  + thread.getName()
                  + "' was cancelled.");
      error.initCause(endOfRun);
      outcome = Outcome.failure(error);
    } catch (Throwable error) {
      outcome = Outcome.failure(error);
    }
    answer(outcome);
  }

  private T inContext(TaskContext values) throws Throwable {
    Task<?> task = Hazmat.currentTask();
    TaskContext before = task.context();
    task.setContext(values);
    try {
      return inScope();
    } finally {
      task.setContext(before);
    }
  }

  @SuppressWarnings("NullAway") // a scope that has caught nothing returns what the body returned
  private T inScope() throws Throwable {
    if (scope == null) {
      return KeyboardInterrupts.<T, Throwable>disableProtection(body::call);
    }
    T value =
        scope.<T, Throwable>run(
            () -> KeyboardInterrupts.<T, Throwable>disableProtection(body::call));
    if (scope.cancelledCaught()) {
      throw new InterruptedException(
          "Thread '" + thread.getName() + "' was interrupted while it waited for a task.");
    }
    return value;
  }

  void answer(Outcome<T> outcome) {
    answer = outcome;
    LockSupport.unpark(thread);
  }

  // ---- in the thread

  /**
   * Waits for the answer. An interrupt cancels what is being done and is thrown as {@link
   * InterruptedException} if that had an effect; otherwise it stays pending.
   */
  T await(EntryPoint entryPoint) {
    boolean interrupted = false;
    Outcome<T> outcome;
    while ((outcome = answer) == null) {
      LockSupport.park(this);
      if (Thread.interrupted()) {
        if (scope != null && !interrupted) {
          cancelSoon(entryPoint, scope);
        }
        interrupted = true;
      }
    }
    if (interrupted && !(outcome instanceof Outcome.Failure<T>(InterruptedException told))) {
      thread.interrupt();
    }
    return outcome.unwrap();
  }

  private static void cancelSoon(EntryPoint entryPoint, CancelScope scope) {
    try {
      entryPoint.callSoonThreadAndSignalSafe(() -> scope.cancel("its thread was interrupted"));
    } catch (RunFinished answeredAnyway) {
      // The run has answered, or is about to.
    }
  }
}
