package dev.trefoil.tests.queues;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.trefoil.hazmat.Backend;
import dev.trefoil.hazmat.EntryPoint;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.RunOptions;
import dev.trefoil.hazmat.WouldBlock;
import dev.trefoil.queues.QueueReadiness;
import dev.trefoil.queues.UniversalQueue;
import dev.trefoil.tasks.CancelScope;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.tasks.Trefoil;
import dev.trefoil.testing.Testing;
import dev.trefoil.testing.TrefoilTest;
import dev.trefoil.tests.hazmat.EveryBackend;
import dev.trefoil.tests.sync.Pinned;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The threads' side of it; for the tasks' side see {@link UniversalQueueInTasksTest}. */
@Tag("T78")
@Timeout(120)
final class UniversalQueueTest {
  /** Rounds of the tests that race real threads. */
  private static final int ROUNDS = Integer.getInteger("trefoil.rounds", 200);

  private final UniversalQueue<String> queue = new UniversalQueue<>(1);

  private static <T> CompletableFuture<T> inThread(Callable<T> body) {
    return inThread(new Thread[1], body);
  }

  private static <T> CompletableFuture<T> inThread(Thread[] thread, Callable<T> body) {
    CompletableFuture<T> result = new CompletableFuture<>();
    thread[0] =
        Thread.ofPlatform()
            .daemon()
            .start(
                () -> {
                  try {
                    result.complete(body.call());
                  } catch (Throwable error) {
                    result.completeExceptionally(error);
                  }
                });
    return result;
  }

  private static <T> T result(CompletableFuture<T> future) throws Exception {
    try {
      return future.get(60, TimeUnit.SECONDS);
    } catch (ExecutionException failed) {
      if (failed.getCause() instanceof Exception cause) {
        throw cause;
      }
      throw failed;
    } catch (TimeoutException hangs) {
      throw new AssertionError("hangs", hangs);
    }
  }

  /** Until another thread has got as far as to wait; there is nothing to be woken by. */
  private static void until(BooleanSupplier condition) {
    while (!condition.getAsBoolean()) {
      Thread.onSpinWait();
    }
  }

  // ---- threads alone

  @Test
  void threadBlocksUntilThereIsAnItem() throws Exception {
    var got = inThread(queue::get);
    until(() -> queue.statistics().waitingToGet() == 1);
    queue.put("a");
    assertThat(result(got)).isEqualTo("a");
    assertThat(queue.isEmpty()).isTrue();
  }

  @Test
  void threadBlocksUntilThereIsAFreeSlot() throws Exception {
    queue.put("a");
    var put =
        inThread(
            () -> {
              queue.put("b");
              return true;
            });
    until(() -> queue.statistics().waitingToPut() == 1);
    assertThat(queue.getNowait()).isEqualTo("a");
    assertThat(result(put)).isTrue();
    assertThat(queue.get()).isEqualTo("b");
  }

  @Test
  void threadJoins() throws Exception {
    queue.join();
    queue.put("a");
    var joined =
        inThread(
            () -> {
              queue.join();
              return true;
            });
    until(() -> queue.statistics().waitingToJoin() == 1);
    queue.taskDone();
    assertThat(result(joined)).isTrue();
    assertThatIllegalStateException().isThrownBy(queue::taskDone);
  }

  @Test
  void interruptedThreadHasDoneNothingAndLeavesNoTrace() throws Exception {
    Thread[] thread = new Thread[1];
    var got = inThread(thread, queue::get);
    until(() -> queue.statistics().waitingToGet() == 1);
    thread[0].interrupt();
    assertThatThrownBy(() -> result(got)).isInstanceOf(InterruptedException.class);
    assertThat(queue.statistics().waitingToGet()).isZero();
    queue.put("a");
    assertThat(queue.size()).isOne();
  }

  @Test
  void interruptedThreadKeepsWhatItWasGivenAndItsInterrupt() throws Exception {
    for (int round = 0; round < ROUNDS; round++) {
      UniversalQueue<Integer> numbers = new UniversalQueue<>();
      Thread[] thread = new Thread[1];
      boolean[] interrupted = new boolean[1];
      var got =
          inThread(
              thread,
              () -> {
                try {
                  return numbers.get();
                } catch (InterruptedException early) {
                  return -1;
                } finally {
                  interrupted[0] = Thread.interrupted();
                }
              });
      until(() -> numbers.statistics().waitingToGet() == 1);
      var put =
          inThread(
              () -> {
                numbers.put(1);
                return true;
              });
      thread[0].interrupt();
      result(put);
      if (result(got) == 1) {
        assertThat(numbers.isEmpty()).isTrue();
      } else {
        assertThat(numbers.getNowait()).isOne();
        assertThat(interrupted[0]).isFalse();
      }
    }
  }

  @Test
  void nowaitTwinsDoNotWait() {
    assertThatThrownBy(queue::getNowait)
        .isInstanceOf(WouldBlock.class)
        .hasMessageContaining("empty");
    queue.putNowait("a");
    assertThatThrownBy(() -> queue.putNowait("b"))
        .isInstanceOf(WouldBlock.class)
        .hasMessageContaining("full");
    assertThat(queue.toString()).contains("1 of at most 1");
  }

