package dev.trefoil.kernel;

import dev.trefoil.hazmat.Backend;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.invoke.VarHandle;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A coroutine on the JVM's own continuations.
 *
 * <p>The class is not part of the platform's API and cannot be named under {@code --release}, hence
 * the method handles; being constants, they cost nothing.
 *
 * <p>A continuation runs on the loop's thread, and scoped values are bound to threads: without care,
 * what a task binds would be seen by the next one. So the thread's bindings are swapped around each
 * switch; a new task starts with none, as a new thread does. (The cache of scoped values is swapped
 * by the continuation itself.) Structured scopes of the platform, such as {@code
 * StructuredTaskScope}, hang on threads as well, in a stack of their own, and are swapped likewise.
 */
final class ContinuationCoroutine extends Coroutine {
  /** The continuation, with what it has bound if it has bound anything: few have, and many wait. */
  private Object suspended;

  private ContinuationCoroutine(Object continuation) {
    this.suspended = continuation;
  }

  private record WithBindings(
      Object continuation, @Nullable Object bindings, @Nullable Object scopes) {}

  @Override
  void resume() {
    Object continuation = suspended;
    Object bindings = Handles.NO_BINDINGS;
    Object scopes = null;
    if (continuation instanceof WithBindings bound) {
      continuation = bound.continuation;
      bindings = bound.bindings;
      scopes = bound.scopes;
    }
    Thread thread = Thread.currentThread();
    Object outer = Handles.BINDINGS.get(thread);
    Object outerScopes = swapScopes(thread, scopes);
    Handles.BINDINGS.set(thread, bindings);
    try {
      Handles.RUN.invokeExact(continuation);
    } catch (Throwable error) {
      throw rethrown(error);
    } finally {
      bindings = Handles.BINDINGS.get(thread);
      Handles.BINDINGS.set(thread, outer);
      scopes = swapScopes(thread, outerScopes);
      suspended =
          bindings == Handles.NO_BINDINGS && scopes == null
              ? continuation
              : new WithBindings(continuation, bindings, scopes);
    }
  }

  private Object continuation() {
    return suspended instanceof WithBindings bound ? bound.continuation : suspended;
  }

  /** Nearly always there are none on either side, and then nothing is written. */
  private static @Nullable Object swapScopes(Thread thread, @Nullable Object scopes) {
    try {
      Object before = (Object) Handles.GET_SCOPES.invokeExact(thread);
      if (before != scopes) {
        Handles.SET_SCOPES.invokeExact(thread, scopes);
      }
      return before;
    } catch (Throwable error) {
      throw rethrown(error);
    }
  }

  @Override
  void suspend() {
    try {
      boolean ignored = (boolean) Handles.YIELD.invokeExact();
    } catch (Throwable error) {
      throw rethrown(error);
    }
  }

  @Override
  void handOverTo(Coroutine next) {
    throw new AssertionError("a continuation goes back to where it was run");
  }

  @Override
  boolean renew() {
    Thread thread = Thread.currentThread();
    Handles.BINDINGS.set(thread, Handles.NO_BINDINGS);
    swapScopes(thread, null);
    return true;
  }

  @Override
  StackTraceElement[] suspendedStack() {
    try {
      return (StackTraceElement[]) Handles.STACK_TRACE.invokeExact(continuation());
    } catch (Throwable error) {
      throw rethrown(error);
    }
  }

  /** A frame: a method of a class. */
  record Called(Class<?> type, String method) {}

  /**
   * What is on the stack and not on the thread's: a continuation that has been suspended gets its frames
   * back as the inner ones return. From any thread while this one stands still.
   */
  List<Called> framesToComeBack() {
    StackWalker walker;
    try {
      walker = (StackWalker) Walking.WALKER.invokeExact(continuation(), Walking.WITH_CLASSES);
    } catch (Throwable error) {
      throw rethrown(error);
    }
    return walker.walk(
        frames ->
            frames
                .map(frame -> new Called(frame.getDeclaringClass(), frame.getMethodName()))
                .toList());
  }

  @Override
  Thread runningThread(Thread loopThread) {
    return loopThread;
  }

