package dev.trefoil.kernel;

import dev.trefoil.hazmat.KernelError;
import dev.trefoil.hazmat.Outcome;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Bare file descriptors, through epoll, which reports them again and again while they are ready.
 *
 * <p>A registration is left standing when a waiter has been woken, since it usually comes back before
 * the next poll, and then nothing has to be told to the operating system. If it does not come back,
 * the next poll finds the descriptor ready with nobody waiting, and drops it.
 *
 * <p>But meanwhile the number may have been closed, which ends the registration without a word, and
 * opened as something else. So a wait that relies on a registration is in doubt until that has been
 * confirmed, by registering it once more: if a poll finds nothing, or else after {@link
 * #PATIENCE_MILLIS}. Busy descriptors are reported before that.
 *
 * <p>If a closed descriptor has a duplicate, in another process perhaps, its registration does not
 * end, and since it has no number any more nobody can end it. It is known by its tag, and got rid of
 * with the whole epoll.
 *
 * <p>The loop sleeps in epoll itself if it can. Where it sleeps elsewhere, in a selector or as a
 * virtual thread, an {@link EpollWatcher} wakes it.
 */
final class EpollPoller {
  private static final int FIRST_CAPACITY = 64;
  private static final int PATIENCE_MILLIS = 10;
  private static final long PATIENCE_NANOS = TimeUnit.MILLISECONDS.toNanos(PATIENCE_MILLIS);

  private final RunLoop loop;
  private final Io io;
  private final IoCount waiting;
  private final Epoll epoll;
  private final Epoll.Reporter reporter = this::report;
  private @Nullable EpollWatcher watcher;

  /** By number, which the system keeps small. */
  private @Nullable Descriptor[] byFd = new Descriptor[FIRST_CAPACITY];

  private final List<Descriptor> inDoubt = new ArrayList<>();
  private long confirmedAt = System.nanoTime();
  private int lastTag;

  /** Whether there are registrations that cannot be ended one by one. */
  private boolean hasStale;

  /** Why nothing works any more. */
  private @Nullable Throwable failure;

  private boolean woken;

  /** What is known of a number. */
  private final class Descriptor {
    final int fd;
    final IoWaiters waiters;

    /** What is registered, unless the number has been closed since; 0 if nothing is. */
    int registered;

    /** Tells this registration from those of descriptors that had the number before. */
    int tag;

    boolean isInDoubt;

    Descriptor(int fd) {
      this.fd = fd;
      this.waiters =
          new IoWaiters(loop, waiting, "file descriptor " + fd, () -> registerOrFail(this));
    }

    int interest() {
      return (waiters.isWaiting(false) ? Epoll.IN : 0) | (waiters.isWaiting(true) ? Epoll.OUT : 0);
    }
  }

  EpollPoller(RunLoop loop, Io io, IoCount waiting) {
    this.loop = loop;
    this.io = io;
    this.waiting = waiting;
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
    if (failure != null) {
      return;
    }
    failure = cause;
    for (Descriptor descriptor : byFd) {
      if (descriptor != null) {
        wakeBoth(descriptor, failed(cause));
      }
    }
    Arrays.fill(byFd, null);
    inDoubt.clear();
    loop.crash(failed(cause));
  }

  private void wakeBoth(Descriptor descriptor, Throwable error) {
    woken |= descriptor.waiters.wake(false, Outcome.failure(error));
    woken |= descriptor.waiters.wake(true, Outcome.failure(error));
  }

  // ---- waits

  void waitFor(int fd, boolean write, KernelTask<?> task) {
    Throwable cause = failure;
    if (cause != null) {
      throw failed(cause);
    }
    Descriptor descriptor = known(fd);
    if (descriptor == null) {
      refuseOwn(fd);
      descriptor = new Descriptor(fd);
    }
    descriptor.waiters.refuseSecond(write, task);
    int interest = write ? Epoll.OUT : Epoll.IN;
    if ((descriptor.registered & interest) != 0) {
      doubt(descriptor);
    } else {
      register(descriptor, descriptor.interest() | interest);
      keep(descriptor);
    }
    descriptor.waiters.park(write, task);
  }

  private @Nullable Descriptor known(int fd) {
    return fd >= 0 && fd < byFd.length ? byFd[fd] : null;
  }

  /** To be called when the system has accepted the number. */
  private void keep(Descriptor descriptor) {
    int fd = descriptor.fd;
    if (fd >= byFd.length) {
      byFd = Arrays.copyOf(byFd, Math.max(fd + 1, byFd.length * 2));
    }
    byFd[fd] = descriptor;
  }

  private void refuseOwn(int fd) {
    if (epoll.isMadeOf(fd) || (watcher != null && watcher.isMadeOf(fd))) {
      throw new UncheckedIOException(
          new IOException("File descriptor " + fd + " belongs to the run itself"));
    }
  }

  void notifyClosing(int fd) {
    Descriptor descriptor = known(fd);
    if (descriptor != null) {
      descriptor.waiters.wakeBothClosed();
      boolean ignored = unregister(descriptor);
    }
  }

  // ---- registrations

  private void register(Descriptor descriptor, int interest) {
    try {
      if (epoll.register(descriptor.fd, descriptor.tag, lastTag + 1, interest)) {
        descriptor.tag = ++lastTag;
      }
      descriptor.registered = interest;
    } catch (IOException e) {
      descriptor.registered = 0;
      throw new UncheckedIOException(e);
    }
  }

  /** Returns whether there was one. */
  private boolean unregister(Descriptor descriptor) {
    if (descriptor.registered == 0) {
      return true;
    }
    descriptor.registered = 0;
    return epoll.unregister(descriptor.fd);
  }

  /** Registers exactly what is waited for; whoever waits for what cannot be gets the error. */
  private void registerOrFail(Descriptor descriptor) {
    int interest = descriptor.interest();
    if (interest == 0) {
      boolean ignored = unregister(descriptor);
      return;
    }
    try {
      register(descriptor, interest);
    } catch (UncheckedIOException closedUnderneath) {
      wakeBoth(descriptor, closedUnderneath);
    }
  }

  private void doubt(Descriptor descriptor) {
    if (!descriptor.isInDoubt) {
      inDoubt.add(descriptor);
      descriptor.isInDoubt = true;
    }
  }

  private void confirm() {
    confirmedAt = System.nanoTime();
    for (Descriptor descriptor : inDoubt) {
      descriptor.isInDoubt = false;
      if (descriptor.interest() != 0) {
        registerOrFail(descriptor);
      }
    }
    inDoubt.clear();
  }

  /** Makes epoll forget everything, and registers what is waited for. */
  private void startAnew() throws IOException {
    hasStale = false;
    epoll.reopen();
    if (watcher != null) {
      watcher.forgetRegistration();
    }
    for (Descriptor descriptor : byFd) {
      if (descriptor != null) {
        descriptor.registered = 0;
        if (descriptor.interest() != 0) {
          registerOrFail(descriptor);
        }
      }
    }
  }

  // ---- sleeping elsewhere

  /** To be called as soon as the loop may have to sleep elsewhere. */
  void prepareToWatch() {
    if (watcher == null) {
      try {
        watcher = new EpollWatcher(loop, io, epoll);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** Has the loop woken when there is something to report. To be called before it sleeps. */
  void watch() {
    if (watcher != null) {
      watcher.arm();
    }
  }

  /** Whether a sleep elsewhere must not begin. */
  boolean hasSeenReport() {
    return watcher != null && watcher.hasSeenReport();
  }

  /** How long a sleep may be, of {@code nanos}. */
  long limited(long nanos) {
    return inDoubt.isEmpty() ? nanos : Math.min(nanos, PATIENCE_NANOS);
  }

  // ---- looking

  /**
   * Waits for descriptors that are ready, for at most {@code nanos}, and wakes who waits for them.
   *
   * @return whether there were any
   */
  boolean poll(long nanos) {
    woken = false;
    if (watcher != null) {
      watcher.forgetReport();
      Throwable ofWatcher = watcher.failure();
      if (ofWatcher != null) {
        giveUp(ofWatcher);
        return woken;
      }
    }
    try {
      if (!await(limited(nanos))) {
        if (!inDoubt.isEmpty()) {
          confirm();
          boolean ignored = epoll.await(0, reporter);
        }
      } else if (!inDoubt.isEmpty() && System.nanoTime() - confirmedAt > PATIENCE_NANOS) {
        confirm();
      }
      if (hasStale) {
        startAnew();
      }
    } catch (IOException e) {
      giveUp(e);
    }
    return woken;
  }

  private boolean await(long nanos) throws IOException {
    if (nanos == Long.MAX_VALUE) {
      return epoll.await(-1, reporter);
    }
    if (nanos == PATIENCE_NANOS) {
      return epoll.await(PATIENCE_MILLIS, reporter);
    }
    if (nanos > 0) {
      // More exact than epoll, which counts in milliseconds.
      epoll.sleep(nanos);
    }
    return epoll.await(0, reporter);
  }

  /** Only waits until something is ready; the next poll will find it. */
  void sleep(long nanos) {
    try {
      epoll.sleep(nanos);
    } catch (IOException e) {
      // The next poll will meet it, too.
    }
  }

  void wakeUp() {
    epoll.wake();
  }

  private void report(int fd, int tag, int events) {
    Descriptor descriptor = known(fd);
    if (descriptor == null || descriptor.registered == 0 || descriptor.tag != tag) {
      hasStale = true;
      return;
    }
    boolean broken = (events & (Epoll.ERR | Epoll.HUP)) != 0;
    boolean isWaitedFor = false;
    if (broken || (events & Epoll.IN) != 0) {
      isWaitedFor |= descriptor.waiters.wake(false, Outcome.nothing());
    }
    if (broken || (events & Epoll.OUT) != 0) {
      isWaitedFor |= descriptor.waiters.wake(true, Outcome.nothing());
    }
    woken |= isWaitedFor;
    if (isWaitedFor) {
      return;
    }
    if (descriptor.interest() != 0) {
      registerOrFail(descriptor);
    } else {
      hasStale |= !unregister(descriptor);
    }
  }

  void close() {
    if (watcher != null) {
      watcher.close();
    }
    epoll.close();
  }
}
