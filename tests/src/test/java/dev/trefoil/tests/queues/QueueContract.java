package dev.trefoil.tests.queues;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.trefoil.hazmat.Action;
import dev.trefoil.hazmat.Cancelled;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.Task;
import dev.trefoil.hazmat.WouldBlock;
import dev.trefoil.queues.QueueStatistics;
import dev.trefoil.tasks.CancelScope;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.testing.Checkpoints;
import dev.trefoil.testing.Testing;
import dev.trefoil.testing.TrefoilTest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What every queue promises to tasks. */
abstract class QueueContract {
  final List<String> log = new ArrayList<>();

  abstract <E extends Comparable<E>> AnyQueue<E> newQueue(int maxSize);

  /** The items in the order in which they are to come out, if all are put before. */
  abstract List<String> outgoing(List<String> put);

  // ---- tasks that wait, in a known order

  private void spawnGetters(Nursery nursery, AnyQueue<String> queue, String... names) {
    for (String name : names) {
      nursery.spawn(name, () -> getAndLog(queue));
      Testing.waitAllTasksBlocked();
    }
  }

  private void getAndLog(AnyQueue<String> queue) throws InterruptedException {
    String name = Hazmat.currentTask().name();
    try {
      log.add(name + " got " + queue.get());
    } catch (Cancelled cancelled) {
      log.add(name + " cancelled");
      throw cancelled;
    }
  }

  /** Each puts its own name. */
  private void spawnPutters(Nursery nursery, AnyQueue<String> queue, String... names) {
    for (String name : names) {
      nursery.spawn(name, () -> putAndLog(queue));
      Testing.waitAllTasksBlocked();
    }
  }

  private void putAndLog(AnyQueue<String> queue) throws InterruptedException {
    String name = Hazmat.currentTask().name();
    try {
      queue.put(name);
      log.add(name + " put");
    } catch (Cancelled cancelled) {
      log.add(name + " cancelled");
      throw cancelled;
    }
  }

  private static <X extends Throwable> void cancelled(Action<X> body) throws X {
    CancelScope scope = CancelScope.create();
    scope.cancel();
    scope.run(body);
    assertThat(scope.cancelledCaught()).isTrue();
  }

  private static List<String> drain(AnyQueue<String> queue) {
    List<String> items = new ArrayList<>();
    while (!queue.isEmpty()) {
      items.add(queue.getNowait());
    }
    return items;
  }

  // ---- what is in it

  @TrefoilTest
  @Tag("R173")
  @Tag("R174")
  void newQueueIsEmpty() {
    AnyQueue<String> queue = newQueue(0);
    assertThat(queue.isEmpty()).isTrue();
    assertThat(queue.size()).isZero();
    assertThat(queue.isFull()).isFalse();
    assertThat(queue.statistics()).isEqualTo(new QueueStatistics(0, 0, 0, 0, 0, 0));
  }

