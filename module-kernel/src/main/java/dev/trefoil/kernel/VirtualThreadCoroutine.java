package dev.trefoil.kernel;

import dev.trefoil.hazmat.Backend;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A coroutine on a virtual thread of its own, using the public API only.
 *
 * <p>The loop and the coroutines have a {@link Turn} each, with which all other state of the kernel is
 * handed over. The turn need not go back to the loop after each step: to go there and on takes the
 * parking and waking of one thread more.
 */
final class VirtualThreadCoroutine extends Coroutine implements Runnable {
  private final Factory factory;
  private final Runnable body;
  private final Turn turn = new Turn();
  private boolean started;

  private VirtualThreadCoroutine(Factory factory, Runnable body) {
    this.factory = factory;
    this.body = body;
    turn.runOn(Thread.ofVirtual().inheritInheritableThreadLocals(false).unstarted(this));
  }

  /** The life of the thread. */
  @Override
  public void run() {
    try {
      factory.bindThread.run();
      body.run();
    } catch (Throwable error) {
      // As it is: there may be no memory to say more.
      factory.endedBy = error;
      factory.successor = null;
    } finally {
      turn.leave(factory.count);
      factory.giveTurn();
    }
  }

  @Override
  void resume() {
    Turn loop = factory.loop;
    loop.leave(factory.count);
    try {
      takeTurn();
    } catch (Throwable notStarted) {
      loop.stay();
      throw notStarted;
    }
    loop.await(this, factory.count);
    factory.throwFailure();
  }

  /** Nothing has happened if it throws, which it does only if it has not been given a turn before. */
  private void takeTurn() {
    if (started) {
      turn.give();
    } else {
      // Before: once it runs, it may be given another turn by whoever has it then.
      started = true;
      try {
        thread().start();
      } catch (Throwable notStarted) {
        started = false;
        throw notStarted;
      }
    }
  }

  @Override
  void suspend() {
    turn.leave(factory.count);
    factory.giveTurn();
    turn.await(this, factory.count);
  }

  @Override
  void handOverTo(Coroutine next) {
    factory.successor = (VirtualThreadCoroutine) next;
  }

  /** Not the thread's locals, for one. */
  @Override
  boolean renew() {
    return false;
  }

  @Override
  StackTraceElement[] suspendedStack() {
    return thread().getStackTrace();
  }

  @Override
  Thread runningThread(Thread loopThread) {
    return thread();
  }

  private Thread thread() {
    return Objects.requireNonNull(turn.thread());
  }

  /** Makes coroutines for one run, whose loop had better be a virtual thread itself. */
  static final class Factory implements CoroutineFactory {
    private final Runnable bindThread;
    private final Turn loop = new Turn();
    private final Turn.Count count = new Turn.Count();

    /** What goes on when the body that runs has suspended or ended; null for the loop. */
    private @Nullable VirtualThreadCoroutine successor;

    /** What ended a thread before its body; for the loop to find when it has its turn, as the next. */
    private @Nullable Throwable endedBy;

    /** What kept a successor from beginning. */
    private @Nullable Throwable notBegun;

    Factory(Runnable bindThread) {
      this.bindThread = bindThread;
    }

    /** To the loop if there is nobody else, or if that one cannot begin. */
    private void giveTurn() {
      VirtualThreadCoroutine next = successor;
      successor = null;
      if (next != null) {
        try {
          next.takeTurn();
          return;
        } catch (Throwable notStarted) {
          notBegun = notStarted;
        }
      }
      loop.give();
    }

    private void throwFailure() {
      Throwable early = endedBy;
      endedBy = null;
      if (early != null) {
        throw new IllegalStateException("The thread of a task ended before its body.", early);
      }
      Throwable thrown = notBegun;
      notBegun = null;
      if (thrown instanceof Error error) {
        throw error;
      }
      if (thrown instanceof RuntimeException error) {
        throw error;
      }
    }

    @Override
    public Backend backend() {
      return Backend.VIRTUAL_THREAD;
    }

    @Override
    public boolean handsOver() {
      return true;
    }

    @Override
    public void runLoopOn(Thread thread) {
      loop.runOn(thread);
    }

    @Override
    public Coroutine create(Runnable body) {
      return new VirtualThreadCoroutine(this, body);
    }
  }
}
