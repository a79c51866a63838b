package dev.trefoil.kernel;

import dev.trefoil.hazmat.Backend;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A coroutine on a virtual thread of its own, using the public API only.
 *
 * <p>Strict hand-over: {@code turn} says whose turn it is, only the side whose turn it is runs, and
 * it gives the turn away before it unparks the other. All other state of the kernel is handed over
 * with it, since {@code turn} is volatile, and needs no synchronization.
 */
final class VirtualThreadCoroutine extends Coroutine {
  private final Factory factory;
  private final Thread thread;
  private volatile boolean bodysTurn;
  private boolean started;

  /** What ended the thread in place of the body, which does not throw; handed over with the turn. */
  private @Nullable Throwable thrown;

  private VirtualThreadCoroutine(Factory factory, Runnable body) {
    this.factory = factory;
    this.thread =
        Thread.ofVirtual()
            .inheritInheritableThreadLocals(false)
            .unstarted(
                () -> {
                  try {
                    factory.bindThread.run();
                    body.run();
                  } catch (Throwable error) {
                    thrown = error;
                  } finally {
                    giveTurnToLoop();
                  }
                });
  }

  @Override
  void resume() {
    bodysTurn = true;
    if (started) {
      LockSupport.unpark(thread);
    } else {
      try {
        thread.start();
        started = true;
      } catch (Throwable notStarted) {
        bodysTurn = false;
        throw notStarted;
      }
    }
    await(false);
    if (thrown != null) {
      throw new IllegalStateException("The thread of a task ended before its body.", thrown);
    }
  }

  @Override
  void suspend() {
    // An overflow once the turn is given away would leave two threads running, or none.
    factory.stack.requireForPlatform();
    giveTurnToLoop();
    await(true);
  }

  private void giveTurnToLoop() {
    // Read before the turn is given away: the next drive may be on another thread.
    Thread loopThread = factory.loopThread;
    bodysTurn = false;
    LockSupport.unpark(loopThread);
  }

  /** Waits for the turn. An interrupt must not turn waiting into spinning, and must not be lost. */
  private void await(boolean turn) {
    boolean interrupted = false;
    while (bodysTurn != turn) {
      try {
        LockSupport.park(this);
        interrupted |= Thread.interrupted();
      } catch (StackOverflowError tooDeepToUnmount) {
        // The other side runs already: nothing may happen here before the turn is back.
        Thread.onSpinWait();
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Not the thread's locals, for one. */
  @Override
  boolean renew() {
    return false;
  }

  @Override
  StackTraceElement[] suspendedStack() {
    return thread.getStackTrace();
  }

  @Override
  Thread runningThread(Thread loopThread) {
    return thread;
  }

  /** Makes coroutines for one run, whose loop had better be a virtual thread itself. */
  static final class Factory implements CoroutineFactory {
    private final Runnable bindThread;
    private final StackReserve stack;

    /** Written while no coroutine runs, and handed over with the turn. */
    private @Nullable Thread loopThread;

    Factory(Runnable bindThread, StackReserve stack) {
      this.bindThread = bindThread;
      this.stack = stack;
    }

    @Override
    public Backend backend() {
      return Backend.VIRTUAL_THREAD;
    }

    @Override
    public void runLoopOn(Thread thread) {
      loopThread = thread;
    }

    @Override
    public Coroutine create(Runnable body) {
      return new VirtualThreadCoroutine(this, body);
    }
  }
}
