package dev.trefoil.examples.chat;

import java.net.InetSocketAddress;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;

/**
 * What can be said on the command line.
 *
 * @param host the name or address of the interface to listen on
 * @param port the port to listen on
 * @param help whether help was asked for
 */
record ChatOptions(String host, int port, boolean help) {
  static final String HELP =
      """
      Usage: chat [--port N] [--host H]

      Runs a chat server. Connect with any program that sends lines, for instance
      nc localhost 5000; the first line you send is your name, everything after
      that goes to the others.

        --port N   listen on port N (default 5000); 0 takes a free one and says which
        --host H   listen on the interface with this name or address (default
                   localhost; 0.0.0.0 lets other machines in)
        --help     print this

      Type quit or press control-C to end it. Options for the JVM go into the
      variable JAVA_OPTS.
      """;

  /**
   * Understands a command line.
   *
   * @throws IllegalArgumentException if it cannot, with words for who typed it
   */
  static ChatOptions parse(String... arguments) {
    String host = "localhost";
    int port = 5000;
    boolean help = false;
    for (Iterator<String> words = wordsOf(arguments).iterator(); words.hasNext(); ) {
      String word = words.next();
      switch (word) {
        case "--host" -> host = valueBehind(word, words);
        case "--port" -> port = port(valueBehind(word, words));
        case "--help", "-h" -> help = true;
        default ->
            throw new IllegalArgumentException(
                "expected --port, --host or --help, got '" + word + "'");
      }
    }
    return new ChatOptions(host, port, help);
  }

  /** Makes two words of {@code --option=value}. */
  private static List<String> wordsOf(String[] arguments) {
    return Stream.of(arguments)
        .flatMap(
            word ->
                word.startsWith("--port=") || word.startsWith("--host=")
                    ? Stream.of(word.split("=", 2))
                    : Stream.of(word))
        .toList();
  }

  private static String valueBehind(String option, Iterator<String> words) {
    if (!words.hasNext()) {
      throw new IllegalArgumentException("expected a value behind " + option);
    }
    return words.next();
  }

  private static int port(String text) {
    try {
      int port = Integer.parseInt(text);
      if (port >= 0 && port <= 65535) {
        return port;
      }
    } catch (NumberFormatException notEvenANumber) {
      // Said below, like a number that is no port.
    }
    throw new IllegalArgumentException(
        "--port: expected a number from 0 to 65535, got '" + text + "'");
  }

  InetSocketAddress address() {
    return new InetSocketAddress(host, port);
  }
}
