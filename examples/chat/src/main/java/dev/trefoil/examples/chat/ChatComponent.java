package dev.trefoil.examples.chat;

import dev.trefoil.hazmat.KernelProvider;
import dev.trefoil.hazmat.RunOptions;
import java.io.IOException;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;

/**
 * The chat server as a component of an OSGi container. It is there as long as there are a
 * configuration {@value #PID} and a kernel; when it goes, so do its thread, its tasks and its
 * sockets.
 *
 * <p>If it cannot listen it says so in one line on the standard error and serves nobody; it tries
 * again when its configuration changes or its bundle is restarted.
 */
@Component(
    name = ChatComponent.PID,
    service = {},
    configurationPolicy = ConfigurationPolicy.REQUIRE)
public final class ChatComponent {
  static final String PID = "dev.trefoil.examples.chat";

  /** What can be configured. */
  public @interface Configuration {
    /**
     * Where to listen.
     *
     * @return the name or address of an interface
     */
    String host() default "localhost";

    /**
     * Where to listen.
     *
     * @return the port; 0 takes a free one
     */
    int port() default 5000;

    /**
     * Whether the process is there for the chat alone, as a program that somebody has started. Then
     * it says how to end it, control-C ends it and with it the process, and if it cannot listen, the
     * process ends with status 1.
     *
     * @return false in a container that has more to do
     */
    boolean ownsProcess() default false;
  }

  /** Null if it could not listen. */
  private final @Nullable Serving serving;

  /**
   * Starts to listen and to serve, and returns when it does, or cannot.
   *
   * @param kernel what the server runs on; asked for, so that the server stops before it does
   * @param configuration where to listen
   */
  @Activate
  public ChatComponent(@Reference KernelProvider kernel, Configuration configuration) {
    serving = begin(configuration);
  }

  private static @Nullable Serving begin(Configuration configuration) {
    InetSocketAddress address = new InetSocketAddress(configuration.host(), configuration.port());
    try {
      ChatServer server = ChatServer.listen(address, ChatLimits.DEFAULT, System.out::println);
      return Serving.of(server, configuration.ownsProcess());
    } catch (IOException cannotListen) {
      // Not thrown: the container would bury the one line that helps under a stack.
      System.err.println("chat: " + cannotListen.getMessage());
      if (configuration.ownsProcess()) {
        // An exit would first stop the container, which is not up yet: what starts beside the chat
        // would complain. Nobody is served, so there is nothing to end in good order.
        Runtime.getRuntime().halt(1);
      }
      return null;
    }
  }

  /**
   * Stops, and returns when everything is closed.
   *
   * @throws InterruptedException if interrupted, in which case it goes on stopping
   */
  @Deactivate
  public void stop() throws InterruptedException {
    if (serving != null) {
      serving.end();
    }
  }

  /** A run with its thread. */
  private record Serving(ChatRun run, Thread thread) {
    static Serving of(ChatServer server, boolean ownsProcess) {
      RunOptions options = RunOptions.defaults();
      ChatRun run =
          ownsProcess
              ? new ChatRun(
                  server,
                  options.withKeyboardInterrupts(),
                  () -> System.out.println(ChatMain.HOW_TO_END))
              : new ChatRun(server, options, () -> {});
      Thread thread = Thread.ofPlatform().name("chat").start(() -> serve(run));
      run.awaitBegin();
      return new Serving(run, thread);
    }

    private static void serve(ChatRun run) {
      if (run.serve()) {
        // Elsewhere, since it waits for the container to stop, and that waits for this thread.
        Thread.ofPlatform().name("chat-exit").start(() -> System.exit(ChatRun.ENDED_BY_CONTROL_C));
      }
    }

    void end() throws InterruptedException {
      run.stop();
      thread.join();
    }
  }
}
