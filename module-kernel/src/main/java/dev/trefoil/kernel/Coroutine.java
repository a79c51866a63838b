package dev.trefoil.kernel;

/**
 * A coroutine: {@link #resume()} runs the body until it suspends or ends, {@link #suspend} goes back, or
 * on to another if {@link CoroutineFactory#handsOver()}. All the kernel knows of how a task's stack is
 * kept.
 */
abstract class Coroutine {
  /** Runs the body, and those it hands over to, until one of them comes back. Called by the loop. */
  abstract void resume();

  /**
   * Goes back to the loop, or resumes who is to be handed over to; returns when resumed. Called by the
   * body.
   *
   * @throws IllegalStateException if the stack cannot be suspended; nothing has happened then
   */
  abstract void suspend();

  /**
   * Called by the body before it suspends or ends: another coroutine is to be resumed by that instead of
   * the loop. Not told when it suspends, whose frames would keep the other until they go on.
   *
   * @param next what goes on
   */
  abstract void handOverTo(Coroutine next);

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
