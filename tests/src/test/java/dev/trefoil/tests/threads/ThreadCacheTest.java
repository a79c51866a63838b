package dev.trefoil.tests.threads;

import static org.assertj.core.api.Assertions.assertThat;

import dev.trefoil.hazmat.Outcome;
import dev.trefoil.threads.ThreadCache;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/** Threads that are kept for the next job. */
@Isolated
@Tag("T93")
final class ThreadCacheTest {
  private final BlockingQueue<Outcome<Thread>> outcomes = new ArrayBlockingQueue<>(100);

  private Outcome<Thread> next() throws InterruptedException {
    Outcome<Thread> outcome = outcomes.poll(30, TimeUnit.SECONDS);
    assertThat(outcome).as("outcome in time").isNotNull();
    return outcome;
  }

  @Test
  void outcomeIsDeliveredOnTheJobsThread() throws InterruptedException {
    BlockingQueue<Thread> deliverers = new ArrayBlockingQueue<>(1);
    ThreadCache.<Thread>startThreadSoon(
        "named",
        Thread::currentThread,
        outcome -> {
          deliverers.add(Thread.currentThread());
          outcomes.add(outcome);
        });
    assertThat(next().unwrap()).isSameAs(deliverers.poll(30, TimeUnit.SECONDS));
  }

  @Test
  void jobThatFailsLeavesTheThreadForTheNext() throws InterruptedException {
    Error error = new AssertionError("job");
    BlockingQueue<Thread> workers = new ArrayBlockingQueue<>(1);
    ThreadCache.<Thread>startThreadSoon(
        null,
        () -> {
          workers.add(Thread.currentThread());
          Thread.currentThread().interrupt();
          throw error;
        },
        outcomes::add);
    assertThat(next()).isEqualTo(Outcome.failure(error));
    Thread first = workers.take();
    ThreadCache.<Thread>startThreadSoon(
        null,
        () -> {
          assertThat(Thread.currentThread().isInterrupted()).isFalse();
          return Thread.currentThread();
        },
        outcomes::add);
    assertThat(next().unwrap()).as("who had finished when told so is free").isSameAs(first);
  }

  @Test
  void takerThatThrowsLeavesTheThreadForTheNext() throws InterruptedException {
    ThreadCache.<Thread>startThreadSoon(
        null,
        Thread::currentThread,
        outcome -> {
          outcomes.add(outcome);
          throw new AssertionError("a taker that throws, to be logged");
        });
    Thread first = next().unwrap();
    ThreadCache.<Thread>startThreadSoon(null, Thread::currentThread, outcomes::add);
    assertThat(next().unwrap()).isSameAs(first);
  }

  @Test
  void idleThreadsEnd() throws InterruptedException {
    ThreadCache.<Thread>startThreadSoon(null, Thread::currentThread, outcomes::add);
    Thread worker = next().unwrap();
    assertThat(worker.isDaemon()).isTrue();
    assertThat(worker.join(java.time.Duration.ofSeconds(40))).as("ended").isTrue();
  }

  @Test
  @Tag("T48")
  void nameThatAJobGaveItsThreadEndsWithTheJob() throws InterruptedException {
    ThreadCache.<Thread>startThreadSoon(
        null,
        () -> {
          Thread.currentThread().setName("renamed by its job");
          return Thread.currentThread();
        },
        outcomes::add);
    Thread renamed = next().unwrap();
    ThreadCache.<Thread>startThreadSoon(
        null,
        () -> {
          assertThat(Thread.currentThread().getName()).startsWith("trefoil-worker-");
          return Thread.currentThread();
        },
        outcomes::add);
    assertThat(next().unwrap()).isSameAs(renamed);
  }

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

  @Test
  void idleThreadsEndThoughTheyWereLostWhereTheStackEnds() throws InterruptedException {
    List<Thread> workers = new ArrayList<>();
    CountDownLatch all = new CountDownLatch(20);
    for (int i = 0; i < 20; i++) {
      ThreadCache.<Thread>startThreadSoon(
          null,
          () -> {
            all.countDown();
            all.await();
            return Thread.currentThread();
          },
          outcomes::add);
    }
    for (int i = 0; i < 20; i++) {
      workers.add(next().unwrap());
    }
    whereTheStackEnds(
        () -> ThreadCache.<Thread>startThreadSoon(null, Thread::currentThread, outcome -> {}),
        Integer.MAX_VALUE);
    for (Thread worker : workers) {
      worker.join(TimeUnit.SECONDS.toMillis(30));
      assertThat(worker.isAlive()).isFalse();
    }
  }
}
