package dev.trefoil.tests.queues;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.trefoil.hazmat.Action;
import dev.trefoil.hazmat.BrokenResource;
import dev.trefoil.hazmat.Cancelled;
import dev.trefoil.hazmat.ClosedResource;
import dev.trefoil.hazmat.EndOfChannel;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.Task;
import dev.trefoil.hazmat.WouldBlock;
import dev.trefoil.queues.MemoryChannel;
import dev.trefoil.queues.MemoryChannelStatistics;
import dev.trefoil.queues.MemoryReceiveChannel;
import dev.trefoil.queues.MemorySendChannel;
import dev.trefoil.tasks.CancelScope;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.testing.Checkpoints;
import dev.trefoil.testing.Testing;
import dev.trefoil.testing.TrefoilTest;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Random;
import org.junit.jupiter.api.Tag;

/** What every memory channel promises, whatever its capacity. */
abstract class ChannelContract {
  final int capacity;
  final MemoryChannel<String> channel;
  final MemorySendChannel<String> sender;
  final MemoryReceiveChannel<String> receiver;
  final List<String> log = new ArrayList<>();

  ChannelContract(int capacity) {
    this.capacity = capacity;
    this.channel = MemoryChannel.open(capacity);
    this.sender = channel.sender();
    this.receiver = channel.receiver();
  }

  void spawnReceivers(Nursery nursery, MemoryReceiveChannel<String> where, String... names) {
    for (String name : names) {
      nursery.spawn(name, () -> receiveAndLog(where));
      Testing.waitAllTasksBlocked();
    }
  }

  void receiveAndLog(MemoryReceiveChannel<String> where) {
    String name = Hazmat.currentTask().name();
    try {
      log.add(name + " got " + where.receive());
    } catch (Cancelled cancelled) {
      log.add(name + " cancelled");
      throw cancelled;
    } catch (EndOfChannel | ClosedResource end) {
      log.add(name + " met " + end.getClass().getSimpleName());
    }
  }

  /** Each sends its own name. */
  void spawnSenders(Nursery nursery, MemorySendChannel<String> where, String... names) {
    for (String name : names) {
      nursery.spawn(name, () -> sendAndLog(where));
      Testing.waitAllTasksBlocked();
    }
  }

  void sendAndLog(MemorySendChannel<String> where) {
    String name = Hazmat.currentTask().name();
    try {
      where.send(name);
      log.add(name + " sent");
    } catch (Cancelled cancelled) {
      log.add(name + " cancelled");
      throw cancelled;
    } catch (BrokenResource | ClosedResource end) {
      log.add(name + " met " + end.getClass().getSimpleName());
    }
  }

