package dev.trefoil.threads;

import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.ParkingLot;
import dev.trefoil.sync.CapacityLimiter;

/** What a run knows of the threads that its tasks have started. On the run's thread only. */
final class RunThreads {
  private static final Object KEY = new Object();
  private static final int DEFAULT_LIMIT = 40;

  private final CapacityLimiter limiter = new CapacityLimiter(DEFAULT_LIMIT, "threads");
  private final ParkingLot idleWaiters = new ParkingLot();
  private int active;

  private RunThreads() {}

  static RunThreads current() {
    return (RunThreads)
        Hazmat.currentRun().locals().computeIfAbsent(KEY, firstUse -> new RunThreads());
  }

  CapacityLimiter limiter() {
    return limiter;
  }

  int active() {
    return active;
  }

  void started() {
    active++;
  }

  void ended() {
    active--;
    if (active == 0) {
      idleWaiters.unparkAll();
    }
  }

  void awaitIdle() {
    if (active == 0) {
      Hazmat.yieldBriefly();
    }
    while (active > 0) {
      idleWaiters.park();
    }
  }
}
