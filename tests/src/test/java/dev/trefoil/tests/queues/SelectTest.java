package dev.trefoil.tests.queues;

import static dev.trefoil.queues.Select.deadline;
import static dev.trefoil.queues.Select.get;
import static dev.trefoil.queues.Select.onGet;
import static dev.trefoil.queues.Select.onOtherwise;
import static dev.trefoil.queues.Select.onPut;
import static dev.trefoil.queues.Select.onReceive;
import static dev.trefoil.queues.Select.onReceiveUntilEnd;
import static dev.trefoil.queues.Select.onSend;
import static dev.trefoil.queues.Select.onTimeout;
import static dev.trefoil.queues.Select.otherwise;
import static dev.trefoil.queues.Select.put;
import static dev.trefoil.queues.Select.receive;
import static dev.trefoil.queues.Select.receiveUntilEnd;
import static dev.trefoil.queues.Select.send;
import static dev.trefoil.queues.Select.timeout;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.trefoil.hazmat.BrokenResource;
import dev.trefoil.hazmat.Cancelled;
import dev.trefoil.hazmat.ClosedResource;
import dev.trefoil.hazmat.EndOfChannel;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.Task;
import dev.trefoil.hazmat.WouldBlock;
import dev.trefoil.queues.Branch;
import dev.trefoil.queues.MemoryChannel;
import dev.trefoil.queues.PriorityQueue;
import dev.trefoil.queues.Queue;
import dev.trefoil.queues.Select;
import dev.trefoil.tasks.CancelScope;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.tasks.Trefoil;
import dev.trefoil.testing.Checkpoints;
import dev.trefoil.testing.MockClock;
import dev.trefoil.testing.Testing;
import dev.trefoil.testing.TrefoilTest;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

final class SelectTest {
  private final MemoryChannel<String> left = MemoryChannel.open(0);
  private final MemoryChannel<String> right = MemoryChannel.open(0);
  private final MemoryChannel<String> buffered = MemoryChannel.open(10);
  private final Queue<String> queue = new Queue<>(1);
  private final List<String> log = new ArrayList<>();

  private static int waiting(MemoryChannel<?> channel) {
    var statistics = channel.sender().statistics();
    return statistics.waitingToSend() + statistics.waitingToReceive();
  }

  private void assertNoTrace() {
    assertThat(waiting(left) + waiting(right) + waiting(buffered)).isZero();
    assertThat(queue.statistics().waitingToGet() + queue.statistics().waitingToPut()).isZero();
  }

  /** A select over everything, in both directions. */
  private String selectOfAll(String item) {
    return Select.any(
        receive(left.receiver(), got -> "left got " + got),
        send(right.sender(), item, () -> "right sent " + item),
        receive(buffered.receiver(), got -> "buffered got " + got),
        get(queue, got -> "queue got " + got));
  }

  // ---- at once

  @TrefoilTest(seeds = 20)
  void branchThatCanHappenHappensAndNoOther() {
    buffered.sender().sendNowait("a");
    assertThat(selectOfAll("x")).isEqualTo("buffered got a");
    queue.putNowait("b");
    assertThat(selectOfAll("x")).isEqualTo("queue got b");
    Nursery.open(
        nursery -> {
          nursery.spawn(() -> log.add(right.receiver().receive()));
          Testing.waitAllTasksBlocked();
          assertThat(selectOfAll("c")).isEqualTo("right sent c");
          nursery.spawn(() -> left.sender().send("d"));
          Testing.waitAllTasksBlocked();
          assertThat(selectOfAll("x")).isEqualTo("left got d");
        });
    assertThat(log).containsExactly("c");
    assertNoTrace();
  }

  @TrefoilTest(seeds = 20)
  void ofSeveralBranchesThatCanHappenExactlyOneDoes() {
    buffered.sender().sendNowait("a");
    queue.putNowait("b");
    String first = selectOfAll("x");
    assertThat(buffered.sender().statistics().used() + queue.size()).isOne();
    String second = selectOfAll("x");
    assertThat(List.of(first, second)).containsExactlyInAnyOrder("buffered got a", "queue got b");
    assertThat(buffered.sender().statistics().used() + queue.size()).isZero();
  }

