package dev.trefoil.kernel;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandleProxies;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;

/**
 * The JDK's one API for signals, {@code sun.misc.Signal}, whose use the compiler warns of and cannot
 * be told to accept; hence the method handles. Signals and handlers are the JDK's objects.
 */
final class JdkSignals {
  /** Our handler, the same for all signals: tells the {@link SignalTable}. */
  static final Object OURS;

  /** Leaves a signal to the system. */
  static final Object DEFAULT;

  private static final Class<?> SIGNAL;
  private static final MethodHandle NEW;
  private static final MethodHandle NUMBER;
  private static final MethodHandle HANDLE;
  private static final MethodHandle RAISE;

  static {
    try {
      ClassLoader jdk = ClassLoader.getPlatformClassLoader();
      SIGNAL = Class.forName("sun.misc.Signal", true, jdk);
      Class<?> handler = Class.forName("sun.misc.SignalHandler", true, jdk);
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      NEW =
          lookup
              .findConstructor(SIGNAL, MethodType.methodType(void.class, String.class))
              .asType(MethodType.methodType(Object.class, String.class));
      MethodHandle number =
          lookup.findVirtual(SIGNAL, "getNumber", MethodType.methodType(int.class));
      NUMBER = number.asType(MethodType.methodType(int.class, Object.class));
      HANDLE =
          lookup
              .findStatic(SIGNAL, "handle", MethodType.methodType(handler, SIGNAL, handler))
              .asType(MethodType.methodType(Object.class, Object.class, Object.class));
      RAISE =
          lookup
              .findStatic(SIGNAL, "raise", MethodType.methodType(void.class, SIGNAL))
              .asType(MethodType.methodType(void.class, Object.class));
      DEFAULT = handler.getField("SIG_DFL").get(null);
      MethodHandle arrived =
          lookup.findStatic(
              SignalTable.class, "arrived", MethodType.methodType(void.class, int.class));
      OURS =
          MethodHandleProxies.asInterfaceInstance(
              handler, MethodHandles.filterArguments(arrived, 0, number));
    } catch (ReflectiveOperationException missing) {
      throw new IllegalStateException(
          "Expected the module jdk.unsupported, which handles signals, but this runtime has been"
              + " built without it. Add it, or do without signals and keyboard interrupts.",
          missing);
    }
  }

  private JdkSignals() {}

  /**
   * Returns the JDK's object for a signal.
   *
   * @throws IllegalArgumentException if this system has no such signal
   */
  static Object signal(String name) {
    try {
      return NEW.invokeExact(name);
    } catch (IllegalArgumentException unknown) {
      throw new IllegalArgumentException(
          "Expected the name of a signal of this system without its SIG, such as TERM or HUP, got '"
              + name
              + "'.",
          unknown);
    } catch (Throwable error) {
      throw rethrown(error);
    }
  }

  static int number(Object signal) {
    try {
      return (int) NUMBER.invokeExact(signal);
    } catch (Throwable error) {
      throw rethrown(error);
    }
  }

  /**
   * Sets a handler and returns the one before.
   *
   * @throws IllegalArgumentException if the JVM or the system keeps the signal to itself
   */
  static Object handle(Object signal, Object handler) {
    try {
      return HANDLE.invokeExact(signal, handler);
    } catch (Throwable error) {
      throw rethrown(error);
    }
  }

  /** A handler that the program has set comes back as it is; the JVM's own is in a wrapper. */
  static boolean isTheJvms(Object handler) {
    return handler.getClass().getEnclosingClass() == SIGNAL;
  }

  /** Sends a signal to this process, also if no Java code handles it, where the JDK refuses. */
  static void raise(Object signal) {
    try {
      RAISE.invokeExact(signal);
    } catch (IllegalArgumentException handledBySystem) {
      raiseNatively(number(signal));
    } catch (Throwable error) {
      throw rethrown(error);
    }
  }

  private static RuntimeException rethrown(Throwable error) {
    if (error instanceof RuntimeException unchecked) {
      return unchecked;
    }
    if (error instanceof Error serious) {
      throw serious;
    }
    throw new AssertionError(error);
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
    } catch (Throwable error) {
      throw rethrown(error);
    }
  }
}
