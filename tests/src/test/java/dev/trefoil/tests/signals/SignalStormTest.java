package dev.trefoil.tests.signals;

import static org.assertj.core.api.Assertions.assertThat;

import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.signals.Signal;
import dev.trefoil.signals.SignalReceiver;
import dev.trefoil.signals.SignalSet;
import dev.trefoil.sync.ReadWriteLock;
import dev.trefoil.tasks.CancelScope;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.testing.TrefoilTest;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.junit.jupiter.api.Tag;

/**
 * Many signals to sets and receivers that come and go, and whose waits are cancelled at any moment.
 * Nobody comes or goes while a signal is on its way, so what each has to get is known; and each signal
 * is sent when the one before has arrived, since the system makes one of two.
 */
final class SignalStormTest {
  private static final Signal[] SIGNALS = {Signal.USR1, Signal.WINCH, Signal.CONT};
  private static final int SENT = 60;

  private final Random random = new Random(1);
  private final ReadWriteLock comingAndGoing = new ReadWriteLock();
  private final List<Consumer<Signal>> sendings = new ArrayList<>();
  private boolean over;
  private int received;
  private int cancelled;

  @TrefoilTest(seeds = 10)
  @Tag("R180")
  @Tag("R181")
  void setsGetEachSignalThatComesWhileTheyAreOpenInOrder() throws Exception {
    storm(this::useSet);
  }

  @TrefoilTest(seeds = 10)
  @Tag("T52")
  void receiversAreToldOfEachSignalThatComesWhileTheyAreOpen() throws Exception {
    storm(this::useReceiver);
  }

  @TrefoilTest(seeds = 10)
  @Tag("R180")
  @Tag("T52")
  void setsAndReceiversDoNotTakeSignalsFromEachOther() throws Exception {
    // Keeps receivers from passing on what they have not handed out, which would come to later
    // sets.
    try (SignalSet _ = new SignalSet(SIGNALS).open()) {
      storm(
          nursery -> {
            if (random.nextBoolean()) {
              useSet(nursery);
            } else {
              useReceiver(nursery);
            }
          });
    }
  }

  private interface Use {
    void in(Nursery nursery);
  }

  private void storm(Use use) throws Exception {
    // What nobody watches, or nobody has read, must not end this process.
    try (OwnHandler _ = new OwnHandler("USR1")) {
      Nursery.open(
          nursery -> {
            nursery.spawn("sender", this::send);
            for (int i = 0; i < 4; i++) {
              nursery.spawn(
                  () -> {
                    while (!over) {
                      use.in(nursery);
                    }
                  });
            }
          });
    }
    assertThat(received).isPositive();
    assertThat(cancelled).isPositive();
  }

  private void send() throws Exception {
    try (SignalSender sender = new SignalSender()) {
      for (int i = 0; i < SENT; i++) {
        Signal signal = SIGNALS[random.nextInt(SIGNALS.length)];
        comingAndGoing
            .writeLock()
            .withLock(
                () -> {
                  sendings.forEach(sending -> sending.accept(signal));
                  try (SignalSet last = new SignalSet(signal).open()) {
                    sender.send(signal);
                    assertThat(last.await()).isEqualTo(signal);
                  }
                });
        for (int pause = random.nextInt(4); pause > 0; pause--) {
          Hazmat.yieldBriefly();
        }
      }
    } finally {
      over = true;
    }
  }

  private Signal[] someSignals() {
    return random.nextBoolean() ? SIGNALS : new Signal[] {SIGNALS[random.nextInt(SIGNALS.length)]};
  }

  private void useSet(Nursery nursery) {
    Signal[] signals = someSignals();
    Set<Signal> watched = Set.of(signals);
    List<Signal> sent = new ArrayList<>();
    List<Signal> got = new ArrayList<>();
    Consumer<Signal> sending =
        signal -> {
          if (watched.contains(signal)) {
            sent.add(signal);
          }
        };
    SignalSet set = new SignalSet(signals);
    comingAndGoing
        .readLock()
        .withLock(
            () -> {
              set.open();
              sendings.add(sending);
            });
    while (goOn()) {
      impatiently(nursery, set::await, got::add);
    }
    comingAndGoing
        .readLock()
        .withLock(
            () -> {
              while (got.size() < sent.size()) {
                got.add(set.await());
              }
              set.close();
              sendings.remove(sending);
            });
    assertThat(got).isEqualTo(sent);
  }

  private void useReceiver(Nursery nursery) {
    Signal[] signals = someSignals();
    Set<Signal> untold = new HashSet<>();
    Consumer<Signal> sending =
        signal -> {
          if (List.of(signals).contains(signal)) {
            untold.add(signal);
          }
        };
    SignalReceiver[] opened = new SignalReceiver[1];
    comingAndGoing
        .readLock()
        .withLock(
            () -> {
              opened[0] = SignalReceiver.open(signals);
              sendings.add(sending);
            });
    SignalReceiver receiver = opened[0];
    while (goOn()) {
      impatiently(nursery, receiver::receive, untold::remove);
    }
    comingAndGoing
        .readLock()
        .withLock(
            () -> {
              while (!untold.isEmpty()) {
                untold.remove(receiver.receive());
              }
              receiver.close();
              sendings.remove(sending);
            });
  }

  private boolean goOn() {
    return !over && random.nextInt(8) > 0;
  }

  /** Waits for a signal, and is cancelled if none comes within some steps, few or many. */
  private void impatiently(Nursery nursery, Supplier<Signal> wait, Consumer<Signal> taken) {
    CancelScope scope = CancelScope.create();
    int patience = random.nextInt(random.nextInt(4) == 0 ? 2000 : 12);
    nursery.spawn(
        () -> {
          for (int i = 0; i < patience && !over; i++) {
            Hazmat.yieldBriefly();
          }
          scope.cancel();
        });
    cancelled++;
    scope.run(
        () -> {
          taken.accept(wait.get());
          received++;
          cancelled--;
        });
  }
}