  @TrefoilTest(seeds = 20)
  void branchesThatCanAlwaysHappenTakeTurns() {
    MemoryChannel<String> other = MemoryChannel.open(10);
    for (int i = 0; i < 9; i++) {
      buffered.sender().sendNowait("a");
      other.sender().sendNowait("b");
    }
    Queue<String> sink = new Queue<>();
    StringBuilder order = new StringBuilder();
    for (int i = 0; i < 27; i++) {
      order.append(
          Select.<String, RuntimeException>any(
              receive(buffered.receiver(), got -> got),
              receive(other.receiver(), got -> got),
              put(sink, "c", () -> "c")));
    }
    assertThat(order.toString()).isEqualTo("abc".repeat(9));
  }

  @TrefoilTest(seeds = 20)
  void inOrderTakesTheFirstThatCanHappen() {
    MemoryChannel<String> other = MemoryChannel.open(10);
    for (int i = 0; i < 3; i++) {
      buffered.sender().sendNowait("a");
      other.sender().sendNowait("b");
    }
    StringBuilder order = new StringBuilder();
    for (int i = 0; i < 6; i++) {
      order.append(
          Select.<String, RuntimeException>inOrder(
              receive(other.receiver(), got -> got), receive(buffered.receiver(), got -> got)));
    }
    assertThat(order.toString()).isEqualTo("bbbaaa");
  }

  // ---- waiting

  @TrefoilTest(seeds = 20)
  void firstBranchThatBecomesPossibleHappensAndTheOthersAreLeft() {
    Nursery.open(
        nursery -> {
          Task<String> selecting = nursery.spawn(() -> selectOfAll("x"));
          Testing.waitAllTasksBlocked();
          assertThat(selecting.stateLabel()).isEqualTo("SELECT_WAIT");
          assertThat(waiting(left)).isOne();
          assertThat(waiting(right)).isOne();
          assertThat(waiting(buffered)).isOne();
          buffered.sender().sendNowait("a");
          assertNoTrace();
          assertThatThrownBy(() -> left.sender().sendNowait("b")).isInstanceOf(WouldBlock.class);
          assertThatThrownBy(() -> right.receiver().receiveNowait()).isInstanceOf(WouldBlock.class);
          queue.putNowait("c");
          assertThat(selecting.join()).isEqualTo("buffered got a");
          assertThat(queue.size()).isOne();
        });
  }

  @TrefoilTest(seeds = 20)
  void selectStandsInLineLikeEverybodyElse() {
    Nursery.open(
        nursery -> {
          nursery.spawn(() -> log.add("first " + left.receiver().receive()));
          Testing.waitAllTasksBlocked();
          nursery.spawn(() -> log.add("second " + selectOfAll("x")));
          Testing.waitAllTasksBlocked();
          nursery.spawn(() -> log.add("third " + left.receiver().receive()));
          Testing.waitAllTasksBlocked();
          left.sender().sendNowait("a");
          left.sender().sendNowait("b");
          left.sender().sendNowait("c");
        });
    assertThat(log).containsExactlyInAnyOrder("first a", "second left got b", "third c");
  }

  @TrefoilTest(seeds = 20)
  void selectsMeetEachOther() {
    Nursery.open(
        nursery -> {
          for (int i = 0; i < 10; i++) {
            String me = "item " + i;
            nursery.spawn(
                () ->
                    log.add(
                        Select.any(
                            send(left.sender(), me, () -> "sent " + me),
                            receive(left.receiver(), got -> "got " + got),
                            send(right.sender(), me, () -> "sent " + me),
                            receive(right.receiver(), got -> "got " + got))));
          }
        });
    Set<String> sent = new HashSet<>();
    Set<String> got = new HashSet<>();
    for (String entry : log) {
      (entry.startsWith("sent ") ? sent : got).add(entry.substring(entry.indexOf(' ') + 1));
    }
    assertThat(sent).hasSize(5).isEqualTo(got);
    assertNoTrace();
  }

