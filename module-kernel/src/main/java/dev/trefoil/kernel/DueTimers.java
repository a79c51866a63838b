package dev.trefoil.kernel;

import dev.trefoil.hazmat.Clock;
import java.util.ArrayList;
import java.util.List;

/**
 * Fires the deadlines and alarms whose time has come. The protocol: first all of them are taken out of the
 * heap and the scopes cancelled, then those are woken whom that interrupts, and last the alarms ring.
 *
 * <p>Confinement: on the run's thread, between steps.
 */
final class DueTimers {
  private final Clock clock;
  private final DeadlineHeap deadlines;
  private final Aborts aborts;

  DueTimers(Clock clock, DeadlineHeap deadlines, Aborts aborts) {
    this.clock = clock;
    this.deadlines = deadlines;
    this.aborts = aborts;
  }

  void fire() {
    Timer timer = deadlines.first();
    if (timer == null) {
      return;
    }
    long now = clock.now();
    if (timer.deadline > now) {
      return;
    }
    List<KernelTask<?>> interrupted = new ArrayList<>(0);
    Alarm firstAlarm = null;
    Alarm lastAlarm = null;
    try {
      while (timer != null && timer.deadline <= now) {
        if (timer instanceof Alarm alarm) {
          deadlines.remove(alarm);
          if (lastAlarm == null) {
            firstAlarm = alarm;
          } else {
            lastAlarm.setNextDue(alarm);
          }
          lastAlarm = alarm;
        } else if (timer instanceof CancelNode node) {
          KernelTask<?> task = node.deadlinePassed();
          if (task != null) {
            interrupted.add(task);
          }
        }
        timer = deadlines.first();
      }
      // Only now, since of several that are due the outermost counts.
      for (KernelTask<?> task : interrupted) {
        aborts.deliver(task);
      }
    } catch (Throwable fault) {
      aborts.faulted = true;
      throw fault;
    } finally {
      // Last, since a cancellation at the same moment goes before.
      while (firstAlarm != null) {
        Alarm alarm = firstAlarm;
        firstAlarm = alarm.takeNextDue();
        alarm.ring();
      }
    }
  }
}
