package dev.trefoil.tests.signals;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.trefoil.hazmat.ClosedResource;
import dev.trefoil.hazmat.ResourceBusy;
import dev.trefoil.signals.Signal;
import dev.trefoil.signals.SignalReceiver;
import dev.trefoil.signals.SignalSet;
import dev.trefoil.tasks.CancelScope;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.testing.Checkpoints;
import dev.trefoil.testing.Testing;
import dev.trefoil.testing.TrefoilTest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("T52")
final class SignalReceiverTest {
  private final List<Object> log = new ArrayList<>();

  @TrefoilTest
  void tellsOfEachSignalOnceInTheOrderOfFirstArrival() throws Exception {
    try (SignalReceiver signals = SignalReceiver.open(Signal.WINCH, Signal.USR1)) {
      Arrival.of(Signal.USR1);
      Arrival.of(Signal.WINCH);
      Arrival.of(Signal.USR1);
      assertThat(signals.receive()).isEqualTo(Signal.USR1);
      // It comes again, and does not overtake.
      Arrival.of(Signal.USR1);
      assertThat(signals.receive()).isEqualTo(Signal.WINCH);
      assertThat(signals.receive()).isEqualTo(Signal.USR1);
      CancelScope scope = CancelScope.create();
      scope.run(
          () -> {
            scope.cancel();
            log.add(signals.receive());
          });
      assertThat(log).isEmpty();
    }
  }

  @TrefoilTest(seeds = 5)
  void isIteratedWithoutAnEnd() throws Exception {
    Nursery.open(
        nursery -> {
          nursery.spawn(
              () -> {
                try (SignalReceiver signals = SignalReceiver.open(Signal.USR1, Signal.WINCH)) {
                  for (Signal signal : signals) {
                    log.add(signal);
                    if (signal.equals(Signal.WINCH)) {
                      break;
                    }
                  }
                }
              });
          Testing.waitAllTasksBlocked();
          Arrival.of(Signal.USR1);
          Testing.waitAllTasksBlocked();
          Arrival.of(Signal.USR1);
          Testing.waitAllTasksBlocked();
          Arrival.of(Signal.WINCH);
        });
    assertThat(log).containsExactly(Signal.USR1, Signal.USR1, Signal.WINCH);
  }

  @TrefoilTest(seeds = 5)
  void receiveIsACheckpointWhetherItWaitsOrNot() throws Exception {
    Nursery.open(
        nursery -> {
          try (SignalReceiver signals = SignalReceiver.open(Signal.USR1)) {
            nursery.spawn(() -> Checkpoints.assertCheckpoints(signals::receive));
            Testing.waitAllTasksBlocked();
            Arrival.of(Signal.USR1);
            Testing.waitAllTasksBlocked();
            Arrival.of(Signal.USR1);
            Checkpoints.assertCheckpoints(signals::receive);
            Checkpoints.assertNoCheckpoints(
                () -> assertThat(signals.iterator().hasNext()).isTrue());
          }
          Checkpoints.assertNoCheckpoints(() -> SignalReceiver.open(Signal.USR1).close());
        });
  }

  @TrefoilTest(seeds = 5)
  void cancelledCallTakesNoSignal() throws Exception {
    try (SignalReceiver signals = SignalReceiver.open(Signal.USR1)) {
      CancelScope scope = CancelScope.create();
      scope.run(
          () ->
              Nursery.open(
                  nursery -> {
                    nursery.spawn(
                        () -> {
                          log.add(signals.receive());
                        });
                    Testing.waitAllTasksBlocked();
                    scope.cancel();
                  }));
      Arrival.of(Signal.USR1);
      assertThat(log).isEmpty();
      assertThat(signals.receive()).isEqualTo(Signal.USR1);
    }
  }

