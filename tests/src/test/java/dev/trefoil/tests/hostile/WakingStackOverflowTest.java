package dev.trefoil.tests.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.trefoil.hazmat.Action;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.sync.UniversalEvent;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.testing.Testing;
import dev.trefoil.testing.TrefoilTest;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;

/** Sleeping and waking where the stack ends. */
@Timeout(60)
final class WakingStackOverflowTest {
  private static final int SLEEPERS = 3;

  /** Runs {@code body} where the stack ends, and on each level on the way up, until it succeeds. */
  private static void whereTheStackEnds(Runnable body, int levels) {
    if (levels > 0) {
      try {
        whereTheStackEnds(body, levels - 1);
        return;
      } catch (StackOverflowError end) {
        // this level is the next to try
      }
    }
    body.run();
  }

  private static void assertThatAllWake(Action<Exception> sleep, Runnable wake) {
    int[] woken = new int[1];
    Nursery.open(
        nursery -> {
          for (int i = 0; i < SLEEPERS; i++) {
            nursery.spawn(
                () -> {
                  sleep.run();
                  woken[0]++;
                });
          }
          Testing.waitAllTasksBlocked();
          whereTheStackEnds(wake, Integer.MAX_VALUE);
          Testing.waitAllTasksBlocked();
          nursery.cancelScope().cancel();
        });
    assertThat(woken[0]).isEqualTo(SLEEPERS);
  }

  @TrefoilTest
  @Tag("T79")
  void tasksThatAUniversalEventCouldNotWakeAreWokenByTheNextSet() {
    UniversalEvent event = new UniversalEvent();
    assertThatAllWake(event::await, event::set);
  }

  @TrefoilTest
  @Tag("T79")
  void threadsThatAUniversalEventCouldNotWakeAreWokenByTheNextSet() throws Exception {
    UniversalEvent event = new UniversalEvent();
    CountDownLatch woken = new CountDownLatch(SLEEPERS);
    for (int i = 0; i < SLEEPERS; i++) {
      Thread.ofPlatform()
          .daemon()
          .start(
              () -> {
                try {
                  event.await();
                  woken.countDown();
                } catch (InterruptedException never) {
                  Thread.currentThread().interrupt();
                }
              });
    }
    while (event.statistics().threadsWaiting() < SLEEPERS) {
      Thread.onSpinWait();
    }
    whereTheStackEnds(event::set, Integer.MAX_VALUE);
    assertThat(woken.await(30, TimeUnit.SECONDS)).isTrue();
    assertThat(event.statistics().threadsWaiting()).isZero();
  }

  @TrefoilTest
  @Tag("R1")
  void whoCouldNotWaitForAChannelIsNotTakenForItsReader() throws Exception {
    Pipe pipe = Pipe.open();
    try (Pipe.SourceChannel source = pipe.source();
        Pipe.SinkChannel sink = pipe.sink()) {
      source.configureBlocking(false);
      sink.write(ByteBuffer.allocate(1));
      for (int i = 0; i < 5; i++) {
        whereTheStackEnds(() -> Hazmat.waitSocketReadable(source), Integer.MAX_VALUE);
        Hazmat.waitSocketReadable(source);
      }
    }
  }
}
