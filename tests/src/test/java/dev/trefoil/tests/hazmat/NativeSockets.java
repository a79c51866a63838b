package dev.trefoil.tests.hazmat;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** Two connected local sockets as bare descriptors, in non-blocking mode. Linux. */
@SuppressWarnings("restricted")
final class NativeSockets implements AutoCloseable {
  private static final int AF_UNIX = 1;
  private static final int SOCK_STREAM_NONBLOCK = 1 | 0x800;
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;

  private static final MethodHandle SOCKETPAIR =
      function("socketpair", FunctionDescriptor.of(INT, INT, INT, INT, ValueLayout.ADDRESS));
  private static final MethodHandle READ =
      function(
          "read",
          FunctionDescriptor.of(
              ValueLayout.JAVA_LONG, INT, ValueLayout.ADDRESS, ValueLayout.JAVA_LONG));
  private static final MethodHandle WRITE =
      function(
          "write",
          FunctionDescriptor.of(
              ValueLayout.JAVA_LONG, INT, ValueLayout.ADDRESS, ValueLayout.JAVA_LONG));
  private static final MethodHandle CLOSE = function("close", FunctionDescriptor.of(INT, INT));
  private static final MethodHandle DUP = function("dup", FunctionDescriptor.of(INT, INT));
  private static final MethodHandle DUP2 = function("dup2", FunctionDescriptor.of(INT, INT, INT));

  final int left;
  final int right;
  private boolean leftOpen = true;
  private boolean rightOpen = true;

  private NativeSockets(int left, int right) {
    this.left = left;
    this.right = right;
  }

  static NativeSockets open() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment pair = arena.allocate(INT, 2);
      int result = (int) SOCKETPAIR.invokeExact(AF_UNIX, SOCK_STREAM_NONBLOCK, 0, pair);
      assertThat(result).isZero();
      return new NativeSockets(pair.getAtIndex(INT, 0), pair.getAtIndex(INT, 1));
    } catch (Throwable error) {
      throw new AssertionError(error);
    }
  }

  /** Makes one descriptor stand for what another does, as faulty native code might. */
  static void replace(int fd, int by) {
    try {
      int result = (int) DUP2.invokeExact(by, fd);
      assertThat(result).isEqualTo(fd);
    } catch (Throwable error) {
      throw new AssertionError(error);
    }
  }

  /** Opens another number for the same; to be given to {@link #close(int)}. */
  static int duplicate(int fd) {
    try {
      int duplicate = (int) DUP.invokeExact(fd);
      assertThat(duplicate).isNotNegative();
      return duplicate;
    } catch (Throwable error) {
      throw new AssertionError(error);
    }
  }

  private static MethodHandle function(String name, FunctionDescriptor signature) {
    Linker linker = Linker.nativeLinker();
    return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), signature);
  }

  /** Writes one byte. */
  static void write(int fd) {
    assertThat(transfer(WRITE, fd, 1)).isOne();
  }

  /** Writes until there is no more room. */
  static void fill(int fd) {
    while (transfer(WRITE, fd, 4096) > 0) {
      // Go on.
    }
  }

  /** Reads one byte, which must be there. */
  static void readOne(int fd) {
    assertThat(transfer(READ, fd, 1)).isOne();
  }

  /** Reads what is there; returns how much that was. */
  static long drain(int fd) {
    long total = 0;
    long count;
    while ((count = transfer(READ, fd, 4096)) > 0) {
      total += count;
    }
    return total;
  }

  private static long transfer(MethodHandle function, int fd, long size) {
    try (Arena arena = Arena.ofConfined()) {
      return (long) function.invokeExact(fd, arena.allocate(size), size);
    } catch (Throwable error) {
      throw new AssertionError(error);
    }
  }

  void closeLeft() {
    if (leftOpen) {
      leftOpen = false;
      close(left);
    }
  }

  void closeRight() {
    if (rightOpen) {
      rightOpen = false;
      close(right);
    }
  }

  static void close(int fd) {
    try {
      int ignored = (int) CLOSE.invokeExact(fd);
    } catch (Throwable error) {
      throw new AssertionError(error);
    }
  }

  @Override
  public void close() {
    closeLeft();
    closeRight();
  }
}
