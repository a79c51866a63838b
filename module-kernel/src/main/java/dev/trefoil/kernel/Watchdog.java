package dev.trefoil.kernel;

import dev.trefoil.hazmat.RunningCode;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reports code that does not let a run go on. One daemon thread watches all runs of the process. It
 * comes with the first run and stays until there has been none for a while, so a run that is soon
 * over costs no thread; nor does what is idle keep a thread, or the classes of this kernel.
 *
 * <p>It costs a run one counter: the loop counts up when it starts a piece of foreign code and when
 * that returns, so an odd count that stands still is a piece of code that goes on and on.
 *
 * <p>Reports are made without the lock: they are told to foreign code, which may take its time, and
 * no run may have to wait for that.
 */
final class Watchdog implements Runnable {
  /** The logger is made when something is logged, since every run comes by here, and it takes long. */
  private static final String LOG_NAME = "dev.trefoil.kernel";

  private static final Watchdog INSTANCE = new Watchdog();

  /** Looks per limit: a report comes at most this part of the limit late. */
  private static final int LOOKS_PER_LIMIT = 4;

  /** The longest time between two looks, and for how long at least the thread outlives the runs. */
  private static final long LONGEST_PAUSE_MILLIS = 1_000;

  private final Map<RunLoop, Watched> runs = new HashMap<>();
  private @Nullable Thread thread;

  /** When the thread will look again, in its own words; for whoever wants it to look earlier. */
  private long pauseMillis;

  /** Whether a run has come since the last look. */
  private boolean used;

  private static final class Watched {
    final long limitNanos;
    long count;
    long since = System.nanoTime();
    boolean reported;

    Watched(long limitNanos) {
      this.limitNanos = limitNanos;
    }

    long pauseMillis() {
      return Math.clamp(limitNanos / LOOKS_PER_LIMIT / 1_000_000, 1, LONGEST_PAUSE_MILLIS);
    }
  }

  /** A piece of code that has to be reported. */
  private record Report(RunLoop loop, long nanos) {}

  static long nanosOf(Duration limit) {
    try {
      return limit.toNanos();
    } catch (ArithmeticException centuries) {
      return Long.MAX_VALUE;
    }
  }

  private Watchdog() {}

  /** Starts to watch a run. */
  static void watch(RunLoop loop, Duration limit) {
    INSTANCE.add(loop, new Watched(nanosOf(limit)));
  }

  /** Stops to watch a run; a report about it that is being made at this moment still comes. */
  static void forget(RunLoop loop) {
    INSTANCE.remove(loop);
  }

  private synchronized void add(RunLoop loop, Watched watched) {
    if (thread == null) {
      Thread started = new Thread(null, this, "trefoil-watchdog", 0, false);
      started.setDaemon(true);
      started.setContextClassLoader(null);
      started.start();
      thread = started;
    } else if (watched.pauseMillis() < pauseMillis) {
      notifyAll();
    }
    runs.put(loop, watched);
    used = true;
  }

  private synchronized void remove(RunLoop loop) {
    runs.remove(loop);
  }

  @Override
  public void run() {
    while (pause()) {
      reportAll(lookAtAll());
    }
  }

  /** Waits until it is time to look; returns false if there is nothing to look at any more. */
  @SuppressWarnings("WaitNotInLoop") // waking early is no harm: the look comes early
  private synchronized boolean pause() {
    if (runs.isEmpty() && !used) {
      thread = null;
      return false;
    }
    used = false;
    pauseMillis = LONGEST_PAUSE_MILLIS;
    for (Watched watched : runs.values()) {
      pauseMillis = Math.min(pauseMillis, watched.pauseMillis());
    }
    try {
      // Woken early means that a run has come that wants an earlier look: it gets one at once.
      wait(pauseMillis);
    } catch (InterruptedException nobodysBusiness) {
      // Then this look comes early.
    }
    return true;
  }

  private synchronized List<Report> lookAtAll() {
    List<Report> reports = new ArrayList<>(0);
    long now = System.nanoTime();
    for (Map.Entry<RunLoop, Watched> entry : runs.entrySet()) {
      Watched watched = entry.getValue();
      long count = entry.getKey().steps.foreignCode().count();
      if (count != watched.count) {
        watched.count = count;
        watched.since = now;
        watched.reported = false;
      } else if ((count & 1) == 1
          && !watched.reported
          && now - watched.since >= watched.limitNanos) {
        watched.reported = true;
        reports.add(new Report(entry.getKey(), now - watched.since));
      }
    }
    return reports;
  }

  private static void reportAll(List<Report> reports) {
    for (Report report : reports) {
      try {
        report(report.loop(), report.nanos());
      } catch (Throwable loggingFailed) {
        // The other runs are to be watched all the same.
      }
    }
  }

  private static void report(RunLoop loop, long nanos) {
    RunningCode code = loop.runningStep().code();
    if (code == null) {
      return;
    }
    StringBuilder text =
        new StringBuilder()
            .append(code.description())
            .append(" has kept ")
            .append(loop)
            .append(" from going on for ")
            .append(nanos / 1_000_000)
            .append(
                " ms: no other task runs, no deadline passes. Move blocking or long work out of the"
                    + " run, or pass a checkpoint now and then. It is here:");
    for (StackTraceElement frame : code.stack()) {
      text.append("\n\tat ").append(frame);
    }
    System.getLogger(LOG_NAME).log(Level.WARNING, text.toString());
    loop.instruments().runBlocked(code, nanos);
  }
}
