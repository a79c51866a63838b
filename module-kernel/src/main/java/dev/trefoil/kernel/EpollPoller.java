package dev.trefoil.kernel;

import dev.trefoil.hazmat.KernelError;
import dev.trefoil.hazmat.Outcome;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Bare file descriptors, through epoll.
 *
 * <p>The loop looks at epoll in each pass, but sleeps in a selector or parked and cannot sleep in
 * epoll as well. So a helper thread does; it takes no report away, it only wakes the loop. It lives
 * from a run's first wait for a descriptor to the end of the run.
 */
final class EpollPoller {
  private final RunLoop loop;
  private final Io io;
  private final Epoll epoll;
  private final Thread helper;
  private final Map<Integer, IoWaiters> byFd = new HashMap<>();

  /** Set by the helper, which waits for nothing more until the loop has looked. */
  private volatile boolean somethingToReport;

  /** Why nothing works any more, from the thread that noticed. */
  private volatile @Nullable Throwable failure;

  private boolean gaveUp;
  private boolean woken;

  EpollPoller(RunLoop loop, Io io) {
    this.loop = loop;
    this.io = io;
    if (!Epoll.isAvailable()) {
      throw new UnsupportedOperationException(
          "Waiting for bare file descriptors needs Linux (epoll), but this is "
              + System.getProperty("os.name")
              + ". Wait for a SelectableChannel instead.");
    }
    try {
      epoll = new Epoll();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    helper =
        Thread.ofPlatform()
            .name("trefoil-" + loop.name() + "-epoll")
            .daemon()
            .inheritInheritableThreadLocals(false)
            .start(this::watch);
  }

  private void watch() {
    try {
      while (epoll.await()) {
        somethingToReport = true;
        io.wakeLoop();
      }
    } catch (Throwable error) {
      failure = error;
      somethingToReport = true;
      io.wakeLoop();
    }
  }

  private KernelError failed(Throwable cause) {
    return new KernelError(
        "Waiting for file descriptors has failed for good in "
            + loop
            + ": "
            + Descriptions.of(cause)
            + ". Something in this process may have closed descriptors that are not its own.",
        cause);
  }

  /** Nobody could wake those who wait, so they are woken here, shielded or not; the run ends. */
  private void giveUp(Throwable cause) {
    somethingToReport = false;
    if (gaveUp) {
      return;
    }
    gaveUp = true;
    failure = cause;
    List<IoWaiters> all = List.copyOf(byFd.values());
    byFd.clear();
    for (IoWaiters waiters : all) {
      woken |= waiters.wake(false, Outcome.failure(failed(cause)));
      woken |= waiters.wake(true, Outcome.failure(failed(cause)));
    }
    loop.crash(failed(cause));
  }

  void waitFor(int fd, boolean write, KernelTask<?> task) {
    Throwable cause = failure;
    if (cause != null) {
      throw failed(cause);
    }
    IoWaiters waiters = byFd.computeIfAbsent(fd, key -> new IoWaiters(loop, io));
    waiters.refuseSecond(write, task, nameOf(fd));
    try {
      arm(fd, waiters, write);
    } catch (UncheckedIOException refused) {
      forgetIfUnused(fd, waiters);
      throw refused;
    }
    waiters.park(write, task, () -> rearm(fd, waiters));
  }

  private static String nameOf(int fd) {
    return "file descriptor " + fd;
  }

  private void arm(int fd, IoWaiters waiters, boolean alsoWrite) {
    int interest = alsoWrite ? Epoll.OUT : Epoll.IN;
    if (waiters.isWaiting(false)) {
      interest |= Epoll.IN;
    }
    if (waiters.isWaiting(true)) {
      interest |= Epoll.OUT;
    }
    try {
      epoll.arm(fd, interest);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** After a waiter has gone: keeps the registration of the other, if there is one. */
  private void rearm(int fd, IoWaiters waiters) {
    if (waiters.isWaiting(false) || waiters.isWaiting(true)) {
      try {
        arm(fd, waiters, waiters.isWaiting(true));
      } catch (UncheckedIOException closedUnderneath) {
        waiters.wake(false, Outcome.failure(closedUnderneath));
        waiters.wake(true, Outcome.failure(closedUnderneath));
        byFd.remove(fd);
      }
    } else {
      epoll.disarm(fd);
      byFd.remove(fd);
    }
  }

  private void forgetIfUnused(int fd, IoWaiters waiters) {
    if (!waiters.isWaiting(false) && !waiters.isWaiting(true)) {
      byFd.remove(fd);
    }
  }

  boolean hasEvents() {
    return somethingToReport;
  }

  /**
   * Wakes those whose descriptors are ready.
   *
   * @return whether there were any
   */
  boolean wakeReady() {
    woken = false;
    boolean wasReported = somethingToReport;
    if (!wasReported && byFd.isEmpty()) {
      return false;
    }
    try {
      Throwable ofHelper = failure;
      if (ofHelper != null) {
        giveUp(ofHelper);
      } else {
        epoll.poll(this::wakeReady);
        if (wasReported) {
          somethingToReport = false;
          epoll.expectNext();
        }
      }
    } catch (IOException e) {
      giveUp(e);
    }
    return woken;
  }

  private void wakeReady(int fd, int events) {
    IoWaiters waiters = byFd.get(fd);
    if (waiters == null) {
      return;
    }
    boolean broken = (events & (Epoll.ERR | Epoll.HUP)) != 0;
    if (broken || (events & Epoll.IN) != 0) {
      woken |= waiters.wake(false, Outcome.nothing());
    }
    if (broken || (events & Epoll.OUT) != 0) {
      woken |= waiters.wake(true, Outcome.nothing());
    }
    rearm(fd, waiters);
  }

  void notifyClosing(int fd) {
    IoWaiters waiters = byFd.remove(fd);
    if (waiters != null) {
      waiters.wakeBothClosed(nameOf(fd));
      epoll.disarm(fd);
    }
  }

  void close() {
    epoll.wake();
    LoopThread.joinDeafToInterrupts(helper, 0);
    epoll.close();
  }
}