  @TrefoilTest(seeds = 20)
  void selectInBothDirectionsNeverMeetsItselfAndWaitsInBoth() {
    Nursery.open(
        nursery -> {
          for (int i = 0; i < 2; i++) {
            Task<String> selecting =
                nursery.spawn(
                    () ->
                        Select.any(
                            send(left.sender(), "own", () -> "sent"),
                            receive(left.receiver(), got -> "got " + got)));
            Testing.waitAllTasksBlocked();
            assertThat(waiting(left)).isEqualTo(2);
            if (i == 0) {
              left.sender().sendNowait("foreign");
              assertThat(selecting.join()).isEqualTo("got foreign");
            } else {
              assertThat(left.receiver().receiveNowait()).isEqualTo("own");
              assertThat(selecting.join()).isEqualTo("sent");
            }
          }
        });
    assertNoTrace();
  }

  @TrefoilTest(seeds = 20)
  void selectsOnBothSidesOfRendezvousChannelsTransferEverythingOnce() {
    Set<Integer> received = new HashSet<>();
    MemoryChannel<Integer> one = MemoryChannel.open(0);
    MemoryChannel<Integer> two = MemoryChannel.open(0);
    Nursery.open(
        nursery -> {
          for (int s = 0; s < 3; s++) {
            int base = 100 * s;
            nursery.spawn(
                () -> {
                  for (int i = 0; i < 20; i++) {
                    Select.any(
                        onSend(one.sender(), base + i, () -> {}),
                        onSend(two.sender(), base + i, () -> {}));
                  }
                });
          }
          for (int r = 0; r < 2; r++) {
            nursery.spawn(
                () -> {
                  for (int i = 0; i < 30; i++) {
                    Select.any(
                        onReceive(two.receiver(), item -> assertThat(received.add(item)).isTrue()),
                        onReceive(one.receiver(), item -> assertThat(received.add(item)).isTrue()));
                  }
                });
          }
        });
    assertThat(received).hasSize(60);
  }

  @TrefoilTest(seeds = 20)
  void waitingPutBranchIsServedByAGet() {
    queue.putNowait("first");
    Nursery.open(
        nursery -> {
          Task<String> selecting =
              nursery.spawn(
                  () ->
                      Select.any(
                          put(queue, "second", () -> "put"),
                          receive(left.receiver(), got -> "got " + got)));
          Testing.waitAllTasksBlocked();
          assertThat(queue.statistics().unfinished()).isOne();
          assertThat(queue.getNowait()).isEqualTo("first");
          assertThat(queue.statistics().unfinished()).isEqualTo(2);
          assertThat(selecting.join()).isEqualTo("put");
          assertThat(queue.getNowait()).isEqualTo("second");
        });
    assertNoTrace();
  }

  // ---- handlers

  @TrefoilTest(seeds = 20)
  void handlerRunsInTheSelectingTaskAndMaySuspendAndFail() {
    buffered.sender().sendNowait("a");
    Task<?> me = Hazmat.currentTask();
    assertThatThrownBy(
            () ->
                Select.any(
                    onReceive(
                        buffered.receiver(),
                        got -> {
                          assertThat((Object) Hazmat.currentTask()).isSameAs(me);
                          Hazmat.yieldBriefly();
                          throw new IOException(got);
                        })))
        .isInstanceOf(IOException.class)
        .hasMessage("a");
  }

  @TrefoilTest
  void checkedExceptionsOfHandlersAreKnownToTheCompiler() {
    try {
      Select.any(
          onReceive(
              left.receiver(),
              got -> {
                throw new IOException(got);
              }),
          onOtherwise(() -> log.add("nothing")));
    } catch (IOException error) {
      throw new AssertionError(error);
    }
    assertThat(log).containsExactly("nothing");
  }

