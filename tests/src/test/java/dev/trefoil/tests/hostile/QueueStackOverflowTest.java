package dev.trefoil.tests.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.trefoil.hazmat.WouldBlock;
import dev.trefoil.queues.MemoryChannel;
import dev.trefoil.queues.Queue;
import dev.trefoil.queues.Select;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.testing.Testing;
import dev.trefoil.testing.TrefoilTest;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;

/** Queues used where the stack ends. */
final class QueueStackOverflowTest {
  /**
   * Runs {@code body} where the stack ends, and on each level on the way up, until it does not
   * overflow the stack any more.
   */
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

  @TrefoilTest
  @Tag("R175")
  @Tag("R176")
  void whatWasPutArrivesOnceAndTheQueueGoesOn() {
    Queue<Integer> queue = new Queue<>(1000);
    List<Integer> put = new ArrayList<>(100_000);
    List<Integer> got = new ArrayList<>();
    int[] next = new int[1];
    Nursery.open(
        nursery -> {
          for (int i = 0; i < 3; i++) {
            nursery.spawn(() -> got.add(queue.get()));
          }
          Testing.waitAllTasksBlocked();
          while (put.size() < 6) {
            whereTheStackEnds(
                () -> {
                  int item = next[0]++;
                  queue.putNowait(item);
                  put.add(item);
                },
                Integer.MAX_VALUE);
          }
          Testing.waitAllTasksBlocked();
          assertThat(queue.statistics().waitingToGet()).isZero();
        });
    while (!queue.isEmpty()) {
      got.add(queue.getNowait());
    }
    assertThat(got).containsAll(put).doesNotHaveDuplicates();
  }

  @TrefoilTest
  @Tag("T31")
  void waitersThatCouldNotWaitLeaveNoTrace() {
    MemoryChannel<Integer> one = MemoryChannel.open(0);
    MemoryChannel<Integer> two = MemoryChannel.open(0);
    Queue<Integer> queue = new Queue<>();
    Nursery.open(
        nursery -> {
          nursery.spawn(
              () ->
                  whereTheStackEnds(
                      () ->
                          Select.any(
                              Select.onReceive(one.receiver(), item -> queue.putNowait(item)),
                              Select.onSend(two.sender(), 1, () -> {}),
                              Select.onGet(queue, item -> {})),
                      Integer.MAX_VALUE));
          Testing.waitAllTasksBlocked();
          // The first that had room enough waits, and is alone.
          assertThat(one.receiver().statistics().waitingToReceive()).isOne();
          one.sender().sendNowait(7);
        });
    assertThat(queue.getNowait()).isEqualTo(7);
    assertThat(one.receiver().statistics().waitingToReceive()).isZero();
    assertThat(two.receiver().statistics().waitingToSend()).isZero();
    assertThat(queue.statistics().waitingToGet()).isZero();
    try {
      one.sender().sendNowait(8);
      throw new AssertionError("somebody waits who is not there");
    } catch (WouldBlock nobody) {
      // as it should be
    }
  }
}
