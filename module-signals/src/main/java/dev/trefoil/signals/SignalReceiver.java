package dev.trefoil.signals;

import dev.trefoil.hazmat.RunGuard;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Tells which signals have come, from being opened to being closed. A signal that comes again before a
 * task was told of it counts once.
 *
 * <pre>{@code
 * try (SignalReceiver signals = SignalReceiver.open(Signal.HUP, Signal.TERM)) {
 *   for (Signal signal : signals) {
 *     if (signal.equals(Signal.TERM)) {
 *       break;
 *     }
 *     reload();
 *   }
 * }
 * }</pre>
 *
 * <p>Nothing is lost: what has come and was handed to nobody when it is closed has the effect then that
 * it would have had without the receiver. What holds for runs and threads, and for several watchers of
 * one signal, is in the documentation of the package.
 *
 * <p>Source: Trio's {@code open_signal_receiver}.
 */
public final class SignalReceiver implements Iterable<Signal>, AutoCloseable {
  private final Set<Signal> signals;
  private final RunGuard guard = new RunGuard(this);
  private final Inbox inbox;

  private SignalReceiver(Set<Signal> signals) {
    this.signals = signals;
    guard.require();
    this.inbox = new Inbox(this, signals, new LinkedHashSet<>());
  }

  /**
   * Opens a receiver. Never waits; no checkpoint.
   *
   * @param signals one or more; a second of the same name counts as one
   * @return the receiver, to be closed
   * @throws IllegalArgumentException if there is none, or this system does not have one of them
   * @throws UnsupportedOperationException if the JVM or the system keeps one of them to itself
   * @throws IllegalStateException outside a run
   */
  public static SignalReceiver open(Signal... signals) {
    return new SignalReceiver(Watches.setOf(signals));
  }

  /**
   * Returns the next signal, waiting for one if none is there. A checkpoint. A cancelled call takes no
   * signal.
   *
   * <p>They come in the order of their first arrival since they were last handed out, so one that comes
   * all the time does not hold up another.
   *
   * @return the signal, of those that the receiver was opened with
   * @throws dev.trefoil.hazmat.ResourceBusy if another task waits for this receiver
   * @throws dev.trefoil.hazmat.ClosedResource if it is closed, or is closed meanwhile
   * @throws dev.trefoil.hazmat.Cancelled if cancelled before a signal came
   * @throws IllegalStateException outside a task, and from the wrong thread or run
   */
  public Signal receive() {
    guard.requireTask();
    return inbox.take();
  }

  /**
   * Returns an iterator without an end. Its {@code next} is {@link #receive()}; its {@code hasNext} is
   * always true, takes nothing and is no checkpoint.
   *
   * @return a new iterator; only one task at a time can wait in any of them
   */
  @Override
  public Iterator<Signal> iterator() {
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return true;
      }

      @Override
      public Signal next() {
        return receive();
      }
    };
  }

  /**
   * Closes the receiver. If a task waits, it gets {@link dev.trefoil.hazmat.ClosedResource}. Signals that
   * nobody was handed have their effect now: if others in the process watch them, none, since these have
   * had their own; otherwise a keyboard interrupt, what the handler from before does, or what the system
   * does by default. All of them, even if one of these handlers throws. Closing again does nothing. Never
   * waits; no checkpoint.
   *
   * @throws IllegalStateException from the wrong thread or run
   * @throws IllegalCallerException if only the system's default is left for one of the signals, and this
   *     JVM denies native access to the kernel
   */
  @Override
  public void close() {
    guard.require();
    List<Signal> unread = inbox.close();
    inbox.passOn(unread);
  }

  @Override
  public String toString() {
    return "SignalReceiver" + signals;
  }
}
