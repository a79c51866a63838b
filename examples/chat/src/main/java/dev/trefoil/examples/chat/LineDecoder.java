package dev.trefoil.examples.chat;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Makes lines of bytes in UTF-8, however the network has cut them into pieces. Keeps no more than
 * one line.
 */
final class LineDecoder {
  /** Whoever may send control characters may paint on the others' terminals. */
  private static final Pattern CONTROL = Pattern.compile("[\\p{Cc}&&[^\t]]");

  private final int maxBytes;
  private final ByteArrayOutputStream begun = new ByteArrayOutputStream();

  LineDecoder(int maxBytes) {
    this.maxBytes = maxBytes;
  }

  /**
   * Takes bytes up to the end of a line.
   *
   * @return the line, or null if its end is not among the bytes; all of them have been taken then
   */
  @Nullable String decode(ByteBuffer bytes) throws LineTooLong {
    while (bytes.hasRemaining()) {
      byte next = bytes.get();
      if (next == '\n') {
        return line();
      }
      if (begun.size() == maxBytes) {
        throw new LineTooLong(maxBytes);
      }
      begun.write(next);
    }
    return null;
  }

  /** Returns what came after the last end of a line, or null if nothing did. */
  @Nullable String rest() {
    return begun.size() == 0 ? null : line();
  }

  private String line() {
    String line = CONTROL.matcher(begun.toString(StandardCharsets.UTF_8)).replaceAll("");
    begun.reset();
    return line;
  }
}
