package dev.trefoil.examples.chat;

import dev.trefoil.hazmat.KernelProvider;
import dev.trefoil.hazmat.RunOptions;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;

/**
 * The chat server as a command of an OSGi container's shell, Gogo: it has the shell until control-C
 * ends it. The container goes on.
 */
@Component(
    service = ChatCommand.class,
    property = {"osgi.command.scope=chat", "osgi.command.function=serve"})
public final class ChatCommand {
  private final List<ChatRun> running = new ArrayList<>();
  private boolean stopped;

  /**
   * Makes the command.
   *
   * @param kernel what the server runs on; asked for, so that the server stops before it does
   */
  @Activate
  public ChatCommand(@Reference KernelProvider kernel) {}

  /**
   * Serves on the loopback interface, and returns when control-C was pressed or the bundle is stopped.
   *
   * @param port where to listen; 0 takes a free port
   * @throws IOException if it cannot listen there
   */
  public void serve(int port) throws IOException {
    InetSocketAddress address = new InetSocketAddress("localhost", port);
    ChatServer server = ChatServer.listen(address, ChatLimits.DEFAULT, System.out::println);
    ChatRun run =
        new ChatRun(
            server,
            RunOptions.defaults().withKeyboardInterrupts(),
            () -> System.out.println("control-C ends it"));
    if (!add(run)) {
      server.close();
      throw new IllegalStateException("The chat's bundle is being stopped.");
    }
    try {
      run.serve();
    } finally {
      remove(run);
    }
  }

  private synchronized boolean add(ChatRun run) {
    return !stopped && running.add(run);
  }

  private synchronized void remove(ChatRun run) {
    running.remove(run);
  }

  private synchronized List<ChatRun> stopAdding() {
    stopped = true;
    return List.copyOf(running);
  }

  /**
   * Ends what the command does, and returns when everything is closed.
   *
   * @throws InterruptedException if interrupted, in which case it goes on ending
   */
  @Deactivate
  public void stop() throws InterruptedException {
    List<ChatRun> last = stopAdding();
    last.forEach(ChatRun::stop);
    for (ChatRun run : last) {
      run.awaitEnd();
    }
  }
}
