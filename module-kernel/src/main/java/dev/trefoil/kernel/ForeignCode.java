package dev.trefoil.kernel;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Counts the way into and out of code that is not the kernel's, for {@link RunningStep} and the {@link
 * Watchdog}: an odd count that stands still is a piece of code that goes on and on. Code that leads
 * to more of it is one piece with that.
 *
 * <p>Confinement: written by the run's thread, read by any; opaque access, since a reader a moment late
 * does no harm and a fence in each step would.
 */
final class ForeignCode {
  private static final VarHandle COUNT;

  static {
    try {
      COUNT = MethodHandles.lookup().findVarHandle(ForeignCode.class, "count", long.class);
    } catch (ReflectiveOperationException impossible) {
      throw new ExceptionInInitializerError(impossible);
    }
  }

  private long count;

  /** Whether the loop itself has called it, as it does abort functions: it is part of no step. */
  private boolean calledByLoop;

  void enter() {
    COUNT.setOpaque(this, count + 1);
  }

  void leave() {
    COUNT.setOpaque(this, count + 1);
  }

  /** Foreign code has ended, and some begins. */
  void goOn() {
    COUNT.setOpaque(this, count + 2);
  }

  /** Returns whether this is the outermost: no task's step, entry call or listener leads to it. */
  boolean enterByLoop() {
    if (isRunning()) {
      return false;
    }
    calledByLoop = true;
    enter();
    return true;
  }

  /** To be called if {@link #enterByLoop()} has returned true. */
  void leaveByLoop() {
    leave();
    calledByLoop = false;
  }

  /** After a fault of who should have left it. */
  void forget() {
    calledByLoop = false;
    if (isRunning()) {
      leave();
    }
  }

  /** For the run's thread. */
  boolean isRunning() {
    return (count & 1) == 1;
  }

  /** From any thread: odd while foreign code runs. */
  long count() {
    return (long) COUNT.getOpaque(this);
  }

  /** From any thread, at a guess. */
  boolean isCalledByLoop() {
    return calledByLoop;
  }
}
