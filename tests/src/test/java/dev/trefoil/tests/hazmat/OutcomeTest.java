package dev.trefoil.tests.hazmat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.trefoil.hazmat.Outcome;
import java.io.IOException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("R47")
final class OutcomeTest {
  @Test
  void valueUnwrapsToItself() {
    assertThat(Outcome.of("value").unwrap()).isEqualTo("value");
    assertThat(Outcome.of(null).unwrap()).isNull();
    assertThat(Outcome.nothing().unwrap()).isNull();
    assertThat(Outcome.nothing()).isSameAs(Outcome.nothing());
  }

  @Test
  void failureUnwrapsToTheVeryErrorCheckedOrNot() {
    for (Throwable error :
        new Throwable[] {
          new IOException("checked"),
          new IllegalStateException("unchecked"),
          new StackOverflowError(),
          new Throwable("bare")
        }) {
      assertThatThrownBy(() -> Outcome.failure(error).unwrap()).isSameAs(error);
    }
  }

  @Test
  void captureKeepsWhateverComesOfTheBody() {
    assertThat(Outcome.capture(() -> "value")).isEqualTo(Outcome.of("value"));
    IOException checked = new IOException("checked");
    assertThat(
            Outcome.capture(
                () -> {
                  throw checked;
                }))
        .isEqualTo(Outcome.failure(checked));
    OutOfMemoryError fatal = new OutOfMemoryError();
    assertThat(
            Outcome.capture(
                () -> {
                  throw fatal;
                }))
        .isEqualTo(Outcome.failure(fatal));
  }

  @Test
  void outcomesTellValueAndFailureApart() {
    Outcome<String> outcome = Outcome.capture(() -> "value");
    String told =
        switch (outcome) {
          case Outcome.Value<String>(String value) -> "value " + value;
          case Outcome.Failure<String>(Throwable error) -> "failure " + error;
        };
    assertThat(told).isEqualTo("value value");
  }

  @Test
  void failureWithoutAnErrorIsRefused() {
    assertThatThrownBy(() -> Outcome.failure(null))
        .isInstanceOf(NullPointerException.class)
        .hasMessageContaining("error");
    assertThatThrownBy(() -> Outcome.capture(null))
        .isInstanceOf(NullPointerException.class)
        .hasMessageContaining("body");
  }
}
