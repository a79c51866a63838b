package dev.trefoil.kernel;

import dev.trefoil.hazmat.Abort;
import dev.trefoil.hazmat.Outcome;
import dev.trefoil.hazmat.TaskState;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/**
 * The tasks that wait until all others are blocked, by their cushions.
 *
 * <p>Those with the smallest cushion wake first; since that makes tasks runnable, the time of the
 * others starts anew by itself.
 */
final class IdleWaiters {
  private final TreeMap<Long, List<KernelTask<?>>> byCushion = new TreeMap<>();

  boolean isEmpty() {
    return byCushion.isEmpty();
  }

  long smallestCushion() {
    return byCushion.firstKey();
  }

  void park(Operations operations, KernelTask<?> task, long cushion) {
    byCushion.computeIfAbsent(cushion, key -> new ArrayList<>()).add(task);
    operations.yieldIndefinitely(
        "IDLE_WAIT",
        raiseCancel -> {
          List<KernelTask<?>> equals = byCushion.get(cushion);
          if (equals != null && equals.remove(task) && equals.isEmpty()) {
            byCushion.remove(cushion);
          }
          return Abort.SUCCEEDED;
        });
  }

  void wakeSmallest(Operations operations) {
    for (KernelTask<?> task : byCushion.pollFirstEntry().getValue()) {
      // Waking one of them may cancel another, by way of an instrument.
      if (task.state == TaskState.PARKED) {
        operations.reschedule(task, Outcome.nothing());
      }
    }
  }
}
