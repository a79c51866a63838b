package dev.trefoil.distribution;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A pseudo-terminal of the operating system, from the side of who sits in front of it. What is typed
 * goes through the system's line discipline, which makes a signal of control-C and sends it to all
 * processes in the foreground.
 */
final class Terminal implements AutoCloseable {
  private static final char CONTROL_C = 3;

  /** Open for both directions, and not to become the terminal of the tests. */
  private static final int O_RDWR_NOCTTY = 2 | 0400;

  private final int master;
  private final File slave;

  private Terminal(int master, File slave) {
    this.master = master;
    this.slave = slave;
  }

  static Terminal open() {
    int master = (int) call(C.POSIX_OPENPT, O_RDWR_NOCTTY);
    assertThat(master).as("descriptor of a new pseudo-terminal").isNotNegative();
    assertThat((int) call(C.GRANTPT, master)).isZero();
    assertThat((int) call(C.UNLOCKPT, master)).isZero();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment name = arena.allocate(256);
      assertThat((int) call(C.PTSNAME_R, master, name, name.byteSize())).isZero();
      return new Terminal(master, new File(name.getString(0)));
    }
  }

  /** Starts a program that has the terminal for input and output, and that it sends signals to. */
  Process start(ProcessBuilder builder) throws IOException {
    List<String> command = new ArrayList<>(List.of("setsid", "--ctty"));
    command.addAll(builder.command());
    builder.command(command);
    return builder.redirectInput(slave).redirectOutput(slave).redirectError(slave).start();
  }

  void type(String text) {
    try (Arena arena = Arena.ofConfined()) {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      MemorySegment buffer = arena.allocateFrom(JAVA_BYTE, bytes);
      assertThat((long) call(C.WRITE, master, buffer, (long) bytes.length)).isEqualTo(bytes.length);
    }
  }

  void pressControlC() {
    type(String.valueOf(CONTROL_C));
  }

  /** What is seen on the terminal. Ends when no process has the terminal any more. */
  InputStream screen() {
    return new InputStream() {
      @Override
      public int read() {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
      }

      @Override
      public int read(byte[] bytes, int offset, int length) {
        try (Arena arena = Arena.ofConfined()) {
          MemorySegment buffer = arena.allocate(Math.max(1, length));
          long count = (long) call(C.READ, master, buffer, (long) length);
          if (count <= 0) {
            return -1;
          }
          MemorySegment.copy(buffer, JAVA_BYTE, 0, bytes, offset, (int) count);
          return (int) count;
        }
      }
    };
  }

  /** To be called when nobody reads the screen any more. */
  @Override
  public void close() {
    assertThat((int) call(C.CLOSE, master)).isZero();
  }

  private static Object call(MethodHandle function, Object... arguments) {
    try {
      return function.invokeWithArguments(arguments);
    } catch (Throwable impossible) {
      throw new AssertionError(impossible);
    }
  }

  /** Functions of the C library. */
  @SuppressWarnings("restricted") // the tests are started with native access enabled
  private static final class C {
    static final MethodHandle POSIX_OPENPT =
        function("posix_openpt", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
    static final MethodHandle GRANTPT =
        function("grantpt", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
    static final MethodHandle UNLOCKPT =
        function("unlockpt", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
    static final MethodHandle PTSNAME_R =
        function("ptsname_r", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_LONG));
    static final MethodHandle READ =
        function("read", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG));
    static final MethodHandle WRITE =
        function("write", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG));
    static final MethodHandle CLOSE = function("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));

    private static MethodHandle function(String name, FunctionDescriptor type) {
      Linker linker = Linker.nativeLinker();
      return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), type);
    }
  }
}