  @Test
  @Tag("R173")
  void negativeMaxSizeIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> newQueue(-1))
        .withMessageContainingAll("maxSize", "0 for no limit", "-1");
  }

  @TrefoilTest(seeds = 20)
  @Tag("R173")
  @Tag("R175")
  @Tag("R176")
  @Tag("T77")
  void itemsComeOutInTheOrderOfTheKind() throws InterruptedException {
    AnyQueue<String> queue = newQueue(0);
    List<String> items = List.of("c", "a", "d", "b", "e");
    for (String item : items) {
      queue.put(item);
    }
    List<String> got = new ArrayList<>();
    for (int i = 0; i < items.size(); i++) {
      got.add(queue.get());
    }
    assertThat(got).isEqualTo(outgoing(items));
  }

  @TrefoilTest
  @Tag("R173")
  @Tag("R174")
  void queueWithMaxSizeZeroIsNeverFull() throws InterruptedException {
    AnyQueue<Integer> queue = newQueue(0);
    for (int i = 0; i < 1000; i++) {
      queue.putNowait(i);
      assertThat(queue.isFull()).isFalse();
    }
    assertThat(queue.size()).isEqualTo(1000);
    assertThat(queue.maxSize()).isZero();
  }

  @TrefoilTest
  @Tag("R174")
  void queueIsFullWhenItHoldsMaxSizeItems() throws InterruptedException {
    AnyQueue<String> queue = newQueue(2);
    queue.put("a");
    assertThat(queue.isFull()).isFalse();
    queue.put("b");
    assertThat(queue.isFull()).isTrue();
    assertThat(queue.size()).isEqualTo(2);
    assertThat(queue.maxSize()).isEqualTo(2);
    queue.get();
    assertThat(queue.isFull()).isFalse();
    assertThat(queue.isEmpty()).isFalse();
  }

  @TrefoilTest
  @Tag("R176")
  void nullIsNoItem() {
    AnyQueue<String> queue = newQueue(0);
    assertThatNullPointerException()
        .isThrownBy(() -> queue.put(null))
        .withMessageContaining("item");
    assertThatNullPointerException()
        .isThrownBy(() -> queue.putNowait(null))
        .withMessageContaining("item");
    assertThat(queue.statistics().unfinished()).isZero();
  }

  @TrefoilTest
  @Tag("R173")
  void queueSaysHowFullItIs() {
    AnyQueue<String> queue = newQueue(7);
    queue.putNowait("a");
    assertThat(queue.toString()).contains("Queue", "1 of at most 7");
  }

  // ---- waiting to get

  @TrefoilTest(seeds = 20)
  @Tag("R175")
  @Tag("R176")
  void itemsAreHandedToTheGettersInTheOrderOfTheirArrival() {
    AnyQueue<String> queue = newQueue(0);
    Nursery.open(
        nursery -> {
          spawnGetters(nursery, queue, "first", "second", "third");
          queue.putNowait("b");
          queue.putNowait("a");
          queue.put("c");
        });
    assertThat(log).containsExactlyInAnyOrder("first got b", "second got a", "third got c");
  }

  @TrefoilTest(seeds = 20)
  @Tag("R175")
  void nobodyCanTakeWhatAWaitingGetterWasGiven() {
    AnyQueue<String> queue = newQueue(0);
    Nursery.open(
        nursery -> {
          spawnGetters(nursery, queue, "first");
          nursery.spawn("newcomer", () -> getAndLog(queue));
          queue.putNowait("a");
          assertThat(queue.isEmpty()).isTrue();
          assertThatThrownBy(queue::getNowait)
              .isInstanceOf(WouldBlock.class)
              .hasMessageContainingAll("empty", "get");
          Testing.waitAllTasksBlocked();
          assertThat(log).containsExactly("first got a");
          queue.putNowait("b");
        });
    assertThat(log).containsExactly("first got a", "newcomer got b");
  }

  @TrefoilTest(seeds = 20)
  @Tag("R175")
  void cancelledGetterTakesNothingAndLeavesAtOnce() {
    AnyQueue<String> queue = newQueue(0);
    CancelScope scope = CancelScope.create();
    Nursery.open(
        nursery -> {
          spawnGetters(nursery, queue, "first");
          nursery.spawn("second", () -> scope.run(() -> getAndLog(queue)));
          Testing.waitAllTasksBlocked();
          spawnGetters(nursery, queue, "third");
          scope.cancel();
          assertThat(queue.statistics().waitingToGet()).isEqualTo(2);
          queue.putNowait("a");
          queue.putNowait("b");
          assertThat(queue.isEmpty()).isTrue();
        });
    assertThat(log).containsExactlyInAnyOrder("second cancelled", "first got a", "third got b");
  }

  @TrefoilTest(seeds = 20)
  @Tag("R175")
  void getterKeepsWhatItWasGivenEvenIfItIsCancelledThen() {
    AnyQueue<String> queue = newQueue(0);
    CancelScope scope = CancelScope.create();
    Nursery.open(
        nursery -> {
          nursery.spawn(
              "getter",
              () ->
                  scope.run(
                      () -> {
                        getAndLog(queue);
                        getAndLog(queue);
                      }));
          Testing.waitAllTasksBlocked();
          queue.putNowait("a");
          scope.cancel();
          queue.putNowait("b");
        });
    assertThat(log).containsExactly("getter got a", "getter cancelled");
    assertThat(drain(queue)).containsExactly("b");
  }

  @TrefoilTest
  @Tag("R175")
  void getInACancelledScopeTakesNothing() throws InterruptedException {
    AnyQueue<String> queue = newQueue(0);
    queue.put("a");
    cancelled(() -> getAndLog(queue));
    assertThat(log).containsExactly("main cancelled");
    assertThat(queue.size()).isOne();
    queue.getNowait();
    cancelled(() -> getAndLog(queue));
    assertThat(queue.statistics().waitingToGet()).isZero();
  }

  // ---- waiting to put

  @TrefoilTest(seeds = 20)
  @Tag("R176")
  void freedSlotsGoToThePuttersInTheOrderOfTheirArrival() {
    AnyQueue<String> queue = newQueue(1);
    Nursery.open(
        nursery -> {
          queue.putNowait("x");
          spawnPutters(nursery, queue, "b", "a", "c");
          assertThat(queue.statistics().waitingToPut()).isEqualTo(3);
          List<String> got = new ArrayList<>();
          for (int i = 0; i < 4; i++) {
            got.add(queue.getNowait());
          }
          assertThat(got).containsExactly("x", "b", "a", "c");
        });
    assertThat(log).containsExactlyInAnyOrder("b put", "a put", "c put");
  }

  @TrefoilTest(seeds = 20)
  @Tag("R176")
  void nobodyCanTakeTheSlotOfAWaitingPutter() {
    AnyQueue<String> queue = newQueue(2);
    Nursery.open(
        nursery -> {
          queue.putNowait("x");
          queue.putNowait("y");
          spawnPutters(nursery, queue, "first");
          nursery.spawn("newcomer", () -> putAndLog(queue));
          queue.getNowait();
          assertThat(queue.isFull()).isTrue();
          assertThatThrownBy(() -> queue.putNowait("z"))
              .isInstanceOf(WouldBlock.class)
              .hasMessageContainingAll("full", "put");
          Testing.waitAllTasksBlocked();
          assertThat(log).containsExactly("first put");
          queue.getNowait();
        });
    assertThat(log).containsExactly("first put", "newcomer put");
  }

  @TrefoilTest(seeds = 20)
  @Tag("R176")
  void cancelledPutterHasPutNothing() {
    AnyQueue<String> queue = newQueue(1);
    CancelScope scope = CancelScope.create();
    Nursery.open(
        nursery -> {
          queue.putNowait("x");
          spawnPutters(nursery, queue, "a");
          nursery.spawn("b", () -> scope.run(() -> putAndLog(queue)));
          Testing.waitAllTasksBlocked();
          spawnPutters(nursery, queue, "c");
          scope.cancel();
          assertThat(queue.statistics().waitingToPut()).isEqualTo(2);
          assertThat(queue.statistics().unfinished()).isOne();
          assertThat(drain(queue)).containsExactly("x", "a", "c");
          assertThat(queue.statistics().unfinished()).isEqualTo(3);
        });
    assertThat(log).containsExactlyInAnyOrder("a put", "b cancelled", "c put");
  }

  @TrefoilTest(seeds = 20)
  @Tag("R176")
  void itemOfAPutterThatIsCancelledOnceItWasTakenIsPut() {
    AnyQueue<String> queue = newQueue(1);
    CancelScope scope = CancelScope.create();
    Nursery.open(
        nursery -> {
          queue.putNowait("x");
          nursery.spawn("a", () -> scope.run(() -> putAndLog(queue)));
          Testing.waitAllTasksBlocked();
          queue.getNowait();
          scope.cancel();
        });
    assertThat(log).containsExactly("a put");
    assertThat(drain(queue)).containsExactly("a");
  }

  @TrefoilTest
  @Tag("R176")
  void putInACancelledScopePutsNothing() throws InterruptedException {
    AnyQueue<String> queue = newQueue(1);
    cancelled(() -> putAndLog(queue));
    assertThat(queue.isEmpty()).isTrue();
    queue.putNowait("x");
    cancelled(() -> putAndLog(queue));
    assertThat(log).containsExactly("main cancelled", "main cancelled");
    assertThat(queue.statistics()).isEqualTo(new QueueStatistics(1, 1, 1, 0, 0, 0));
  }

  // ---- checkpoints

  @TrefoilTest
  @Tag("R175")
  @Tag("R176")
  @Tag("R177")
  void everyOperationThatCanWaitIsACheckpointAndNoOtherIs() throws Exception {
    AnyQueue<String> queue = newQueue(1);
    Checkpoints.assertCheckpoints(queue::join);
    Checkpoints.assertCheckpoints(() -> queue.put("a"));
    Checkpoints.assertCheckpoints(queue::get);
    Checkpoints.assertNoCheckpoints(queue::taskDone);
    Checkpoints.assertNoCheckpoints(() -> queue.putNowait("b"));
    Checkpoints.assertNoCheckpoints(
        () -> assertThatThrownBy(() -> queue.putNowait("c")).isInstanceOf(WouldBlock.class));
    Checkpoints.assertNoCheckpoints(queue::getNowait);
    Checkpoints.assertNoCheckpoints(
        () -> assertThatThrownBy(queue::getNowait).isInstanceOf(WouldBlock.class));
    Checkpoints.assertNoCheckpoints(queue::statistics);
    Nursery.open(
        nursery -> {
          nursery.spawn(() -> Checkpoints.assertCheckpoints(queue::get));
          nursery.spawn(() -> Checkpoints.assertCheckpoints(queue::join));
          Testing.waitAllTasksBlocked();
          queue.putNowait("d");
          queue.putNowait("e");
          nursery.spawn(() -> Checkpoints.assertCheckpoints(() -> queue.put("f")));
          Testing.waitAllTasksBlocked();
          drain(queue);
          while (queue.statistics().unfinished() > 0) {
            queue.taskDone();
          }
        });
  }

  @TrefoilTest
  @Tag("R175")
  @Tag("R176")
  void operationsThatNeedNotWaitStarveNobody() {
    AnyQueue<String> queue = newQueue(0);
    CancelScope scope = CancelScope.create();
    Nursery.open(
        nursery -> {
          nursery.spawn(() -> scope.cancel());
          scope.run(
              () -> {
                while (!scope.cancelCalled()) {
                  queue.put("a");
                  queue.get();
                }
              });
        });
  }

  // ---- joining

  @TrefoilTest
  @Tag("R177")
  void joinReturnsAtOnceIfNothingWasEverPut() throws InterruptedException {
    newQueue(0).join();
  }

  @TrefoilTest(seeds = 20)
  @Tag("R177")
  @Tag("R178")
  void allWhoJoinWakeTogetherWhenEverythingIsDone() {
    AnyQueue<String> queue = newQueue(0);
    Nursery.open(
        nursery -> {
          queue.putNowait("a");
          queue.putNowait("b");
          for (String name : List.of("one", "two")) {
            nursery.spawn(
                () -> {
                  queue.join();
                  log.add(name);
                });
          }
          Testing.waitAllTasksBlocked();
          assertThat(queue.statistics().waitingToJoin()).isEqualTo(2);
          drain(queue);
          queue.taskDone();
          Testing.waitAllTasksBlocked();
          assertThat(log).isEmpty();
          queue.taskDone();
          queue.putNowait("more"); // comes too late for them
          Testing.waitAllTasksBlocked();
          assertThat(log).containsExactlyInAnyOrder("one", "two");
          assertThat(queue.statistics().waitingToJoin()).isZero();
        });
  }

  @TrefoilTest(seeds = 20)
  @Tag("R177")
  void cancelledJoinChangesNothing() {
    AnyQueue<String> queue = newQueue(0);
    CancelScope scope = CancelScope.create();
    Nursery.open(
        nursery -> {
          queue.putNowait("a");
          nursery.spawn(() -> scope.run(queue::join));
          nursery.spawn(
              () -> {
                queue.join();
                log.add("joined");
              });
          Testing.waitAllTasksBlocked();
          scope.cancel();
          assertThat(queue.statistics().waitingToJoin()).isOne();
          assertThat(queue.statistics().unfinished()).isOne();
          queue.taskDone();
        });
    assertThat(log).containsExactly("joined");
  }

  @TrefoilTest
  @Tag("R178")
  void taskDoneCountsPutsAndNotGets() throws InterruptedException {
    AnyQueue<String> queue = newQueue(0);
    queue.put("a");
    queue.taskDone();
    queue.join();
    assertThat(queue.size()).isOne();
  }

  @TrefoilTest
  @Tag("R178")
  void taskDoneIsRefusedOnceEverythingIsDone() throws InterruptedException {
    AnyQueue<String> queue = newQueue(0);
    assertThatIllegalStateException()
        .isThrownBy(queue::taskDone)
        .withMessageContainingAll("taskDone", "once for each item");
    queue.put("a");
    queue.taskDone();
    assertThatIllegalStateException().isThrownBy(queue::taskDone);
    queue.put("b");
    queue.taskDone();
    assertThat(queue.statistics().unfinished()).isZero();
  }

  @TrefoilTest(seeds = 20)
  @Tag("R176")
  @Tag("R177")
  void handedOverItemsAreUnfinishedToo() {
    AnyQueue<String> queue = newQueue(1);
    Nursery.open(
        nursery -> {
          spawnGetters(nursery, queue, "getter");
          queue.putNowait("a");
          assertThat(queue.statistics().unfinished()).isOne();
        });
  }

  // ---- in company

  @TrefoilTest(seeds = 20)
  @Tag("R175")
  @Tag("R176")
  void nothingIsLostOrDoubledWhateverIsCancelled() {
    AnyQueue<Integer> queue = newQueue(3);
    Random random = new Random(Hazmat.currentTask().id() + 7);
    List<Integer> sent = new ArrayList<>();
    List<Integer> received = new ArrayList<>();
    List<CancelScope> scopes = new ArrayList<>();
    Nursery.open(
        nursery -> {
          for (int i = 0; i < 60; i++) {
            int item = i;
            CancelScope scope = CancelScope.create();
            scopes.add(scope);
            nursery.spawn(
                () ->
                    scope.run(
                        () -> {
                          queue.put(item);
                          sent.add(item);
                        }));
            CancelScope other = CancelScope.create();
            scopes.add(other);
            nursery.spawn(() -> other.run(() -> received.add(queue.get())));
            if (random.nextInt(3) == 0) {
              Hazmat.yieldBriefly();
            }
            scopes.get(random.nextInt(scopes.size())).cancel();
          }
          Testing.waitAllTasksBlocked();
          scopes.forEach(CancelScope::cancel);
        });
    while (!queue.isEmpty()) {
      received.add(queue.getNowait());
    }
    assertThat(received).containsExactlyInAnyOrderElementsOf(sent).isNotEmpty();
    assertThat(queue.statistics().waitingToGet()).isZero();
    assertThat(queue.statistics().waitingToPut()).isZero();
    assertThat(queue.statistics().unfinished()).isEqualTo(sent.size());
  }

  @TrefoilTest
  @Tag("R175")
  @Tag("R176")
  @Tag("R177")
  void sleepersSayWhatTheyWaitFor() {
    AnyQueue<String> queue = newQueue(1);
    Nursery.open(
        nursery -> {
          Task<?> getter = nursery.spawn(() -> queue.get());
          Testing.waitAllTasksBlocked();
          assertThat(getter.stateLabel()).isEqualTo("QUEUE_GET");
          queue.putNowait("a");
          queue.putNowait("b");
          Task<?> putter = nursery.spawn(() -> queue.put("c"));
          Task<?> joiner = nursery.spawn(() -> queue.join());
          Testing.waitAllTasksBlocked();
          assertThat(putter.stateLabel()).isEqualTo("QUEUE_PUT");
          assertThat(joiner.stateLabel()).isEqualTo("QUEUE_JOIN");
          nursery.cancelScope().cancel();
        });
  }

  static List<String> sorted(List<String> items, Comparator<String> order) {
    String[] copy = items.toArray(new String[0]);
    Arrays.sort(copy, order);
    return List.of(copy);
  }
}
