package dev.trefoil.kernel;

import dev.trefoil.hazmat.ControlC;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * What one run has to do with control-C, and what a control-C does to all that take it; the promises
 * are those of {@link ControlC}.
 */
final class ControlCReceiver {
  /** What comes sooner after a control-C is taken for the same one. */
  private static final long ONE_PRESS_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final RunLoop loop;
  private final ControlC where;

  /** Whether it is run in a thread where it takes control-C. */
  private volatile boolean wanted;

  /** Guarded, as is the next, by the lock of the class. */
  private boolean interrupted;

  /** When it was interrupted last, if it was. */
  private long since;

  ControlCReceiver(RunLoop loop, ControlC where) {
    this.loop = loop;
    this.where = where;
  }

  /** To be called in the thread that the run is run in, which may wait for another to do it. */
  void noteCaller() {
    wanted =
        switch (where) {
          case IN_MAIN_THREAD -> MainThread.isCurrent() && hasSignals();
          case IN_ANY_THREAD -> true;
          case NOT_TAKEN -> false;
        };
  }

  /** Without the module that handles signals a run does, unless it asks for them, without them. */
  private static boolean hasSignals() {
    return ModuleLayer.boot().findModule("jdk.unsupported").isPresent();
  }

  /** From now on this run takes control-C, if it is to. */
  void begin() {
    if (wanted) {
      SignalTable.deliverControlCTo(this);
    }
  }

  /** Ends {@link #begin()}. From any thread. */
  void end() {
    if (wanted) {
      SignalTable.forget(this);
    }
  }

  /**
   * Control-C has been pressed for these. On any thread. Returns false if all their runs were over by
   * then.
   */
  static boolean pressed(List<ControlCReceiver> receivers) {
    List<RunLoop> toInterrupt = new ArrayList<>();
    List<RunLoop> refusing = new ArrayList<>();
    boolean taken = false;
    synchronized (ControlCReceiver.class) {
      long now = System.nanoTime();
      for (ControlCReceiver receiver : receivers) {
        if (receiver.interrupted && now - receiver.since < ONE_PRESS_NANOS) {
          taken = true;
          continue;
        }
        boolean refuses = receiver.interrupted && receiver.loop.keyboardInterrupt().endsSlowly();
        (refuses ? refusing : toInterrupt).add(receiver.loop);
        taken |= refuses;
        receiver.interrupted = true;
        receiver.since = now;
      }
    }
    for (RunLoop loop : toInterrupt) {
      taken |= loop.keyboardInterrupt().raise();
    }
    if (!refusing.isEmpty()) {
      ForcedEnd.of(refusing);
    }
    return taken;
  }
}
