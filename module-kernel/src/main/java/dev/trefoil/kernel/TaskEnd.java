package dev.trefoil.kernel;

import dev.trefoil.hazmat.ParkingLot;
import dev.trefoil.hazmat.Task.ExitListener;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Who wants to know of the end of a task, apart from its owner. Few tasks have it. */
final class TaskEnd {
  private @Nullable List<ExitListener> listeners;
  private @Nullable ParkingLot joiners;

  /** How many are waiting for the result now. */
  int waitingJoins;

  /** Whether somebody has got it. */
  boolean joined;

  void addListener(ExitListener listener) {
    if (listeners == null) {
      listeners = new ArrayList<>(1);
    }
    listeners.add(listener);
  }

  boolean removeListener(ExitListener listener) {
    return listeners != null && listeners.remove(listener);
  }

  /** Returns the listeners, which are not to be called again. */
  List<ExitListener> takeListeners() {
    List<ExitListener> taken = listeners;
    listeners = null;
    return taken == null ? List.of() : taken;
  }

  void park(String label) {
    if (joiners == null) {
      joiners = new ParkingLot();
    }
    joiners.park(label);
  }

  void unparkJoiners() {
    if (joiners != null) {
      joiners.unparkAll();
    }
  }
}
