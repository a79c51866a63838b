package dev.trefoil.tasks.monitor;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/**
 * A connection: one line in, one answer out. What is not read yet of an answer stops the next line
 * from being read, so there is never more than one line and one answer in memory.
 */
final class Client {
  static final int MAX_LINE = 256;
  private static final int MAX_ATTEMPTS = 3;
  private static final long STRICT_NANOS = 30_000_000_000L;
  private static final String PROMPT = "trefoil> ";

  private final SocketChannel channel;
  private final SelectionKey key;
  private final String token;
  private final Commands commands;
  private final long idleNanos;
  private final ByteBuffer input = ByteBuffer.allocate(MAX_LINE);
  private ByteBuffer output = ByteBuffer.allocate(0);
  private boolean loggedIn;
  private int attempts;
  private boolean lastAnswer;
  private boolean endOfInput;

  private long answeredAt = System.nanoTime();

  /** When the connection is closed if nothing has come of it by then. */
  private long limit;

  Client(SocketChannel channel, SelectionKey key, String token, Commands commands, long idleNanos) {
    this.channel = channel;
    this.key = key;
    this.token = token;
    this.commands = commands;
    this.idleNanos = idleNanos;
    this.limit = System.nanoTime() + Math.min(idleNanos, STRICT_NANOS);
  }

  boolean isLoggedIn() {
    return loggedIn;
  }

  long limit() {
    return limit;
  }

  /** Makes {@code text} the next answer, which {@link #goOn()} sends. */
  void say(String text) {
    output = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    answeredAt = System.nanoTime();
    key.interestOps(SelectionKey.OP_WRITE);
  }

  /** Sends as much of {@code text} as goes at once; the connection is to be closed then. */
  void sayLast(String text) {
    try {
      channel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
    } catch (IOException gone) {
      // It does not want to hear.
    }
  }

  /**
   * Does what is possible now, but no more than one command, since others wait for their turn. Returns
   * false if the connection is at its end.
   */
  boolean goOn() throws IOException {
    if (!finishAnswer()) {
      return true;
    }
    if (lastAnswer) {
      return false;
    }
    String line = nextLine();
    if (line == null) {
      endOfInput |= channel.read(input) < 0;
      line = nextLine();
    }
    if (line != null) {
      say(answer(line));
      return true;
    }
    if (!input.hasRemaining()) {
      sayLast("Expected a line of at most " + MAX_LINE + " characters.\n");
      return false;
    }
    return !endOfInput;
  }

  /** Returns whether there is nothing left to send. */
  private boolean finishAnswer() throws IOException {
    if (key.interestOps() == SelectionKey.OP_READ) {
      return true;
    }
    channel.write(output);
    if (output.hasRemaining()) {
      // Counted from the answer: who reads little by little does not get more time.
      limit = answeredAt + Math.min(idleNanos, STRICT_NANOS);
      return false;
    }
    limit = System.nanoTime() + (loggedIn ? idleNanos : Math.min(idleNanos, STRICT_NANOS));
    key.interestOps(SelectionKey.OP_READ);
    return true;
  }

  private @Nullable String nextLine() {
    for (int place = 0; place < input.position(); place++) {
      if (input.get(place) == '\n') {
        String line = new String(input.array(), 0, place, StandardCharsets.US_ASCII).strip();
        input.flip().position(place + 1);
        input.compact();
        return line;
      }
    }
    return null;
  }

  private String answer(String line) {
    if (!loggedIn) {
      return logIn(line);
    }
    if (line.equalsIgnoreCase("exit")) {
      lastAnswer = true;
      return "Bye.\n";
    }
    return commands.answer(line) + PROMPT;
  }

  private String logIn(String line) {
    loggedIn =
        MessageDigest.isEqual(
            line.getBytes(StandardCharsets.US_ASCII), token.getBytes(StandardCharsets.US_ASCII));
    if (loggedIn) {
      return "Welcome. Try help.\n" + PROMPT;
    }
    attempts++;
    lastAnswer = attempts == MAX_ATTEMPTS;
    return lastAnswer ? "Wrong token. Bye.\n" : "Wrong token. Token: ";
  }

  void close() {
    key.cancel();
    try {
      channel.close();
    } catch (IOException gone) {
      // That is what was wanted.
    }
  }
}
