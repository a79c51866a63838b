package dev.trefoil.benchmarks;

import dev.trefoil.hazmat.Backend;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.tasks.Nursery;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringServerSocketChannel;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/** Servers that send back what they get, on one thread; prints its port, and ends with its input. */
final class EchoServer {
  private static final int BUFFER = 16 * 1024;

  private EchoServer() {}

  /**
   * Serves.
   *
   * @param args the contender
   */
  public static void main(String[] args) throws Exception {
    Thread.ofPlatform().daemon().start(EchoServer::endWithInput);
    switch (args[0]) {
      case "trefoil" -> Runs.on(Backend.CONTINUATION, EchoServer::serveDescriptors);
      case "trefoilPortable" -> Runs.on(Backend.VIRTUAL_THREAD, EchoServer::serveChannels);
      case "trefoilChannels" -> Runs.on(Backend.CONTINUATION, EchoServer::serveChannels);
      case "virtualThreads" -> serveVirtualThreads();
      case "nettyEpoll" -> serveNetty(EpollIoHandler.newFactory(), EpollServerSocketChannel.class);
      case "nettyIoUring" ->
          serveNetty(IoUringIoHandler.newFactory(), IoUringServerSocketChannel.class);
      default -> throw new IllegalArgumentException("unknown contender " + args[0]);
    }
  }

  private static void endWithInput() {
    try {
      while (System.in.read() >= 0) {
        // Nothing is expected.
      }
    } catch (IOException closed) {
      // So it has ended.
    }
    Runtime.getRuntime().halt(0);
  }

  private static void announce(int port) {
    System.out.println(port);
    System.out.flush();
  }

  // ---- Trefoil, by descriptors

  private static Object serveDescriptors() throws IOException {
    int listening = Sockets.listen();
    announce(Sockets.port(listening));
    Nursery.open(
        nursery -> {
          while (true) {
            Hazmat.waitReadable(listening);
            int connection = Sockets.accept(listening);
            if (connection != Sockets.WOULD_BLOCK) {
              nursery.spawn(() -> echo(connection));
            }
          }
        });
    throw new IllegalStateException("serves for ever");
  }

  private static void echo(int connection) throws IOException {
    MemorySegment buffer = MemorySegment.ofArray(new byte[BUFFER]);
    while (true) {
      Hazmat.waitReadable(connection);
      int count = Sockets.receive(connection, buffer);
      if (count == 0) {
        Hazmat.notifyClosing(connection);
        Sockets.close(connection);
        return;
      }
      int sent = 0;
      while (sent < count) {
        int now = Sockets.send(connection, buffer.asSlice(sent), count - sent);
        if (now == Sockets.WOULD_BLOCK) {
          Hazmat.waitWritable(connection);
        } else {
          sent += now;
        }
      }
    }
  }

  // ---- Trefoil, by channels

  private static Object serveChannels() throws IOException {
    ServerSocketChannel listening = ServerSocketChannel.open();
    listening.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1024);
    listening.configureBlocking(false);
    announce(listening.socket().getLocalPort());
    Nursery.open(
        nursery -> {
          while (true) {
            Hazmat.waitSocketReadable(listening);
            SocketChannel connection = listening.accept();
            if (connection != null) {
              nursery.spawn(() -> echo(connection));
            }
          }
        });
    throw new IllegalStateException("serves for ever");
  }

  private static void echo(SocketChannel connection) throws IOException {
    connection.configureBlocking(false);
    connection.setOption(StandardSocketOptions.TCP_NODELAY, true);
    ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER);
    while (true) {
      Hazmat.waitSocketReadable(connection);
      if (connection.read(buffer) < 0) {
        Hazmat.notifyClosing(connection);
        connection.close();
        return;
      }
      buffer.flip();
      while (buffer.hasRemaining()) {
        if (connection.write(buffer) == 0) {
          Hazmat.waitSocketWritable(connection);
        }
      }
      buffer.clear();
    }
  }

  // ---- virtual threads

  private static void serveVirtualThreads() throws IOException {
    ServerSocketChannel listening = ServerSocketChannel.open();
    listening.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1024);
    announce(listening.socket().getLocalPort());
    while (true) {
      SocketChannel connection = listening.accept();
      connection.setOption(StandardSocketOptions.TCP_NODELAY, true);
      Thread.ofVirtual().start(() -> echoBlocking(connection));
    }
  }

  private static void echoBlocking(SocketChannel connection) {
    ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER);
    try (connection) {
      while (connection.read(buffer) >= 0) {
        buffer.flip();
        while (buffer.hasRemaining()) {
          connection.write(buffer);
        }
        buffer.clear();
      }
    } catch (IOException broken) {
      throw new IllegalStateException(broken);
    }
  }

  // ---- Netty

  private static void serveNetty(IoHandlerFactory io, Class<? extends ServerChannel> type)
      throws InterruptedException {
    MultiThreadIoEventLoopGroup group = new MultiThreadIoEventLoopGroup(1, io);
    Channel listening =
        new ServerBootstrap()
            .group(group)
            .channel(type)
            .option(ChannelOption.SO_BACKLOG, 1024)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel connection) {
                    connection.pipeline().addLast(new NettyEcho());
                  }
                })
            .bind(InetAddress.getLoopbackAddress(), 0)
            .sync()
            .channel();
    announce(((InetSocketAddress) listening.localAddress()).getPort());
    listening.closeFuture().sync();
  }

  private static final class NettyEcho extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      context.write(message, context.voidPromise());
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
      context.flush();
    }
  }
}