  @TrefoilTest(seeds = 20)
  void branchesMayBeUsedAgain() {
    Branch<String, RuntimeException> branch = receive(buffered.receiver(), got -> got);
    buffered.sender().sendNowait("a");
    buffered.sender().sendNowait("b");
    assertThat(Select.<String, RuntimeException>any(branch)).isEqualTo("a");
    assertThat(Select.<String, RuntimeException>any(List.of(branch))).isEqualTo("b");
  }

  // ---- cancellation

  @TrefoilTest(seeds = 20)
  void cancelledSelectLeavesNoTraceInAnyBranch() {
    CancelScope scope = CancelScope.create();
    Nursery.open(
        nursery -> {
          nursery.spawn(
              () ->
                  scope.run(
                      () -> {
                        log.add("begins");
                        log.add(selectOfAll("x"));
                      }));
          nursery.spawn(() -> log.add("other got " + buffered.receiver().receive()));
          Testing.waitAllTasksBlocked();
          scope.cancel();
          assertThat(waiting(left) + waiting(right)).isZero();
          assertThat(waiting(buffered)).isOne();
          buffered.sender().sendNowait("a");
        });
    assertThat(log).containsExactly("begins", "other got a");
    assertNoTrace();
  }

  @TrefoilTest(seeds = 20)
  void selectThatHasHappenedIsNotUndoneByACancellation() {
    CancelScope scope = CancelScope.create();
    Nursery.open(
        nursery -> {
          nursery.spawn(() -> scope.run(() -> log.add(selectOfAll("x"))));
          Testing.waitAllTasksBlocked();
          left.sender().sendNowait("a");
          scope.cancel();
        });
    assertThat(log).containsExactly("left got a");
  }

  @TrefoilTest
  void nothingHappensInACancelledScope() {
    buffered.sender().sendNowait("a");
    CancelScope scope = CancelScope.create();
    scope.cancel();
    scope.run(() -> log.add(selectOfAll("x")));
    assertThat(scope.cancelledCaught()).isTrue();
    assertThat(buffered.sender().statistics().used()).isOne();
    assertThat(log).isEmpty();
  }

  @TrefoilTest
  void selectIsACheckpointWhateverHappens(MockClock clock) {
    buffered.sender().sendNowait("a");
    Checkpoints.assertCheckpoints(() -> selectOfAll("x"));
    Checkpoints.assertCheckpoints(
        () -> Select.any(onReceive(left.receiver(), got -> {}), onOtherwise(() -> {})));
    clock.setAutojumpThreshold(Duration.ZERO);
    Checkpoints.assertCheckpoints(
        () ->
            Select.any(
                onReceive(left.receiver(), got -> {}), onTimeout(Duration.ofDays(1), () -> {})));
    left.sender().close();
    Checkpoints.assertCheckpoints(
        () ->
            assertThatThrownBy(() -> Select.any(onReceive(left.receiver(), got -> {})))
                .isInstanceOf(EndOfChannel.class));
  }

  // ---- otherwise

  @TrefoilTest(seeds = 20)
  void selectWithAnOtherwiseDoesNotWait() {
    String[] result = new String[2];
    for (int i = 0; i < 2; i++) {
      result[i] =
          Select.any(otherwise(() -> "nothing"), receive(buffered.receiver(), got -> "got " + got));
      buffered.sender().sendNowait("a");
    }
    assertThat(result).containsExactly("nothing", "got a");
    assertNoTrace();
  }

  @TrefoilTest(seeds = 20)
  void timeoutComesIfNothingElseDoes(MockClock clock) {
    clock.setAutojumpThreshold(Duration.ZERO);
    long before = Trefoil.currentTime();
    String result =
        Select.any(
            receive(left.receiver(), got -> "got " + got),
            timeout(Duration.ofSeconds(5), () -> "too late"));
    assertThat(result).isEqualTo("too late");
    assertThat(Trefoil.currentTime() - before).isEqualTo(Duration.ofSeconds(5).toNanos());
    assertNoTrace();
    result =
        Select.any(
            receive(left.receiver(), got -> "got " + got),
            deadline(Trefoil.currentTime() + 7, () -> "later still"));
    assertThat(result).isEqualTo("later still");
    result =
        Select.any(
            receive(left.receiver(), got -> "got " + got),
            deadline(Trefoil.currentTime() - 7, () -> "had passed"));
    assertThat(result).isEqualTo("had passed");
  }

