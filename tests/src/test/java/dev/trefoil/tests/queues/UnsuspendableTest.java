package dev.trefoil.tests.queues;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.trefoil.hazmat.Action;
import dev.trefoil.hazmat.Backend;
import dev.trefoil.queues.LifoQueue;
import dev.trefoil.queues.MemoryChannel;
import dev.trefoil.queues.PriorityQueue;
import dev.trefoil.queues.Queue;
import dev.trefoil.queues.Select;
import dev.trefoil.queues.UnboundedQueue;
import dev.trefoil.queues.UniversalQueue;
import dev.trefoil.testing.Testing;
import dev.trefoil.testing.TrefoilTest;
import dev.trefoil.tests.sync.Pinned;
import dev.trefoil.threads.BlockingQueues;
import dev.trefoil.threads.FlowReceiver;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.SubmissionPublisher;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;

/** Queues used where the task cannot be suspended, and need not be. */
final class UnsuspendableTest {
  /** More than the switches that the kernel skips within one step. */
  private static final int COUNT = 100;

  private static final List<Integer> ALL = IntStream.range(0, COUNT).boxed().toList();

  /** What a task gets that goes on after errors. */
  private final List<Integer> got = new ArrayList<>();

  private static <X extends Throwable> void pinned(Action<X> operation) {
    for (int i = 0; i < COUNT; i++) {
      pinnedOnce(operation);
    }
  }

  private static <X extends Throwable> void pinnedOnce(Action<X> operation) {
    Throwable refused = catchThrowable(() -> Pinned.run(operation));
    if (refused != null) {
      assertThat(refused).hasMessageContaining("cannot be suspended");
    }
  }

  private void assertNothingIsLostBy(Queue<Integer> queue) {
    ALL.forEach(queue::putNowait);
    pinned(() -> got.add(queue.get()));
    while (!queue.isEmpty()) {
      got.add(queue.getNowait());
    }
    assertThat(got).containsExactlyInAnyOrderElementsOf(ALL);
  }

  @TrefoilTest(backends = Backend.CONTINUATION, seeds = 5)
  @Tag("R175")
  void getLosesNoItem() {
    assertNothingIsLostBy(new Queue<>());
  }

  @TrefoilTest(backends = Backend.CONTINUATION, seeds = 5)
  @Tag("T77")
  void getOfOtherOrdersLosesNoItem() {
    assertNothingIsLostBy(new LifoQueue<>());
    got.clear();
    assertNothingIsLostBy(PriorityQueue.create());
  }

  @TrefoilTest(backends = Backend.CONTINUATION, seeds = 5)
  @Tag("R176")
  void putThatThrowsHasPutNothing() {
    Queue<Integer> queue = new Queue<>();
    int[] returned = new int[1];
    pinned(
        () -> {
          queue.put(1);
          returned[0]++;
        });
    assertThat(queue.size()).isEqualTo(returned[0]);
  }

  @TrefoilTest(backends = Backend.CONTINUATION, seeds = 5)
  @Tag("T31")
  void receiveAndSelectLoseNoItem() {
    MemoryChannel<Integer> channel = MemoryChannel.open(COUNT);
    ALL.forEach(channel.sender()::sendNowait);
    for (int i = 0; i < COUNT / 2; i++) {
      pinnedOnce(() -> got.add(channel.receiver().receive()));
      pinnedOnce(() -> Select.any(Select.onReceive(channel.receiver(), got::add)));
    }
    channel.sender().close();
    channel.receiver().forEach(got::add);
    assertThat(got).isEqualTo(ALL);
  }

  @TrefoilTest(backends = Backend.CONTINUATION, seeds = 5)
  @Tag("T92")
  void batchIsNotLost() {
    UnboundedQueue<Integer> queue = new UnboundedQueue<>();
    ALL.forEach(
        item -> {
          queue.put(item);
          pinnedOnce(() -> got.addAll(queue.getBatch()));
        });
    if (!queue.isEmpty()) {
      got.addAll(queue.getBatchNowait());
    }
    assertThat(got).isEqualTo(ALL);
  }

  @TrefoilTest(backends = Backend.CONTINUATION, seeds = 5)
  @Tag("T78")
  void universalQueueLosesNoItem() {
    UniversalQueue<Integer> queue = new UniversalQueue<>();
    ALL.forEach(queue::putNowait);
    pinned(() -> got.add(queue.get()));
    while (!queue.isEmpty()) {
      got.add(queue.getNowait());
    }
    assertThat(got).isEqualTo(ALL);
  }

  @TrefoilTest(backends = Backend.CONTINUATION, seeds = 5)
  @Tag("R77")
  void takingFromABlockingQueueLosesNoItem() {
    LinkedBlockingQueue<Integer> queue = new LinkedBlockingQueue<>(ALL);
    pinned(() -> got.add(BlockingQueues.take(queue)));
    queue.drainTo(got);
    assertThat(got).isEqualTo(ALL);
  }

  @TrefoilTest(backends = Backend.CONTINUATION, seeds = 5)
  @Tag("R188")
  void receivingFromAPublisherLosesNoItem() {
    SubmissionPublisher<Integer> publisher = new SubmissionPublisher<>(Runnable::run, COUNT);
    try (FlowReceiver<Integer> receiver = FlowReceiver.subscribe(publisher, COUNT)) {
      Testing.waitAllTasksBlocked();
      ALL.forEach(publisher::submit);
      publisher.close();
      Testing.waitAllTasksBlocked();
      pinned(() -> got.add(receiver.receive()));
      receiver.forEach(got::add);
      assertThat(got).isEqualTo(ALL);
    }
  }
}
