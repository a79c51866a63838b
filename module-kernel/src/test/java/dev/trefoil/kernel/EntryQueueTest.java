package dev.trefoil.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import dev.trefoil.hazmat.RunFinished;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("R13")
@Tag("R14")
@Tag("R15")
final class EntryQueueTest {
  private static final int THREADS = 4;
  private static final int MOST_CALLS = 20_000;

  private final AtomicInteger wakeUps = new AtomicInteger();
  private final EntryQueue queue =
      new EntryQueue(new StackReserve(), this::refuseIfUnableToWake, wakeUps::incrementAndGet);
  private final List<Object> ran = new ArrayList<>();

  private record Numbered(List<Object> ran, int thread, int number) implements Runnable {
    @Override
    public void run() {
      ran.add(this);
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Numbered call && call.thread == thread && call.number == number;
    }

    @Override
    public int hashCode() {
      return 31 * thread + number;
    }

    @Override
    public String toString() {
      return thread + "/" + number;
    }
  }

  private boolean unableToWake;

  private void refuseIfUnableToWake() {
    if (unableToWake) {
      throw new StackOverflowError("for testing");
    }
  }

  private Numbered call(int thread, int number) {
    return new Numbered(ran, thread, number);
  }

  @Test
  void everySubmissionSeesToItThatTheLoopIsAwake() {
    assertThat(queue.isEmpty()).isTrue();
    queue.callSoonThreadAndSignalSafe(call(0, 0));
    assertThat(wakeUps).hasValue(1);
    queue.callSoonThreadAndSignalSafe(call(0, 1));
    queue.callSoonThreadAndSignalSafe(call(0, 2), true);
    queue.callSoonThreadAndSignalSafe(call(0, 2), true);
    assertThat(wakeUps).hasValue(4);
    assertThat(queue.isEmpty()).isFalse();
    assertThat(queue.size()).isEqualTo(3);
    queue.runBatch(Runnable::run);
    assertThat(queue.isEmpty()).isTrue();
  }

  @Test
  void callOfAThreadThatCouldNotWakeTheLoopIsNotAccepted() {
    unableToWake = true;
    for (boolean idempotent : new boolean[] {false, true}) {
      assertThatThrownBy(() -> queue.callSoonThreadAndSignalSafe(call(0, 0), idempotent))
          .isInstanceOf(StackOverflowError.class);
    }
    assertThat(queue.isEmpty()).isTrue();
  }

  @Test
  void batchThatARunnerBreaksOffIsRunToItsEndByTheNext() {
    for (int number = 0; number < 5; number++) {
      queue.callSoonThreadAndSignalSafe(call(0, number));
    }
    assertThatThrownBy(() -> queue.runBatch(this::failAtTheSecond))
        .isInstanceOf(OutOfMemoryError.class);
    assertThat(queue.isEmpty()).isFalse();
    queue.callSoonThreadAndSignalSafe(call(0, 5));
    queue.runBatch(Runnable::run);
    queue.runBatch(Runnable::run);
    assertThat(ran)
        .containsExactly(call(0, 0), call(0, 1), call(0, 2), call(0, 3), call(0, 4), call(0, 5));
    assertThat(queue.isEmpty()).isTrue();
  }

  private void failAtTheSecond(Runnable fn) {
    fn.run();
    if (ran.size() == 2) {
      throw new OutOfMemoryError("for testing");
    }
  }

  @Test
  void closingRunsEveryAcceptedCallThoughTheRunnerThrows() {
    for (int number = 0; number < 4; number++) {
      queue.callSoonThreadAndSignalSafe(call(0, number));
      queue.callSoonThreadAndSignalSafe(call(1, number), true);
    }
    assertThatThrownBy(() -> queue.runBatch(this::failAtTheSecond))
        .isInstanceOf(OutOfMemoryError.class);
    queue.callSoonThreadAndSignalSafe(call(0, 4));
    assertThatThrownBy(
            () ->
                queue.closeAndRunRest(
                    fn -> {
                      fn.run();
                      throw new OutOfMemoryError("for testing: " + fn);
                    }))
        .isInstanceOf(OutOfMemoryError.class)
        .hasMessageEndingWith("0/2");
    assertThat(ran).hasSize(9).doesNotHaveDuplicates();
    assertThat(ran.subList(0, 5))
        .containsExactly(call(0, 0), call(0, 1), call(0, 2), call(0, 3), call(0, 4));
  }

