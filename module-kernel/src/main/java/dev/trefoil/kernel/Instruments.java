package dev.trefoil.kernel;

import dev.trefoil.hazmat.CancelStatus;
import dev.trefoil.hazmat.Instrument;
import dev.trefoil.hazmat.Run;
import dev.trefoil.hazmat.RunFinished;
import dev.trefoil.hazmat.RunningCode;
import dev.trefoil.hazmat.Task;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.function.Consumer;

/**
 * The instruments of a run, sorted by the hooks that they override, so that a hook nobody overrides
 * costs the loop one look at an empty array.
 */
final class Instruments {
  /** The logger is made when something is logged, since every run comes by here, and it takes long. */
  private static final String LOG_NAME = "dev.trefoil.kernel";

  private static final Instrument[] NONE = {};

  private final RunLoop loop;

  /** Compared by identity: what equals a recorder may change with what it records. */
  private final List<Instrument> installed = new ArrayList<>();

  private Instrument[] spawned = NONE;
  private Instrument[] scheduled = NONE;
  private Instrument[] beforeStep = NONE;
  private Instrument[] afterStep = NONE;
  private Instrument[] exited = NONE;
  private Instrument[] beforeIo = NONE;
  private Instrument[] afterIo = NONE;
  private Instrument[] deadline = NONE;

  /** Read by the watchdog's thread. */
  private volatile Instrument[] blocked = NONE;

  Instruments(RunLoop loop) {
    this.loop = loop;
  }

  void add(Instrument instrument) {
    if (!isInstalled(instrument)) {
      installed.add(instrument);
      sort();
    }
  }

  void remove(Instrument instrument) {
    if (!removeInstalled(instrument)) {
      throw new NoSuchElementException(
          "Expected an installed instrument, but " + instrument + " is not installed in this run.");
    }
    sort();
  }

  boolean isEmpty() {
    return installed.isEmpty();
  }

  private boolean isInstalled(Instrument instrument) {
    for (Instrument other : installed) {
      if (other == instrument) {
        return true;
      }
    }
    return false;
  }

  private boolean removeInstalled(Instrument instrument) {
    return installed.removeIf(other -> other == instrument);
  }

  private void sort() {
    spawned = overriding("taskSpawned", Task.class);
    scheduled = overriding("taskScheduled", Task.class);
    beforeStep = overriding("beforeTaskStep", Task.class);
    afterStep = overriding("afterTaskStep", Task.class);
    exited = overriding("taskExited", Task.class);
    beforeIo = overriding("beforeIoWait", long.class);
    afterIo = overriding("afterIoWait", long.class);
    deadline = overriding("deadlineFired", CancelStatus.class);
    blocked = overriding("runBlocked", Run.class, RunningCode.class, long.class);
  }

  private Instrument[] overriding(String hook, Class<?>... parameters) {
    List<Instrument> found = new ArrayList<>();
    for (Instrument instrument : installed) {
      try {
        if (instrument.getClass().getMethod(hook, parameters).getDeclaringClass()
            != Instrument.class) {
          found.add(instrument);
        }
      } catch (NoSuchMethodException impossible) {
        throw new AssertionError(hook, impossible);
      }
    }
    return found.isEmpty() ? NONE : found.toArray(NONE);
  }

  private void call(Instrument[] hooks, Consumer<Instrument> hook) {
    boolean byLoop = loop.steps.foreignCode().enterByLoop();
    loop.steps.callbacks++;
    try {
      callAll(hooks, hook);
    } finally {
      loop.steps.callbacks--;
      if (byLoop) {
        loop.steps.foreignCode().leaveByLoop();
      }
    }
  }

  private void callAll(Instrument[] hooks, Consumer<Instrument> hook) {
    for (Instrument instrument : hooks) {
      // An earlier one may have removed it.
      if (isInstalled(instrument)) {
        try {
          hook.accept(instrument);
        } catch (Throwable error) {
          if (removeInstalled(instrument)) {
            sort();
          }
          report(instrument, error);
        }
      }
    }
  }

  private static void report(Instrument instrument, Throwable error) {
    try {
      System.getLogger(LOG_NAME)
          .log(
              Level.ERROR,
              "Instrument "
                  + Descriptions.of(instrument)
                  + " failed and was removed; the run goes on.",
              error);
    } catch (Throwable loggingFailed) {
      // Nobody is left to tell, and the run goes on, as promised.
    }
  }

  void beforeRun() {
    call(installed.toArray(NONE), Instrument::beforeRun);
  }

  void afterRun() {
    call(installed.toArray(NONE), Instrument::afterRun);
  }

  void taskSpawned(Task<?> task) {
    if (spawned.length != 0) {
      call(spawned, instrument -> instrument.taskSpawned(task));
    }
  }

  void taskScheduled(Task<?> task) {
    if (scheduled.length != 0) {
      call(scheduled, instrument -> instrument.taskScheduled(task));
    }
  }

  void beforeTaskStep(Task<?> task) {
    if (beforeStep.length != 0) {
      call(beforeStep, instrument -> instrument.beforeTaskStep(task));
    }
  }

  void afterTaskStep(Task<?> task) {
    if (afterStep.length != 0) {
      call(afterStep, instrument -> instrument.afterTaskStep(task));
    }
  }

  void taskExited(Task<?> task) {
    if (exited.length != 0) {
      call(exited, instrument -> instrument.taskExited(task));
    }
  }

  void beforeIoWait(long timeoutNanos) {
    if (beforeIo.length != 0) {
      call(beforeIo, instrument -> instrument.beforeIoWait(timeoutNanos));
    }
  }

  void afterIoWait(long timeoutNanos) {
    if (afterIo.length != 0) {
      call(afterIo, instrument -> instrument.afterIoWait(timeoutNanos));
    }
  }

  void deadlineFired(CancelStatus status) {
    if (deadline.length != 0) {
      call(deadline, instrument -> instrument.deadlineFired(status));
    }
  }

  /** On the watchdog's thread: what fails there is removed by the run when it can. */
  void runBlocked(RunningCode code, long nanos) {
    for (Instrument instrument : blocked) {
      try {
        instrument.runBlocked(loop.view(), code, nanos);
      } catch (Throwable error) {
        report(instrument, error);
        removeLater(instrument);
      }
    }
  }

  private void removeLater(Instrument instrument) {
    try {
      loop.entries()
          .callSoonThreadAndSignalSafe(
              () -> {
                if (removeInstalled(instrument)) {
                  sort();
                }
              });
    } catch (RunFinished over) {
      // So are its instruments.
    }
  }

  @Override
  public String toString() {
    return Arrays.toString(installed.toArray());
  }
}