  @TrefoilTest(seeds = 5)
  void secondIteratorThatWaitsIsRefused() throws Exception {
    Nursery.open(
        nursery -> {
          try (SignalReceiver signals = SignalReceiver.open(Signal.USR1)) {
            nursery.spawn(
                () -> {
                  log.add(signals.iterator().next());
                });
            Testing.waitAllTasksBlocked();
            Iterator<Signal> second = signals.iterator();
            assertThatThrownBy(second::next)
                .isInstanceOf(ResourceBusy.class)
                .hasMessageContainingAll("Another task", "SignalReceiver[SIGUSR1]");
            Arrival.of(Signal.USR1);
          }
        });
    assertThat(log).containsExactly(Signal.USR1);
  }

  @Test
  void withoutSignalsItIsRefused() {
    assertThatThrownBy(SignalReceiver::open)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("at least one signal");
  }

  @Test
  void outsideARunItIsRefused() {
    assertThatThrownBy(() -> SignalReceiver.open(Signal.USR1))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("inside a Trefoil run");
  }

  @TrefoilTest(seeds = 5)
  void closedReceiverReceivesNoMore() {
    Nursery.open(
        nursery -> {
          SignalReceiver signals = SignalReceiver.open(Signal.USR1);
          nursery.spawn(
              () -> {
                assertThatThrownBy(signals::receive).isInstanceOf(ClosedResource.class);
                log.add("woken");
              });
          Testing.waitAllTasksBlocked();
          signals.close();
          signals.close();
          Checkpoints.assertCheckpoints(
              () ->
                  assertThatThrownBy(signals::receive)
                      .isInstanceOf(ClosedResource.class)
                      .hasMessageContainingAll("SIGUSR1", "inside the block"));
        });
    assertThat(log).containsExactly("woken");
  }

  @TrefoilTest
  void whatWasNotReceivedHasItsEffectAtTheEndEvenIfOneHandlerThrows() throws Exception {
    Runnable fail =
        () -> {
          throw new IllegalStateException("a handler that throws, for a test");
        };
    try (OwnHandler first = new OwnHandler("USR1", fail);
        OwnHandler second = new OwnHandler("WINCH", fail);
        OwnHandler third = new OwnHandler("CONT")) {
      try (SignalReceiver signals =
          SignalReceiver.open(Signal.USR1, Signal.WINCH, Signal.CONT, Signal.of("URG"))) {
        Arrival.of(Signal.of("URG"));
        Arrival.of(Signal.USR1);
        Arrival.of(Signal.USR1);
        Arrival.of(Signal.WINCH);
        Arrival.of(Signal.CONT);
        assertThat(signals.receive()).isEqualTo(Signal.of("URG"));
      }
      assertThat(first.isCalled()).isTrue();
      assertThat(second.isCalled()).isTrue();
      assertThat(third.isCalled()).isTrue();
      assertThat(first.calls()).isEqualTo(1);
    }
  }

  @TrefoilTest
  void whatWasNotReceivedHasItsEffectAlsoWhenTheBodyFails() throws Exception {
    try (OwnHandler own = new OwnHandler("USR1")) {
      assertThatThrownBy(
              () -> {
                try (SignalReceiver signals = SignalReceiver.open(Signal.USR1)) {
                  Arrival.of(Signal.USR1);
                  throw new IOException("body of " + signals);
                }
              })
          .isInstanceOf(IOException.class)
          .hasNoSuppressedExceptions();
      assertThat(own.isCalled()).isTrue();
    }
  }

  @TrefoilTest
  void whatOthersHaveGotAsWellHasNoFurtherEffect() throws Exception {
    try (OwnHandler own = new OwnHandler("USR1");
        SignalSet other = new SignalSet(Signal.USR1, Signal.WINCH).open()) {
      try (SignalReceiver signals = SignalReceiver.open(Signal.USR1)) {
        Arrival.of(Signal.USR1);
        assertThat(other.await()).isEqualTo(Signal.USR1);
        assertThat(signals).hasToString("SignalReceiver[SIGUSR1]");
      }
      Arrival.of(Signal.WINCH);
      assertThat(other.await()).isEqualTo(Signal.WINCH);
      assertThat(own.calls()).isZero();
    }
  }
}
