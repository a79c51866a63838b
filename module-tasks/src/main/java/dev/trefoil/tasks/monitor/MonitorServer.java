package dev.trefoil.tasks.monitor;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The listener: one thread, which waits for nobody but, for a moment, the run. */
final class MonitorServer {
  private static final System.Logger LOG = System.getLogger("dev.trefoil.monitor");
  private static final int MAX_CLIENTS = 4;
  private static final long CLOSING_MILLIS = 2_000;

  private final ServerSocketChannel listener;
  private final Selector selector;
  private final InetSocketAddress address;
  private final String token;
  private final long idleNanos;
  private final String runName;
  private final Commands commands;
  private final Thread thread;
  private final List<Client> clients = new ArrayList<>();
  private volatile boolean closing;

  private MonitorServer(
      ServerSocketChannel listener,
      Selector selector,
      String token,
      long idleNanos,
      String runName,
      Commands commands)
      throws IOException {
    this.listener = listener;
    this.selector = selector;
    this.address = (InetSocketAddress) listener.getLocalAddress();
    this.token = token;
    this.idleNanos = idleNanos;
    this.runName = runName;
    this.commands = commands;
    this.thread = new Thread(null, this::serve, "trefoil-monitor-" + runName, 0, false);
    thread.setDaemon(true);
    thread.setContextClassLoader(null);
  }

  static MonitorServer open(
      int port, String token, Duration idleLimit, String runName, Commands commands)
      throws IOException {
    long idleNanos = TimeUnit.NANOSECONDS.convert(idleLimit);
    ServerSocketChannel listener = ServerSocketChannel.open();
    Selector selector = null;
    try {
      bind(listener, port);
      listener.configureBlocking(false);
      selector = Selector.open();
      listener.register(selector, SelectionKey.OP_ACCEPT);
      MonitorServer server =
          new MonitorServer(listener, selector, token, idleNanos, runName, commands);
      server.thread.start();
      return server;
    } catch (IOException | RuntimeException | Error failed) {
      listener.close();
      if (selector != null) {
        selector.close();
      }
      throw failed;
    }
  }

  private static void bind(ServerSocketChannel listener, int port) throws IOException {
    InetAddress loopback = InetAddress.getLoopbackAddress();
    try {
      listener.bind(new InetSocketAddress(loopback, port));
    } catch (BindException taken) {
      if (port == 0) {
        throw taken;
      }
      listener.bind(new InetSocketAddress(loopback, 0));
    }
  }

  InetSocketAddress address() {
    return address;
  }

  /** Closes all connections and ends the thread. */
  void close() {
    closing = true;
    selector.wakeup();
    boolean interrupted = false;
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(CLOSING_MILLIS);
    while (thread.isAlive() && end - System.nanoTime() > 0) {
      try {
        thread.join(Math.max(1, TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime())));
      } catch (InterruptedException later) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  // ---- the thread

  private void serve() {
    try (listener;
        selector) {
      while (!closing) {
        selector.select(this::serve, millisToNextLimit());
        dropIdle();
      }
      for (Client client : List.copyOf(clients)) {
        client.sayLast("\n" + runName + " has ended.\n");
      }
    } catch (Throwable broken) {
      LOG.log(Level.WARNING, "The monitor of " + runName + " has failed.", broken);
    } finally {
      List.copyOf(clients).forEach(this::drop);
    }
  }

  private void serve(SelectionKey key) {
    Client client = (Client) key.attachment();
    if (!key.isValid()) {
      return;
    }
    try {
      if (client == null) {
        accept();
      } else if (!client.goOn()) {
        drop(client);
      }
    } catch (IOException gone) {
      drop(client);
    }
  }

  private void accept() throws IOException {
    SocketChannel channel = listener.accept();
    if (channel == null) {
      return;
    }
    channel.configureBlocking(false);
    SelectionKey key = channel.register(selector, SelectionKey.OP_READ);
    Client client = new Client(channel, key, token, commands, idleNanos);
    key.attach(client);
    if (clients.size() == MAX_CLIENTS && !makeRoom()) {
      client.sayLast("Too many clients.\n");
      client.close();
      return;
    }
    clients.add(client);
    client.say("Trefoil monitor of " + runName + ". Token: ");
  }

  /** Who knows the token is not kept out by those who do not. */
  private boolean makeRoom() {
    for (Client client : clients) {
      if (!client.isLoggedIn()) {
        client.sayLast("\nToo many clients.\n");
        drop(client);
        return true;
      }
    }
    return false;
  }

  private long millisToNextLimit() {
    long next = Long.MAX_VALUE;
    long now = System.nanoTime();
    for (Client client : clients) {
      next = Math.min(next, client.limit() - now);
    }
    return next == Long.MAX_VALUE ? 0 : Math.max(1, TimeUnit.NANOSECONDS.toMillis(next) + 1);
  }

  private void dropIdle() {
    long now = System.nanoTime();
    for (Client client : List.copyOf(clients)) {
      if (client.limit() - now <= 0) {
        client.sayLast("\nNothing has come for too long. Bye.\n");
        drop(client);
      }
    }
  }

  private void drop(@Nullable Client client) {
    if (client != null && clients.remove(client)) {
      client.close();
    }
  }
}