  List<String> receiveNowait(int count) {
    List<String> items = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      items.add(receiver.receiveNowait());
    }
    return items;
  }

  // ---- transfer

  @TrefoilTest(seeds = 20)
  @Tag("T31")
  void itemsArriveInTheOrderInWhichTheyWereSent() {
    List<String> received = new ArrayList<>();
    Nursery.open(
        nursery -> {
          nursery.spawn(
              () -> {
                try (sender) {
                  for (int i = 0; i < 250; i++) {
                    sender.send("item " + i);
                  }
                }
              });
          for (String item : receiver) {
            received.add(item);
          }
        });
    assertThat(received).hasSize(250);
    for (int i = 0; i < 250; i++) {
      assertThat(received.get(i)).isEqualTo("item " + i);
    }
  }

  @TrefoilTest(seeds = 20)
  @Tag("T31")
  void itemsAreHandedToTheReceiversInTheOrderOfTheirArrivalAtWhicheverEnd() {
    MemoryReceiveChannel<String> other = receiver.clone();
    Nursery.open(
        nursery -> {
          spawnReceivers(nursery, receiver, "first");
          spawnReceivers(nursery, other, "second");
          spawnReceivers(nursery, receiver, "third");
          sender.sendNowait("a");
          sender.send("b");
          sender.sendNowait("c");
          assertThat(receiver.statistics().used()).isZero();
        });
    assertThat(log).containsExactlyInAnyOrder("first got a", "second got b", "third got c");
  }

  @TrefoilTest(seeds = 20)
  @Tag("T31")
  void nobodyCanTakeWhatAWaitingReceiverWasGiven() {
    Nursery.open(
        nursery -> {
          spawnReceivers(nursery, receiver, "first");
          nursery.spawn("newcomer", () -> receiveAndLog(receiver));
          sender.sendNowait("a");
          assertThatThrownBy(receiver::receiveNowait)
              .isInstanceOf(WouldBlock.class)
              .hasMessageContainingAll("memory channel", "receive");
          Testing.waitAllTasksBlocked();
          assertThat(log).containsExactly("first got a");
          sender.sendNowait("b");
        });
    assertThat(log).containsExactly("first got a", "newcomer got b");
  }

  @TrefoilTest
  @Tag("T31")
  void nullIsNoItem() {
    assertThatNullPointerException().isThrownBy(() -> sender.send(null));
    assertThatNullPointerException().isThrownBy(() -> sender.sendNowait(null));
  }

  // ---- cancellation

  @TrefoilTest(seeds = 20)
  @Tag("T31")
  void cancelledReceiverTakesNothingAndLeavesAtOnce() {
    CancelScope scope = CancelScope.create();
    Nursery.open(
        nursery -> {
          nursery.spawn("first", () -> scope.run(() -> receiveAndLog(receiver)));
          Testing.waitAllTasksBlocked();
          spawnReceivers(nursery, receiver, "second");
          scope.cancel();
          assertThat(receiver.statistics().waitingToReceive()).isOne();
          sender.sendNowait("a");
        });
    assertThat(log).containsExactlyInAnyOrder("first cancelled", "second got a");
  }

  @TrefoilTest(seeds = 20)
  @Tag("T31")
  void receiverKeepsWhatItWasGivenEvenIfItIsCancelledOrClosedThen() {
    CancelScope scope = CancelScope.create();
    Nursery.open(
        nursery -> {
          nursery.spawn("first", () -> scope.run(() -> receiveAndLog(receiver)));
          Testing.waitAllTasksBlocked();
          sender.sendNowait("a");
          scope.cancel();
          receiver.close();
        });
    assertThat(log).containsExactly("first got a");
  }

  @TrefoilTest
  @Tag("T31")
  void nothingHappensInACancelledScope() {
    for (Action<RuntimeException> operation :
        List.<Action<RuntimeException>>of(
            () -> sendAndLog(sender), () -> receiveAndLog(receiver))) {
      CancelScope scope = CancelScope.create();
      scope.cancel();
      scope.run(operation);
    }
    assertThat(log).containsExactly("main cancelled", "main cancelled");
    assertThat(sender.statistics())
        .isEqualTo(new MemoryChannelStatistics(0, capacity, 0, 1, 1, 0, 0));
  }

  // ---- checkpoints

  @TrefoilTest
  @Tag("T31")
  @Tag("T32")
  void everyOperationThatCanWaitIsACheckpointAndNoOtherIs() {
    Nursery.open(
        nursery -> {
          nursery.spawn(() -> Checkpoints.assertCheckpoints(() -> receiver.receive()));
          Testing.waitAllTasksBlocked();
          Checkpoints.assertCheckpoints(() -> sender.send("a"));
          nursery.spawn(() -> Checkpoints.assertCheckpoints(() -> sender.send("b")));
          Testing.waitAllTasksBlocked();
          Checkpoints.assertCheckpoints(() -> receiver.receive());
          nursery.spawn(() -> receiver.receive());
          Testing.waitAllTasksBlocked();
          Checkpoints.assertNoCheckpoints(() -> sender.sendNowait("c"));
        });
    Checkpoints.assertNoCheckpoints(
        () -> {
          assertThatThrownBy(receiver::receiveNowait).isInstanceOf(WouldBlock.class);
          sender.clone().close();
          receiver.clone().close();
          sender.statistics();
          sender.close();
        });
    Checkpoints.assertCheckpoints(
        () -> assertThatThrownBy(receiver::receive).isInstanceOf(EndOfChannel.class));
    Checkpoints.assertCheckpoints(
        () -> assertThatThrownBy(() -> sender.send("d")).isInstanceOf(ClosedResource.class));
    receiver.close();
    Checkpoints.assertCheckpoints(
        () -> assertThatThrownBy(receiver::receive).isInstanceOf(ClosedResource.class));
  }

  // ---- closing

  @TrefoilTest(seeds = 20)
  @Tag("T31")
  @Tag("T32")
  @Tag("T35")
  void receiversMeetTheEndWhenTheLastSenderIsClosed() {
    MemorySendChannel<String> other = sender.clone();
    Nursery.open(
        nursery -> {
          spawnReceivers(nursery, receiver, "first", "second");
          sender.close();
          Testing.waitAllTasksBlocked();
          assertThat(log).isEmpty();
          other.close();
        });
    assertThat(log).containsExactlyInAnyOrder("first met EndOfChannel", "second met EndOfChannel");
    assertThatThrownBy(receiver::receive)
        .isInstanceOf(EndOfChannel.class)
        .hasMessageContainingAll("all sending ends", "closed");
    assertThatThrownBy(receiver::receiveNowait).isInstanceOf(EndOfChannel.class);
  }

  @TrefoilTest
  @Tag("T32")
  void whatIsInTheBufferStaysToBeReceivedWhenTheLastSenderIsClosed() {
    List<String> items = capacity == 0 ? List.of() : List.of("a");
    items.forEach(sender::sendNowait);
    sender.close();
    for (String item : items) {
      assertThat(receiver.receive()).isEqualTo(item);
    }
    assertThatThrownBy(receiver::receive).isInstanceOf(EndOfChannel.class);
  }

  @TrefoilTest
  @Tag("T31")
  @Tag("T32")
  void whatIsInTheBufferIsLostWhenTheLastReceiverIsClosed() {
    if (capacity > 0) {
      sender.sendNowait("a");
    }
    receiver.close();
    assertThat(sender.statistics().used()).isZero();
    assertThatThrownBy(() -> sender.send("b"))
        .isInstanceOf(BrokenResource.class)
        .hasMessageContainingAll("receiving ends", "closed");
    assertThatThrownBy(() -> sender.sendNowait("b")).isInstanceOf(BrokenResource.class);
  }

  @TrefoilTest(seeds = 20)
  @Tag("T32")
  void closeWakesOnlyThoseWhoWaitAtThatVeryEnd() {
    MemoryReceiveChannel<String> other = receiver.clone();
    Nursery.open(
        nursery -> {
          spawnReceivers(nursery, receiver, "first");
          spawnReceivers(nursery, other, "second");
          spawnReceivers(nursery, receiver, "third");
          receiver.close();
          Testing.waitAllTasksBlocked();
          assertThat(log)
              .containsExactlyInAnyOrder("first met ClosedResource", "third met ClosedResource");
          sender.sendNowait("a");
        });
    assertThat(log).last().isEqualTo("second got a");
  }

  @TrefoilTest
  @Tag("T31")
  @Tag("T32")
  @Tag("T35")
  void closedEndCanOnlyBeClosedAgain() {
    sender.close();
    sender.close();
    receiver.close();
    receiver.close();
    assertThat(sender.statistics().openSenders()).isZero();
    assertThat(sender.statistics().openReceivers()).isZero();
    for (Runnable operation :
        List.<Runnable>of(
            () -> sender.send("a"),
            () -> sender.sendNowait("a"),
            () -> log.add(sender.clone().toString()),
            receiver::receive,
            receiver::receiveNowait,
            () -> log.add(receiver.clone().toString()))) {
      assertThatThrownBy(operation::run)
          .isInstanceOf(ClosedResource.class)
          .hasMessageContainingAll("closed by this program", "clone");
    }
  }

  @TrefoilTest
  @Tag("T32")
  void cloneIsOpenEvenIfTheOriginalIsClosed() {
    Nursery.open(
        nursery -> {
          MemorySendChannel<String> other = sender.clone();
          sender.close();
          nursery.spawn(
              () -> {
                try (other) {
                  other.send("a");
                }
              });
          MemoryReceiveChannel<String> otherReceiver = receiver.clone();
          receiver.close();
          assertThat(otherReceiver.receive()).isEqualTo("a");
          assertThatThrownBy(otherReceiver::receive).isInstanceOf(EndOfChannel.class);
        });
  }

  // ---- iterating

  @TrefoilTest(seeds = 20)
  @Tag("T31")
  void iteratorsReceiveUntilTheEndAndTakeTurns() {
    List<String> received = new ArrayList<>();
    Nursery.open(
        nursery -> {
          for (int i = 0; i < 3; i++) {
            nursery.spawn(
                () -> {
                  for (String item : receiver) {
                    received.add(item);
                  }
                });
          }
          try (sender) {
            for (int i = 0; i < 30; i++) {
              sender.send("item " + i);
            }
          }
        });
    assertThat(received).hasSize(30).doesNotHaveDuplicates();
    Iterator<String> afterTheEnd = receiver.iterator();
    assertThat(afterTheEnd.hasNext()).isFalse();
    assertThatThrownBy(afterTheEnd::next).isInstanceOf(NoSuchElementException.class);
  }

  // ---- looking

  @TrefoilTest(seeds = 20)
  @Tag("T33")
  void statisticsCountWhatTheySay() {
    Nursery.open(
        nursery -> {
          assertThat(sender.statistics())
              .isEqualTo(new MemoryChannelStatistics(0, capacity, 0, 1, 1, 0, 0));
          MemorySendChannel<String> otherSender = sender.clone();
          MemoryReceiveChannel<String> otherReceiver = receiver.clone();
          spawnReceivers(nursery, receiver, "first");
          assertThat(receiver.statistics())
              .isEqualTo(new MemoryChannelStatistics(0, capacity, 0, 2, 2, 0, 1));
          sender.sendNowait("a");
          otherSender.close();
          assertThat(sender.statistics())
              .isEqualTo(new MemoryChannelStatistics(0, capacity, 0, 1, 2, 0, 0));
          otherReceiver.close();
          assertThat(sender.statistics().openReceivers()).isOne();
        });
  }

  @TrefoilTest
  @Tag("T31")
  void sleepersAndEndsSayWhatTheyAre() {
    assertThat(sender.toString()).contains("sending end", "memory channel");
    assertThat(receiver.toString()).contains("receiving end", "memory channel");
    Nursery.open(
        nursery -> {
          Task<?> waiting = nursery.spawn(() -> receiver.receive());
          Testing.waitAllTasksBlocked();
          assertThat(waiting.stateLabel()).isEqualTo("CHANNEL_RECEIVE");
          sender.sendNowait("a");
        });
    sender.close();
    assertThat(sender.toString()).contains("closed sending end");
  }

  // ---- in company

  @TrefoilTest(seeds = 20)
  @Tag("T31")
  @Tag("T32")
  void nothingIsLostOrDoubledWhateverIsCancelledOrClosed() {
    Random random = new Random(capacity);
    List<Integer> sent = new ArrayList<>();
    List<Integer> received = new ArrayList<>();
    List<CancelScope> scopes = new ArrayList<>();
    MemoryChannel<Integer> numbers = MemoryChannel.open(capacity);
    Nursery.open(
        nursery -> {
          for (int i = 0; i < 60; i++) {
            int item = i;
            MemorySendChannel<Integer> from = numbers.sender().clone();
            CancelScope scope = CancelScope.create();
            scopes.add(scope);
            nursery.spawn(
                () ->
                    scope.run(
                        () -> {
                          try (from) {
                            from.send(item);
                            sent.add(item);
                          } catch (ClosedResource closed) {
                            // was not sent
                          }
                        }));
            MemoryReceiveChannel<Integer> to = numbers.receiver().clone();
            CancelScope other = CancelScope.create();
            scopes.add(other);
            nursery.spawn(
                () ->
                    other.run(
                        () -> {
                          try (to) {
                            received.add(to.receive());
                          } catch (ClosedResource closed) {
                            // has received nothing
                          }
                        }));
            switch (random.nextInt(6)) {
              case 0, 1 -> Hazmat.yieldBriefly();
              case 2 -> from.close();
              case 3 -> to.close();
              default -> scopes.get(random.nextInt(scopes.size())).cancel();
            }
          }
          Testing.waitAllTasksBlocked();
          scopes.forEach(CancelScope::cancel);
        });
    numbers.sender().close();
    for (int item : numbers.receiver()) {
      received.add(item);
    }
    assertThat(received).containsExactlyInAnyOrderElementsOf(sent).isNotEmpty();
    assertThat(numbers.sender().statistics().waitingToSend()).isZero();
    assertThat(numbers.sender().statistics().waitingToReceive()).isZero();
    assertThat(numbers.sender().statistics().openReceivers()).isOne();
  }
}
