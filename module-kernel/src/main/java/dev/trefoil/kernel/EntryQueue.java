package dev.trefoil.kernel;

import dev.trefoil.hazmat.EntryPoint;
import dev.trefoil.hazmat.RunFinished;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The calls that come from outside: the only structure that threads share with a run.
 *
 * <p>Ordinary calls. Submitters push onto a lock-free stack; the loop takes the whole stack at once
 * and reverses it, which restores the order of submission. Closing swaps the stack for {@link
 * #CLOSED}: a push that loses against the swap sees that and is refused, one that wins is in the
 * stack that the closer holds and will be run. So acceptance and closing are decided by one atomic
 * step, without a lock that a submitter could be interrupted in.
 *
 * <p>Idempotent calls. A set in order of submission, with a lock, which is held for one hash
 * operation only; {@code idempotentClosed} is decided under the same lock. A call is removed before
 * it starts, so an equal one submitted from then on runs again.
 *
 * <p>Waking the loop: submit, then look whether the loop sleeps; the loop announces its sleep, then
 * looks whether anything was submitted. All of it is volatile, so one of them sees the other.
 */
final class EntryQueue implements EntryPoint {
  private static final Call CLOSED = new Call(() -> {}, null);

  private static final class Call {
    final Runnable fn;
    final @Nullable Call next;
    final int depth;

    Call(Runnable fn, @Nullable Call next) {
      this.fn = fn;
      this.next = next;
      this.depth = next == null ? 1 : next.depth + 1;
    }
  }

  private final Runnable wakeLoop;
  private final AtomicReference<@Nullable Call> submitted = new AtomicReference<>();

  private final Object idempotentLock = new Object();
  private final Set<Runnable> idempotent = new LinkedHashSet<>();
  private boolean idempotentClosed;

  /** Mirrors the set's size, so that the loop need not take the lock to find it empty. */
  private volatile int idempotentSize;

  EntryQueue(Runnable wakeLoop) {
    this.wakeLoop = wakeLoop;
  }

  @Override
  public void callSoonThreadAndSignalSafe(Runnable fn) {
    Objects.requireNonNull(fn, "fn: expected a call to make inside the run, got null");
    while (true) {
      Call top = submitted.get();
      if (top == CLOSED) {
        throw refused();
      }
      if (submitted.compareAndSet(top, new Call(fn, top))) {
        if (top == null) {
          wakeLoop.run();
        }
        return;
      }
    }
  }

  @Override
  public void callSoonThreadAndSignalSafe(Runnable fn, boolean isIdempotent) {
    if (!isIdempotent) {
      callSoonThreadAndSignalSafe(fn);
      return;
    }
    Objects.requireNonNull(fn, "fn: expected a call to make inside the run, got null");
    boolean added;
    synchronized (idempotentLock) {
      if (idempotentClosed) {
        throw refused();
      }
      added = idempotent.add(fn);
      idempotentSize = idempotent.size();
    }
    if (added) {
      wakeLoop.run();
    }
  }

  private static RunFinished refused() {
    return new RunFinished(
        "The run has ended: this call was not accepted and will not be made. Catch RunFinished"
            + " where a call may come late.");
  }

  // ---- for the loop

  boolean isEmpty() {
    return submitted.get() == null && idempotentSize == 0;
  }

  int size() {
    Call top = submitted.get();
    return (top == null || top == CLOSED ? 0 : top.depth) + idempotentSize;
  }

  /** Runs what has been submitted by now, through {@code runner}, which must not throw. */
  void runBatch(Consumer<Runnable> runner) {
    if (submitted.get() != null) {
      runInOrder(submitted.getAndSet(null), runner);
    }
    for (int left = idempotentSize; left > 0; left--) {
      Runnable fn = pollIdempotent();
      if (fn == null) {
        break;
      }
      runner.accept(fn);
    }
  }

  /** Refuses further calls, then runs the accepted ones that are left. */
  void closeAndRunRest(Consumer<Runnable> runner) {
    Call rest = submitted.getAndSet(CLOSED);
    synchronized (idempotentLock) {
      idempotentClosed = true;
    }
    runInOrder(rest, runner);
    for (Runnable fn = pollIdempotent(); fn != null; fn = pollIdempotent()) {
      runner.accept(fn);
    }
  }

  private static void runInOrder(@Nullable Call newest, Consumer<Runnable> runner) {
    Runnable[] calls = new Runnable[newest == null ? 0 : newest.depth];
    for (Call call = newest; call != null; call = call.next) {
      calls[call.depth - 1] = call.fn;
    }
    for (Runnable fn : calls) {
      runner.accept(fn);
    }
  }

  private @Nullable Runnable pollIdempotent() {
    synchronized (idempotentLock) {
      Iterator<Runnable> calls = idempotent.iterator();
      if (!calls.hasNext()) {
        return null;
      }
      Runnable fn = calls.next();
      calls.remove();
      idempotentSize = idempotent.size();
      return fn;
    }
  }
}
