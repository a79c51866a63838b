package dev.trefoil.threads;

import dev.trefoil.hazmat.Abort;
import dev.trefoil.hazmat.Body;
import dev.trefoil.hazmat.EntryPoint;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.Outcome;
import dev.trefoil.hazmat.RaiseCancel;
import dev.trefoil.hazmat.RunFinished;
import dev.trefoil.hazmat.Task;
import dev.trefoil.hazmat.TaskState;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * A task that waits for a thread, or for what has none to show such as a future, and meanwhile does for
 * the thread what it requests.
 *
 * <p>How they talk: the thread submits entry calls, which put requests and in the end the result here
 * and wake the task if it sleeps. All fields but the volatile ones are confined to the run. What comes
 * when the task has {@link #left} is answered with why it has.
 *
 * @param <T> the type of the result
 */
final class Host<T extends @Nullable Object> {
  /** The host of the code that runs on a thread; inherited by threads it forks in a structured scope. */
  private static final ScopedValue<Host<?>> CURRENT = ScopedValue.newInstance();

  private final Task<?> task = Hazmat.currentTask();
  private final EntryPoint entryPoint = Hazmat.currentCallSoonThreadAndSignalSafe();

  /** What the task's state is called, for people. */
  private final String label;

  /** What to do with the thread when the task leaves; null for a task that does not leave. */
  private final @Nullable Runnable abandon;

  /** How to tell the thread when the task is cancelled and does not leave; null for not at all. */
  private final @Nullable Interruption interruption;

  /** Null until the first, since most threads request nothing. */
  private @Nullable ArrayDeque<Request<?>> requests;

  private @Nullable Outcome<T> result;
  private boolean asleep;

  /** Why the task does not wait any more. */
  private volatile @Nullable Outcome<Object> left;

  /** Raises what the task was cancelled with while it waited on. */
  private volatile @Nullable RaiseCancel cancelled;

  /**
   * Makes the current task a host.
   *
   * @param abandon called when the task is cancelled and leaves its thread to itself, or null if it is to
   *     wait for the thread even then
   */
  Host(@Nullable Runnable abandon) {
    this("THREAD", abandon, null);
  }

  /**
   * Makes the current task a host, as the other constructor does.
   *
   * @param label what the task's state is called while it sleeps
   * @param abandon called when the task is cancelled and leaves, or null if it is to wait even then
   */
  Host(String label, @Nullable Runnable abandon) {
    this(label, abandon, null);
  }

  private Host(String label, @Nullable Runnable abandon, @Nullable Interruption interruption) {
    this.label = label;
    this.abandon = abandon;
    this.interruption = interruption;
  }

  /** Makes the current task a host that waits for its thread, having interrupted it if cancelled. */
  static <T extends @Nullable Object> Host<T> thatInterrupts() {
    return new Host<>("THREAD", null, new Interruption());
  }

  /** Makes the current task a host that waits for a worker process, and kills it if cancelled. */
  static <T extends @Nullable Object> Host<T> ofProcess(Runnable kill) {
    return new Host<>("PROCESS", kill, null);
  }

  static @Nullable Host<?> ofThread() {
    return CURRENT.isBound() ? CURRENT.get() : null;
  }

  // ---- the task

  T await() {
    try {
      while (true) {
        Request<?> request = nextRequest();
        if (request != null) {
          request.serve();
        } else if (result != null) {
          RaiseCancel raise = cancelled;
          if (raise != null && interruption != null && interruption.hasEnded(result)) {
            throw raise.raise();
          }
          return result.unwrap();
        } else {
          sleep();
        }
      }
    } catch (Throwable error) {
      leave(Outcome.failure(error));
      throw error;
    }
  }

  private @Nullable Request<?> nextRequest() {
    return requests == null ? null : requests.poll();
  }

  private void add(Request<?> request) {
    if (requests == null) {
      requests = new ArrayDeque<>(2);
    }
    requests.add(request);
  }

  private void sleep() {
    asleep = true;
    try {
      Hazmat.yieldIndefinitely(label, this::abort);
    } finally {
      asleep = false;
    }
  }

  private Abort abort(RaiseCancel raiseCancel) {
    if (task.state() != TaskState.PARKED) {
      // The task could not be put to sleep, and leaves with the error that says so.
      return Abort.SUCCEEDED;
    }
    if (abandon == null) {
      cancelled = raiseCancel;
      if (interruption != null) {
        interruption.interrupt();
      }
      return Abort.FAILED;
    }
    // Raised here, so that the thread can be told the same; some of what there is to raise comes
    // once.
    Outcome<Object> raised = Outcome.capture(raiseCancel::raise);
    leave(raised);
    Hazmat.reschedule(task, raised);
    abandon.run();
    return Abort.FAILED;
  }

  /** In the run: the task does not wait, or not any more. */
  void leave(Outcome<Object> why) {
    if (left == null) {
      left = why;
    }
    for (Request<?> request = nextRequest(); request != null; request = nextRequest()) {
      refuse(request);
    }
  }

  private <R extends @Nullable Object> void refuse(Request<R> request) {
    if (left instanceof Outcome.Failure<Object>(Throwable why)) {
      request.answer(Outcome.failure(why));
    }
  }

  private void wake() {
    if (asleep) {
      asleep = false;
      Hazmat.reschedule(task);
    }
  }

  /** In the run: the thread has finished, as far as this task is concerned. */
  void finish(Outcome<T> outcome) {
    if (left == null && result == null) {
      result = outcome;
      wake();
    }
  }

  boolean isFinished() {
    return result != null;
  }

  boolean hasLeft() {
    return left != null;
  }

  // ---- the thread

  /** Runs a thread's code, so that it can get at this host. */
  <R extends @Nullable Object, X extends Throwable> R call(Body<R, X> body) throws X {
    Body<R, X> onThread = interruption == null ? body : () -> interruption.call(body);
    return ScopedValue.where(CURRENT, this).<R, X>call(onThread::call);
  }

  /** As {@link #finish}, from any thread, in the run or not. */
  void finishFromAnywhere(Outcome<T> outcome) {
    if (InRun.isCurrent(task.run())) {
      finish(outcome);
    } else {
      report(() -> finish(outcome));
    }
  }

  /** Has the run look at the end of the thread; returns false if there is no run any more. */
  boolean report(Runnable end) {
    return report(entryPoint, end);
  }

  static boolean report(EntryPoint entryPoint, Runnable end) {
    while (true) {
      try {
        entryPoint.callSoonThreadAndSignalSafe(end);
        return true;
      } catch (RunFinished tooLate) {
        return false;
      } catch (OutOfMemoryError passing) {
        // The task would wait for ever.
        Thread.onSpinWait();
      }
    }
  }

  <R extends @Nullable Object> R ask(Request<R> request) {
    entryPoint.callSoonThreadAndSignalSafe(
        () -> {
          if (left != null) {
            refuse(request);
          } else {
            add(request);
            wake();
          }
        });
    return request.await(entryPoint);
  }

  /** Throws if the task was cancelled. */
  void checkCancelled() {
    Outcome<Object> why = left;
    if (why != null) {
      why.unwrap();
    }
    RaiseCancel raise = cancelled;
    if (raise != null) {
      // In the run, since raising may change what the run has pending.
      Body<Object, RuntimeException> raising =
          () -> {
            throw raise.raise();
          };
      Request<Object> request = Request.thatDoesNotSuspend(raising, null);
      entryPoint.callSoonThreadAndSignalSafe(request::serve);
      request.await(entryPoint);
    }
  }
}
