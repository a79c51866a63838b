package dev.trefoil.kernel;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/**
 * Two epoll instances of Linux, one inside the other. The inner one holds the descriptors and is
 * only looked at, by {@link #poll}. The outer one is slept in, by {@link #await}: it holds the inner
 * one, which counts as readable while it has something to report, and an eventfd to end the sleep.
 * So a thread can sleep for the reports without taking them away from the one that looks.
 *
 * <p>Registrations are one-shot: what has been reported is silent until it is armed again. All but
 * {@link #await} and {@link #poll} may be called from any thread at any time.
 */
final class Epoll implements AutoCloseable {
  static final int IN = 0x001;
  static final int OUT = 0x004;
  static final int ERR = 0x008;
  static final int HUP = 0x010;
  private static final int ONESHOT = 1 << 30;

  private static final int ADD = 1;
  private static final int DELETE = 2;
  private static final int MODIFY = 3;
  private static final int CLOEXEC = 0x80000;
  private static final int NONBLOCK = 0x800;
  private static final int ENOENT = 2;
  private static final int EINTR = 4;
  private static final int EBADF = 9;
  private static final int EPERM = 1;
  private static final int MAX_EVENTS = 256;

  /** Takes what epoll reports. */
  interface Reporter {
    void report(int fd, int events);
  }

  private final Arena arena = Arena.ofShared();
  private final MemorySegment awaitState = arena.allocate(Native.STATE);
  private final MemorySegment awaitEvents = arena.allocate(Native.EVENT_SIZE * 2, 8);
  private final MemorySegment pollState = arena.allocate(Native.STATE);
  private final MemorySegment pollEvents = arena.allocate(Native.EVENT_SIZE * MAX_EVENTS, 8);
  private final int inner;
  private final int outer;
  private final int wakeFd;

  Epoll() throws IOException {
    try (Arena scratch = Arena.ofConfined()) {
      MemorySegment state = scratch.allocate(Native.STATE);
      inner = check("epoll_create1", (int) Native.CREATE.invokeExact(state, CLOEXEC), state);
      outer = check("epoll_create1", (int) Native.CREATE.invokeExact(state, CLOEXEC), state);
      wakeFd =
          check("eventfd", (int) Native.EVENTFD.invokeExact(state, 0, CLOEXEC | NONBLOCK), state);
      check("epoll_ctl", control(state, outer, ADD, wakeFd, IN), state);
      check("epoll_ctl", control(state, outer, ADD, inner, IN | ONESHOT), state);
    } catch (Throwable error) {
      arena.close();
      throw rethrown(error);
    }
  }

  /** Whether this system has it and lets us call it. */
  static boolean isAvailable() {
    return System.getProperty("os.name").equals("Linux");
  }

  /** Asks for one report when {@code fd} has one of {@code interest}, or an error or hang-up. */
  void arm(int fd, int interest) throws IOException {
    if (fd == inner || fd == outer || fd == wakeFd) {
      throw new IOException("File descriptor " + fd + " belongs to the run itself");
    }
    try (Arena scratch = Arena.ofConfined()) {
      MemorySegment state = scratch.allocate(Native.STATE);
      int result = control(state, inner, MODIFY, fd, interest | ONESHOT);
      if (result < 0 && errno(state) == ENOENT) {
        result = control(state, inner, ADD, fd, interest | ONESHOT);
      }
      if (result < 0) {
        throw switch (errno(state)) {
          case EBADF -> new IOException("File descriptor " + fd + " is not open (EBADF)");
          case EPERM ->
              new IOException(
                  "File descriptor "
                      + fd
                      + " cannot be waited for (EPERM): it is a regular file or directory, which is"
                      + " always ready");
          default -> failure("epoll_ctl for file descriptor " + fd, state);
        };
      }
    } catch (Throwable error) {
      throw rethrown(error);
    }
  }

  /** Forgets {@code fd}; says nothing if it is not registered or not even open. */
  void disarm(int fd) {
    try (Arena scratch = Arena.ofConfined()) {
      int ignored = control(scratch.allocate(Native.STATE), inner, DELETE, fd, 0);
    } catch (Throwable error) {
      throw new AssertionError(error);
    }
  }

  /** Hands what there is to report to {@code reporter}, without waiting. One thread at a time. */
  void poll(Reporter reporter) throws IOException {
    int count = wait(pollState, inner, pollEvents, MAX_EVENTS, 0);
    for (int i = 0; i < count; i++) {
      MemorySegment event = pollEvents.asSlice(i * Native.EVENT_SIZE, Native.EVENT_SIZE);
      reporter.report((int) Native.DATA_FD.get(event, 0L), (int) Native.EVENTS.get(event, 0L));
    }
  }

  /**
   * Waits until {@link #poll} has something to report, once for each {@link #expectNext}. One thread
   * at a time.
   *
   * @return false if {@link #wake()} was called
   */
  boolean await() throws IOException {
    int count = wait(awaitState, outer, awaitEvents, 2, -1);
    for (int i = 0; i < count; i++) {
      MemorySegment event = awaitEvents.asSlice(i * Native.EVENT_SIZE, Native.EVENT_SIZE);
      if ((int) Native.DATA_FD.get(event, 0L) == wakeFd) {
        return false;
      }
    }
    return true;
  }

