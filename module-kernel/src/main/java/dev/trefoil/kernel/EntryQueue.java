package dev.trefoil.kernel;

import dev.trefoil.hazmat.EntryPoint;
import dev.trefoil.hazmat.KeyboardInterrupts;
import dev.trefoil.hazmat.Outcome;
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
 * looks whether anything was submitted. All of it is volatile, so one of them sees the other. Every
 * submitter looks, not only the first, which may never come to it. One whose stack is too full to
 * wake the loop is found out before its call is accepted, save when the loop falls asleep between.
 *
 * <p>Memory and stack may run out anywhere. So nothing is allocated once a call is accepted, and what
 * the loop has taken is kept in {@link #taken} until it has run.
 */
final class EntryQueue implements EntryPoint {
  private static final Call CLOSED = new Call(() -> {}, null);

  private static final class Call {
    final Runnable fn;
    final int depth;

    /** The one before; the one after, when the loop has taken it. */
    @Nullable Call next;

    Call(Runnable fn, @Nullable Call next) {
      this.fn = fn;
      this.next = next;
      this.depth = next == null ? 1 : next.depth + 1;
    }
  }

  private final StackReserve stack;
  private final Runnable prepareToWake;
  private final Runnable wakeLoop;
  private final AtomicReference<@Nullable Call> submitted = new AtomicReference<>();

  /** The loop's: what is left of a batch, in order; more than null only within it or after a fault. */
  private @Nullable Call taken;

  private final Object idempotentLock = new Object();
  private final Set<Runnable> idempotent = new LinkedHashSet<>();
  private boolean idempotentClosed;

  /** Mirrors the set's size, so that the loop need not take the lock to find it empty. */
  private volatile int idempotentSize;

  /**
   * Makes a queue.
   *
   * @param stack of the run
   * @param prepareToWake throws if the loop sleeps and could not be woken from here
   * @param wakeLoop wakes the loop if it sleeps
   */
  EntryQueue(StackReserve stack, Runnable prepareToWake, Runnable wakeLoop) {
    this.stack = stack;
    this.prepareToWake = prepareToWake;
    this.wakeLoop = wakeLoop;
  }

  @Override
  public void callSoonThreadAndSignalSafe(Runnable fn) {
    Objects.requireNonNull(fn, "fn: expected a call to make inside the run, got null");
    KeyboardInterrupts.enter();
    prepareToWake.run();
    while (true) {
      Call top = submitted.get();
      if (top == CLOSED) {
        throw refused();
      }
      if (submitted.compareAndSet(top, new Call(fn, top))) {
        wakeLoop.run();
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
    KeyboardInterrupts.enter();
    prepareToWake.run();
    // A set that has overflown in the middle of an addition would be broken.
    stack.require();
    synchronized (idempotentLock) {
      if (idempotentClosed) {
        throw refused();
      }
      try {
        idempotent.add(fn);
      } finally {
        // Also if it has been added, and then there was no memory for a larger table.
        idempotentSize = idempotent.size();
      }
    }
    wakeLoop.run();
  }

  private static RunFinished refused() {
    return new RunFinished(
        "The run has ended: this call was not accepted and will not be made. Catch RunFinished"
            + " where a call may come late.");
  }

  // ---- for the loop

  /** From any thread. */
  boolean isClosed() {
    return submitted.get() == CLOSED;
  }

  boolean isEmpty() {
    return taken == null && submitted.get() == null && idempotentSize == 0;
  }

  int size() {
    Call top = submitted.get();
    return (top == null || top == CLOSED ? 0 : top.depth) + idempotentSize;
  }

  /**
   * Runs what has been submitted by now, through {@code runner}. If that throws, what is left of the
   * batch is run by the next.
   */
  void runBatch(Consumer<Runnable> runner) {
    if (taken == null && submitted.get() != null) {
      taken = inOrder(submitted.getAndSet(null));
    }
    runTaken(runner);
    for (int left = idempotentSize; left > 0; left--) {
      Runnable fn = pollIdempotent();
      if (fn == null) {
        break;
      }
      runner.accept(fn);
    }
  }

  /** From any thread, for a run that will not go on: refuses further calls, and makes no other. */
  void close() {
    submitted.set(CLOSED);
    synchronized (idempotentLock) {
      idempotentClosed = true;
    }
  }

  /** Refuses further calls, then runs all accepted ones that are left, even if one throws. */
  void closeAndRunRest(Consumer<Runnable> runner) {
    Call rest = submitted.getAndSet(CLOSED);
    close();
    Throwable fault = runAll(runner, null);
    taken = rest == CLOSED ? null : inOrder(rest);
    fault = runAll(runner, fault);
    for (Runnable fn = pollIdempotent(); fn != null; fn = pollIdempotent()) {
      fault = run(fn, runner, fault);
    }
    if (fault != null) {
      throw Outcome.<RuntimeException>failure(fault).unwrap();
    }
  }

  private @Nullable Throwable runAll(Consumer<Runnable> runner, @Nullable Throwable earlier) {
    Throwable fault = earlier;
    for (Call call = taken; call != null; call = taken) {
      taken = call.next;
      fault = run(call.fn, runner, fault);
    }
    return fault;
  }

  /** Returns the first fault. */
  private static @Nullable Throwable run(
      Runnable fn, Consumer<Runnable> runner, @Nullable Throwable earlier) {
    try {
      runner.accept(fn);
      return earlier;
    } catch (Throwable fault) {
      return earlier == null ? fault : earlier;
    }
  }

  private void runTaken(Consumer<Runnable> runner) {
    for (Call call = taken; call != null; call = taken) {
      taken = call.next;
      runner.accept(call.fn);
    }
  }

  /** Turns a stack round, which is the loop's alone by now. Calls nothing and allocates nothing. */
  private static @Nullable Call inOrder(@Nullable Call newest) {
    Call first = null;
    for (Call call = newest; call != null; ) {
      Call before = call.next;
      call.next = first;
      first = call;
      call = before;
    }
    return first;
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
