package dev.trefoil.examples.chat;

import dev.trefoil.hazmat.RunOptions;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;

/** The chat server as a program. */
public final class ChatMain {
  static final String HOW_TO_END = "quit or control-C ends it";

  private ChatMain() {}

  /**
   * Serves until {@code quit} is typed or control-C is pressed.
   *
   * @param arguments see {@code --help}
   */
  public static void main(String... arguments) {
    ChatOptions options;
    try {
      options = ChatOptions.parse(arguments);
    } catch (IllegalArgumentException wrong) {
      System.err.println("chat: " + wrong.getMessage() + "; --help tells more");
      System.exit(2);
      return;
    }
    if (options.help()) {
      System.out.print(ChatOptions.HELP);
      return;
    }
    try {
      serve(options);
    } catch (IOException failed) {
      System.err.println("chat: " + failed.getMessage());
      System.exit(1);
    }
  }

  private static void serve(ChatOptions options) throws IOException {
    ChatServer server =
        ChatServer.listen(options.address(), ChatLimits.DEFAULT, System.out::println);
    ChatRun run = new ChatRun(server, RunOptions.defaults(), () -> System.out.println(HOW_TO_END));
    Runtime.getRuntime().addShutdownHook(new Thread(() -> stopAndWait(run), "chat-stop"));
    Thread.ofPlatform().daemon().name("chat-console").start(() -> stopOnQuit(run));
    if (run.serve()) {
      System.exit(ChatRun.ENDED_BY_CONTROL_C);
    }
  }

  /** If the process is to end in another way: the JVM ends when its hooks have. */
  private static void stopAndWait(ChatRun run) {
    run.stop();
    try {
      run.awaitEnd();
    } catch (InterruptedException hurry) {
      Thread.currentThread().interrupt();
    }
  }

  /** An end of the input is no reason to stop: a server in the background has none. */
  private static void stopOnQuit(ChatRun run) {
    try {
      BufferedReader console =
          new BufferedReader(new InputStreamReader(System.in, Charset.defaultCharset()));
      for (String line = console.readLine(); line != null; line = console.readLine()) {
        if (line.strip().equals("quit")) {
          run.stop();
          return;
        }
      }
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }
}
