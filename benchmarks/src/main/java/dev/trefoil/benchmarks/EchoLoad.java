package dev.trefoil.benchmarks;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.concurrent.TimeUnit;

/**
 * The clients of an echo server: on each connection a message is sent, all of it is awaited and
 * compared, and the next is sent. Prints {@code begin} when it has warmed up, and at the end how many
 * messages came back in how many nanoseconds.
 */
final class EchoLoad {
  private static final int CONNECTIONS = 64;
  private static final int BYTES = 1_000;

  private final Selector selector;
  private long messages;
  private int open;

  /** Whether what has come back in full is not to be followed by another. */
  private boolean stopping;

  private EchoLoad(Selector selector) {
    this.selector = selector;
  }

  /**
   * Sends and compares.
   *
   * @param args the port, and the milliseconds to warm up and to measure
   */
  public static void main(String[] args) throws IOException {
    EchoLoad load = new EchoLoad(Selector.open());
    for (int i = 0; i < CONNECTIONS; i++) {
      load.connect(Integer.parseInt(args[0]), i);
    }
    load.run(Long.parseLong(args[1]));
    System.out.println("begin");
    System.out.flush();
    load.messages = 0;
    long begin = System.nanoTime();
    load.run(Long.parseLong(args[2]));
    long nanos = System.nanoTime() - begin;
    System.out.println(load.messages + " " + nanos);
    load.stopping = true;
    while (load.open > 0) {
      load.readWhatHasCome();
    }
  }

  private void run(long millis) throws IOException {
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    while (System.nanoTime() - end < 0) {
      readWhatHasCome();
    }
  }

  private void readWhatHasCome() throws IOException {
    selector.select(
        key -> {
          try {
            ((Client) key.attachment()).read();
          } catch (IOException broken) {
            throw new IllegalStateException(broken);
          }
        },
        1_000);
  }

  private void connect(int port, int number) throws IOException {
    SocketChannel channel =
        SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    channel.configureBlocking(false);
    byte[] content = new byte[BYTES];
    for (int i = 0; i < BYTES; i++) {
      content[i] = (byte) (number + i);
    }
    Client client = new Client(channel);
    client.message.put(content);
    channel.register(selector, SelectionKey.OP_READ, client);
    client.write();
    open++;
  }

  private final class Client {
    private final SocketChannel channel;
    private final ByteBuffer message = ByteBuffer.allocateDirect(BYTES);
    private final ByteBuffer answer = ByteBuffer.allocateDirect(BYTES);

    Client(SocketChannel channel) {
      this.channel = channel;
    }

    private void write() throws IOException {
      message.rewind();
      while (message.hasRemaining()) {
        channel.write(message);
      }
    }

    void read() throws IOException {
      if (channel.read(answer) < 0) {
        throw new IOException("Expected an answer, but the server has closed the connection.");
      }
      if (!answer.hasRemaining()) {
        message.rewind();
        if (answer.flip().mismatch(message) >= 0) {
          throw new IOException("Expected the message to come back, got another.");
        }
        answer.clear();
        messages++;
        if (stopping) {
          channel.close();
          open--;
        } else {
          write();
        }
      }
    }
  }
}
