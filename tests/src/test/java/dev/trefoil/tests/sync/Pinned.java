package dev.trefoil.tests.sync;

import dev.trefoil.hazmat.Action;
import java.lang.reflect.Method;

/** Code in which the task cannot be suspended, on the continuation backend, as under a native frame. */
public final class Pinned {
  private static final Method PIN = method("pin");
  private static final Method UNPIN = method("unpin");

  private Pinned() {}

  public static <X extends Throwable> void run(Action<X> body) throws X {
    call(PIN);
    try {
      body.run();
    } finally {
      call(UNPIN);
    }
  }

  private static Method method(String name) {
    try {
      return Class.forName("jdk.internal.vm.Continuation").getMethod(name);
    } catch (ReflectiveOperationException missing) {
      throw new AssertionError(missing);
    }
  }

  private static void call(Method method) {
    try {
      method.invoke(null);
    } catch (ReflectiveOperationException refused) {
      throw new AssertionError(refused);
    }
  }
}
