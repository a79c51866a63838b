package dev.trefoil.tests.signals;

import static org.assertj.core.api.Assertions.assertThat;

import dev.trefoil.signals.Signal;
import dev.trefoil.signals.SignalSet;

/** Signals that have arrived in the run. */
final class Arrival {
  private Arrival() {}

  /** Sends a signal; whatever watches it has got it when this returns, since its own watch is the last. */
  static void of(Signal signal) throws Exception {
    try (SignalSet last = new SignalSet(signal).open()) {
      Kill.thisProcess(signal.name());
      assertThat(last.await()).isEqualTo(signal);
    }
  }
}
