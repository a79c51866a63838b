package dev.trefoil.examples.chat;

import dev.trefoil.tasks.Nursery;
import dev.trefoil.tasks.Trefoil;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * A socket that listens, and while it is served, a task for each client that has connected.
 *
 * <p>Thread-safety: none but {@link #address()}.
 */
public final class ChatServer implements AutoCloseable {
  /** Accepting fails when the process has too many files open, and that takes a while to pass. */
  private static final Duration PAUSE_AFTER_FAILURE = Duration.ofMillis(100);

  private final Listener listener;
  private final ChatLimits limits;
  private final Consumer<String> log;
  private final Room room;

  private ChatServer(Listener listener, ChatLimits limits, Consumer<String> log) {
    this.listener = listener;
    this.limits = limits;
    this.log = log;
    this.room = new Room(log);
  }

  /**
   * Starts to listen, which needs no run yet. Clients that connect wait until they are served.
   *
   * @param address where to listen; port 0 takes a free one
   * @param limits what to bear from one client
   * @param log is told what happens, a line at a time
   * @return the server
   * @throws IOException if that is not possible, for instance because the port is in use; its message
   *     says where and why
   */
  public static ChatServer listen(
      InetSocketAddress address, ChatLimits limits, Consumer<String> log) throws IOException {
    ChatServer server = new ChatServer(Listener.open(address), limits, log);
    log.accept(
        "chat listens on %s port %d"
            .formatted(server.address().getHostString(), server.address().getPort()));
    return server;
  }

  /**
   * Returns where the server listens.
   *
   * @return the address, with the port that was really taken
   */
  public InetSocketAddress address() {
    return listener.address();
  }

  /**
   * Serves clients until the task is cancelled; then says good-bye to them and closes everything. To
   * be called in a task, once. A checkpoint.
   */
  public void serve() {
    try {
      Nursery.open(
          clients -> {
            while (true) {
              SocketChannel channel = accept();
              clients.spawn("client " + channel.getRemoteAddress(), () -> serve(channel));
            }
          });
    } finally {
      close();
      log.accept("chat is closed");
    }
  }

  private SocketChannel accept() {
    while (true) {
      try {
        return listener.accept();
      } catch (IOException failed) {
        log.accept("cannot accept a connection: " + failed);
        Trefoil.sleep(PAUSE_AFTER_FAILURE);
      }
    }
  }

  /** Serves one client. Whatever goes wrong in here is no reason to drop the others. */
  private void serve(SocketChannel channel) {
    try (Connection connection = Connection.over(channel, limits.lineBytes())) {
      new Client(connection, room, limits).run();
    } catch (IOException | RuntimeException failed) {
      log.accept("a client's connection failed: " + failed);
    }
  }

  /** Stops listening, if {@link #serve()} has not done so. */
  @Override
  public void close() {
    try {
      listener.close();
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }
}
