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
 * <p>A row has a handler of ours in place from the first who needs it to the last, and then puts back
 * what was there before, unless the program has set its own meanwhile. Watches need it always; keyboard
 * interrupts only where they would take the place of the JVM's own handler, and they get the signal
 * only while there is no watch.
 *
 * <p>A program that sets a handler over ours gets ours in return, and may call it or put it back at
 * any time, also when nobody needs it any more. Then ours stands for what it had replaced. That is why
 * one that the program has got is not used a second time.
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
      if (row.place == null) {
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

  /** Called by the handler that all rows begin with. */
  static void arrived(int number) {
    Row row;
    synchronized (ROWS) {
      row = ROWS.get(number);
    }
    if (row != null) {
      row.first.run();
    }
  }

  /** Without the lock, since this reaches into code that runs. */
  private static void interrupt(List<ControlCReceiver> interrupted, Runnable again) {
    if (!interrupted.isEmpty() && !ControlCReceiver.pressed(interrupted)) {
      // They have all ended meanwhile, and the signal is for those who are there now.
      again.run();
    }
  }

  private static Row row(Object signal) {
    return ROWS.computeIfAbsent(JdkSignals.number(signal), number -> new Row(signal));
  }

  private static final class Row {
    final Object signal;
    final List<Watch> watches = new ArrayList<>();
    final List<ControlCReceiver> keyboards = new ArrayList<>();

    final Place first = new Place(this, JdkSignals.ours());

    /** Where our handler is needed; null if it is not. The program may have set its own over it. */
    @Nullable Place place;

    /** One whose handler the program has not got; null if there is none. */
    private @Nullable Place unused = first;

    Row(Object signal) {
      this.signal = signal;
    }

    /** Puts our handler in place, also over one that the program has set since we last did. */
    void install() {
      Place outer = place;
      Place next = outer == null ? unusedPlace() : outer;
      Object found = JdkSignals.handle(signal, next.handler);
      Place known = placeOf(found);
      if (known != null) {
        if (known != next) {
          // The program has taken its own handler away, and put one of ours back.
          JdkSignals.handle(signal, found);
        }
        if (outer == null) {
          place = known;
        }
        return;
      }
      if (outer != null) {
        giveAway(outer);
        next = unusedPlace();
        JdkSignals.handle(signal, next.handler);
        next.outer = outer;
      }
      next.before = found;
      place = next;
    }

    private Place unusedPlace() {
      Place free = unused;
      if (free == null) {
        free = new Place(this);
        unused = free;
      }
      return free;
    }

    /** The program has got its handler. */
    private void giveAway(Place known) {
      if (unused == known) {
        unused = null;
      }
    }

    private @Nullable Place placeOf(Object handler) {
      return handler == first.handler ? first : SignalHandlers.madeFor(Place.class, handler);
    }

    /** Puts the handler before back if ours is not needed. */
    void settle() {
      for (Place done = place; done != null && !isNeeded(done); done = place) {
        place = done.outer;
        done.outer = null;
        Object found = JdkSignals.handle(signal, done.before());
        if (found == done.handler) {
          if (done == unused) {
            done.before = null;
          }
          continue;
        }
        // The program has set one meanwhile, and knows what it wants.
        giveAway(done);
        Place known = placeOf(found);
        JdkSignals.handle(signal, known == null || known == place ? found : known.before());
      }
    }

    private boolean isNeeded(Place done) {
      return !watches.isEmpty() || (!keyboards.isEmpty() && JdkSignals.isTheJvms(done.before()));
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
        interrupted = place == null ? null : deliver();
      }
      if (interrupted == null) {
        JdkSignals.raise(signal);
      } else {
        interrupt(interrupted, this::passOn);
      }
    }
  }

  /** A handler of ours, and what it replaces. */
  private static final class Place implements Runnable {
    final Row row;
    final Object handler;

    /** Kept as long as the program may have the handler. */
    @Nullable Object before;

    /** Over whose handler the program has set the one that this replaces. */
    @Nullable Place outer;

    Place(Row row) {
      this.row = row;
      this.handler = SignalHandlers.make(this);
    }

    Place(Row row, Object handler) {
      this.row = row;
      this.handler = handler;
    }

    Object before() {
      Object replaced = before;
      return replaced == null ? JdkSignals.systemDefault() : replaced;
    }

    /** The signal has arrived. */
    @Override
    public void run() {
      @Nullable List<ControlCReceiver> interrupted;
      Object called = null;
      synchronized (ROWS) {
        interrupted = row.place == null ? null : row.deliver();
        if (interrupted == null) {
          called = stepAside();
        }
      }
      if (interrupted != null) {
        interrupt(interrupted, this);
      } else if (called == null) {
        JdkSignals.raise(row.signal);
      } else if (!SignalHandlers.call(called, row.signal)) {
        raiseFor(called);
      }
    }

    /**
     * Nobody needs the handler any more. Takes it away if it is in place, and returns null for the
     * signal to be raised once more; or returns whom to call, if it was called by one that the program
     * has set over it, which would only call it again.
     */
    private @Nullable Object stepAside() {
      Object found = JdkSignals.handle(row.signal, handler);
      if (found == handler) {
        JdkSignals.handle(row.signal, before());
        return null;
      }
      JdkSignals.handle(row.signal, found);
      boolean isTheProgramsOver =
          before != null
              && found != before
              && row.placeOf(found) == null
              && !JdkSignals.isTheJvms(found);
      return isTheProgramsOver ? before : null;
    }

    /** What the system does cannot be called, but it comes before {@code raise} returns. */
    private void raiseFor(Object system) {
      synchronized (ROWS) {
        Object found = JdkSignals.handle(row.signal, system);
        JdkSignals.raise(row.signal);
        JdkSignals.handle(row.signal, found);
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
