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
 * <p>A thread that waits is got out of there by an interrupt, which must not outlive the code that it
 * was meant for. So it is sent only to a thread that it was announced to and that has not come by here
 * since, and is taken back here.
 *
 * <p>Thread-safety: what is announced is announced while its thread is suspended or waits, in code of a
 * task, so that the thread sees it from the moment on that it runs again, and comes by here before the
 * task's code ends.
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

  /** Guards the sending of interrupts; never wanted while a thread stands suspended. */
  private final Object interrupts = new Object();

  private volatile @Nullable Thread thread;
  private volatile boolean interruptSent;

  /** The gate: what every entry into protected code passes. */
  static void pass() {
    // No fence, which would cost each operation: the thread was suspended when it was written.
    if ((int) ANNOUNCED.getOpaque() != 0) {
      KernelOperations.passGate();
    }
  }

  /**
   * Says that an error is under way, or an interrupt. Takes no lock, since the thread may hold any.
   *
   * @param interrupted whether the thread has been interrupted already
   */
  void announce(Thread target, boolean interrupted) {
    if (interrupted) {
      interruptSent = true;
    }
    if (THREAD.getAndSet(this, target) == null) {
      int before = (int) ANNOUNCED.getAndAdd(1);
    }
  }

  /** Interrupts a thread unless it has come by here since that was announced. */
  boolean interrupt(Thread target) {
    synchronized (interrupts) {
      if (thread != target) {
        return false;
      }
      interruptSent = true;
      target.interrupt();
      return true;
    }
  }

  /** Takes an announcement back, as its thread or while that is suspended or waits. */
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
      land();
    }
  }

  private void land() {
    synchronized (interrupts) {
      withdraw();
      if (interruptSent) {
        interruptSent = false;
        Thread.interrupted();
      }
    }
  }
}
