package dev.trefoil.tests.signals;

import java.lang.invoke.MethodHandles;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A handler as a program sets it, by reflection, since the compiler would warn of the JDK's one API for
 * signals. Closing it puts back what it has replaced.
 */
final class OwnHandler implements AutoCloseable {
  private final String signal;
  private final Object before;
  private final AtomicInteger calls = new AtomicInteger();
  private final Semaphore called = new Semaphore(0);

  OwnHandler(String signal) throws ReflectiveOperationException {
    this(signal, () -> {});
  }

  OwnHandler(String signal, Runnable answer) throws ReflectiveOperationException {
    this.signal = signal;
    this.before =
        set(
            Proxy.newProxyInstance(
                MethodHandles.lookup().lookupClass().getClassLoader(),
                new Class<?>[] {Class.forName("sun.misc.SignalHandler")},
                (self, method, arguments) -> {
                  calls.incrementAndGet();
                  called.release();
                  answer.run();
                  return null;
                }));
  }

  private Object set(Object handler) throws ReflectiveOperationException {
    Class<?> type = Class.forName("sun.misc.Signal");
    Method handle = type.getMethod("handle", type, Class.forName("sun.misc.SignalHandler"));
    return handle.invoke(null, type.getConstructor(String.class).newInstance(signal), handler);
  }

  /** As handlers do that are one more beside those before, and not instead of them. */
  void callBefore() {
    try {
      Class<?> type = Class.forName("sun.misc.Signal");
      Class.forName("sun.misc.SignalHandler")
          .getMethod("handle", type)
          .invoke(before, type.getConstructor(String.class).newInstance(signal));
    } catch (ReflectiveOperationException impossible) {
      throw new AssertionError(impossible);
    }
  }

  boolean isCalled() throws InterruptedException {
    return isCalled(1);
  }

  /** Waits until it has been called so often in all. */
  boolean isCalled(int times) throws InterruptedException {
    boolean isCalled = called.tryAcquire(times, 30, TimeUnit.SECONDS);
    if (isCalled) {
      called.release(times);
    }
    return isCalled;
  }

  int calls() {
    return calls.get();
  }

  @Override
  public void close() throws ReflectiveOperationException {
    set(before);
  }
}
