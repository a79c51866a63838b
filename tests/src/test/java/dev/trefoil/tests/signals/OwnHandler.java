package dev.trefoil.tests.signals;

import java.lang.invoke.MethodHandles;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.concurrent.CountDownLatch;
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
  private final CountDownLatch called = new CountDownLatch(1);

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
                  called.countDown();
                  answer.run();
                  return null;
                }));
  }

  private Object set(Object handler) throws ReflectiveOperationException {
    Class<?> type = Class.forName("sun.misc.Signal");
    Method handle = type.getMethod("handle", type, Class.forName("sun.misc.SignalHandler"));
    return handle.invoke(null, type.getConstructor(String.class).newInstance(signal), handler);
  }

  boolean isCalled() throws InterruptedException {
    return called.await(30, TimeUnit.SECONDS);
  }

  int calls() {
    return calls.get();
  }

  @Override
  public void close() throws ReflectiveOperationException {
    set(before);
  }
}
