package dev.trefoil.kernel;

import dev.trefoil.hazmat.RunFinished;
import dev.trefoil.hazmat.SignalWatch;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Who in this process gets which signal. Signals belong to the process, so this is the one place that
 * runs share.
 *
 * <p>A row has our handler from the first who needs it to the last, and then puts back what was there
 * before, unless the program has set its own meanwhile. Watches need it always; keyboard interrupts
 * only where they would take the place of the JVM's own handler, and they get the signal only while
 * there is no watch.
 *
 * <p>Confinement: everything under the lock of {@link #ROWS}. The JDK makes a thread for each signal
 * that arrives; that is what runs {@link #arrived}. So it may come when our handler has just been
 * taken away, and then hands the signal on to the one that is there now.
 */
final class SignalTable {
  private static final String KEYBOARD = "INT";

  /** By number: some signals have two names. Rows are kept; there are few signals. */
  private static final Map<Integer, Row> ROWS = new HashMap<>();

  private SignalTable() {}

  static int number(String name) {
    return JdkSignals.number(JdkSignals.signal(name));
  }

  // ---- watches

  /** Watches a signal, or lets it have no effect at all if there is nothing to do. */
  static SignalWatch watch(RunLoop loop, String name, @Nullable Runnable onSignal) {
    Object signal = JdkSignals.signal(name);
    int number = JdkSignals.number(signal);
    String holder = ReservedSignals.holder(name, number);
    if (holder != null) {
      throw reserved(name, holder, null);
    }
    synchronized (ROWS) {
      Row row = row(signal);
      Watch watch = new Watch(loop, row, name, onSignal);
      row.watches.add(watch);
      try {
        row.install();
      } catch (IllegalArgumentException refused) {
        row.watches.remove(watch);
        throw reserved(
            name,
            "the JVM or the operating system (a JVM that was started with -Xrs leaves HUP,"
                + " INT and TERM to the system)",
            refused);
      } catch (Throwable notInstalled) {
        row.watches.remove(watch);
        throw notInstalled;
      }
      return watch;
    }
  }

  private static UnsupportedOperationException reserved(
      String name, String holder, @Nullable Throwable cause) {
    return new UnsupportedOperationException(
        "Expected a signal that is free for programs, got SIG"
            + name
            + ", which is held by "
            + holder
            + ". Use another signal, such as SIGUSR1.",
        cause);
  }

  /** Closes all watches of a run that is over. */
  static void forget(RunLoop loop) {
    synchronized (ROWS) {
      for (Row row : ROWS.values()) {
        for (Watch watch : List.copyOf(row.watches)) {
          if (watch.loop == loop) {
            row.remove(watch);
          }
        }
      }
    }
  }

  // ---- keyboard interrupts

  static void deliverControlCTo(ControlCReceiver receiver) {
    synchronized (ROWS) {
      Row row = row(JdkSignals.signal(KEYBOARD));
      row.keyboards.add(receiver);
      if (row.before == null) {
        try {
          row.install();
        } catch (IllegalArgumentException leftToTheSystem) {
          // The JVM was started with -Xrs and handles no signals.
        }
        row.settle();
      }
    }
  }

  static void forget(ControlCReceiver receiver) {
    synchronized (ROWS) {
      Row row = row(JdkSignals.signal(KEYBOARD));
      if (row.keyboards.remove(receiver)) {
        row.settle();
      }
    }
  }

  // ---- arrival

  /** Called by our handler. */
  static void arrived(int number) {
    Row row;
    @Nullable List<ControlCReceiver> interrupted;
    synchronized (ROWS) {
      row = ROWS.get(number);
      if (row == null) {
        return;
      }
      interrupted = row.before == null ? null : row.deliver();
      if (interrupted == null) {
        row.stepAside();
      }
    }
    if (interrupted == null) {
      JdkSignals.raise(row.signal);
    } else {
      interrupt(row, interrupted);
    }
  }

  /** Without the lock, since this reaches into code that runs. */
  private static void interrupt(Row row, List<ControlCReceiver> interrupted) {
    if (!interrupted.isEmpty() && !ControlCReceiver.pressed(interrupted)) {
      // They have all ended meanwhile, and the signal is for those who are there now.
      arrived(JdkSignals.number(row.signal));
    }
  }

  private static Row row(Object signal) {
    return ROWS.computeIfAbsent(JdkSignals.number(signal), number -> new Row(signal));
  }

  private static final class Row {
    final Object signal;
    final List<Watch> watches = new ArrayList<>();
    final List<ControlCReceiver> keyboards = new ArrayList<>();

    /** The handler in whose place ours is; null if ours is not there. */
    @Nullable Object before;

    /**
     * What was there before the program replaced our handler by its own; null if it has not. It may
     * put ours back at any time, also when nobody needs it.
     */
    @Nullable Object beforeReplaced;

    Row(Object signal) {
      this.signal = signal;
    }

    /** Puts our handler in place, also over one that the program has set since we last did. */
    void install() {
      Object found = JdkSignals.handle(signal, JdkSignals.OURS);
      if (found != JdkSignals.OURS) {
        // The first time there is no handler before, and what was noted for an earlier time is
        // over.
        if (before == null || beforeReplaced == null) {
          beforeReplaced = before;
        }
        before = found;
      } else if (before == null) {
        before = underOurs();
      }
    }

    private Object underOurs() {
      Object replaced = beforeReplaced;
      return replaced == null ? JdkSignals.DEFAULT : replaced;
    }

    /** Takes our handler away if the program has put it back when nobody needed it any more. */
    void stepAside() {
      Object found = JdkSignals.handle(signal, JdkSignals.OURS);
      JdkSignals.handle(signal, found == JdkSignals.OURS ? underOurs() : found);
    }

    /** Puts the handler before back if ours is not needed. */
    void settle() {
      Object handler = before;
      if (handler == null
          || !watches.isEmpty()
          || (!keyboards.isEmpty() && JdkSignals.isTheJvms(handler))) {
        return;
      }
      Object found = JdkSignals.handle(signal, handler);
      if (found != JdkSignals.OURS) {
        // The program has set one meanwhile, and knows what it wants.
        if (beforeReplaced == null) {
          beforeReplaced = handler;
        }
        JdkSignals.handle(signal, found);
      }
      before = null;
    }

    void remove(Watch watch) {
      watch.closed = true;
      if (watches.remove(watch)) {
        settle();
      }
    }

    /**
     * Hands a signal to all watches that are to get it, even if one of them cannot take it. Returns
     * the runs to interrupt, if there is no watch.
     */
    List<ControlCReceiver> deliver() {
      if (watches.isEmpty()) {
        return List.copyOf(keyboards);
      }
      Throwable failure = null;
      for (Runnable receiver : receivers()) {
        try {
          receiver.run();
        } catch (Throwable error) {
          if (failure == null) {
            failure = error;
          } else {
            failure.addSuppressed(error);
          }
        }
      }
      if (failure != null) {
        throw new IllegalStateException("A run could not be told of " + signal, failure);
      }
      return List.of();
    }

    private List<Runnable> receivers() {
      List<Runnable> receivers = new ArrayList<>();
      for (Watch watch : watches) {
        if (watch.onSignal == null) {
          receivers.clear();
        } else {
          receivers.add(watch::arrived);
        }
      }
      return receivers;
    }

    /** Gives a signal back that a closed watch has got and has no use for. */
    void passOn() {
      @Nullable List<ControlCReceiver> interrupted;
      synchronized (ROWS) {
        if (!watches.isEmpty()) {
          return;
        }
        interrupted = before == null ? null : deliver();
      }
      if (interrupted == null) {
        JdkSignals.raise(signal);
      } else {
        interrupt(this, interrupted);
      }
    }
  }

  private static final class Watch implements SignalWatch {
    private final RunLoop loop;
    private final Row row;
    private final String name;
    private final @Nullable Runnable onSignal;

    /** Written on the run's thread or at its end, under the lock. */
    private volatile boolean closed;

    /** How many signals the run has not been told of; its entry calls count down. */
    private final AtomicInteger untold = new AtomicInteger();

    Watch(RunLoop loop, Row row, String name, @Nullable Runnable onSignal) {
      this.loop = loop;
      this.row = row;
      this.name = name;
      this.onSignal = onSignal;
    }

    /** On the signal's thread. */
    void arrived() {
      try {
        untold.incrementAndGet();
        loop.entries().callSoonThreadAndSignalSafe(this::tell);
      } catch (RunFinished over) {
        // It has ended without closing this, which is being made up for.
      }
    }

    /** On the run's thread. Returns false if there is nothing to tell. */
    private boolean tell() {
      if (onSignal == null || untold.getAndUpdate(count -> Math.max(0, count - 1)) == 0) {
        return false;
      }
      onSignal.run();
      return true;
    }

    @Override
    public void close() {
      if (closed) {
        return;
      }
      loop.requireBound("close the watch of SIG" + name);
      synchronized (ROWS) {
        row.remove(this);
      }
      while (tell()) {
        // The run will not be told by its entry calls any more.
      }
    }

    @Override
    public void passOn() {
      if (!closed) {
        throw new IllegalStateException(
            "Expected "
                + this
                + " to be closed before it passes a signal on, which would come back to it. Close"
                + " it first.");
      }
      row.passOn();
    }

    @Override
    public String toString() {
      return (closed ? "closed " : "") + "watch of SIG" + name + " in " + loop;
    }
  }
}