  @TrefoilTest(seeds = 20)
  void branchThatHappensInTimeWinsAndTheDeadlineIsForgotten(MockClock clock) {
    Nursery.open(
        nursery -> {
          nursery.spawn(
              () -> {
                log.add(
                    Select.any(
                        receive(left.receiver(), got -> "got " + got),
                        timeout(Duration.ofSeconds(5), () -> "too late")));
                Trefoil.sleep(Duration.ofSeconds(10));
                log.add("slept");
              });
          Testing.waitAllTasksBlocked();
          left.sender().sendNowait("a");
          clock.jump(Duration.ofSeconds(6));
          Testing.waitAllTasksBlocked();
          assertThat(log).containsExactly("got a");
          clock.jump(Duration.ofSeconds(20));
        });
    assertThat(log).containsExactly("got a", "slept");
  }

  @TrefoilTest(seeds = 20)
  void cancellationAroundASelectIsNotTakenForItsTimeout(MockClock clock) {
    CancelScope scope = CancelScope.create();
    Nursery.open(
        nursery -> {
          nursery.spawn(
              () ->
                  scope.run(
                      () ->
                          Select.any(
                              onReceive(left.receiver(), got -> log.add(got)),
                              onTimeout(Duration.ofSeconds(5), () -> log.add("too late")))));
          Testing.waitAllTasksBlocked();
          scope.cancel();
          clock.jump(Duration.ofSeconds(10));
        });
    assertThat(scope.cancelledCaught()).isTrue();
    assertThat(log).isEmpty();
    assertNoTrace();
  }

  @TrefoilTest(seeds = 20)
  void interruptOfTheTaskIsNotTakenForATimeout(MockClock clock) {
    Nursery.open(
        nursery -> {
          Task<?> selecting =
              nursery.spawn(
                  () -> {
                    try {
                      Select.any(
                          onReceive(left.receiver(), got -> log.add(got)),
                          onTimeout(Duration.ofSeconds(5), () -> log.add("too late")));
                    } catch (Cancelled cancelled) {
                      log.add("interrupted");
                    }
                  });
          Testing.waitAllTasksBlocked();
          selecting.interrupt();
          clock.jump(Duration.ofSeconds(10));
        });
    assertThat(log).containsExactly("interrupted");
    assertNoTrace();
  }

  // ---- closed channels

  @TrefoilTest(seeds = 20)
  void branchThatHasMetItsEndFailsTheSelectOnlyIfNoOtherCanHappen() {
    left.sender().close();
    buffered.sender().sendNowait("a");
    assertThat(
            Select.<String, RuntimeException>any(
                receive(left.receiver(), got -> got), receive(buffered.receiver(), got -> got)))
        .isEqualTo("a");
    assertThatThrownBy(
            () ->
                Select.<String, RuntimeException>any(
                    receive(left.receiver(), got -> got), receive(buffered.receiver(), got -> got)))
        .isInstanceOf(EndOfChannel.class);
    right.receiver().close();
    assertThatThrownBy(
            () ->
                Select.any(
                    onReceive(buffered.receiver(), got -> {}),
                    onSend(right.sender(), "b", () -> {}),
                    onOtherwise(() -> log.add("otherwise"))))
        .isInstanceOf(BrokenResource.class);
    assertThat(log).isEmpty();
  }

