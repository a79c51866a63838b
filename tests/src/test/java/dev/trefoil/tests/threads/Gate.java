package dev.trefoil.tests.threads;

import static org.assertj.core.api.Assertions.assertThat;

import dev.trefoil.tasks.Trefoil;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** What a thread of a test waits at until the test lets it through. */
final class Gate {
  private final CountDownLatch reached = new CountDownLatch(1);
  private final CountDownLatch opened = new CountDownLatch(1);

  /** On the thread: tells that it has come, and waits. */
  void pass() throws InterruptedException {
    reached.countDown();
    assertThat(opened.await(30, TimeUnit.SECONDS)).as("opened in time").isTrue();
  }

  /** Also without an interrupt. */
  void passUninterruptibly() {
    reached.countDown();
    boolean interrupted = false;
    while (true) {
      try {
        pass();
        break;
      } catch (InterruptedException notYet) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  void open() {
    opened.countDown();
  }

  boolean isReached() {
    return reached.getCount() == 0;
  }

  /** In a task: waits until the thread has come, letting others run. */
  void awaitReached() {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (!isReached()) {
      assertThat(System.nanoTime()).as("reached in time").isLessThan(deadline);
      Trefoil.sleep(java.time.Duration.ofNanos(100_000));
    }
  }
}