  @Test
  void runningABatchAllocatesNothing() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long least = Long.MAX_VALUE;
    for (int round = 0; round < 10; round++) {
      for (int number = 0; number < MOST_CALLS; number++) {
        queue.callSoonThreadAndSignalSafe(wakeUps::get);
      }
      long before = threads.getCurrentThreadAllocatedBytes();
      queue.runBatch(Runnable::run);
      least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
    }
    // What the test itself needs to look is allowed.
    assertThat(least).isLessThan(MOST_CALLS);
  }

  @Test
  void batchLeavesWhatItsOwnCallsSubmitToTheNext() {
    queue.callSoonThreadAndSignalSafe(() -> queue.callSoonThreadAndSignalSafe(call(0, 1)));
    queue.callSoonThreadAndSignalSafe(
        () -> queue.callSoonThreadAndSignalSafe(call(0, 2), true), true);
    queue.runBatch(Runnable::run);
    assertThat(ran).isEmpty();
    assertThat(queue.size()).isEqualTo(2);
    queue.runBatch(Runnable::run);
    assertThat(ran).hasSize(2);
  }

  @Test
  void closedQueueHasRunWhatItAcceptedAndRefusesTheRest() {
    queue.callSoonThreadAndSignalSafe(call(0, 0));
    queue.callSoonThreadAndSignalSafe(call(0, 1), true);
    queue.closeAndRunRest(Runnable::run);
    assertThat(ran).containsExactlyInAnyOrder(call(0, 0), call(0, 1));
    for (boolean idempotent : new boolean[] {false, true}) {
      assertThatThrownBy(() -> queue.callSoonThreadAndSignalSafe(call(0, 2), idempotent))
          .isInstanceOf(RunFinished.class);
    }
    queue.closeAndRunRest(Runnable::run);
    assertThat(ran).hasSize(2);
    assertThat(queue.size()).isZero();
  }

  /** Submits until it is refused, or has had enough. */
  private static final class Submitter extends Thread {
    private final EntryQueueTest test;
    private final int number;
    private final boolean idempotent;
    private final CountDownLatch start;
    int accepted;

    Submitter(EntryQueueTest test, int number, boolean idempotent, CountDownLatch start) {
      this.test = test;
      this.number = number;
      this.idempotent = idempotent;
      this.start = start;
    }

    @Override
    public void run() {
      start.countDown();
      try {
        while (accepted < MOST_CALLS) {
          test.queue.callSoonThreadAndSignalSafe(test.call(number, accepted), idempotent);
          accepted++;
        }
      } catch (RunFinished closed) {
        // The end of this thread.
      }
    }
  }

  private List<Submitter> submitUntilClosed(boolean idempotent) throws InterruptedException {
    CountDownLatch start = new CountDownLatch(THREADS);
    List<Submitter> submitters = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) {
      submitters.add(new Submitter(this, i, idempotent, start));
    }
    submitters.forEach(Thread::start);
    start.await();
    int calls = ThreadLocalRandom.current().nextInt(THREADS * MOST_CALLS);
    while (ran.size() < calls) {
      queue.runBatch(Runnable::run);
    }
    queue.closeAndRunRest(Runnable::run);
    for (Submitter submitter : submitters) {
      submitter.join();
    }
    return submitters;
  }

  @RepeatedTest(20)
  void everyAcceptedCallRunsOnceAndInTheOrderOfItsThreadThoughTheQueueCloses()
      throws InterruptedException {
    assertEverythingAcceptedRanInOrder(submitUntilClosed(false));
  }

  @RepeatedTest(20)
  void everyAcceptedIdempotentCallRunsThoughTheQueueCloses() throws InterruptedException {
    assertEverythingAcceptedRanInOrder(submitUntilClosed(true));
  }

  private void assertEverythingAcceptedRanInOrder(List<Submitter> submitters) {
    int[] next = new int[THREADS];
    for (Object each : ran) {
      Numbered call = (Numbered) each;
      assertThat(call.number()).isEqualTo(next[call.thread()]++);
    }
    for (Submitter submitter : submitters) {
      assertThat(next[submitter.number]).isEqualTo(submitter.accepted);
    }
  }

  @Test
  void equalIdempotentCallsOfManyThreadsAreMergedWhileTheyArePending() throws InterruptedException {
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) {
      threads.add(
          Thread.ofPlatform()
              .start(
                  () -> {
                    for (int number = 0; number < 10_000; number++) {
                      queue.callSoonThreadAndSignalSafe(call(0, number % 10), true);
                    }
                  }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(queue.size()).isEqualTo(10);
    queue.runBatch(Runnable::run);
    assertThat(ran).hasSize(10).doesNotHaveDuplicates();
  }
}
