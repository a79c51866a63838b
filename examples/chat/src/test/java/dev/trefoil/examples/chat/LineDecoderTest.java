package dev.trefoil.examples.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LineDecoderTest {
  private final LineDecoder decoder = new LineDecoder(20);

  /** Feeds text in pieces of so many bytes and returns the lines. */
  private List<String> decode(String text, int piece) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    List<String> lines = new ArrayList<>();
    for (int start = 0; start < bytes.length; start += piece) {
      ByteBuffer part = ByteBuffer.wrap(bytes, start, Math.min(piece, bytes.length - start));
      String line = decoder.decode(part);
      while (line != null) {
        lines.add(line);
        line = decoder.decode(part);
      }
      assertThat(part.hasRemaining()).isFalse();
    }
    return lines;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 7, 1000})
  void linesAreTheSameHoweverTheNetworkCutsThem(int piece) throws IOException {
    assertThat(decode("Grüße 🍀\n\nzweite\r\nrest", piece))
        .containsExactly("Grüße 🍀", "", "zweite");
    assertThat(decoder.rest()).isEqualTo("rest");
    assertThat(decoder.rest()).isNull();
  }

  @Test
  void lineMayHaveItsBoundButNotOneByteMore() throws IOException {
    assertThat(decode("x".repeat(20) + "\n", 8)).containsExactly("x".repeat(20));

    assertThatThrownBy(() -> decode("ü".repeat(10) + "x\n", 8))
        .isInstanceOf(LineTooLong.class)
        .hasMessageContaining("20 bytes");
  }

  @Test
  void controlCharactersAreLeftOutButTabsStay() throws IOException {
    assertThat(decode("a\u001b[2Jb\tc\u0007\n", 100)).containsExactly("a[2Jb\tc");
  }

  @Test
  void bytesThatAreNoUtf8BecomeReplacementCharacters() throws IOException {
    assertThat(decoder.decode(ByteBuffer.wrap(new byte[] {'a', (byte) 0xff, 'b', '\n'})))
        .isEqualTo("a\ufffdb");
  }
}
