package dev.trefoil.kernel;

import dev.trefoil.hazmat.ParkingLot;
import dev.trefoil.hazmat.Task.ExitListener;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What few tasks have, kept apart since there may be a million of the others. */
final class TaskExtras {
  /** The name that was given to the task, for people. */
  @Nullable String name;

  // ---- what was sent to the task alone

  /** Makes the error to raise once; null if none is pending. */
  @Nullable Supplier<? extends Throwable> interrupt;

  /** How many nodes that the task has entered have an interrupt for it that is due. */
  int dueInterrupts;

  /** Whether {@link KernelTask#cancel()} has interrupted the task, which it does only once. */
  boolean cancelRequested;

  // ---- who wants to know of the end, apart from the owner

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

  void parkJoiner(String label) {
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
