package dev.trefoil.kernel;

import dev.trefoil.hazmat.Backend;
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
 * <p>What is not used is not made: a selector comes with the first channel, epoll with the first
 * bare descriptor. And the loop sleeps in what is waited for: parked, if that is nothing; in epoll,
 * if it is descriptors only; in the selector, if it is channels. Where it cannot sleep in epoll
 * although descriptors are waited for, another thread does and wakes it.
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
  private static final int PARKED = 1;

  private static final int SELECTING = 2;
  private static final int IN_EPOLL = 3;
  private static final int KIND_BITS = 2;
  private static final int KIND_MASK = (1 << KIND_BITS) - 1;

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
  private final IoCount onChannels = new IoCount();
  private final IoCount onDescriptors = new IoCount();
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

  boolean hasWaiters() {
    return !onChannels.isZero() || !onDescriptors.isZero();
  }

  IoStatistics statistics() {
    String backend = (selector == null ? "none" : "selector") + (epoll == null ? "" : " and epoll");
    return new IoStatistics(
        backend,
        onChannels.readers() + onDescriptors.readers(),
        onChannels.writers() + onDescriptors.writers());
  }

  // ---- waits

  void waitFor(SelectableChannel channel, boolean write) {
    KernelTask<?> task = loop.steps.suspendableTask("wait for a channel");
    if (selector == null) {
      selector = new SelectorPoller(loop, onChannels, selectorProvider);
    }
    if (epoll != null) {
      epoll.prepareToWatch();
    }
    selector.waitFor(channel, write, task);
  }

  void waitFor(int fd, boolean write) {
    KernelTask<?> task = loop.steps.suspendableTask("wait for a file descriptor");
    if (epoll == null) {
      epoll = new EpollPoller(loop, this, onDescriptors);
    }
    if (selector != null || loop.backend() == Backend.VIRTUAL_THREAD) {
      epoll.prepareToWatch();
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
    int kind = kindOfSleep();
    if (kind == IN_EPOLL && epoll != null) {
      epoll.poll(announceSleep(timeoutNanos, kind));
      sleep = AWAKE;
    } else {
      pollElsewhere(timeoutNanos, kind);
    }
    // An interrupt would turn every sleep into spinning; it is handed on when the run is over.
    interrupted |= Thread.interrupted();
  }

  /** Which kind of sleep is right for what is waited for now, on this thread. */
  private int kindOfSleep() {
    if (!onChannels.isZero()) {
      return SELECTING;
    }
    // A virtual thread would keep its carrier.
    return !onDescriptors.isZero() && !Thread.currentThread().isVirtual() ? IN_EPOLL : PARKED;
  }

  private void pollElsewhere(long timeoutNanos, int kind) {
    EpollPoller descriptors = onDescriptors.isZero() ? null : epoll;
    boolean maySleep =
        timeoutNanos > 0
            && (descriptors == null || !descriptors.poll(0))
            && !spinsInstead(timeoutNanos);
    if (maySleep && descriptors != null) {
      descriptors.watch();
    }
    long timeout = announceSleep(maySleep ? timeoutNanos : 0, kind);
    if (kind == SELECTING && selector != null) {
      selector.poll(timeout);
    } else if (timeout > 0) {
      park(timeout);
      briefWaits.parked();
    }
    sleep = AWAKE;
    if (descriptors != null) {
      descriptors.poll(0);
    }
  }

  /** Only sleeps, on a thread that is not the loop's and touches nothing of the run. */
  void sleep(long timeoutNanos) {
    loopThread = Thread.currentThread();
    int kind = kindOfSleep();
    EpollPoller descriptors = onDescriptors.isZero() ? null : epoll;
    if (kind == SELECTING && descriptors != null) {
      descriptors.watch();
    }
    long limited = descriptors == null ? timeoutNanos : descriptors.limited(timeoutNanos);
    long timeout = announceSleep(limited, kind);
    if (timeout > 0) {
      if (kind == SELECTING && selector != null) {
        selector.sleep(timeout);
      } else if (kind == IN_EPOLL && epoll != null) {
        epoll.sleep(timeout);
      } else {
        park(timeout);
      }
    }
    sleep = AWAKE;
  }

  /** Returns for how long to sleep: not at all if something has come. */
  private long announceSleep(long timeout, int kind) {
    if (timeout <= 0) {
      return 0;
    }
    sleep = ++sleeps << KIND_BITS | kind;
    boolean hasCome =
        loop.mustNotSleep()
            || (kind != IN_EPOLL
                && epoll != null
                && !onDescriptors.isZero()
                && epoll.hasSeenReport());
    return hasCome ? 0 : timeout;
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
    int kind = (int) announced & KIND_MASK;
    // What is slept in has been published by the announcement that was read above.
    if (kind == SELECTING && selector != null) {
      selector.wakeUp();
    } else if (kind == IN_EPOLL && epoll != null) {
      epoll.wakeUp();
    } else {
      LockSupport.unpark(loopThread);
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
