package dev.trefoil.tests.signals;

import dev.trefoil.hazmat.Backend;
import dev.trefoil.hazmat.KeyboardInterrupt;
import dev.trefoil.hazmat.RunOptions;
import dev.trefoil.signals.Ignored;
import dev.trefoil.signals.Signal;
import dev.trefoil.signals.SignalReceiver;
import dev.trefoil.signals.SignalSet;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.tasks.Trefoil;
import dev.trefoil.testing.Testing;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Programs for {@link SignalProgramTest} to send signals to; they print what they come to, and then do
 * nothing until they are ended.
 */
enum SignalProgram {
  /** Reads its configuration again when told, and ends in order. */
  SERVER {
    @Override
    void run(Signal first) {
      try (SignalSet signals = new SignalSet(first, Signal.TERM).open()) {
        print("ready");
        for (Signal signal = signals.await(); signal.equals(first); signal = signals.await()) {
          print("reload");
        }
      }
      print("left");
      Trefoil.sleepForever();
    }
  },

  /** The same with a handler of the program's own. */
  SERVER_WITH_HANDLER {
    @Override
    void run(Signal first) throws Exception {
      try (OwnHandler _ = new OwnHandler(first.name(), () -> print("own handler"))) {
        SERVER.run(first);
      }
    }
  },

  /** Waits outside a block. */
  ONE_WAIT {
    @Override
    void run(Signal signal) {
      Nursery.open(
          nursery -> {
            nursery.spawn(
                () -> {
                  print("got " + new SignalSet(signal).await());
                  Trefoil.sleepForever();
                });
            Testing.waitAllTasksBlocked();
            print("ready");
          });
    }
  },

  /** Leaves to others what it has received. */
  UNREAD {
    @Override
    void run(Signal signal) {
      try (SignalReceiver unread = SignalReceiver.open(signal)) {
        try (SignalSet arrived = new SignalSet(signal).open()) {
          print("ready");
          print("arrived " + arrived.await() + " at " + unread);
        }
      }
      print("still there");
      Trefoil.sleepForever();
    }
  },

  /** Sets a handler meanwhile that does what it does beside the one before. */
  CHAINING {
    @Override
    void run(Signal signal) throws Exception {
      AtomicReference<OwnHandler> own = new AtomicReference<>();
      try (SignalSet _ = new SignalSet(signal).open()) {
        own.set(
            new OwnHandler(
                signal.name(),
                () -> {
                  print("own handler");
                  own.get().callBefore();
                }));
      }
      new SignalSet(signal).open().close();
      print("ready");
      Trefoil.sleepForever();
    }
  },

  /** Ignores a signal, and counts another one, until it gets a third. */
  IGNORING {
    @Override
    void run(Signal signal) {
      try (Ignored _ = new SignalSet(signal).ignore();
          SignalSet taken = new SignalSet(Signal.WINCH, Signal.HUP).open()) {
        print("ready");
        while (taken.await().equals(Signal.WINCH)) {
          print("counted");
        }
      }
      print("left");
      Trefoil.sleepForever();
    }
  },

  /** Opens a set and says how that went. */
  OPENING {
    @Override
    void run(Signal signal) {
      try (SignalSet opened = new SignalSet(signal).open()) {
        print("opened " + opened);
        print("got " + opened.await());
      } catch (UnsupportedOperationException refused) {
        print(refused.getMessage());
      }
    }
  };

  abstract void run(Signal signal) throws Exception;

  private static void print(String line) {
    System.out.println(line);
  }

  /** What: the program, the backend, the signal. */
  public static void main(String[] arguments) throws Exception {
    try {
      Trefoil.run(
          RunOptions.defaults().withBackend(Backend.valueOf(arguments[1])).withKeyboardInterrupts(),
          () -> valueOf(arguments[0]).run(Signal.of(arguments[2])));
    } catch (KeyboardInterrupt interrupt) {
      print("interrupted");
    }
  }
}
