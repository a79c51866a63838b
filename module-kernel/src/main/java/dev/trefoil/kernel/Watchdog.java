package dev.trefoil.kernel;

import dev.trefoil.hazmat.RunningCode;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reports code that does not let a run go on. One daemon thread watches all runs of the process and
 * exists only while there are any.
 *
 * <p>It costs a run one counter: the loop counts up when it starts a piece of foreign code and when
 * that returns, so an odd count that stands still is a piece of code that goes on and on.
 */
final class Watchdog implements Runnable {
  private static final System.Logger LOG = System.getLogger("dev.trefoil.kernel");
  private static final Watchdog INSTANCE = new Watchdog();

  /** Looks per limit: a report comes at most this part of the limit late. */
  private static final int LOOKS_PER_LIMIT = 4;

  private final Map<RunLoop, Watched> runs = new HashMap<>();
  private @Nullable Thread thread;

  private static final class Watched {
    final long limitNanos;
    long count;
    long since = System.nanoTime();
    boolean reported;

    Watched(long limitNanos) {
      this.limitNanos = limitNanos;
    }
  }

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
    INSTANCE.add(loop, limit);
  }

  /** Stops to watch a run; no report about it comes after this has returned. */
  static void forget(RunLoop loop) {
    INSTANCE.remove(loop);
  }

  private synchronized void add(RunLoop loop, Duration limit) {
    runs.put(loop, new Watched(nanosOf(limit)));
    if (thread == null) {
      thread = new Thread(null, this, "trefoil-watchdog", 0, false);
      thread.setDaemon(true);
      thread.setContextClassLoader(null);
      thread.start();
    }
    notifyAll();
  }

  private synchronized void remove(RunLoop loop) {
    runs.remove(loop);
    notifyAll();
  }

  @Override
  public synchronized void run() {
    while (!runs.isEmpty()) {
      try {
        wait(millisToNextLook());
      } catch (InterruptedException nobodysBusiness) {
        continue;
      }
      lookAtAll();
    }
    thread = null;
  }

  private long millisToNextLook() {
    long smallest = Long.MAX_VALUE;
    for (Watched watched : runs.values()) {
      smallest = Math.min(smallest, watched.limitNanos);
    }
    return Math.max(1, smallest / LOOKS_PER_LIMIT / 1_000_000);
  }

  private void lookAtAll() {
    long now = System.nanoTime();
    for (Iterator<Map.Entry<RunLoop, Watched>> entries = runs.entrySet().iterator();
        entries.hasNext(); ) {
      Map.Entry<RunLoop, Watched> entry = entries.next();
      Watched watched = entry.getValue();
      long count = entry.getKey().foreignCodeCount();
      if (count != watched.count) {
        watched.count = count;
        watched.since = now;
        watched.reported = false;
      } else if ((count & 1) == 1
          && !watched.reported
          && now - watched.since >= watched.limitNanos) {
        watched.reported = true;
        try {
          report(entry.getKey(), now - watched.since);
        } catch (Throwable loggingFailed) {
          // The other runs are to be watched all the same.
        }
      }
    }
  }

  private static void report(RunLoop loop, long nanos) {
    RunningCode code = loop.runningCode();
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
    LOG.log(Level.WARNING, text.toString());
    loop.instruments().runBlocked(code, nanos);
  }
}
