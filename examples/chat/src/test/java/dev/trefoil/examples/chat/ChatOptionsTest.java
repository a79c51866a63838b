package dev.trefoil.examples.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ChatOptionsTest {

  @Test
  void withoutArgumentsItListensForThisMachineOnly() {
    assertThat(ChatOptions.parse()).isEqualTo(new ChatOptions("localhost", 5000, false));
  }

  @Test
  void everyOptionIsUnderstoodInAnyOrder() {
    assertThat(ChatOptions.parse("--port", "0", "--host", "0.0.0.0", "--help"))
        .isEqualTo(ChatOptions.parse("--help", "--host", "0.0.0.0", "--port", "0"))
        .isEqualTo(new ChatOptions("0.0.0.0", 0, true));
  }

  @Test
  void valueMayFollowBehindAnEqualsSign() {
    assertThat(ChatOptions.parse("--port=0", "--host=::1"))
        .isEqualTo(new ChatOptions("::1", 0, false));
  }

  @ParameterizedTest
  @ValueSource(strings = {"-1", "65536", "http", "", "99999999999"})
  void whatIsNoPortIsRefusedWithTheRange(String port) {
    assertThatThrownBy(() -> ChatOptions.parse("--port", port))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("--port", "0 to 65535", "'" + port + "'");
    assertThatThrownBy(() -> ChatOptions.parse("--port=" + port))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("--port", "0 to 65535", "'" + port + "'");
  }

  @ParameterizedTest
  @CsvSource({
    "--prot, '--port, --host or --help'",
    "--prot=1, '--port, --host or --help'",
    "--help=1, '--port, --host or --help'",
    "--port, a value behind --port"
  })
  void whatIsNotUnderstoodIsRefusedWithWhatWouldBe(String argument, String expected) {
    assertThatThrownBy(() -> ChatOptions.parse(argument))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(expected);
  }
}
