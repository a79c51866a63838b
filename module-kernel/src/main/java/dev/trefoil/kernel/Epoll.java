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
 * An epoll instance of Linux, with an eventfd in it that ends a wait.
 *
 * <p>One thread at a time may register and unregister, one may wait, and one sleep; these may be
 * different ones. Any thread may {@link #wake()}.
 */
final class Epoll implements AutoCloseable {
  static final int IN = 0x001;
  static final int OUT = 0x004;
  static final int ERR = 0x008;
  static final int HUP = 0x010;

  /** To be registered with what is silent after a report until it is registered again. */
  static final int ONESHOT = 1 << 30;

  private static final int EDGE_TRIGGERED = 1 << 31;

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
  private static final long FOR_EVER = Long.MAX_VALUE;
  private static final long NANOS_PER_SECOND = 1_000_000_000;

  /** Takes what epoll reports. */
  interface Reporter {
    /**
     * Reports.
     *
     * @param fd the number that the descriptor had when it was registered
     * @param tag what it was registered with
     * @param events what there is
     */
    void report(int fd, int tag, int events);
  }

  private final MemorySegment registerState;
  private final MemorySegment registerEvent;
  private final MemorySegment waitState;
  private final MemorySegment waitEvents;
  private final MemorySegment sleepState;
  private final MemorySegment sleepPoll;
  private final MemorySegment sleepTime;
  private final MemorySegment one;
  private final int wakeFd;
  private final Object wakeLock = new Object();
  private int epoll = -1;
  private boolean closed;

  Epoll() throws IOException {
    // Not to be freed while somebody may be waking, hence left to the garbage collector.
    Arena arena = Arena.ofAuto();
    registerState = arena.allocate(Native.STATE);
    registerEvent = arena.allocate(Native.EVENT);
    waitState = arena.allocate(Native.STATE);
    waitEvents = arena.allocate(Native.EVENT.byteSize() * MAX_EVENTS, Long.BYTES);
    sleepState = arena.allocate(Native.STATE);
    sleepPoll = arena.allocate(Native.POLL);
    sleepTime = arena.allocate(Native.TIME);
    one = arena.allocateFrom(ValueLayout.JAVA_LONG, 1L);
    try {
      wakeFd =
          check(
              "eventfd",
              (int) Native.EVENTFD.invokeExact(registerState, 0, CLOEXEC | NONBLOCK),
              registerState);
    } catch (Throwable error) {
      throw rethrown(error);
    }
    try {
      open();
    } catch (Throwable error) {
      closeOne(epoll);
      closeOne(wakeFd);
      throw rethrown(error);
    }
  }

  private void open() throws IOException {
    try {
      epoll =
          check(
              "epoll_create1",
              (int) Native.CREATE.invokeExact(registerState, CLOEXEC),
              registerState);
    } catch (Throwable error) {
      throw rethrown(error);
    }
    check("epoll_ctl", control(ADD, wakeFd, 0, IN | EDGE_TRIGGERED), registerState);
  }

  /** Forgets all registrations, those too that nothing else can end. Nobody may be waiting. */
  void reopen() throws IOException {
    closeOne(epoll);
    epoll = -1;
    open();
  }

  /** Whether this system has it and lets us call it. */
  static boolean isAvailable() {
    return System.getProperty("os.name").equals("Linux");
  }

  /** Whether {@code fd} is one of the descriptors that this is made of. */
  boolean isMadeOf(int fd) {
    return fd == epoll || fd == wakeFd;
  }

  /**
   * Asks for reports when {@code fd} has one of {@code interest}, or an error or hang-up, or changes
   * what was asked for.
   *
   * @param newTag what to register it with if it is not registered; else it keeps what it has
   * @return whether it was not registered
   */
  boolean register(int fd, int tag, int newTag, int interest) throws IOException {
    int result = control(MODIFY, fd, tag, interest);
    boolean isNew = result < 0 && errno(registerState) == ENOENT;
    if (isNew) {
      result = control(ADD, fd, newTag, interest);
    }
    if (result < 0) {
      throw switch (errno(registerState)) {
        case EBADF -> new IOException("File descriptor " + fd + " is not open (EBADF)");
        case EPERM ->
            new IOException(
                "File descriptor "
                    + fd
                    + " cannot be waited for (EPERM): it is a regular file or directory, which is"
                    + " always ready");
        default -> failure("epoll_ctl for file descriptor " + fd, registerState);
      };
    }
    return isNew;
  }

  /** Asks for one report when {@code other} has something to report. */
  void register(Epoll other) throws IOException {
    boolean ignored = register(other.epoll, 0, 0, IN | ONESHOT);
  }

  /** Returns false if {@code fd} was not registered, or is not even open. */
  boolean unregister(int fd) {
    return control(DELETE, fd, 0, 0) == 0;
  }

  /**
   * Waits until there is something to report or {@link #wake()} is called, for at most {@code
   * millis}, or for ever if that is negative, and hands what there is to {@code reporter}.
   *
   * @return whether there was anything
   */
  boolean await(int millis, Reporter reporter) throws IOException {
    int count;
    try {
      count =
          millis == 0
              ? (int) Native.POLL_NOW.invokeExact(waitState, epoll, waitEvents, MAX_EVENTS, 0)
              : (int) Native.WAIT.invokeExact(waitState, epoll, waitEvents, MAX_EVENTS, millis);
    } catch (Throwable error) {
      throw rethrown(error);
    }
    report(count, reporter);
    return count != 0;
  }

  private void report(int count, Reporter reporter) throws IOException {
    if (count < 0 && errno(waitState) != EINTR) {
      throw failure("epoll_wait", waitState);
    }
    for (int i = 0; i < count; i++) {
      long offset = i * Native.EVENT.byteSize();
      int fd = (int) Native.DATA_FD.get(waitEvents, offset);
      if (fd != wakeFd) {
        int tag = (int) Native.DATA_TAG.get(waitEvents, offset);
        reporter.report(fd, tag, (int) Native.EVENTS.get(waitEvents, offset));
      }
    }
  }

  /**
   * Waits until there is something to report or {@link #wake()} is called, or the time is over, and
   * leaves the reports where they are.
   */
  void sleep(long nanos) throws IOException {
    int result;
    try {
      MemorySegment time = MemorySegment.NULL;
      if (nanos != FOR_EVER) {
        time = sleepTime;
        time.set(ValueLayout.JAVA_LONG, 0, nanos / NANOS_PER_SECOND);
        time.set(ValueLayout.JAVA_LONG, Long.BYTES, nanos % NANOS_PER_SECOND);
      }
      Native.POLL_FD.set(sleepPoll, 0L, epoll);
      Native.POLL_EVENTS.set(sleepPoll, 0L, (short) IN);
      result = (int) Native.SLEEP.invokeExact(sleepState, sleepPoll, 1L, time, MemorySegment.NULL);
    } catch (Throwable error) {
      throw rethrown(error);
    }
    if (result < 0 && errno(sleepState) != EINTR) {
      throw failure("ppoll", sleepState);
    }
  }

  /**
   * Ends {@link #await} and {@link #sleep}, from any thread: one that goes on, or else the next. Does
   * nothing when this is closed, since the descriptor's number may be somebody else's by then.
   */
  void wake() {
    synchronized (wakeLock) {
      if (closed) {
        return;
      }
      try {
        // Edge-triggered, so it is never read; it would take five centuries at one a nanosecond to
        // be full.
        long ignored = (long) Native.WRITE.invokeExact(wakeFd, one, (long) Long.BYTES);
      } catch (Throwable error) {
        throw unchecked(error);
      }
    }
  }

  /** Closes the descriptors; nobody may be waiting or sleeping any more. */
  @Override
  public void close() {
    synchronized (wakeLock) {
      closed = true;
      closeOne(epoll);
      closeOne(wakeFd);
    }
  }

  /** Does nothing if {@code fd} is -1. */
  private static void closeOne(int fd) {
    try {
      int ignored = (int) Native.CLOSE.invokeExact(fd);
    } catch (Throwable error) {
      throw unchecked(error);
    }
  }

  private int control(int operation, int fd, int tag, int interest) {
    Native.EVENTS.set(registerEvent, 0L, interest);
    Native.DATA_FD.set(registerEvent, 0L, fd);
    Native.DATA_TAG.set(registerEvent, 0L, tag);
    try {
      return (int) Native.CONTROL.invokeExact(registerState, epoll, operation, fd, registerEvent);
    } catch (Throwable error) {
      throw unchecked(error);
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
    if (error instanceof IOException checked) {
      return checked;
    }
    throw unchecked(error);
  }

  /** The handles declare Throwable; what comes is always unchecked. */
  private static RuntimeException unchecked(Throwable error) {
    if (error instanceof RuntimeException unchecked) {
      throw unchecked;
    }
    if (error instanceof Error serious) {
      throw serious;
    }
    throw new AssertionError(error);
  }

  /** The C library's functions, linked when first used. */
  @SuppressWarnings("restricted") // the module is started with native access enabled
  private static final class Native {
    static final StructLayout STATE = Linker.Option.captureStateLayout();
    static final VarHandle ERRNO = STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));

    /** {@code struct epoll_event} is packed on x86-64, and only there. */
    static final StructLayout EVENT =
        System.getProperty("os.arch").equals("amd64")
            ? MemoryLayout.structLayout(
                ValueLayout.JAVA_INT_UNALIGNED.withName("events"),
                ValueLayout.JAVA_INT_UNALIGNED.withName("fd"),
                ValueLayout.JAVA_INT_UNALIGNED.withName("tag"))
            : MemoryLayout.structLayout(
                ValueLayout.JAVA_INT_UNALIGNED.withName("events"),
                MemoryLayout.paddingLayout(4),
                ValueLayout.JAVA_INT_UNALIGNED.withName("fd"),
                ValueLayout.JAVA_INT_UNALIGNED.withName("tag"));

    static final VarHandle EVENTS =
        EVENT.varHandle(MemoryLayout.PathElement.groupElement("events"));

    /** Two halves of the user's data. */
    static final VarHandle DATA_FD = EVENT.varHandle(MemoryLayout.PathElement.groupElement("fd"));

    static final VarHandle DATA_TAG = EVENT.varHandle(MemoryLayout.PathElement.groupElement("tag"));

    /** {@code struct pollfd}. */
    static final StructLayout POLL =
        MemoryLayout.structLayout(
            ValueLayout.JAVA_INT.withName("fd"),
            ValueLayout.JAVA_SHORT.withName("events"),
            ValueLayout.JAVA_SHORT.withName("revents"));

    static final VarHandle POLL_FD = POLL.varHandle(MemoryLayout.PathElement.groupElement("fd"));
    static final VarHandle POLL_EVENTS =
        POLL.varHandle(MemoryLayout.PathElement.groupElement("events"));

    /** {@code struct timespec}: seconds and nanoseconds. */
    static final MemoryLayout TIME = MemoryLayout.sequenceLayout(2, ValueLayout.JAVA_LONG);

    private static final Linker LINKER = Linker.nativeLinker();
    private static final SymbolLookup LIBC = LINKER.defaultLookup();
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
    private static final MemoryLayout POINTER = ValueLayout.ADDRESS;

    /** For what never blocks: called without leaving the state of a thread that runs Java. */
    private static final Linker.Option AT_ONCE = Linker.Option.critical(false);

    private static final Linker.Option WITH_ERRNO = Linker.Option.captureCallState("errno");
    private static final FunctionDescriptor WAITING =
        FunctionDescriptor.of(INT, INT, POINTER, INT, INT);

    static final MethodHandle CREATE =
        link("epoll_create1", FunctionDescriptor.of(INT, INT), WITH_ERRNO);
    static final MethodHandle CONTROL =
        link("epoll_ctl", FunctionDescriptor.of(INT, INT, INT, INT, POINTER), WITH_ERRNO, AT_ONCE);
    static final MethodHandle WAIT = link("epoll_wait", WAITING, WITH_ERRNO);
    static final MethodHandle POLL_NOW = link("epoll_wait", WAITING, WITH_ERRNO, AT_ONCE);
    static final MethodHandle SLEEP =
        link("ppoll", FunctionDescriptor.of(INT, POINTER, LONG, POINTER, POINTER), WITH_ERRNO);
    static final MethodHandle EVENTFD =
        link("eventfd", FunctionDescriptor.of(INT, INT, INT), WITH_ERRNO);
    static final MethodHandle WRITE =
        link("write", FunctionDescriptor.of(LONG, INT, POINTER, LONG), AT_ONCE);
    static final MethodHandle CLOSE = link("close", FunctionDescriptor.of(INT, INT));

    private static MethodHandle link(
        String name, FunctionDescriptor signature, Linker.Option... options) {
      return LINKER.downcallHandle(LIBC.findOrThrow(name), signature, options);
    }
  }
}