  @TrefoilTest(seeds = 20)
  void waitingSelectFailsWhenABranchMeetsItsEnd() {
    Nursery.open(
        nursery -> {
          nursery.spawn(
              () -> assertThatThrownBy(() -> selectOfAll("x")).isInstanceOf(EndOfChannel.class));
          Testing.waitAllTasksBlocked();
          left.sender().close();
          assertNoTrace();
        });
    Nursery.open(
        nursery -> {
          nursery.spawn(
              () ->
                  assertThatThrownBy(
                          () ->
                              Select.any(
                                  onSend(right.sender(), "x", () -> {}),
                                  onSend(right.sender(), "y", () -> {}),
                                  onGet(queue, got -> {})))
                      .isInstanceOf(BrokenResource.class));
          Testing.waitAllTasksBlocked();
          right.receiver().close();
          assertNoTrace();
        });
  }

  @TrefoilTest(seeds = 20)
  void branchAtAnEndClosedByThisProgramFailsTheSelectRightAway() {
    var other = buffered.receiver().clone();
    Nursery.open(
        nursery -> {
          nursery.spawn(
              () ->
                  assertThatThrownBy(
                          () ->
                              Select.any(
                                  onReceive(left.receiver(), got -> {}),
                                  onReceive(other, got -> {})))
                      .isInstanceOf(ClosedResource.class));
          Testing.waitAllTasksBlocked();
          other.close();
          assertNoTrace();
        });
    buffered.sender().sendNowait("a");
    assertThatThrownBy(
            () ->
                Select.any(onReceive(buffered.receiver(), got -> {}), onReceive(other, got -> {})))
        .isInstanceOf(ClosedResource.class);
    assertThat(buffered.sender().statistics().used()).isOne();
  }

  @TrefoilTest(seeds = 20)
  void branchesUntilTheEndTakeNoPartOnceTheyHaveEnded() {
    List<String> merged = new ArrayList<>();
    Nursery.open(
        nursery -> {
          nursery.spawn(
              () -> {
                try (var sender = left.sender()) {
                  sender.send("l1");
                }
              });
          nursery.spawn(
              () -> {
                try (var sender = right.sender()) {
                  for (String item : List.of("r1", "r2", "r3")) {
                    sender.send(item);
                  }
                }
              });
          try {
            while (true) {
              Select.any(
                  onReceiveUntilEnd(left.receiver(), merged::add),
                  onReceiveUntilEnd(right.receiver(), merged::add));
            }
          } catch (EndOfChannel bothHaveEnded) {
            merged.add("end");
          }
        });
    assertThat(merged).last().isEqualTo("end");
    assertThat(merged).containsSubsequence("r1", "r2", "r3").contains("l1").hasSize(5);
    assertNoTrace();
  }

  @TrefoilTest(seeds = 20)
  void waitingBranchUntilTheEndDropsOutAloneAndTheLastEndsTheSelect() {
    Nursery.open(
        nursery -> {
          nursery.spawn(
              () ->
                  assertThatThrownBy(
                          () ->
                              Select.any(
                                  onReceiveUntilEnd(left.receiver(), got -> {}),
                                  onReceiveUntilEnd(right.receiver(), got -> {}),
                                  onTimeout(Duration.ofDays(1), () -> {})))
                      .isInstanceOf(EndOfChannel.class));
          Testing.waitAllTasksBlocked();
          left.sender().close();
          Testing.waitAllTasksBlocked();
          assertThat(waiting(left)).isZero();
          assertThat(waiting(right)).isOne();
          right.sender().close();
          assertNoTrace();
        });
    assertThatThrownBy(
            () ->
                Select.<String, RuntimeException>any(
                    receiveUntilEnd(left.receiver(), got -> got), otherwise(() -> "otherwise")))
        .isInstanceOf(EndOfChannel.class);
  }