  // ---- threads and tasks

  @EveryBackend
  void threadAndTaskHandItemsOverInBothDirections(RunOptions options) throws Exception {
    UniversalQueue<Integer> there = new UniversalQueue<>(1);
    UniversalQueue<Integer> back = new UniversalQueue<>(1);
    var echo =
        inThread(
            () -> {
              for (int i = 0; i < 10 * ROUNDS; i++) {
                back.put(there.get() + 1);
              }
              return true;
            });
    Trefoil.run(
        options,
        () -> {
          for (int i = 0; i < 10 * ROUNDS; i++) {
            there.put(i);
            assertThat(back.get()).isEqualTo(i + 1);
          }
        });
    assertThat(result(echo)).isTrue();
  }

  @TrefoilTest
  void threadsAndTasksStandInOneLine() throws Exception {
    List<String> log = Collections.synchronizedList(new ArrayList<>());
    UniversalQueue<String> items = new UniversalQueue<>();
    List<CompletableFuture<Boolean>> threads = new ArrayList<>();
    Nursery.open(
        nursery -> {
          for (int i = 0; i < 6; i++) {
            int me = i;
            if (i % 2 == 0) {
              nursery.spawn(() -> log.add(me + items.get()));
            } else {
              threads.add(inThread(() -> log.add(me + items.get())));
            }
            Testing.waitAllTasksBlocked();
            until(() -> items.statistics().waitingToGet() == me + 1);
          }
          for (String item : List.of("a", "b", "c", "d", "e", "f")) {
            items.put(item);
          }
          assertThat(items.isEmpty()).isTrue();
        });
    for (CompletableFuture<Boolean> thread : threads) {
      result(thread);
    }
    assertThat(log).containsExactlyInAnyOrder("0a", "1b", "2c", "3d", "4e", "5f");
  }

  @EveryBackend
  void taskThatIsServedByAThreadKeepsItEvenIfItIsCancelled(RunOptions options) throws Exception {
    for (int round = 0; round < ROUNDS; round++) {
      UniversalQueue<String> items = new UniversalQueue<>();
      List<String> got = new ArrayList<>();
      Trefoil.run(
          options,
          () -> {
            CancelScope scope = CancelScope.create();
            Nursery.open(
                nursery -> {
                  nursery.spawn(() -> scope.run(() -> got.add(items.get())));
                  Testing.waitAllTasksBlocked();
                  var put =
                      inThread(
                          () -> {
                            items.put("a");
                            return true;
                          });
                  until(() -> items.statistics().unfinished() == 1);
                  scope.cancel();
                  result(put);
                });
          });
      assertThat(got).containsExactly("a");
    }
  }

  @EveryBackend
  void nothingIsLostOrDoubledBetweenThreadsAndTasksWhateverIsCancelled(RunOptions options)
      throws Exception {
    for (int round = 0; round < ROUNDS / 10; round++) {
      UniversalQueue<Integer> items = new UniversalQueue<>(3);
      List<Integer> put = Collections.synchronizedList(new ArrayList<>());
      List<Integer> got = Collections.synchronizedList(new ArrayList<>());
      List<CompletableFuture<Boolean>> threads = new ArrayList<>();
      for (int t = 0; t < 2; t++) {
        int base = 10_000 * (t + 1);
        threads.add(
            inThread(
                () -> {
                  for (int i = 0; i < 200; i++) {
                    items.put(base + i);
                    put.add(base + i);
                  }
                  return true;
                }));
      }
      var consumer =
          inThread(
              () -> {
                for (int item = items.get(); item >= 0; item = items.get()) {
                  got.add(item);
                }
                return true;
              });
      Trefoil.run(
          options,
          () -> {
            List<CancelScope> scopes = new ArrayList<>();
            Nursery.open(
                nursery -> {
                  for (int i = 0; i < 200; i++) {
                    int item = i;
                    CancelScope putting = CancelScope.create();
                    CancelScope getting = CancelScope.create();
                    Collections.addAll(scopes, putting, getting);
                    nursery.spawn(
                        () ->
                            putting.run(
                                () -> {
                                  items.put(item);
                                  put.add(item);
                                }));
                    nursery.spawn(() -> getting.run(() -> got.add(items.get())));
                    Hazmat.yieldBriefly();
                    scopes.get((item * 31) % scopes.size()).cancel();
                  }
                  nursery.spawn(
                      () -> {
                        for (CompletableFuture<Boolean> thread : threads) {
                          while (!thread.isDone()) {
                            Hazmat.yieldBriefly();
                          }
                        }
                        scopes.forEach(CancelScope::cancel);
                      });
                });
          });
      items.put(-1);
      assertThat(result(consumer)).isTrue();
      while (!items.isEmpty()) {
        got.add(items.getNowait());
      }
      assertThat(got).containsExactlyInAnyOrderElementsOf(put);
      assertThat(items.statistics().waitingToGet()).isZero();
      assertThat(items.statistics().waitingToPut()).isZero();
      assertThat(items.statistics().unfinished()).isEqualTo(put.size() + 1);
    }
  }

