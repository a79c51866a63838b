package dev.trefoil.tests.threads;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.tasks.CancelScope;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.testing.Checkpoints;
import dev.trefoil.testing.Testing;
import dev.trefoil.testing.TrefoilTest;
import dev.trefoil.threads.BlockingQueues;
import dev.trefoil.threads.ToThread;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.LinkedTransferQueue;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Tasks that wait for queues made for threads. */
@Tag("T45")
final class BlockingQueuesTest {
  private static final int ITEMS = 400;
  private static final int TASKS = 3;

  private final List<@Nullable Object> log = new ArrayList<>();

  @TrefoilTest(seeds = 20)
  void takesWhatIsThereAndPutsWhereThereIsRoomWithoutAThread() {
    BlockingQueue<String> queue = new ArrayBlockingQueue<>(1);
    Nursery.open(
        nursery -> {
          nursery.spawn(
              () -> {
                BlockingQueues.put(queue, "item");
                log.add(BlockingQueues.take(queue));
              });
          while (log.isEmpty()) {
            assertThat(ToThread.activeThreadCount()).isZero();
            Hazmat.yieldBriefly();
          }
        });
    assertThat(log).containsExactly("item");
  }

  @TrefoilTest(seeds = 20)
  void isACheckpointWhetherItWaitsOrNot() {
    BlockingQueue<String> queue = new ArrayBlockingQueue<>(1);
    Checkpoints.assertCheckpoints(() -> BlockingQueues.put(queue, "item"));
    Checkpoints.assertCheckpoints(() -> assertThat(BlockingQueues.take(queue)).isEqualTo("item"));
    Nursery.open(
        nursery -> {
          nursery.spawn(
              () ->
                  Checkpoints.assertCheckpoints(
                      () -> assertThat(BlockingQueues.take(queue)).isEqualTo("later")));
          Testing.waitAllTasksBlocked();
          queue.add("later");
        });
  }

  @TrefoilTest(seeds = 20)
  void waitsForAnItemWhileOthersGoOn() {
    BlockingQueue<String> queue = new LinkedBlockingQueue<>();
    Nursery.open(
        nursery -> {
          nursery.spawn(() -> log.add(BlockingQueues.take(queue)));
          Testing.waitAllTasksBlocked();
          log.add("other");
          queue.add("item");
        });
    assertThat(log).containsExactly("other", "item");
  }

  @TrefoilTest(seeds = 20)
  void waitsForRoomWhileOthersGoOn() {
    BlockingQueue<String> queue = new ArrayBlockingQueue<>(1);
    Nursery.open(
        nursery -> {
          queue.add("first");
          nursery.spawn(
              () -> {
                BlockingQueues.put(queue, "second");
                log.add("put");
              });
          Testing.waitAllTasksBlocked();
          log.add(queue.poll());
        });
    assertThat(log).containsExactly("first", "put");
    assertThat(queue).containsExactly("second");
  }

  @TrefoilTest(seeds = 20)
  void whoIsCancelledOnEntryHasChangedNothing() {
    BlockingQueue<String> queue = new ArrayBlockingQueue<>(2);
    queue.add("stays");
    CancelScope scope = CancelScope.create();
    scope.cancel();
    scope.run(
        () -> {
          try {
            BlockingQueues.take(queue);
          } finally {
            BlockingQueues.put(queue, "other");
          }
        });
    assertThat(scope.cancelledCaught()).isTrue();
    assertThat(queue).containsExactly("stays");
  }

  @TrefoilTest(seeds = 20)
  void whoIsCancelledWhileItWaitsLeavesTheNextItemToOthers() {
    BlockingQueue<String> queue = new LinkedBlockingQueue<>();
    CancelScope scope = CancelScope.create();
    Nursery.open(
        nursery -> {
          nursery.spawn(() -> scope.run(() -> log.add(BlockingQueues.take(queue))));
          Testing.waitAllTasksBlocked();
          scope.cancel();
        });
    assertThat(scope.cancelledCaught()).isTrue();
    assertThat(ToThread.activeThreadCount()).isZero();
    queue.add("item");
    assertThat(BlockingQueues.<String>take(queue)).isEqualTo("item");
    assertThat(log).isEmpty();
  }

  @Tag("T47")
  @TrefoilTest(seeds = 20)
  void thoseThatWaitTakeNoTokens() throws Exception {
    BlockingQueue<Integer> queue = new LinkedBlockingQueue<>();
    int waiting = ToThread.currentDefaultThreadLimiter().totalTokens() + 1;
    Nursery.open(
        nursery -> {
          for (int i = 0; i < waiting; i++) {
            nursery.spawn(() -> log.add(BlockingQueues.take(queue)));
          }
          Testing.waitAllTasksBlocked();
          for (int i = 0; i < waiting; i++) {
            int item = i;
            ToThread.runInThread(() -> queue.add(item));
          }
        });
    assertThat(log).hasSize(waiting).doesNotHaveDuplicates();
  }

