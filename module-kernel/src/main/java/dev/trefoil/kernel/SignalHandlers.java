package dev.trefoil.kernel;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import org.jspecify.annotations.Nullable;

/**
 * Handlers of signals as objects: further ones of ours than {@link JdkSignals#ours()}, and calls of
 * others'. Hardly ever needed, so apart from what every run in the main thread needs.
 */
final class SignalHandlers {
  private static final Class<?> TYPE;
  private static final MethodHandle HANDLE;

  static {
    try {
      ClassLoader jdk = ClassLoader.getPlatformClassLoader();
      Class<?> signal = Class.forName("sun.misc.Signal", true, jdk);
      TYPE = Class.forName("sun.misc.SignalHandler", true, jdk);
      HANDLE =
          MethodHandles.lookup()
              .findVirtual(TYPE, "handle", MethodType.methodType(void.class, signal))
              .asType(MethodType.methodType(void.class, Object.class, Object.class));
    } catch (ReflectiveOperationException impossible) {
      throw new ExceptionInInitializerError(impossible);
    }
  }

  private SignalHandlers() {}

  /** Makes a handler that calls {@code arrived}, whatever the signal. */
  static Object make(Runnable arrived) {
    return Proxy.newProxyInstance(TYPE.getClassLoader(), new Class<?>[] {TYPE}, new Made(arrived));
  }

  /** What a handler calls, if it was made here for one of that class; otherwise null. */
  static <T extends Runnable> @Nullable T madeFor(Class<T> type, Object handler) {
    return Proxy.isProxyClass(handler.getClass())
            && Proxy.getInvocationHandler(handler) instanceof Made made
            && type.isInstance(made.arrived())
        ? type.cast(made.arrived())
        : null;
  }

  private record Made(Runnable arrived) implements InvocationHandler {
    @Override
    public @Nullable Object invoke(
        Object proxy, Method method, @Nullable Object @Nullable [] arguments) {
      return switch (method.getName()) {
        case "handle" -> {
          arrived.run();
          yield null;
        }
        case "equals" -> arguments != null && proxy == arguments[0];
        case "hashCode" -> System.identityHashCode(proxy);
        default -> "Trefoil's handler";
      };
    }
  }

  /** Calls a handler. Returns false if it is the system's, which cannot be called. */
  static boolean call(Object handler, Object signal) {
    try {
      HANDLE.invokeExact(handler, signal);
      return true;
    } catch (UnsupportedOperationException refused) {
      if (JdkSignals.isTheJvms(handler)) {
        return false;
      }
      throw refused;
    } catch (RuntimeException | Error failed) {
      throw failed;
    } catch (Throwable impossible) {
      throw new AssertionError(impossible);
    }
  }
}
