package dev.trefoil.kernel;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import sun.misc.Signal;
import sun.misc.SignalHandler;

/**
 * The JDK's one API for signals. Others get its signals and handlers as objects of no type, so that
 * this is the one class that cannot be had where the module is missing.
 */
final class JdkSignals {
  /** Made when first used, which is after {@link #signal(String)} has found that there are signals. */
  private static final class Handlers {
    static final SignalHandler OURS = new Handler();
    static final SignalHandler DEFAULT = SignalHandler.SIG_DFL;
  }

  private static final class Handler implements SignalHandler {
    @Override
    public void handle(Signal signal) {
      SignalTable.arrived(signal.getNumber());
    }
  }

  private JdkSignals() {}

  /** Our handler, the same for all signals: tells the {@link SignalTable}. */
  static Object ours() {
    return Handlers.OURS;
  }

  /** Leaves a signal to the system. */
  static Object systemDefault() {
    return Handlers.DEFAULT;
  }

  /**
   * Returns the JDK's object for a signal. Nothing else here can be called without one.
   *
   * @throws IllegalArgumentException if this system has no such signal
   * @throws IllegalStateException if this runtime has no signals
   */
  static Object signal(String name) {
    try {
      return new Signal(name);
    } catch (NoClassDefFoundError missing) {
      throw new IllegalStateException(
          "Expected the module jdk.unsupported, which handles signals, but this runtime has been"
              + " built without it, or the framework does not export its package sun.misc. Add it,"
              + " or do without signals and keyboard interrupts.",
          missing);
    } catch (IllegalArgumentException unknown) {
      throw new IllegalArgumentException(
          "Expected the name of a signal of this system without its SIG, such as TERM or HUP, got '"
              + name
              + "'.",
          unknown);
    }
  }

  static int number(Object signal) {
    return ((Signal) signal).getNumber();
  }

  /**
   * Sets a handler and returns the one before.
   *
   * @throws IllegalArgumentException if the JVM or the system keeps the signal to itself
   */
  static Object handle(Object signal, Object handler) {
    return Signal.handle((Signal) signal, (SignalHandler) handler);
  }

  /** A handler that the program has set comes back as it is; the JVM's own is in a wrapper. */
  static boolean isTheJvms(Object handler) {
    return handler.getClass().getEnclosingClass() == Signal.class;
  }

  /** Sends a signal to this process, also if no Java code handles it, where the JDK refuses. */
  static void raise(Object signal) {
    try {
      Signal.raise((Signal) signal);
    } catch (IllegalArgumentException handledBySystem) {
      raiseNatively(number(signal));
    }
  }

  /** By the C library's function, linked at each call: it is rare, and native access may be denied. */
  @SuppressWarnings("restricted") // the module is started with native access enabled
  private static void raiseNatively(int number) {
    Linker linker = Linker.nativeLinker();
    MethodHandle raise =
        linker.downcallHandle(
            linker.defaultLookup().findOrThrow("raise"),
            FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
    try {
      int ignored = (int) raise.invokeExact(number);
    } catch (Throwable impossible) {
      throw new AssertionError(impossible);
    }
  }
}
