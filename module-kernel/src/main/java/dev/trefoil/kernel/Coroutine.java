package dev.trefoil.kernel;

/**
 * An asymmetric coroutine: {@link #resume()} runs the body until it suspends or ends, {@link
 * #suspend()} goes back. All the kernel knows of how a task's stack is kept.
 */
abstract class Coroutine {
  /** Runs the body until it suspends or ends. Called by the loop. */
  abstract void resume();

  /**
   * Goes back to the loop; returns when resumed. Called by the body.
   *
   * @throws IllegalStateException if the stack cannot be suspended; nothing has happened then
   */
  abstract void suspend();

  /**
   * Called by the body, when nothing that it called is left: makes what it calls next find what the
   * body itself has found. Returns false if that cannot be.
   */
  abstract boolean renew();

  /** The frames of a body that is suspended, innermost first. */
  abstract StackTraceElement[] suspendedStack();

  /** The thread whose stack shows the body while it runs. */
  abstract Thread runningThread(Thread loopThread);
}