  @TrefoilTest(seeds = 20)
  void severalBranchesAtOneEndAreAllLeftWhenItCloses() {
    Nursery.open(
        nursery -> {
          for (int i = 0; i < 3; i++) {
            nursery.spawn(
                () ->
                    assertThatThrownBy(
                            () ->
                                Select.any(
                                    onReceive(left.receiver(), got -> {}),
                                    onReceive(left.receiver(), got -> {})))
                        .isInstanceOf(EndOfChannel.class));
          }
          Testing.waitAllTasksBlocked();
          assertThat(waiting(left)).isEqualTo(6);
          left.sender().close();
          assertNoTrace();
        });
  }

  // ---- wrong use

  @Test
  void selectIsRefusedOutsideARun() {
    assertThatIllegalStateException()
        .isThrownBy(() -> selectOfAll("x"))
        .withMessageContaining("inside a Trefoil run");
  }

  @TrefoilTest
  void selectNeedsABranchAndAtMostOneThatTellsWhatToDoOtherwise() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Select.any(List.of()))
        .withMessageContainingAll("branches", "at least one");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Select.any(onOtherwise(() -> {}), onTimeout(Duration.ZERO, () -> {})))
        .withMessageContaining("at most one");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> onTimeout(Duration.ofNanos(-1), () -> {}))
        .withMessageContaining("after");
  }

  @TrefoilTest(seeds = 20)
  @Tag("T77")
  void errorOfAComparisonComesOutOfTheSelectThatWaitsToPut() {
    PriorityQueue<Object> picky =
        PriorityQueue.create(
            2,
            (one, other) -> {
              if (one != other) {
                throw new ClassCastException("different");
              }
              return 0;
            });
    picky.putNowait(1);
    picky.putNowait(1);
    Nursery.open(
        nursery -> {
          nursery.spawn(
              () ->
                  assertThatThrownBy(
                          () ->
                              Select.any(
                                  onPut(picky, 2, () -> {}), onReceive(left.receiver(), got -> {})))
                      .hasMessage("different"));
          Testing.waitAllTasksBlocked();
          assertThat(picky.getNowait()).isEqualTo(1);
        });
    assertThat(picky.size()).isOne();
    assertNoTrace();
  }

  // ---- in company

  @TrefoilTest(seeds = 20)
  void nothingIsLostOrDoubledWhateverIsCancelled() {
    Random random = new Random(3);
    List<MemoryChannel<Integer>> channels =
        List.of(MemoryChannel.open(0), MemoryChannel.open(1), MemoryChannel.open(0));
    List<Integer> sent = new ArrayList<>();
    List<Integer> received = new ArrayList<>();
    List<CancelScope> scopes = new ArrayList<>();
    Nursery.open(
        nursery -> {
          for (int i = 0; i < 60; i++) {
            int item = i;
            var one = channels.get(random.nextInt(3));
            var two = channels.get(random.nextInt(3));
            CancelScope scope = CancelScope.create();
            scopes.add(scope);
            int kind = random.nextInt(4);
            nursery.spawn(
                () ->
                    scope.run(
                        () -> {
                          switch (kind) {
                            case 0 ->
                                Select.any(
                                    onSend(one.sender(), item, () -> sent.add(item)),
                                    onSend(two.sender(), item, () -> sent.add(item)));
                            case 1 ->
                                Select.any(
                                    onReceive(one.receiver(), received::add),
                                    onReceive(two.receiver(), received::add));
                            case 2 ->
                                Select.any(
                                    onSend(one.sender(), item, () -> sent.add(item)),
                                    onReceive(two.receiver(), received::add));
                            default -> received.add(one.receiver().receive());
                          }
                        }));
            if (random.nextInt(3) == 0) {
              Hazmat.yieldBriefly();
            } else if (random.nextInt(2) == 0) {
              scopes.get(random.nextInt(scopes.size())).cancel();
            }
          }
          Testing.waitAllTasksBlocked();
          scopes.forEach(CancelScope::cancel);
        });
    for (MemoryChannel<Integer> channel : channels) {
      assertThat(waiting(channel)).isZero();
      channel.sender().close();
      channel.receiver().forEach(received::add);
    }
    assertThat(received).containsExactlyInAnyOrderElementsOf(sent).isNotEmpty();
  }
}
