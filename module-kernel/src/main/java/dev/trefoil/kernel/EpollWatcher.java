package dev.trefoil.kernel;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * A thread that waits in a run's epoll while the loop sleeps somewhere else. It takes no report away,
 * it only wakes the loop: it waits in an epoll of its own, which holds the other, since that counts
 * as readable while it has something to report.
 */
final class EpollWatcher implements AutoCloseable {
  private final Io io;
  private final Epoll watched;
  private final Epoll outer = new Epoll();
  private final Thread thread;

  /** Whether the thread waits for a report; the loop's. */
  private boolean armed;

  /** Set by the thread, which waits for nothing more until it is armed again. */
  private volatile boolean hasSeenReport;

  /** Why nothing works any more. */
  private volatile @Nullable Throwable failure;

  private volatile boolean closing;

  EpollWatcher(RunLoop loop, Io io, Epoll watched) throws IOException {
    this.io = io;
    this.watched = watched;
    try {
      outer.register(watched);
      armed = true;
      thread =
          Thread.ofPlatform()
              .name("trefoil-" + loop.name() + "-epoll")
              .daemon()
              .inheritInheritableThreadLocals(false)
              .start(this::watch);
    } catch (Throwable notStarted) {
      outer.close();
      throw notStarted;
    }
  }

  private void watch() {
    try {
      while (!closing) {
        boolean ignored = outer.await(-1, (fd, tag, events) -> tellLoop());
      }
    } catch (Throwable error) {
      failure = error;
      tellLoop();
    }
  }

  private void tellLoop() {
    hasSeenReport = true;
    io.wakeLoop();
  }

  /** Has the loop woken, once, when there is something to report. To be called before it sleeps. */
  void arm() {
    if (armed) {
      return;
    }
    try {
      outer.register(watched);
      armed = true;
    } catch (IOException e) {
      failure = e;
      hasSeenReport = true;
    }
  }

  boolean hasSeenReport() {
    return hasSeenReport;
  }

  /** To be called before the loop looks at the reports itself. */
  void forgetReport() {
    if (hasSeenReport) {
      hasSeenReport = false;
      armed = false;
    }
  }

  @Nullable Throwable failure() {
    return failure;
  }

  /** To be called when the watched epoll has been reopened. */
  void forgetRegistration() {
    armed = false;
  }

  boolean isMadeOf(int fd) {
    return outer.isMadeOf(fd);
  }

  @Override
  public void close() {
    closing = true;
    outer.wake();
    LoopThread.joinDeafToInterrupts(thread, 0);
    outer.close();
  }
}
