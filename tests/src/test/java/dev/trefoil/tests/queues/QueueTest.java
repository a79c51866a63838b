package dev.trefoil.tests.queues;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.sun.management.ThreadMXBean;
import dev.trefoil.hazmat.Backend;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.RunOptions;
import dev.trefoil.hazmat.Task;
import dev.trefoil.queues.Queue;
import dev.trefoil.tasks.ExceptionGroup;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.tasks.Trefoil;
import dev.trefoil.testing.Testing;
import dev.trefoil.testing.TrefoilTest;
import java.lang.management.ManagementFactory;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

final class QueueTest extends QueueContract {
  @Override
  <E extends Comparable<E>> AnyQueue<E> newQueue(int maxSize) {
    return AnyQueue.of(maxSize == 0 ? new Queue<E>() : new Queue<E>(maxSize));
  }

  @Override
  List<String> outgoing(List<String> put) {
    return put;
  }

  @TrefoilTest
  @Tag("R173")
  void itemsStayInOrderHoweverTheQueueGrowsAndWrapsAround() {
    Queue<Integer> queue = new Queue<>();
    Deque<Integer> model = new ArrayDeque<>();
    Random random = new Random(1);
    for (int i = 0; i < 20_000; i++) {
      if (random.nextInt(5) < (i < 10_000 ? 3 : 2)) {
        queue.putNowait(i);
        model.add(i);
      } else if (!model.isEmpty()) {
        assertThat(queue.getNowait()).isEqualTo(model.remove());
      }
      assertThat(queue.size()).isEqualTo(model.size());
    }
  }

  @TrefoilTest(backends = Backend.CONTINUATION) // where tasks share the thread that is asked
  @Tag("R175")
  @Tag("R176")
  void puttingAndGettingAllocateNothingUnlessTheyWait() {
    Queue<String> queue = new Queue<>(100);
    var thread = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    int count = 100_000;
    long before = 0;
    for (int i = -count; i < count; i++) {
      if (i == 0) {
        before = thread.getCurrentThreadAllocatedBytes();
      }
      queue.put("a");
      queue.get();
    }
    long bytes = thread.getCurrentThreadAllocatedBytes() - before;
    // One switch in 32 checkpoints may cost the JVM a little; the smallest object has 16 bytes.
    assertThat(bytes / count).isLessThan(16);
  }

  @Test
  @Tag("R175")
  @Tag("R176")
  void everythingIsRefusedOutsideARun() {
    Queue<String> queue = new Queue<>();
    for (Runnable operation :
        List.<Runnable>of(
            () -> queue.put("a"),
            () -> queue.putNowait("a"),
            queue::get,
            queue::getNowait,
            queue::join,
            queue::taskDone)) {
      assertThatIllegalStateException()
          .isThrownBy(operation::run)
          .withMessageContainingAll("inside a Trefoil run", "EntryPoint");
    }
    assertThat(queue.isEmpty()).isTrue();
  }

  @TrefoilTest
  @Tag("R175")
  @Tag("R176")
  void anotherRunIsRefusedAsLongAsTheFirstLives() throws Exception {
    Queue<String> queue = new Queue<>();
    queue.putNowait("a");
    CountDownLatch over = new CountDownLatch(1);
    Thread other =
        Thread.ofPlatform()
            .start(
                () -> {
                  try {
                    Trefoil.run(
                        () ->
                            assertThatIllegalStateException()
                                .isThrownBy(queue::getNowait)
                                .withMessageContainingAll("Queue", "run", "UniversalQueue"));
                    over.countDown();
                  } catch (Throwable failed) {
                    failed.printStackTrace();
                  }
                });
    assertThat(over.await(60, TimeUnit.SECONDS)).isTrue();
    other.join();
    assertThat(queue.getNowait()).isEqualTo("a");
  }

  @Test
  @Tag("R175")
  @Tag("R176")
  void nextRunMayUseItWhenTheFirstHasEnded() {
    Queue<String> queue = new Queue<>();
    Trefoil.run(() -> queue.put("a"));
    String got = Trefoil.run(RunOptions.defaults().withBackend(Backend.VIRTUAL_THREAD), queue::get);
    assertThat(got).isEqualTo("a");
  }

  @TrefoilTest
  @Tag("R175")
  void getterThatAStrangerWakesIsToldSoAndGetsNothing() {
    Queue<String> queue = new Queue<>();
    ExceptionGroup failed =
        assertThrows(
            ExceptionGroup.class,
            () ->
                Nursery.open(
                    nursery -> {
                      Task<?> getter = nursery.spawn(() -> queue.get());
                      Testing.waitAllTasksBlocked();
                      Hazmat.reschedule(getter);
                      queue.putNowait("a");
                    }));
    assertThat(failed.exceptions().getFirst())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("wake");
    assertThat(queue.getNowait()).isEqualTo("a");
  }
}