  @Test
  void isRefusedOutsideARunAndChangesNothing() {
    BlockingQueue<String> queue = new LinkedBlockingQueue<>(List.of("item"));
    assertThatThrownBy(() -> BlockingQueues.take(queue))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("inside a Trefoil run");
    assertThat(queue).hasSize(1);
  }

  // ---- nothing is lost

  private static List<BlockingQueue<Integer>> kinds() {
    return List.of(
        new SynchronousQueue<>(),
        new ArrayBlockingQueue<>(1),
        new LinkedBlockingQueue<>(),
        new LinkedTransferQueue<>());
  }

  /** Tasks do something again and again, and are cancelled in it at random. */
  private static final class Cancelled {
    private final CancelScope[] scopes = new CancelScope[TASKS];
    private final Random random = new Random(7);
    private int working = TASKS;
    int caught;

    /** An item that is lost would be waited for without an end. */
    void run(Callable<Boolean> again) {
      CancelScope.failAfter(
          Duration.ofSeconds(30),
          () ->
              Nursery.open(
                  nursery -> {
                    spawnInto(nursery, again);
                    cancelAtRandom();
                  }));
    }

    private void spawnInto(Nursery nursery, Callable<Boolean> again) {
      for (int i = 0; i < TASKS; i++) {
        int number = i;
        nursery.spawn(
            () -> {
              while (true) {
                CancelScope scope = CancelScope.create();
                scopes[number] = scope;
                Boolean more = scope.run(again::call);
                if (scope.cancelledCaught()) {
                  caught++;
                } else if (!more) {
                  break;
                }
              }
              working--;
            });
      }
    }

    private void cancelAtRandom() {
      while (working > 0) {
        Hazmat.yieldBriefly();
        spin(random.nextInt(4_000));
        CancelScope scope = scopes[random.nextInt(TASKS)];
        if (scope != null) {
          scope.cancel();
        }
      }
    }
  }

  private static void spin(int times) {
    for (int i = 0; i < times; i++) {
      Thread.onSpinWait();
    }
  }

  @TrefoilTest(seeds = 5)
  void everyItemIsTakenOnceHoweverTakersAreCancelled() throws Exception {
    for (BlockingQueue<Integer> queue : kinds()) {
      boolean[] taken = new boolean[ITEMS];
      int[] count = new int[1];
      FutureTask<Void> feeder = feeder(queue);
      Thread.ofPlatform().daemon().start(feeder);
      Cancelled cancelled = new Cancelled();
      cancelled.run(
          () -> {
            int item = BlockingQueues.take(queue);
            if (item >= ITEMS) {
              return false;
            }
            assertThat(taken[item]).as("taken before").isFalse();
            taken[item] = true;
            count[0]++;
            return true;
          });
      feeder.get(30, TimeUnit.SECONDS);
      assertThat(count[0]).as("taken of " + queue.getClass()).isEqualTo(ITEMS);
      assertThat(cancelled.caught).isPositive();
      assertThat(queue).isEmpty();
    }
  }

  /** The items, and then one for each task to stop at. */
  private static FutureTask<Void> feeder(BlockingQueue<Integer> queue) {
    return new FutureTask<>(
        () -> {
          Random random = new Random(3);
          for (int item = 0; item < ITEMS + TASKS; item++) {
            spin(random.nextInt(4_000));
            queue.put(item);
          }
          return null;
        });
  }

  @TrefoilTest(seeds = 5)
  void itemsThatWerePutAreThereAndThoseThatWereNotAreNot() throws Exception {
    for (BlockingQueue<Integer> queue :
        List.of(new SynchronousQueue<Integer>(), new ArrayBlockingQueue<Integer>(1))) {
      List<Integer> put = new ArrayList<>();
      List<Integer> offered = new ArrayList<>();
      FutureTask<List<Integer>> drain = drain(queue);
      Thread.ofPlatform().daemon().start(drain);
      Cancelled cancelled = new Cancelled();
      cancelled.run(
          () -> {
            int item = offered.size();
            offered.add(item);
            BlockingQueues.put(queue, item);
            put.add(item);
            return put.size() < ITEMS;
          });
      BlockingQueues.put(queue, -1);
      put.sort(Comparator.naturalOrder());
      assertThat(drain.get(30, TimeUnit.SECONDS)).isEqualTo(put);
      assertThat(cancelled.caught).isPositive();
    }
  }

  private static FutureTask<List<Integer>> drain(BlockingQueue<Integer> queue) {
    return new FutureTask<>(
        () -> {
          Random random = new Random(5);
          List<Integer> taken = new ArrayList<>();
          while (true) {
            spin(random.nextInt(4_000));
            int item = queue.take();
            if (item < 0) {
              taken.sort(Comparator.naturalOrder());
              return taken;
            }
            taken.add(item);
          }
        });
  }
}
