package dev.trefoil.tests.observation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Code that blocks its run until it is released. */
final class BlockingTask {
  private final CountDownLatch blocking = new CountDownLatch(1);
  private final CountDownLatch released = new CountDownLatch(1);

  void block() {
    blocking.countDown();
    await(released);
  }

  void awaitBlocking() {
    await(blocking);
  }

  void release() {
    released.countDown();
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException unexpected) {
      throw new AssertionError(unexpected);
    }
  }
}
