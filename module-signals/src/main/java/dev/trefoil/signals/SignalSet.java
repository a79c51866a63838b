package dev.trefoil.signals;

import dev.trefoil.hazmat.Action;
import dev.trefoil.hazmat.Body;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.KeyboardInterrupts;
import dev.trefoil.hazmat.RunGuard;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Signals to wait for. While the set is open, every signal of it that comes is kept until a task takes
 * it.
 *
 * <pre>{@code
 * try (SignalSet signals = new SignalSet(Signal.HUP, Signal.TERM).open()) {
 *   while (signals.await().equals(Signal.HUP)) {
 *     reload();
 *   }
 * }
 * }</pre>
 *
 * <p>It may be opened again after it was closed, and also by a later run. What holds for runs and
 * threads, and for several watchers of one signal, is in the documentation of the package.
 *
 * <p>Source: Curio's {@code SignalSet}.
 */
public final class SignalSet implements AutoCloseable {
  private final Set<Signal> signals;
  private final RunGuard guard = new RunGuard(this);

  /**
   * An entry of the run's locals while the set is open in it, so that nothing is left of that when the
   * run is over, however it ended.
   */
  private record Opened(Inbox inbox, boolean forOneCall) {}

  /**
   * Makes a set that watches nothing yet. May be called anywhere.
   *
   * @param signals one or more; a second of the same name counts as one
   * @throws IllegalArgumentException if there is none
   */
  public SignalSet(Signal... signals) {
    this.signals = Watches.setOf(signals);
  }

  // ---- open

  /**
   * Starts to keep the signals that come. Never waits; no checkpoint.
   *
   * <p>Source: entering Curio's {@code async with sigset}.
   *
   * @return this set, for a try-with-resources statement
   * @throws IllegalStateException if it is open, and from the wrong thread or run
   * @throws IllegalArgumentException if this system does not have one of the signals
   * @throws UnsupportedOperationException if the JVM or the system keeps one of them to itself
   */
  public SignalSet open() {
    guard.require();
    if (opened() != null) {
      throw new IllegalStateException(
          "Expected "
              + this
              + " to be closed, but a task has opened it or waits for it. One set cannot be opened"
              + " twice at a time; make one for each block: all get a copy of each signal.");
    }
    openNow(false);
    return this;
  }

  /**
   * Ends that, and drops the signals that nobody has taken. If a task waits, it gets {@link
   * dev.trefoil.hazmat.ClosedResource}. Does nothing if the set is not open. Never waits; no checkpoint.
   *
   * <p>Source: leaving Curio's {@code async with sigset}.
   *
   * @throws IllegalStateException from the wrong thread or run
   */
  @Override
  public void close() {
    guard.require();
    Opened opened = opened();
    if (opened != null && !opened.forOneCall()) {
      closeNow(opened.inbox());
    }
  }

  /**
   * Opens the set, runs {@code body} and closes it, however the body ends.
   *
   * @param <T> the type of the result
   * @param <X> what the body may throw
   * @param body what to run while it is open; not run if {@link #open()} throws
   * @return what the body returned
   * @throws X whatever the body throws
   */
  public <T extends @Nullable Object, X extends Throwable> T whileOpen(Body<T, X> body) throws X {
    Objects.requireNonNull(body, "body: expected what to run while it is open, got null");
    try (var _ = open()) {
      return KeyboardInterrupts.callOut(body);
    }
  }

  /**
   * Opens the set, runs {@code body}, which has no result, and closes it, however the body ends.
   *
   * @param <X> what the body may throw
   * @param body what to run while it is open; not run if {@link #open()} throws
   * @throws X whatever the body throws
   */
  public <X extends Throwable> void whileOpen(Action<X> body) throws X {
    Objects.requireNonNull(body, "body: expected what to run while it is open, got null");
    try (var _ = open()) {
      KeyboardInterrupts.callOut(body);
    }
  }

  private Inbox openNow(boolean forOneCall) {
    Inbox inbox = new Inbox(this, signals, new ArrayDeque<>());
    Hazmat.currentRun().locals().put(this, new Opened(inbox, forOneCall));
    return inbox;
  }

