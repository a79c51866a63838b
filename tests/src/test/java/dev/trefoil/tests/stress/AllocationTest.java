package dev.trefoil.tests.stress;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.trefoil.hazmat.Backend;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.RunOptions;
import dev.trefoil.queues.MemoryChannel;
import dev.trefoil.queues.Queue;
import dev.trefoil.sync.Event;
import dev.trefoil.sync.Lock;
import dev.trefoil.sync.RLock;
import dev.trefoil.sync.Semaphore;
import dev.trefoil.tasks.Trefoil;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What need not wait allocates nothing, not even now and then. */
class AllocationTest {
  private static final int OPERATIONS = 10_000;

  /** The first of them load and link what is used. */
  private static final int ROUNDS = 20;

  private final ThreadMXBean thread = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  /** Where tasks share the thread that is asked. */
  private void assertAllocatesNothing(Runnable operation) {
    long least =
        Trefoil.run(
            RunOptions.defaults().withBackend(Backend.CONTINUATION),
            () -> {
              long bytes = Long.MAX_VALUE;
              for (int round = 0; round < ROUNDS; round++) {
                long before = thread.getCurrentThreadAllocatedBytes();
                for (int i = 0; i < OPERATIONS; i++) {
                  operation.run();
                }
                bytes = Math.min(bytes, thread.getCurrentThreadAllocatedBytes() - before);
              }
              return bytes;
            });
    assertThat(least).as("bytes for %s operations", OPERATIONS).isZero();
  }

  @Test
  @Tag("R34")
  void passingBothHalvesOfACheckpointAllocatesNothing() {
    assertAllocatesNothing(
        () -> {
          Hazmat.yieldIfCancelled();
          Hazmat.yieldBrieflyNoCancel();
        });
  }

  @Test
  @Tag("R154")
  @Tag("T26")
  void lockingWhatIsFreeAllocatesNothing() {
    Lock lock = new Lock();
    RLock again = new RLock();
    assertAllocatesNothing(
        () -> {
          lock.acquire();
          again.acquire();
          again.acquire();
          again.release();
          again.release();
          lock.release();
        });
  }

  @Test
  @Tag("R160")
  @Tag("T28")
  void acquiringFromASemaphoreThatHasSomeAllocatesNothing() {
    Semaphore semaphore = new Semaphore(1);
    assertAllocatesNothing(
        () -> {
          semaphore.acquire();
          semaphore.release();
        });
  }

  @Test
  @Tag("R148")
  void awaitingAnEventThatIsSetAllocatesNothing() {
    Event event = new Event();
    assertAllocatesNothing(
        () -> {
          event.set();
          event.await();
        });
  }

  @Test
  @Tag("R175")
  @Tag("R176")
  @Tag("T31")
  void puttingAndGettingAllocateNothing() {
    Queue<String> queue = new Queue<>(100);
    MemoryChannel<String> channel = MemoryChannel.open(100);
    assertAllocatesNothing(
        () -> {
          queue.put("a");
          channel.sender().send(queue.get());
          channel.receiver().receive();
        });
  }
}
