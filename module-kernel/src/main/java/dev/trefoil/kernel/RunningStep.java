package dev.trefoil.kernel;

import dev.trefoil.hazmat.Run;
import dev.trefoil.hazmat.RunningCode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a run is doing, as other threads see it: whose code runs, on which thread and stack, and whether
 * that is protected.
 *
 * <p>Confinement: changes nothing, and reads without synchronization what belongs to the run's thread.
 * What it says of a step is exact while that thread is suspended in it, and a guess otherwise, which
 * {@link ForeignCode#count()} confirms if it is the same before and after.
 */
final class RunningStep {
  private final RunLoop loop;
  private final Steps steps;

  RunningStep(RunLoop loop, Steps steps) {
    this.loop = loop;
    this.steps = steps;
  }

  /** Of the task or entry call whose code runs; null for what the loop itself has called. */
  @Nullable Thread thread() {
    KernelTask<?> task = steps.current();
    Thread thread = loop.thread();
    if (task == null || thread == null || steps.foreignCode().isCalledByLoop()) {
      return null;
    }
    Coroutine coroutine = task.coroutine;
    if (coroutine == null) {
      return steps.standsForEntries(task) ? thread : null;
    }
    return coroutine.runningThread(thread);
  }

  /** Those of the task's frames that are not on the thread's stack. */
  List<ContinuationCoroutine.Called> framesToComeBack() {
    KernelTask<?> task = steps.current();
    return task != null && task.coroutine instanceof ContinuationCoroutine coroutine
        ? coroutine.framesToComeBack()
        : List.of();
  }

  /** Whether the state of the code that runs protects it. */
  boolean isProtectedByState() {
    KernelTask<?> task = steps.current();
    return task == null || task.interruptProtected || steps.isInCallbackOf(task);
  }

  /** Null if nothing runs, or not for long enough to be told; see {@link Run#runningCode()}. */
  @Nullable RunningCode code() {
    long count = steps.foreignCode().count();
    KernelTask<?> task = steps.current();
    Thread thread = loop.thread();
    if ((count & 1) == 0 || thread == null) {
      return null;
    }
    Coroutine coroutine =
        task == null || steps.foreignCode().isCalledByLoop() ? null : task.coroutine;
    StackTraceElement[] stack =
        (coroutine == null ? thread : coroutine.runningThread(thread)).getStackTrace();
    String description = describe(task);
    if (steps.foreignCode().count() != count) {
      return null;
    }
    return new RunningCode(
        description, coroutine == null ? null : task, List.of(StackTraces.ofTask(stack)));
  }

  private String describe(@Nullable KernelTask<?> task) {
    if (!steps.foreignCode().isCalledByLoop()) {
      return task == null ? "An exit listener" : task.toString();
    }
    KernelTask<?> aborted = loop.aborts.aborting();
    return aborted == null ? "An instrument" : "The abort function of " + aborted;
  }
}