  private List<Signal> closeNow(Inbox open) {
    Hazmat.currentRun().locals().remove(this);
    return open.close();
  }

  private @Nullable Opened opened() {
    return (Opened) Hazmat.currentRun().locals().get(this);
  }

  // ---- wait

  /**
   * Returns the next signal, waiting for one if none is there. A checkpoint. A cancelled wait takes no
   * signal.
   *
   * <p>If the set is not open, it watches only during the call. What comes between two such calls has its
   * usual effect, and that of most signals is the end of the process; so open the set if more than one
   * may come. A signal that comes during the call and is not the one returned, such as one that comes as
   * the call is cancelled, has its usual effect as well.
   *
   * <p>Source: Curio's {@code SignalSet.wait}, where a second waiter silently replaces the first.
   *
   * @return the signal, of those that the set was made of
   * @throws dev.trefoil.hazmat.ResourceBusy if another task waits for this set
   * @throws dev.trefoil.hazmat.ClosedResource if the set is closed meanwhile
   * @throws dev.trefoil.hazmat.Cancelled if cancelled before a signal came
   * @throws IllegalStateException outside a task, and from the wrong thread or run
   * @throws IllegalArgumentException if the set is not open, and {@link #open()} would throw it
   * @throws IllegalCallerException if the set is not open, and another signal is to have an effect that
   *     only the system gives it, and this JVM denies native access to the kernel
   * @throws UnsupportedOperationException if the set is not open, and {@link #open()} would throw it
   */
  public Signal await() {
    guard.requireTask();
    Opened opened = opened();
    if (opened == null) {
      Hazmat.yieldIfCancelled();
      return awaitAlone();
    }
    if (opened.forOneCall()) {
      Hazmat.yieldBrieflyNoCancel();
      throw Inbox.busy(this);
    }
    return opened.inbox().take();
  }

  private Signal awaitAlone() {
    Inbox own;
    try {
      own = openNow(true);
    } catch (RuntimeException refused) {
      Hazmat.yieldBrieflyNoCancel();
      throw refused;
    }
    try {
      return own.take();
    } finally {
      own.passOn(closeNow(own));
    }
  }

  // ---- ignore

  /**
   * Lets the signals have no effect at all until what is returned is closed. They are not kept either:
   * sets and receivers that are open do not get them, those opened meanwhile do. Never waits; no
   * checkpoint.
   *
   * <p>Source: Curio's {@code SignalSet.ignore}.
   *
   * @return what ends it, for a try-with-resources statement
   * @throws IllegalStateException from the wrong thread or run
   * @throws IllegalArgumentException if this system does not have one of the signals
   * @throws UnsupportedOperationException if the JVM or the system keeps one of them to itself
   */
  public Ignored ignore() {
    guard.require();
    return new Ignored(this, Watches.ignoring(signals));
  }

  /**
   * Runs {@code body} while the signals have no effect, and then lets them have it again, however the
   * body ends.
   *
   * @param <T> the type of the result
   * @param <X> what the body may throw
   * @param body what to run; not run if {@link #ignore()} throws
   * @return what the body returned
   * @throws X whatever the body throws
   */
  public <T extends @Nullable Object, X extends Throwable> T whileIgnored(Body<T, X> body)
      throws X {
    Objects.requireNonNull(body, "body: expected what to run meanwhile, got null");
    try (var _ = ignore()) {
      return KeyboardInterrupts.callOut(body);
    }
  }

  /**
   * Runs {@code body}, which has no result, while the signals have no effect, and then lets them have it
   * again, however the body ends.
   *
   * @param <X> what the body may throw
   * @param body what to run; not run if {@link #ignore()} throws
   * @throws X whatever the body throws
   */
  public <X extends Throwable> void whileIgnored(Action<X> body) throws X {
    Objects.requireNonNull(body, "body: expected what to run meanwhile, got null");
    try (var _ = ignore()) {
      KeyboardInterrupts.callOut(body);
    }
  }

  @Override
  public String toString() {
    return "SignalSet" + signals;
  }
}
