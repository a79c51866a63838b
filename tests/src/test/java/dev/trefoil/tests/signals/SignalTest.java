package dev.trefoil.tests.signals;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.trefoil.signals.Signal;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("R179")
@Tag("R181")
final class SignalTest {
  @Test
  void nameIsTakenWithAndWithoutItsPrefix() {
    assertThat(Signal.of("SIGTERM")).isEqualTo(Signal.TERM).hasSameHashCodeAs(Signal.TERM);
    assertThat(Signal.of("TERM")).isEqualTo(Signal.TERM).isNotEqualTo(Signal.HUP);
    assertThat(Signal.of("SIGHUP").name()).isEqualTo("HUP");
    assertThat(Signal.of("HUP")).hasToString("SIGHUP");
  }

  @Test
  void numberIsThatOfTheSystem() {
    assertThat(Signal.HUP.number()).isEqualTo(1);
    assertThat(Signal.INT.number()).isEqualTo(2);
    assertThat(Signal.TERM.number()).isEqualTo(15);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "SIG", "term", "SIG TERM", "15"})
  void otherThanANameIsRefused(String name) {
    assertThatThrownBy(() -> Signal.of(name))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("such as TERM", "'" + name + "'");
  }

  @Test
  void signalThatTheSystemDoesNotHaveHasNoNumber() {
    Signal unknown = Signal.of("CLOVER");
    assertThatThrownBy(unknown::number)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("CLOVER");
  }
}
