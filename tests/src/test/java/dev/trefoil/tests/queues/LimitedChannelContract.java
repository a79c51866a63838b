package dev.trefoil.tests.queues;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.trefoil.hazmat.WouldBlock;
import dev.trefoil.queues.MemoryReceiveChannel;
import dev.trefoil.queues.MemorySendChannel;
import dev.trefoil.tasks.CancelScope;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.testing.Testing;
import dev.trefoil.testing.TrefoilTest;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;

/** What can be seen only where senders can be made to wait. */
abstract class LimitedChannelContract extends ChannelContract {
  LimitedChannelContract(int capacity) {
    super(capacity);
  }

  private List<String> fill() {
    List<String> items = new ArrayList<>();
    for (int i = 0; i < capacity; i++) {
      items.add("filling " + i);
      sender.sendNowait("filling " + i);
    }
    return items;
  }

  @TrefoilTest(seeds = 20)
  @Tag("T31")
  void sendersWaitWhileTheBufferIsFullAndAreServedInTheOrderOfTheirArrival() {
    List<String> expected = fill();
    MemorySendChannel<String> other = sender.clone();
    Nursery.open(
        nursery -> {
          spawnSenders(nursery, sender, "a");
          spawnSenders(nursery, other, "b");
          spawnSenders(nursery, sender, "c");
          assertThat(log).isEmpty();
          assertThat(sender.statistics().waitingToSend()).isEqualTo(3);
          expected.addAll(List.of("a", "b", "c"));
          assertThat(receiveNowait(capacity + 3)).isEqualTo(expected);
        });
    assertThat(log).containsExactlyInAnyOrder("a sent", "b sent", "c sent");
  }

  @TrefoilTest(seeds = 20)
  @Tag("T31")
  void nobodyCanTakeTheSlotOfAWaitingSender() {
    fill();
    Nursery.open(
        nursery -> {
          spawnSenders(nursery, sender, "first");
          nursery.spawn("newcomer", () -> sendAndLog(sender));
          receiver.receiveNowait();
          assertThatThrownBy(() -> sender.sendNowait("barging"))
              .isInstanceOf(WouldBlock.class)
              .hasMessageContainingAll("memory channel", "send");
          Testing.waitAllTasksBlocked();
          assertThat(log).containsExactly("first sent");
          receiver.receiveNowait();
        });
    assertThat(log).containsExactly("first sent", "newcomer sent");
  }

  @TrefoilTest
  @Tag("T31")
  void sendNowaitIsRefusedWhenItWouldWait() {
    fill();
    assertThatThrownBy(() -> sender.sendNowait("one too many")).isInstanceOf(WouldBlock.class);
    assertThat(sender.statistics().used()).isEqualTo(capacity);
  }

  @TrefoilTest(seeds = 20)
  @Tag("T31")
  void cancelledSenderHasSentNothing() {
    List<String> expected = fill();
    CancelScope scope = CancelScope.create();
    Nursery.open(
        nursery -> {
          nursery.spawn("a", () -> scope.run(() -> sendAndLog(sender)));
          Testing.waitAllTasksBlocked();
          spawnSenders(nursery, sender, "b");
          scope.cancel();
          assertThat(sender.statistics().waitingToSend()).isOne();
          expected.add("b");
          assertThat(receiveNowait(capacity + 1)).isEqualTo(expected);
        });
    assertThat(log).containsExactlyInAnyOrder("a cancelled", "b sent");
  }

  @TrefoilTest(seeds = 20)
  @Tag("T31")
  void itemOfASenderThatIsCancelledOrClosedOnceItWasTakenIsSent() {
    List<String> expected = fill();
    CancelScope scope = CancelScope.create();
    Nursery.open(
        nursery -> {
          nursery.spawn("a", () -> scope.run(() -> sendAndLog(sender)));
          Testing.waitAllTasksBlocked();
          String first = receiver.receiveNowait();
          scope.cancel();
          sender.close();
          expected.add("a");
          assertThat(first).isEqualTo(expected.removeFirst());
          assertThat(receiveNowait(capacity)).isEqualTo(expected);
        });
    assertThat(log).containsExactly("a sent");
  }

  @TrefoilTest(seeds = 20)
  @Tag("T31")
  @Tag("T32")
  @Tag("T35")
  void sendersLearnThatTheLastReceiverIsClosed() {
    fill();
    MemoryReceiveChannel<String> other = receiver.clone();
    Nursery.open(
        nursery -> {
          spawnSenders(nursery, sender, "a", "b");
          receiver.close();
          Testing.waitAllTasksBlocked();
          assertThat(log).isEmpty();
          other.close();
        });
    assertThat(log).containsExactlyInAnyOrder("a met BrokenResource", "b met BrokenResource");
  }

  @TrefoilTest(seeds = 20)
  @Tag("T32")
  void closeOfASenderWakesOnlyThoseWhoWaitAtThatVeryEnd() {
    List<String> expected = fill();
    MemorySendChannel<String> other = sender.clone();
    Nursery.open(
        nursery -> {
          spawnSenders(nursery, sender, "a");
          spawnSenders(nursery, other, "b");
          spawnSenders(nursery, sender, "c");
          sender.close();
          Testing.waitAllTasksBlocked();
          assertThat(log).containsExactlyInAnyOrder("a met ClosedResource", "c met ClosedResource");
          expected.add("b");
          assertThat(receiveNowait(capacity + 1)).isEqualTo(expected);
        });
    assertThat(log).last().isEqualTo("b sent");
  }
}
