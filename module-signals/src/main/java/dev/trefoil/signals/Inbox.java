package dev.trefoil.signals;

import dev.trefoil.hazmat.ClosedResource;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.Outcome;
import dev.trefoil.hazmat.ParkingLot;
import dev.trefoil.hazmat.ResourceBusy;
import java.util.ArrayList;
import java.util.List;
import java.util.SequencedCollection;
import java.util.Set;

/**
 * What has arrived while it is open, and the one task that may wait for more. Somebody waits only
 * while nothing is there.
 */
final class Inbox {
  private final Object owner;
  private final Watches watches;
  private final ParkingLot waiting = new ParkingLot();
  private final SequencedCollection<Signal> arrived;
  private boolean closed;

  /**
   * Opens one.
   *
   * @param owner what the user sees, for messages
   * @param arrived empty, keeps signals in the order in which they are to be handed out
   */
  Inbox(Object owner, Set<Signal> signals, SequencedCollection<Signal> arrived) {
    this.owner = owner;
    this.arrived = arrived;
    this.watches = Watches.open(signals, this::arrive);
  }

  private void arrive(Signal signal) {
    if (waiting.unpark(Outcome.of(signal)) == null) {
      arrived.add(signal);
    }
  }

  /** A checkpoint in every case. */
  Signal take() {
    Hazmat.yieldIfCancelled();
    if (closed) {
      Hazmat.yieldBrieflyNoCancel();
      throw closedError();
    }
    if (!waiting.isEmpty()) {
      Hazmat.yieldBrieflyNoCancel();
      throw busy(owner);
    }
    if (arrived.isEmpty()) {
      return waiting.park("SIGNAL_WAIT");
    }
    Signal first = arrived.removeFirst();
    try {
      Hazmat.yieldBrieflyNoCancel();
    } catch (Throwable notSuspended) {
      arrived.addFirst(first);
      throw notSuspended;
    }
    return first;
  }

  /** Who waits gets what has arrived by now, or learns that nothing will. Returns what nobody got. */
  List<Signal> close() {
    if (!closed) {
      closed = true;
      watches.close();
      waiting.unpark(Outcome.failure(closedError()));
    }
    List<Signal> unread = new ArrayList<>(arrived);
    arrived.clear();
    return unread;
  }

  void passOn(List<Signal> unread) {
    watches.passOn(unread);
  }

  static ResourceBusy busy(Object owner) {
    return new ResourceBusy(
        "Another task already waits for a signal of "
            + owner
            + ", and which of them would get it? Let one task wait, or give each task its own: all"
            + " get a copy.");
  }

  private ClosedResource closedError() {
    return new ClosedResource(
        "Expected "
            + owner
            + " to be open, but this program has closed it, so no signal will come any more. Wait"
            + " inside the block that it is open for.");
  }
}
