package dev.trefoil.kernel;

import org.jspecify.annotations.Nullable;

/**
 * A coroutine: {@link #resume()} runs the body until it suspends or ends, {@link #suspend} goes back, or
 * on to another if {@link CoroutineFactory#handsOver()}. All the kernel knows of how a task's stack is
 * kept.
 */
abstract class Coroutine {
  /** Runs the body, and those it hands over to, until one of them comes back. Called by the loop. */
  abstract void resume();

  /**
   * Goes back to the loop, or resumes another coroutine; returns when resumed. Called by the body.
   *
   * @param next what goes on, or null for the loop
   * @throws IllegalStateException if the stack cannot be suspended; nothing has happened then
   */
  abstract void suspend(@Nullable Coroutine next);

  /**
   * Called by the body before it ends: another coroutine is to be resumed by that instead of the loop.
   *
   * @param next what goes on
   */
  abstract void endInFavourOf(Coroutine next);

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
