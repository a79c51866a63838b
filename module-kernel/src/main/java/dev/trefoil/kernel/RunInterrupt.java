package dev.trefoil.kernel;

import dev.trefoil.hazmat.Cancelled;
import dev.trefoil.hazmat.KeyboardInterrupt;
import dev.trefoil.hazmat.Outcome;
import dev.trefoil.hazmat.RunFinished;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The keyboard interrupt of a run, from whoever raises it to the one place that throws it. What is
 * raised while another is on its way is one with it.
 *
 * <pre>
 *   none    -> RAISED     by anybody; an entry call comes with it
 *   RAISED  -> none       claimed by the {@link AsyncInterrupter}, which throws it in the code that runs
 *   RAISED  -> PENDING    claimed by the entry call, for the main task
 *   PENDING -> none       taken by a cancel point of the main task, or by the end of the run
 * </pre>
 *
 * <p>Confinement: raising and claiming are for any thread; what is pending belongs to the run's.
 */
final class RunInterrupt {
  private final RunLoop loop;
  private final boolean restrictedToCheckpoints;

  /** Set by who brings an interrupt, cleared by who is to deliver it. */
  private final AtomicBoolean raised = new AtomicBoolean();

  /** Whether the main task is to be given an interrupt at its next cancel point. */
  private boolean pending;

  /** The same object each time: as an idempotent call it is known by that. */
  private final Runnable delivery = this::deliver;

  RunInterrupt(RunLoop loop, boolean restrictedToCheckpoints) {
    this.loop = loop;
    this.restrictedToCheckpoints = restrictedToCheckpoints;
  }

  // ---- from any thread

  /** Returns false if the run is over. */
  boolean raise() {
    long step = loop.steps.foreignCode().count();
    boolean atOnce =
        (step & 1) == 1 && !restrictedToCheckpoints && !loop.operations().isThreadBoundHere();
    raised.set(true);
    try {
      loop.entries().callSoonThreadAndSignalSafe(delivery, true);
    } catch (RunFinished over) {
      raised.set(false);
      return false;
    }
    if (atOnce) {
      AsyncInterrupter.interrupt(loop, step);
    }
    return true;
  }

  /** Returns true to the one who is to deliver an interrupt that was raised. */
  boolean claim() {
    return raised.compareAndSet(true, false);
  }

  /** For one who has claimed it and could not deliver it. */
  void unclaim() {
    raised.set(true);
  }

  boolean isRaised() {
    return raised.get();
  }

  /** At a guess: whether whoever has sent one is kept waiting for what is to come of it. */
  boolean endsSlowly() {
    KernelTask<?> main = loop.mainTask();
    return isRaised()
        || pending
        || main != null && (main.state.isFinal() || main.node().isCancelledFromAnywhere());
  }

  // ---- on the run's thread

  private void deliver() {
    if (!claim()) {
      return;
    }
    pending = true;
    KernelTask<?> main = loop.mainTask();
    if (main == null) {
      loop.stopHere();
    } else {
      loop.aborts.deliver(main);
    }
  }

  boolean mustRaiseIn(KernelTask<?> task) {
    return pending && task == loop.mainTask();
  }

  /** For one who throws it. */
  KeyboardInterrupt take() {
    pending = false;
    return Operations.keyboardInterrupt();
  }

  /** Nobody will pass a cancel point any more: throws what has found none. */
  void throwLate() {
    if (!pending) {
      return;
    }
    KeyboardInterrupt late = take();
    KernelTask<?> main = loop.mainTask();
    if (main != null
        && main.outcome() instanceof Outcome.Failure<?>(Throwable error)
        && !(error instanceof Cancelled)) {
      late.addSuppressed(error);
    }
    throw late;
  }
}
