package dev.trefoil.examples.chat;

import dev.trefoil.hazmat.Hazmat;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/** A socket that tasks can read lines from and write bytes to. */
final class Connection implements AutoCloseable {
  /** The system's part of a client's backlog; left to itself it grows to megabytes. */
  private static final int SEND_BUFFER = 64 * 1024;

  private final SocketChannel channel;
  private final LineDecoder decoder;
  private final ByteBuffer received = ByteBuffer.allocate(4096).flip();

  private Connection(SocketChannel channel, int maxLineBytes) {
    this.channel = channel;
    this.decoder = new LineDecoder(maxLineBytes);
  }

  /** Takes over a channel: it is closed with the connection, and if there comes to be none. */
  static Connection over(SocketChannel channel, int maxLineBytes) throws IOException {
    try {
      channel.configureBlocking(false);
      channel.setOption(StandardSocketOptions.SO_SNDBUF, SEND_BUFFER);
      channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
      return new Connection(channel, maxLineBytes);
    } catch (IOException | RuntimeException failed) {
      channel.close();
      throw failed;
    }
  }

  /** Waits for a line. A checkpoint, and if it is cancelled no line is lost. */
  @Nullable String readLine() throws IOException {
    Hazmat.yieldBriefly();
    while (true) {
      String line = decoder.decode(received);
      if (line != null) {
        return line;
      }
      if (!receive()) {
        return decoder.rest();
      }
    }
  }

  private boolean receive() throws IOException {
    received.clear();
    try {
      while (true) {
        int count = channel.read(received);
        if (count != 0) {
          return count > 0;
        }
        Hazmat.waitSocketReadable(channel);
      }
    } finally {
      received.flip();
    }
  }

  /** Writes all of {@code bytes}. If it is cancelled, their position says how far it came. */
  void write(ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      if (channel.write(bytes) == 0) {
        Hazmat.waitSocketWritable(channel);
      }
    }
  }

  @Override
  public void close() throws IOException {
    Hazmat.notifyClosing(channel);
    channel.close();
  }
}