  @Test
  void itemForATaskThatCannotSleepGoesBackOnceAndHarmsNobody() throws Exception {
    RunOptions options = RunOptions.defaults().withBackend(Backend.CONTINUATION);
    for (int round = 0; round < 10 * ROUNDS; round++) {
      UniversalQueue<String> items = new UniversalQueue<>();
      AtomicBoolean over = new AtomicBoolean();
      CountDownLatch started = new CountDownLatch(1);
      var put =
          inThread(
              () -> {
                started.countDown();
                until(() -> over.get() || items.statistics().waitingToGet() == 1);
                items.put("a");
                return true;
              });
      started.await();
      Trefoil.run(
          options,
          () ->
              assertThatIllegalStateException()
                  .isThrownBy(() -> Pinned.run(items::get))
                  .withMessageContaining("cannot be suspended"));
      over.set(true);
      result(put);
      assertThat(items.getNowait()).isEqualTo("a");
      assertThat(items.isEmpty()).isTrue();
    }
  }

  @EveryBackend
  void tasksOfTwoRunsShareOneQueue(RunOptions options) throws Exception {
    UniversalQueue<Integer> items = new UniversalQueue<>(2);
    int count = 10 * ROUNDS;
    var other =
        inThread(
            () ->
                Trefoil.run(
                    options,
                    () -> {
                      for (int i = 0; i < count; i++) {
                        items.put(i);
                      }
                      items.join();
                      return true;
                    }));
    List<Integer> got = new ArrayList<>();
    Trefoil.run(
        options,
        () -> {
          for (int i = 0; i < count; i++) {
            got.add(items.get());
            items.taskDone();
          }
        });
    assertThat(result(other)).isTrue();
    assertThat(got).hasSize(count).isSorted();
  }

  @TrefoilTest
  void waitingBetweenTwoStepsIsRefusedButTheNowaitTwinsWork() throws Exception {
    List<Throwable> refused = new ArrayList<>();
    EntryPoint entry = Hazmat.currentCallSoonThreadAndSignalSafe();
    entry.callSoonThreadAndSignalSafe(
        () -> {
          try {
            queue.get();
          } catch (IllegalStateException | InterruptedException error) {
            refused.add(error);
          }
          queue.putNowait("a");
        });
    assertThat(queue.get()).isEqualTo("a");
    assertThat(refused).singleElement().isInstanceOf(IllegalStateException.class);
  }

  // ---- readiness

  @TrefoilTest
  void readinessIsReadableWhileTheQueueIsNotEmpty() throws Exception {
    UniversalQueue<String> items = new UniversalQueue<>();
    items.put("early");
    try (QueueReadiness readiness = items.openReadiness();
        Selector selector = Selector.open()) {
      SelectionKey key = readiness.channel().register(selector, SelectionKey.OP_READ);
      assertThat(isReady(selector, key)).isTrue();
      items.get();
      assertThat(isReady(selector, key)).isFalse();
      items.put("a");
      items.put("b");
      assertThat(isReady(selector, key)).isTrue();
      items.get();
      assertThat(isReady(selector, key)).isTrue();
      items.get();
      assertThat(isReady(selector, key)).isFalse();
    }
  }

  private static boolean isReady(Selector selector, SelectionKey key) throws Exception {
    selector.selectedKeys().clear();
    selector.selectNow();
    return selector.selectedKeys().contains(key);
  }

  @Test
  void readinessWakesAForeignLoop() throws Exception {
    UniversalQueue<Integer> items = new UniversalQueue<>();
    try (QueueReadiness readiness = items.openReadiness();
        Selector selector = Selector.open()) {
      readiness.channel().register(selector, SelectionKey.OP_READ);
      var producer =
          inThread(
              () ->
                  Trefoil.run(
                      () -> {
                        for (int i = 0; i < ROUNDS; i++) {
                          items.put(i);
                        }
                        return true;
                      }));
      List<Integer> got = new ArrayList<>();
      while (got.size() < ROUNDS) {
        assertThat(selector.select(60_000)).isOne();
        selector.selectedKeys().clear();
        try {
          while (true) {
            got.add(items.getNowait());
          }
        } catch (WouldBlock empty) {
          // until it is ready again
        }
      }
      assertThat(result(producer)).isTrue();
      assertThat(got).isSorted().hasSize(ROUNDS);
    }
  }

  @TrefoilTest
  void queueOutlivesItsReadiness() throws Exception {
    UniversalQueue<String> items = new UniversalQueue<>();
    QueueReadiness closed = items.openReadiness();
    closed.close();
    closed.close();
    assertThat(closed.channel().isOpen()).isFalse();
    QueueReadiness channelClosed = items.openReadiness();
    channelClosed.channel().close();
    items.put("a");
    assertThat(items.get()).isEqualTo("a");
    channelClosed.close();
  }
}
