package dev.trefoil.kernel;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandleProxies;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Control-C, for the runs that want it. The process has one handler for SIGINT; it is ours from the
 * first such run to the last, unless the program has set its own or ignores the signal.
 *
 * <p>The JDK's one API for signals is {@code sun.misc.Signal}, whose use the compiler warns of and
 * cannot be told to accept; hence the method handles.
 */
final class KeyboardSignal {
  private static final List<RunLoop> RUNS = new ArrayList<>();

  /** {@code SignalHandler handle(Signal.INT, SignalHandler)}. */
  private static final MethodHandle HANDLE_SIGINT;

  private static final Class<?> SIGNAL;
  private static final Object OURS;
  private static @Nullable Object before;

  static {
    try {
      ClassLoader jdk = ClassLoader.getPlatformClassLoader();
      SIGNAL = Class.forName("sun.misc.Signal", true, jdk);
      Class<?> handler = Class.forName("sun.misc.SignalHandler", true, jdk);
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      HANDLE_SIGINT =
          lookup
              .findStatic(SIGNAL, "handle", MethodType.methodType(handler, SIGNAL, handler))
              .bindTo(SIGNAL.getConstructor(String.class).newInstance("INT"))
              .asType(MethodType.methodType(Object.class, Object.class));
      MethodHandle raise =
          lookup.findStatic(KeyboardSignal.class, "raiseInAll", MethodType.methodType(void.class));
      OURS =
          MethodHandleProxies.asInterfaceInstance(
              handler, MethodHandles.dropArguments(raise, 0, SIGNAL));
    } catch (ReflectiveOperationException missing) {
      throw new IllegalStateException(
          "Expected the module jdk.unsupported, which handles signals, but this runtime has been"
              + " built without it. Add it, or do without keyboard interrupts at checkpoints.",
          missing);
    }
  }

  private KeyboardSignal() {}

  static void deliverTo(RunLoop loop) {
    synchronized (RUNS) {
      RUNS.add(loop);
      if (RUNS.size() == 1) {
        install();
      }
    }
  }

  static void forget(RunLoop loop) {
    synchronized (RUNS) {
      if (RUNS.remove(loop) && RUNS.isEmpty()) {
        restore();
      }
    }
  }

  private static void install() {
    try {
      Object found = handle(OURS);
      if (isTheJvms(found)) {
        before = found;
      } else {
        handle(found);
      }
    } catch (IllegalArgumentException leftToTheSystem) {
      // The JVM was started with -Xrs and handles no signals.
    }
  }

  /** A handler that the program has set comes back as it is; the JVM's own is in a wrapper. */
  private static boolean isTheJvms(Object handler) {
    return handler.getClass().getEnclosingClass() == SIGNAL;
  }

  private static void restore() {
    Object handler = before;
    before = null;
    if (handler != null) {
      Object found = handle(handler);
      if (found != OURS) {
        // The program has set one meanwhile, and knows what it wants.
        handle(found);
      }
    }
  }

  private static Object handle(Object handler) {
    try {
      return HANDLE_SIGINT.invokeExact(handler);
    } catch (RuntimeException | Error refused) {
      throw refused;
    } catch (Throwable impossible) {
      throw new AssertionError(impossible);
    }
  }

  private static void raiseInAll() {
    synchronized (RUNS) {
      for (RunLoop loop : RUNS) {
        loop.raiseKeyboardInterrupt();
      }
    }
  }
}