  /** After {@link #await} has returned true: makes it wait for more. */
  void expectNext() throws IOException {
    try (Arena scratch = Arena.ofConfined()) {
      MemorySegment state = scratch.allocate(Native.STATE);
      check("epoll_ctl", control(state, outer, MODIFY, inner, IN | ONESHOT), state);
    } catch (Throwable error) {
      throw rethrown(error);
    }
  }

  private static int wait(
      MemorySegment state, int epoll, MemorySegment events, int size, int timeout)
      throws IOException {
    try {
      int count = (int) Native.WAIT.invokeExact(state, epoll, events, size, timeout);
      if (count < 0 && errno(state) != EINTR) {
        throw failure("epoll_wait", state);
      }
      return count;
    } catch (Throwable error) {
      throw rethrown(error);
    }
  }

  /** Makes {@link #await} return false, now and for ever. */
  void wake() {
    try (Arena scratch = Arena.ofConfined()) {
      MemorySegment one = scratch.allocateFrom(ValueLayout.JAVA_LONG, 1L);
      long ignored = (long) Native.WRITE.invokeExact(wakeFd, one, 8L);
    } catch (Throwable error) {
      throw new AssertionError(error);
    }
  }

  /** Closes the descriptors; nobody may be waiting any more. */
  @Override
  public void close() {
    try {
      int first = (int) Native.CLOSE.invokeExact(outer);
      int second = (int) Native.CLOSE.invokeExact(inner);
      int third = (int) Native.CLOSE.invokeExact(wakeFd);
    } catch (Throwable error) {
      throw new AssertionError(error);
    } finally {
      arena.close();
    }
  }

  private static int control(MemorySegment state, int epoll, int operation, int fd, int interest)
      throws Throwable {
    try (Arena scratch = Arena.ofConfined()) {
      MemorySegment event = scratch.allocate(Native.EVENT_SIZE, 8);
      Native.EVENTS.set(event, 0L, interest);
      Native.DATA_FD.set(event, 0L, fd);
      return (int) Native.CONTROL.invokeExact(state, epoll, operation, fd, event);
    }
  }

  private static int check(String call, int result, MemorySegment state) throws IOException {
    if (result < 0) {
      throw failure(call, state);
    }
    return result;
  }

  private static int errno(MemorySegment state) {
    return (int) Native.ERRNO.get(state, 0L);
  }

  private static IOException failure(String call, MemorySegment state) {
    return new IOException(call + " failed with errno " + errno(state));
  }

  private static IOException rethrown(Throwable error) {
    if (error instanceof RuntimeException unchecked) {
      throw unchecked;
    }
    if (error instanceof Error serious) {
      throw serious;
    }
    return (IOException) error;
  }

  /** The C library's functions, linked when first used. */
  @SuppressWarnings("restricted") // the module is started with native access enabled
  private static final class Native {
    static final StructLayout STATE = Linker.Option.captureStateLayout();
    static final VarHandle ERRNO = STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));

    /** {@code struct epoll_event} is packed on x86-64, and only there. */
    private static final StructLayout EVENT =
        System.getProperty("os.arch").equals("amd64")
            ? MemoryLayout.structLayout(
                ValueLayout.JAVA_INT_UNALIGNED.withName("events"),
                ValueLayout.JAVA_INT_UNALIGNED.withName("fd"),
                MemoryLayout.paddingLayout(4))
            : MemoryLayout.structLayout(
                ValueLayout.JAVA_INT_UNALIGNED.withName("events"),
                MemoryLayout.paddingLayout(4),
                ValueLayout.JAVA_INT_UNALIGNED.withName("fd"),
                MemoryLayout.paddingLayout(4));

    static final long EVENT_SIZE = EVENT.byteSize();
    static final VarHandle EVENTS =
        EVENT.varHandle(MemoryLayout.PathElement.groupElement("events"));
    static final VarHandle DATA_FD = EVENT.varHandle(MemoryLayout.PathElement.groupElement("fd"));

    private static final Linker LINKER = Linker.nativeLinker();
    private static final SymbolLookup LIBC = LINKER.defaultLookup();
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;

    static final MethodHandle CREATE = withErrno("epoll_create1", FunctionDescriptor.of(INT, INT));
    static final MethodHandle CONTROL =
        withErrno("epoll_ctl", FunctionDescriptor.of(INT, INT, INT, INT, ValueLayout.ADDRESS));
    static final MethodHandle WAIT =
        withErrno("epoll_wait", FunctionDescriptor.of(INT, INT, ValueLayout.ADDRESS, INT, INT));
    static final MethodHandle EVENTFD = withErrno("eventfd", FunctionDescriptor.of(INT, INT, INT));
    static final MethodHandle WRITE =
        LINKER.downcallHandle(
            LIBC.findOrThrow("write"),
            FunctionDescriptor.of(
                ValueLayout.JAVA_LONG, INT, ValueLayout.ADDRESS, ValueLayout.JAVA_LONG));
    static final MethodHandle CLOSE =
        LINKER.downcallHandle(LIBC.findOrThrow("close"), FunctionDescriptor.of(INT, INT));

    private static MethodHandle withErrno(String name, FunctionDescriptor signature) {
      return LINKER.downcallHandle(
          LIBC.findOrThrow(name), signature, Linker.Option.captureCallState("errno"));
    }
  }
}
