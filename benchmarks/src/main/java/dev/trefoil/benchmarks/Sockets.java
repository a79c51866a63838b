package dev.trefoil.benchmarks;

import java.io.IOException;
import java.lang.foreign.AddressLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Sockets of Linux as bare file descriptors, which never block. For one thread. */
final class Sockets {
  /** What {@link #receive} and {@link #send} return instead of waiting. */
  static final int WOULD_BLOCK = -1;

  private static final int AF_INET = 2;
  private static final int SOCK_STREAM = 1;
  private static final int SOCK_NONBLOCK = 0x800;
  private static final int SOCK_CLOEXEC = 0x80000;
  private static final int MSG_NOSIGNAL = 0x4000;
  private static final int IPPROTO_TCP = 6;
  private static final int TCP_NODELAY = 1;
  private static final int EAGAIN = 11;
  private static final int LOOPBACK = 0x7f000001;
  private static final int ADDRESS_SIZE = 16;
  private static final int PORT_OFFSET = 2;
  private static final int HOST_OFFSET = 4;

  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
  private static final AddressLayout POINTER = ValueLayout.ADDRESS;
  private static final ValueLayout.OfShort PORT =
      ValueLayout.JAVA_SHORT.withOrder(ByteOrder.BIG_ENDIAN);
  private static final ValueLayout.OfInt HOST = INT.withOrder(ByteOrder.BIG_ENDIAN);

  private static final VarHandle ERRNO =
      Linker.Option.captureStateLayout().varHandle(MemoryLayout.PathElement.groupElement("errno"));
  private static final MethodHandle SOCKET = link("socket", INT, INT, INT, INT);
  private static final MethodHandle BIND = link("bind", INT, INT, POINTER, INT);
  private static final MethodHandle LISTEN = link("listen", INT, INT, INT);
  private static final MethodHandle NAME = link("getsockname", INT, INT, POINTER, POINTER);
  private static final MethodHandle ACCEPT = link("accept4", INT, INT, POINTER, POINTER, INT);
  private static final MethodHandle OPTION = link("setsockopt", INT, INT, INT, INT, POINTER, INT);
  private static final MethodHandle CLOSE = link("close", INT, INT);
  private static final MethodHandle RECEIVE = link("recv", LONG, INT, POINTER, LONG, INT);
  private static final MethodHandle SEND = link("send", LONG, INT, POINTER, LONG, INT);

  private static final MemorySegment ERROR =
      Arena.global().allocate(Linker.Option.captureStateLayout());

  private Sockets() {}

  /** None of them blocks, so they may as well have arrays in their hands. */
  @SuppressWarnings("restricted")
  private static MethodHandle link(String name, MemoryLayout result, MemoryLayout... arguments) {
    Linker linker = Linker.nativeLinker();
    return linker.downcallHandle(
        linker.defaultLookup().find(name).orElseThrow(),
        FunctionDescriptor.of(result, arguments),
        Linker.Option.captureCallState("errno"),
        Linker.Option.critical(true));
  }

  private static int checked(String what, int result) throws IOException {
    if (result < 0) {
      throw new IOException(what + " failed with errno " + (int) ERRNO.get(ERROR, 0L));
    }
    return result;
  }

  private static IOException unexpected(Throwable error) {
    return error instanceof IOException known ? known : new IOException(error);
  }

  /** Listens on a free port of the loopback interface. */
  static int listen() throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      int fd =
          checked(
              "socket",
              (int)
                  SOCKET.invokeExact(
                      ERROR, AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
      MemorySegment address = arena.allocate(ADDRESS_SIZE, Integer.BYTES);
      address.set(ValueLayout.JAVA_SHORT, 0, (short) AF_INET);
      address.set(HOST, HOST_OFFSET, LOOPBACK);
      checked("bind", (int) BIND.invokeExact(ERROR, fd, address, ADDRESS_SIZE));
      checked("listen", (int) LISTEN.invokeExact(ERROR, fd, 1024));
      return fd;
    } catch (Throwable error) {
      throw unexpected(error);
    }
  }

  static int port(int fd) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment address = arena.allocate(ADDRESS_SIZE, Integer.BYTES);
      MemorySegment size = arena.allocateFrom(INT, ADDRESS_SIZE);
      checked("getsockname", (int) NAME.invokeExact(ERROR, fd, address, size));
      return Short.toUnsignedInt(address.get(PORT, PORT_OFFSET));
    } catch (Throwable error) {
      throw unexpected(error);
    }
  }

  /** Returns a connection, or {@link #WOULD_BLOCK}. */
  static int accept(int fd) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      int connection =
          (int)
              ACCEPT.invokeExact(
                  ERROR, fd, MemorySegment.NULL, MemorySegment.NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (connection < 0) {
        return wouldBlock("accept");
      }
      MemorySegment yes = arena.allocateFrom(INT, 1);
      checked(
          "setsockopt",
          (int)
              OPTION.invokeExact(ERROR, connection, IPPROTO_TCP, TCP_NODELAY, yes, Integer.BYTES));
      return connection;
    } catch (Throwable error) {
      throw unexpected(error);
    }
  }

  private static int wouldBlock(String what) throws IOException {
    return (int) ERRNO.get(ERROR, 0L) == EAGAIN ? WOULD_BLOCK : checked(what, -1);
  }

  /** Returns how many bytes came, 0 at the end, or {@link #WOULD_BLOCK}. */
  static int receive(int fd, MemorySegment buffer) throws IOException {
    try {
      long count = (long) RECEIVE.invokeExact(ERROR, fd, buffer, buffer.byteSize(), 0);
      return count < 0 ? wouldBlock("recv") : (int) count;
    } catch (Throwable error) {
      throw unexpected(error);
    }
  }

  /** Returns how many of the bytes went out, or {@link #WOULD_BLOCK}. */
  static int send(int fd, MemorySegment bytes, long count) throws IOException {
    try {
      long sent = (long) SEND.invokeExact(ERROR, fd, bytes, count, MSG_NOSIGNAL);
      return sent < 0 ? wouldBlock("send") : (int) sent;
    } catch (Throwable error) {
      throw unexpected(error);
    }
  }

  static void close(int fd) throws IOException {
    try {
      checked("close", (int) CLOSE.invokeExact(ERROR, fd));
    } catch (Throwable error) {
      throw unexpected(error);
    }
  }
}
