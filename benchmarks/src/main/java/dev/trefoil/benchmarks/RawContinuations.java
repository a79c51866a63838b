package dev.trefoil.benchmarks;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.ArrayDeque;

/**
 * Continuations of the JVM, run in turn until all have ended, and nothing else: what no scheduler on top
 * of them can beat. The class cannot be named under {@code --release}, hence the method handles.
 */
final class RawContinuations {
  /**
   * How many frames a task of Trefoil has between its continuation and its body, and between a
   * checkpoint in the body and the continuation. Frames are what a switch copies.
   */
  private static final int FRAMES_BELOW = 5;

  private static final int FRAMES_ABOVE = 5;

  private static final MethodHandle NEW;
  private static final MethodHandle RUN;
  private static final MethodHandle YIELD;
  private static final MethodHandle IS_DONE;

  static {
    try {
      Class<?> type = Class.forName("jdk.internal.vm.Continuation");
      Class<?> scopeType = Class.forName("jdk.internal.vm.ContinuationScope");
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      Object scope =
          lookup
              .findConstructor(scopeType, MethodType.methodType(void.class, String.class))
              .invoke("raw");
      NEW =
          MethodHandles.insertArguments(
                  lookup.findConstructor(
                      type, MethodType.methodType(void.class, scopeType, Runnable.class)),
                  0,
                  scope)
              .asType(MethodType.methodType(Object.class, Runnable.class));
      RUN =
          lookup
              .findVirtual(type, "run", MethodType.methodType(void.class))
              .asType(MethodType.methodType(void.class, Object.class));
      YIELD =
          MethodHandles.insertArguments(
              lookup.findStatic(type, "yield", MethodType.methodType(boolean.class, scopeType)),
              0,
              scope);
      IS_DONE =
          lookup
              .findVirtual(type, "isDone", MethodType.methodType(boolean.class))
              .asType(MethodType.methodType(boolean.class, Object.class));
    } catch (Throwable failure) {
      throw new ExceptionInInitializerError(failure);
    }
  }

  private final ArrayDeque<Object> runnable = new ArrayDeque<>();

  void add(Runnable body) {
    try {
      runnable.add((Object) NEW.invokeExact((Runnable) new Descent(FRAMES_BELOW, body)));
    } catch (Throwable error) {
      throw new IllegalStateException(error);
    }
  }

  /** Runs all to their ends. */
  void run() {
    try {
      for (Object next = runnable.poll(); next != null; next = runnable.poll()) {
        RUN.invokeExact(next);
        if (!(boolean) IS_DONE.invokeExact(next)) {
          runnable.add(next);
        }
      }
    } catch (Throwable error) {
      throw new IllegalStateException(error);
    }
  }

  /** Runs each until it yields for the first time; returns how many did. */
  int runEachOnce() {
    int all = runnable.size();
    try {
      for (int i = 0; i < all; i++) {
        Object next = runnable.remove();
        RUN.invokeExact(next);
        if (!(boolean) IS_DONE.invokeExact(next)) {
          runnable.add(next);
        }
      }
    } catch (Throwable error) {
      throw new IllegalStateException(error);
    }
    return runnable.size();
  }

  /** From inside one of them: lets the others run. */
  static void yieldToOthers() {
    suspend(FRAMES_ABOVE - 1);
  }

  private static void suspend(int frames) {
    if (frames > 1) {
      suspend(frames - 1);
      return;
    }
    try {
      boolean ignored = (boolean) YIELD.invokeExact();
    } catch (Throwable error) {
      throw new IllegalStateException(error);
    }
  }

  private record Descent(int frames, Runnable body) implements Runnable {
    @Override
    public void run() {
      descend(frames - 2);
    }

    private void descend(int left) {
      if (left > 0) {
        descend(left - 1);
      } else {
        body.run();
      }
    }
  }
}
