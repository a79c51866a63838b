package dev.trefoil.kernel;

import dev.trefoil.hazmat.IoStatistics;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.channels.SelectableChannel;
import java.nio.channels.spi.SelectorProvider;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The I/O of a run and, which is the same thing, its sleep: a run sleeps in here until I/O, a
 * deadline or a call from outside.
 *
 * <p>What is not used is not made: without I/O the loop parks its thread; a selector comes with the
 * first channel, epoll with the first bare descriptor.
 *
 * <p>The protocol of sleeping is that of {@link EntryQueue}: the loop announces how it is going to
 * sleep, then looks once more whether something has come; whoever brings something looks after that
 * whether the loop sleeps, wakes it, and then turns the announcement back, so that others need not.
 * In this order, since whoever cannot wake it, with a full stack perhaps, must not keep others from
 * it. Announcements are numbered: one that is turned back late is not that of a later sleep.
 */
final class Io {
  private static final long AWAKE = 0;

  /** What is announced: how the loop sleeps, and above these bits the number of the sleep. */
  private static final long PARKED = 1;

  private static final long SELECTING = 2;
  private static final int KIND_BITS = 2;

  private static final VarHandle SLEEP;

  static {
    try {
      SLEEP = MethodHandles.lookup().findVarHandle(Io.class, "sleep", long.class);
    } catch (ReflectiveOperationException impossible) {
      throw new ExceptionInInitializerError(impossible);
    }
  }

  private final RunLoop loop;
  private final @Nullable SelectorProvider selectorProvider;
  private final BriefWaits briefWaits;
  private @Nullable Thread loopThread;
  private @Nullable SelectorPoller selector;
  private @Nullable EpollPoller epoll;
  private int readers;
  private int writers;
  private boolean interrupted;

  private volatile long sleep = AWAKE;

  private long sleeps;

  Io(RunLoop loop, @Nullable SelectorProvider selectorProvider) {
    this.loop = loop;
    this.selectorProvider = selectorProvider;
    this.briefWaits = new BriefWaits(loop::mustNotSleep);
  }

  /** To be called on the loop's thread before anything else. */
  void start() {
    loopThread = Thread.currentThread();
  }

  void countWaiter(boolean write, int change) {
    if (write) {
      writers += change;
    } else {
      readers += change;
    }
  }

  boolean hasWaiters() {
    return readers + writers > 0;
  }

  IoStatistics statistics() {
    String backend = (selector == null ? "none" : "selector") + (epoll == null ? "" : " and epoll");
    return new IoStatistics(backend, readers, writers);
  }

  // ---- waits

  void waitFor(SelectableChannel channel, boolean write) {
    KernelTask<?> task = loop.suspendableTask("wait for a channel");
    if (selector == null) {
      selector = new SelectorPoller(loop, this, selectorProvider);
    }
    selector.waitFor(channel, write, task);
  }

  void waitFor(int fd, boolean write) {
    KernelTask<?> task = loop.suspendableTask("wait for a file descriptor");
    if (epoll == null) {
      epoll = new EpollPoller(loop, this);
    }
    epoll.waitFor(fd, write, task);
  }

  void notifyClosing(SelectableChannel channel) {
    if (selector != null) {
      selector.notifyClosing(channel);
    }
  }

  void notifyClosing(int fd) {
    if (epoll != null) {
      epoll.notifyClosing(fd);
    }
  }

  // ---- sleeping

  /**
   * Looks for I/O, sleeping for at most {@code timeoutNanos} if nothing has come.
   */
  void poll(long timeoutNanos) {
    boolean maySleep =
        timeoutNanos > 0 && (epoll == null || !epoll.wakeReady()) && !spinsInstead(timeoutNanos);
    long timeout = announceSleep(maySleep ? timeoutNanos : 0);
    if (mayHaveChannels() && selector != null) {
      selector.poll(timeout);
    } else if (timeout > 0) {
      park(timeout);
      briefWaits.parked();
    }
    sleep = AWAKE;
    if (epoll != null) {
      epoll.wakeReady();
    }
    // An interrupt would turn every sleep into spinning; it is handed on when the run is over.
    interrupted |= Thread.interrupted();
  }

  /** Only sleeps, on a thread that is not the loop's and touches nothing of the run. */
  void sleep(long timeoutNanos) {
    loopThread = Thread.currentThread();
    long timeout = announceSleep(timeoutNanos);
    if (timeout > 0) {
      if (mayHaveChannels() && selector != null) {
        selector.sleep(timeout);
      } else {
        park(timeout);
      }
    }
    sleep = AWAKE;
  }

  private boolean mayHaveChannels() {
    return selector != null && selector.isOfInterest();
  }

  /** Returns for how long to sleep: not at all if something has come. */
  private long announceSleep(long timeout) {
    if (timeout <= 0) {
      return 0;
    }
    sleep = ++sleeps << KIND_BITS | (mayHaveChannels() ? SELECTING : PARKED);
    return loop.mustNotSleep() || (epoll != null && epoll.hasEvents()) ? 0 : timeout;
  }

  /** Whether a call from outside has come while the thread span, which it does for nothing else. */
  private boolean spinsInstead(long timeout) {
    return !hasWaiters()
        && timeout > BriefWaits.LIMIT_NANOS
        && !Thread.currentThread().isVirtual()
        && briefWaits.spin();
  }

  private void park(long nanos) {
    if (nanos == Long.MAX_VALUE) {
      LockSupport.park(this);
    } else {
      LockSupport.parkNanos(this, nanos);
    }
  }

  /** To be called where {@link #wakeLoop()} must not fail: throws if it would. */
  void prepareToWakeLoop() {
    if (sleep != AWAKE) {
      loop.stack.requireForPlatform();
    }
  }

  /** Ends the loop's sleep, from any thread. */
  void wakeLoop() {
    long announced = sleep;
    if (announced == AWAKE) {
      return;
    }
    loop.stack.requireForPlatform();
    if ((announced & PARKED) != 0) {
      LockSupport.unpark(loopThread);
    } else if (selector != null) {
      // Published by the announcement that was read above.
      selector.wakeUp();
    }
    SLEEP.compareAndSet(this, announced, AWAKE);
  }

  void close() {
    if (selector != null) {
      selector.close();
    }
    if (epoll != null) {
      epoll.close();
    }
  }

  /** Gives an interrupt that came meanwhile back to the thread it came to. */
  void handInterruptBack() {
    if (interrupted) {
      interrupted = false;
      Thread.currentThread().interrupt();
    }
  }
}
