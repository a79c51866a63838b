package dev.trefoil.hazmat;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * The one place of protected code where a {@link KeyboardInterrupt} thrown from outside may land.
 *
 * <p>An interrupter stops a run's thread in unprotected code and has the error thrown there. The JVM
 * throws it at the thread's next poll, and though that is nearly always where the thread stands, the
 * thread may in rare cases first run on, into an operation of ours. So the interrupter announces it
 * here while the thread stands still, and every entry into protected code looks whether one is
 * announced; the thread that finds one waits for it, in {@link #await()}, before anything else.
 *
 * <p>Nobody else knows when an error has been thrown, so an announcement is withdrawn by the thread
 * itself: it makes calls that return from native code, where the JVM throws what is due, and if none
 * comes, it came before.
 *
 * <p>Thread-safety: an error is announced while its thread is suspended, so that the thread sees the
 * announcement from the moment on that it runs again.
 */
final class InterruptLanding {
  /** One would do by how the JVM works today. */
  private static final int CHANCES = 32;

  private static final VarHandle ANNOUNCED;
  private static final VarHandle THREAD;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      ANNOUNCED = lookup.findStaticVarHandle(InterruptLanding.class, "announced", int.class);
      THREAD = lookup.findVarHandle(InterruptLanding.class, "thread", Thread.class);
    } catch (ReflectiveOperationException impossible) {
      throw new ExceptionInInitializerError(impossible);
    }
  }

  /** How many runs have an announcement. */
  @SuppressWarnings("UnusedVariable") // but by its handle
  private static int announced;

  private volatile @Nullable Thread thread;
  private volatile boolean interruptSent;
  private volatile boolean closed;

  /** The gate: what every entry into protected code passes. */
  static void pass() {
    // No fence, which would cost each operation: the thread was suspended when it was written.
    if ((int) ANNOUNCED.getOpaque() != 0) {
      KernelOperations.passGate();
    }
  }

  /** Says that an error is under way, or an interrupt that is to be taken back, or both. */
  void announce(Thread target, boolean byInterrupt) {
    if (byInterrupt) {
      interruptSent = true;
    }
    if (THREAD.getAndSet(this, target) == null) {
      int before = (int) ANNOUNCED.getAndAdd(1);
    }
    if (closed) {
      withdraw();
    }
  }

  void open() {
    closed = false;
  }

  /** No thread executes the run: what is announced now, or late, would be withdrawn by nobody. */
  void close() {
    closed = true;
    withdraw();
  }

  /** Takes an announcement back, by its thread or while that is suspended. */
  void withdraw() {
    if (THREAD.getAndSet(this, null) != null) {
      int before = (int) ANNOUNCED.getAndAdd(-1);
    }
  }

  void await() {
    if (thread != Thread.currentThread()) {
      return;
    }
    try {
      for (int i = 0; i < CHANCES; i++) {
        if (Runtime.getRuntime().maxMemory() == 0) {
          throw new AssertionError("keeps the call from being optimized away");
        }
        Thread.onSpinWait();
      }
    } finally {
      withdraw();
      if (interruptSent) {
        interruptSent = false;
        Thread.interrupted();
      }
    }
  }
}