  /** The handles declare Throwable; what comes is always unchecked. */
  private static RuntimeException rethrown(Throwable error) {
    if (error instanceof Error serious) {
      throw serious;
    }
    if (error instanceof RuntimeException unchecked) {
      throw unchecked;
    }
    throw new AssertionError("a continuation threw a checked exception", error);
  }

  /** Why this JVM cannot do it, or null if it can. */
  static @Nullable String unavailableBecause() {
    return Probe.FAILURE;
  }

  /** Makes coroutines for a loop on a platform thread. */
  static final class Factory implements CoroutineFactory {
    @Override
    public Backend backend() {
      return Backend.CONTINUATION;
    }

    @Override
    public boolean handsOver() {
      return false;
    }

    @Override
    public void runLoopOn(Thread loopThread) {}

    @Override
    public Coroutine create(Runnable body) {
      try {
        return new ContinuationCoroutine((Object) Handles.NEW.invokeExact(body));
      } catch (Throwable error) {
        throw rethrown(error);
      }
    }
  }

  /** Tries {@link Handles} once, apart from it, since a class whose initializer failed is dead. */
  private static final class Probe {
    static final @Nullable String FAILURE = probe();

    private static @Nullable String probe() {
      try {
        Handles.NEW.type();
        return null;
      } catch (ExceptionInInitializerError failed) {
        return String.valueOf(failed.getCause());
      }
    }
  }

  private static final class Handles {
    /** What {@code Thread} holds in a thread that has bound no scoped value. */
    static final Object NO_BINDINGS = Thread.class;

    static final VarHandle BINDINGS;
    static final MethodHandle GET_SCOPES;
    static final MethodHandle SET_SCOPES;
    static final MethodHandle NEW;
    static final MethodHandle RUN;
    static final MethodHandle YIELD;
    static final MethodHandle STACK_TRACE;

    static {
      try {
        // With the null loader: a bundle's own loader does not delegate this package.
        Class<?> type = Class.forName("jdk.internal.vm.Continuation", true, null);
        Class<?> scopeType = Class.forName("jdk.internal.vm.ContinuationScope", true, null);
        MethodHandles.Lookup lookup = MethodHandles.lookup();
        Object scope =
            lookup
                .findConstructor(scopeType, MethodType.methodType(void.class, String.class))
                .invoke("trefoil");
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
        STACK_TRACE =
            lookup
                .findVirtual(
                    type, "getStackTrace", MethodType.methodType(StackTraceElement[].class))
                .asType(MethodType.methodType(StackTraceElement[].class, Object.class));
        MethodHandles.Lookup ofThread = MethodHandles.privateLookupIn(Thread.class, lookup);
        BINDINGS = ofThread.findVarHandle(Thread.class, "scopedValueBindings", Object.class);
        Class<?> stackable = Class.forName("jdk.internal.vm.StackableScope", true, null);
        VarHandle scopes = ofThread.findVarHandle(Thread.class, "headStackableScopes", stackable);
        // Plain access to the volatile field: other threads look at it for dumps only.
        GET_SCOPES =
            scopes
                .toMethodHandle(VarHandle.AccessMode.GET)
                .asType(MethodType.methodType(Object.class, Thread.class));
        SET_SCOPES =
            scopes
                .toMethodHandle(VarHandle.AccessMode.SET)
                .asType(MethodType.methodType(void.class, Thread.class, Object.class));
      } catch (Throwable failure) {
        throw new ExceptionInInitializerError(failure);
      }
    }
  }

  /** Apart from the others, since few ever need it. */
  private static final class Walking {
    static final Set<StackWalker.Option> WITH_CLASSES =
        Set.of(StackWalker.Option.RETAIN_CLASS_REFERENCE);

    static final MethodHandle WALKER;

    static {
      try {
        Class<?> type = Class.forName("jdk.internal.vm.Continuation", true, null);
        WALKER =
            MethodHandles.lookup()
                .findVirtual(
                    type, "stackWalker", MethodType.methodType(StackWalker.class, Set.class))
                .asType(MethodType.methodType(StackWalker.class, Object.class, Set.class));
      } catch (ReflectiveOperationException failure) {
        throw new ExceptionInInitializerError(failure);
      }
    }
  }
}
