package dev.trefoil.kernel;

import dev.trefoil.hazmat.Body;
import dev.trefoil.hazmat.Outcome;
import dev.trefoil.hazmat.ScopedBindings;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.invoke.VarHandle;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The scoped values of a thread, taken to another.
 *
 * <p>The platform has a public way for structured scopes only, so this goes to the field of {@link
 * Thread} that holds them, where the JVM is open for that. A thread caches what it has looked up, and
 * after certain faults finds its bindings by a look for {@code runWith} on its stack; both are minded.
 */
final class CapturedBindings implements ScopedBindings {
  /** Where the JVM is not open: every thread goes on with its own. */
  private static final ScopedBindings OWN =
      new ScopedBindings() {
        @Override
        public <T extends @Nullable Object, X extends Throwable> T call(Body<T, X> body) throws X {
          return body.call();
        }
      };

  /** Asking whether it is bound makes a thread find its bindings, if it has lost them. */
  private static final ScopedValue<Object> NEVER_BOUND = ScopedValue.newInstance();

  private final Object bindings;

  private CapturedBindings(Object bindings) {
    this.bindings = bindings;
  }

  /** Those of the code that runs. */
  static ScopedBindings capture() {
    Handles handles = Handles.OF_THREAD;
    if (handles == null) {
      return OWN;
    }
    Thread thread = Thread.currentThread();
    Object bindings = handles.bindings.get(thread);
    if (bindings == null) {
      NEVER_BOUND.isBound();
      bindings = handles.bindings.get(thread);
    }
    return new CapturedBindings(Objects.requireNonNull(bindings));
  }

  @Override
  public <T extends @Nullable Object, X extends Throwable> T call(Body<T, X> body) throws X {
    Handles handles = Objects.requireNonNull(Handles.OF_THREAD);
    Thread thread = Thread.currentThread();
    Object own = handles.bindings.get(thread);
    Result<T> result = new Result<>(body);
    handles.set(thread, bindings);
    try {
      handles.runWith(thread, bindings, result);
    } finally {
      handles.set(thread, own);
    }
    return Objects.requireNonNull(result.outcome).unwrap();
  }

  private static final class Result<T extends @Nullable Object> implements Runnable {
    private final Body<T, ?> body;
    private @Nullable Outcome<T> outcome;

    Result(Body<T, ?> body) {
      this.body = body;
    }

    @Override
    public void run() {
      try {
        outcome = Outcome.of(body.call());
      } catch (Throwable error) {
        outcome = Outcome.failure(error);
      }
    }
  }

  private static final class Handles {
    static final @Nullable Handles OF_THREAD = find();

    final VarHandle bindings;
    private final MethodHandle setCache;
    private final MethodHandle runWith;

    private Handles(VarHandle bindings, MethodHandle setCache, MethodHandle runWith) {
      this.bindings = bindings;
      this.setCache = setCache;
      this.runWith = runWith;
    }

    private static @Nullable Handles find() {
      try {
        MethodHandles.Lookup lookup =
            MethodHandles.privateLookupIn(Thread.class, MethodHandles.lookup());
        return new Handles(
            lookup.findVarHandle(Thread.class, "scopedValueBindings", Object.class),
            lookup.findStatic(
                Thread.class,
                "setScopedValueCache",
                MethodType.methodType(void.class, Object[].class)),
            lookup.findVirtual(
                Thread.class,
                "runWith",
                MethodType.methodType(void.class, Object.class, Runnable.class)));
      } catch (ReflectiveOperationException notOpen) {
        return null;
      }
    }

    void set(Thread thread, @Nullable Object value) {
      bindings.set(thread, value);
      try {
        setCache.invokeExact((Object[]) null);
      } catch (Throwable error) {
        throw Outcome.<RuntimeException>failure(error).unwrap();
      }
    }

    void runWith(Thread thread, Object value, Runnable body) {
      try {
        runWith.invokeExact(thread, value, body);
      } catch (Throwable error) {
        throw Outcome.<RuntimeException>failure(error).unwrap();
      }
    }
  }
}
