package dev.trefoil.hazmat;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What the code of a task sees around it, to be seen by code on another thread as well: the task's
 * {@link TaskContext}, and the bindings of {@link ScopedValue}s.
 *
 * <p>Code that runs in a snapshot has a context of its own, which starts as the task's was: neither
 * sees what the other changes. Threads that it forks in a structured scope share it. Scoped values are carried over where the JVM lets the kernel at them, as
 * the launcher and the image do ({@code --add-opens java.base/java.lang}); elsewhere the code sees
 * those of its own thread.
 *
 * <p>Thread-safety: for all threads, any number of times and at once.
 *
 * <p>Source: Python's {@code contextvars.copy_context} as Trio's {@code to_thread.run_sync} uses it.
 */
public final class ContextSnapshot {
  /** What the calling thread runs in; a scoped value, so that threads forked by it do as well. */
  private static final ScopedValue<ContextSnapshot> CURRENT = ScopedValue.newInstance();

  private volatile TaskContext taskContext;
  private final ScopedBindings scopedBindings;

  private ContextSnapshot(TaskContext taskContext, ScopedBindings scopedBindings) {
    this.taskContext = taskContext;
    this.scopedBindings = scopedBindings;
  }

  /**
   * Takes a snapshot in a task, or in code that runs in a snapshot. No checkpoint.
   *
   * @return what the calling code sees around it
   * @throws IllegalStateException elsewhere
   */
  public static ContextSnapshot capture() {
    KernelOperations kernel = KernelOperations.ofThread();
    if (kernel != null) {
      return new ContextSnapshot(Hazmat.currentTask().context(), kernel.captureScopedBindings());
    }
    ContextSnapshot current = required();
    return new ContextSnapshot(current.taskContext, current.scopedBindings);
  }

  /**
   * Runs {@code body} on the calling thread with what the task saw. Not in a run, whose tasks have
   * contexts of their own.
   *
   * @param <T> the type of the result
   * @param <X> what the body may throw
   * @param body what to run
   * @return what the body returned
   * @throws X whatever the body throws
   * @throws IllegalStateException on the thread of a run
   */
  public <T extends @Nullable Object, X extends Throwable> T call(Body<T, X> body) throws X {
    Objects.requireNonNull(body, "body: expected what to run in the snapshot, got null");
    if (Hazmat.inRun()) {
      throw new IllegalStateException(
          "Expected a thread without a run, but this is one of "
              + Hazmat.currentRun()
              + ". Give a task its context with Task.setContext or TaskSpec.context.");
    }
    ContextSnapshot own = new ContextSnapshot(taskContext, scopedBindings);
    return scopedBindings.call(() -> ScopedValue.where(CURRENT, own).<T, X>call(body::call));
  }

  /**
   * Returns the context of the code that runs: the task's, or that of the snapshot it runs in.
   *
   * @return the context
   * @throws IllegalStateException in code that is neither in a task nor in a snapshot
   */
  public static TaskContext currentContext() {
    return Hazmat.inRun() ? Hazmat.currentTask().context() : required().taskContext;
  }

  /**
   * Changes the context of the code that runs: the task's, or that of the snapshot it runs in.
   *
   * @param context the values from now on
   * @throws IllegalStateException in code that is neither in a task nor in a snapshot
   */
  public static void setCurrentContext(TaskContext context) {
    Objects.requireNonNull(context, "context");
    if (Hazmat.inRun()) {
      Hazmat.currentTask().setContext(context);
    } else {
      required().taskContext = context;
    }
  }

  private static ContextSnapshot required() {
    return CURRENT.orElseThrow(KernelOperations::outsideRun);
  }
}
