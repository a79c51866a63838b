package dev.trefoil.tests.chat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.trefoil.hazmat.Hazmat;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;

/** Somebody in the chat, who waits as a task of the same run as the server. */
final class Chatter implements AutoCloseable {
  private final SocketChannel channel;
  private final ByteBuffer received = ByteBuffer.allocate(4096).flip();

  private Chatter(SocketChannel channel) {
    this.channel = channel;
  }

  /** Connects and hears what is asked first. */
  static Chatter connect(SocketAddress server) throws IOException {
    return connect(server, 64 * 1024);
  }

  /** Connects with little room for what is not read. */
  static Chatter connectWithSmallBuffer(SocketAddress server) throws IOException {
    return connect(server, 2 * 1024);
  }

  private static Chatter connect(SocketAddress server, int receiveBuffer) throws IOException {
    SocketChannel channel = SocketChannel.open();
    channel.setOption(StandardSocketOptions.SO_RCVBUF, receiveBuffer);
    channel.configureBlocking(false);
    if (!channel.connect(server)) {
      do {
        Hazmat.waitSocketWritable(channel);
      } while (!channel.finishConnect());
    }
    Chatter chatter = new Chatter(channel);
    assertThat(chatter.hear()).startsWith("* who are you?");
    return chatter;
  }

  static Chatter join(SocketAddress server, String name) throws IOException {
    return connect(server).name(name);
  }

  /** Gives a name that is accepted. */
  Chatter name(String name) throws IOException {
    say(name);
    assertThat(hear()).startsWith("* welcome, " + name);
    return this;
  }

  void say(String line) throws IOException {
    send(line + "\n");
  }

  void send(String text) throws IOException {
    ByteBuffer bytes = StandardCharsets.UTF_8.encode(text);
    while (bytes.hasRemaining()) {
      if (channel.write(bytes) == 0) {
        Hazmat.waitSocketWritable(channel);
      }
    }
  }

  void endSpeaking() throws IOException {
    channel.shutdownOutput();
  }

  /** Ends the connection as a crash would. */
  void vanish() throws IOException {
    channel.setOption(StandardSocketOptions.SO_LINGER, 0);
    close();
  }

  /** Waits for a line; null at the end, however it came about and in whatever piece of a line. */
  String hear() {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    while (true) {
      while (received.hasRemaining()) {
        byte next = received.get();
        if (next == '\n') {
          return line.toString(StandardCharsets.UTF_8);
        }
        line.write(next);
      }
      received.clear();
      int count = read();
      received.flip();
      if (count < 0) {
        return null;
      }
    }
  }

  private int read() {
    try {
      int count = channel.read(received);
      while (count == 0) {
        Hazmat.waitSocketReadable(channel);
        count = channel.read(received);
      }
      return count;
    } catch (IOException reset) {
      return -1;
    }
  }

  @Override
  public void close() throws IOException {
    Hazmat.notifyClosing(channel);
    channel.close();
  }
}
