package dev.trefoil.examples.chat;

import dev.trefoil.hazmat.Hazmat;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/** A socket that tasks can accept connections from. */
final class Listener implements AutoCloseable {
  private final ServerSocketChannel channel;
  private final InetSocketAddress address;

  private Listener(ServerSocketChannel channel) throws IOException {
    this.channel = channel;
    this.address = (InetSocketAddress) channel.getLocalAddress();
  }

  /** Listens, which needs no run yet. */
  static Listener open(InetSocketAddress address) throws IOException {
    ServerSocketChannel channel = ServerSocketChannel.open();
    try {
      if (address.isUnresolved()) {
        throw new UnknownHostException("no such host");
      }
      channel.configureBlocking(false);
      channel.bind(address);
      return new Listener(channel);
    } catch (IOException failed) {
      channel.close();
      throw new IOException(
          "cannot listen on %s port %d: %s"
              .formatted(address.getHostString(), address.getPort(), failed.getMessage()),
          failed);
    }
  }

  InetSocketAddress address() {
    return address;
  }

  /** Waits for a connection. A checkpoint, and if it is cancelled no connection is lost. */
  SocketChannel accept() throws IOException {
    while (true) {
      Hazmat.waitSocketReadable(channel);
      SocketChannel accepted = channel.accept();
      if (accepted != null) {
        return accepted;
      }
    }
  }

  @Override
  public void close() throws IOException {
    if (Hazmat.inRun()) {
      Hazmat.notifyClosing(channel);
    }
    channel.close();
  }
}
