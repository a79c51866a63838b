package dev.trefoil.tests.queues;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.trefoil.hazmat.EndOfChannel;
import dev.trefoil.hazmat.WouldBlock;
import dev.trefoil.queues.MemoryChannel;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.testing.Testing;
import dev.trefoil.testing.TrefoilTest;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What does not depend on the capacity, or only on one; for the rest see {@link ChannelContract}. */
final class MemoryChannelTest {
  @Test
  @Tag("T31")
  void negativeCapacityIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> MemoryChannel.open(-1))
        .withMessageContainingAll("capacity", "UNLIMITED", "-1");
  }

  @Test
  @Tag("T31")
  @Tag("T32")
  void everythingIsRefusedOutsideARun() {
    MemoryChannel<String> channel = MemoryChannel.open(1);
    for (Runnable operation :
        List.<Runnable>of(
            () -> channel.sender().send("a"),
            () -> channel.sender().sendNowait("a"),
            () -> channel.sender().clone().close(),
            () -> channel.sender().close(),
            () -> channel.receiver().receive(),
            () -> channel.receiver().receiveNowait(),
            () -> channel.receiver().clone().close(),
            () -> channel.receiver().close())) {
      assertThatIllegalStateException()
          .isThrownBy(operation::run)
          .withMessageContaining("inside a Trefoil run");
    }
    assertThat(channel.sender().statistics().used()).isZero();
    assertThat(channel.sender().statistics().openSenders()).isOne();
    assertThat(channel.receiver().statistics().openReceivers()).isOne();
  }

  @TrefoilTest(seeds = 20)
  @Tag("T31")
  void rendezvousNeedsBothSides() {
    MemoryChannel<String> channel = MemoryChannel.open(0);
    assertThatThrownBy(() -> channel.sender().sendNowait("a")).isInstanceOf(WouldBlock.class);
    assertThatThrownBy(channel.receiver()::receiveNowait).isInstanceOf(WouldBlock.class);
    Nursery.open(
        nursery -> {
          nursery.spawn(() -> channel.sender().send("b"));
          Testing.waitAllTasksBlocked();
          assertThat(channel.sender().statistics().used()).isZero();
          assertThat(channel.receiver().receiveNowait()).isEqualTo("b");
        });
    assertThat(channel.sender().statistics().peak()).isZero();
  }

  @TrefoilTest
  @Tag("T33")
  void peakIsTheLargestNumberThatTheBufferHasHeld() {
    MemoryChannel<String> channel = MemoryChannel.open(5);
    var sender = channel.sender();
    var receiver = channel.receiver();
    sender.sendNowait("a");
    sender.sendNowait("b");
    receiver.receiveNowait();
    receiver.receiveNowait();
    sender.sendNowait("c");
    assertThat(sender.statistics().peak()).isEqualTo(2);
    assertThat(sender.statistics().used()).isOne();
  }

  @TrefoilTest
  @Tag("T32")
  void closingManyEndsWithManyWaitersWakesEachOnce() {
    MemoryChannel<String> channel = MemoryChannel.open(0);
    Nursery.open(
        nursery -> {
          for (int i = 0; i < 1000; i++) {
            var end = channel.receiver().clone();
            nursery.spawn(() -> assertThatThrownBy(end::receive).isInstanceOf(EndOfChannel.class));
          }
          Testing.waitAllTasksBlocked();
          assertThat(channel.receiver().statistics().waitingToReceive()).isEqualTo(1000);
          channel.sender().close();
          assertThat(channel.receiver().statistics().waitingToReceive()).isZero();
        });
  }
}
