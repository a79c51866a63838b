package dev.trefoil.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** Somebody who talks to a chat server through a plain blocking socket. */
final class ChatPeer implements AutoCloseable {
  private final Socket socket = new Socket();
  private final BufferedReader in;
  private final Writer out;

  private ChatPeer(int port, int receiveBuffer) throws IOException {
    socket.setReceiveBufferSize(receiveBuffer);
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    socket.setSoTimeout((int) Hang.GUARD.toMillis());
    in = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
    out = new OutputStreamWriter(socket.getOutputStream(), StandardCharsets.UTF_8);
  }

  /** Connects, gives a name and is welcomed. */
  static ChatPeer join(int port, String name) throws IOException {
    return join(port, name, 64 * 1024);
  }

  /** Joins with little room for what is not read. */
  static ChatPeer joinWithSmallBuffer(int port, String name) throws IOException {
    return join(port, name, 2 * 1024);
  }

  private static ChatPeer join(int port, String name, int receiveBuffer) throws IOException {
    ChatPeer peer = new ChatPeer(port, receiveBuffer);
    peer.say(name);
    assertThat(peer.hear()).startsWith("* who are you?");
    assertThat(peer.hear()).startsWith("* welcome, " + name);
    return peer;
  }

  void say(String line) throws IOException {
    out.write(line + "\n");
    out.flush();
  }

  /** Waits for a line; null at the end. */
  String hear() {
    try {
      return in.readLine();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void leave() throws IOException {
    socket.close();
  }

  @Override
  public void close() throws IOException {
    leave();
  }
}
