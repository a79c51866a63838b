package dev.trefoil.tests.threads;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.trefoil.hazmat.ClosedResource;
import dev.trefoil.hazmat.EndOfChannel;
import dev.trefoil.hazmat.RunOptions;
import dev.trefoil.hazmat.Task;
import dev.trefoil.tasks.CancelScope;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.tasks.Trefoil;
import dev.trefoil.testing.Checkpoints;
import dev.trefoil.testing.Testing;
import dev.trefoil.testing.TrefoilTest;
import dev.trefoil.tests.hazmat.EveryBackend;
import dev.trefoil.threads.FlowReceiver;
import dev.trefoil.threads.ToThread;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.Flow;
import java.util.concurrent.SubmissionPublisher;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Tasks receive what publishers send. */
@Tag("R188")
final class FlowReceiverTest {
  private final Source source = new Source();

  /** A publisher that notes what is asked of it and sends what the test tells it to. */
  private static final class Source implements Flow.Publisher<String>, Flow.Subscription {
    final List<String> asked = new ArrayList<>();
    Flow.Subscriber<? super String> subscriber;

    @Override
    public void subscribe(Flow.Subscriber<? super String> subscriber) {
      this.subscriber = subscriber;
      subscriber.onSubscribe(this);
    }

    @Override
    public synchronized void request(long n) {
      asked.add("request " + n);
    }

    @Override
    public synchronized void cancel() {
      asked.add("cancel");
    }

    /** Sends from another thread. */
    void send(String... items) {
      ToThread.runInThread(
          () -> {
            for (String item : items) {
              subscriber.onNext(item);
            }
            return null;
          });
    }
  }

  // ---- items

  @TrefoilTest(seeds = 20)
  void itemsAreReceivedInOrderUntilTheEnd() throws Exception {
    SubmissionPublisher<Integer> publisher = new SubmissionPublisher<>();
    try (FlowReceiver<Integer> receiver = FlowReceiver.subscribe(publisher, 3)) {
      Nursery.open(
          nursery -> {
            nursery.spawn(
                () ->
                    ToThread.runInThread(
                        () -> {
                          for (int i = 0; i < 20; i++) {
                            publisher.submit(i);
                          }
                          publisher.close();
                          return null;
                        }));
            List<Integer> received = new ArrayList<>();
            for (int item : receiver) {
              received.add(item);
            }
            assertThat(received).hasSize(20).isSorted().doesNotHaveDuplicates();
          });
      assertThatThrownBy(receiver::receive)
          .isInstanceOf(EndOfChannel.class)
          .hasMessageContaining("completed");
      Iterator<Integer> iterator = receiver.iterator();
      assertThat(iterator.hasNext()).isFalse();
      assertThatThrownBy(iterator::next).isInstanceOf(NoSuchElementException.class);
    }
  }

  @TrefoilTest(seeds = 20)
  void errorComesAsItIsAfterTheItems() throws Exception {
    IOException error = new IOException("broken");
    try (FlowReceiver<String> receiver = FlowReceiver.subscribe(source, 2)) {
      Testing.waitAllTasksBlocked();
      source.send("first");
      source.subscriber.onError(error);
      Testing.waitAllTasksBlocked();
      assertThat(receiver.receive()).isEqualTo("first");
      assertThat(catchThrowable(receiver::receive)).isSameAs(error);
      assertThat(catchThrowable(receiver::receive)).isSameAs(error);
      assertThat(catchThrowable(() -> receiver.iterator().hasNext())).isSameAs(error);
    }
    assertThat(source.asked).as("calls after the end").containsExactly("request 2");
  }

  @TrefoilTest(seeds = 20)
  void receivingIsACheckpoint() throws Exception {
    try (FlowReceiver<String> receiver = FlowReceiver.subscribe(source, 2)) {
      Testing.waitAllTasksBlocked();
      source.send("item");
      Checkpoints.assertCheckpoints(receiver::receive);
      Checkpoints.assertNoCheckpoints(receiver::close);
    }
  }

  @TrefoilTest(seeds = 20)
  void tasksThatReceiveAreServedInTurn() throws Exception {
    List<String> log = new ArrayList<>();
    try (FlowReceiver<String> receiver = FlowReceiver.subscribe(source, 4)) {
      Nursery.open(
          nursery -> {
            for (int i = 0; i < 3; i++) {
              int number = i;
              nursery.spawn(() -> log.add(number + receiver.receive()));
              Testing.waitAllTasksBlocked();
            }
            source.send("a", "b", "c");
          });
    }
    assertThat(log).containsExactlyInAnyOrder("0a", "1b", "2c");
  }

  // ---- back-pressure

  @TrefoilTest(seeds = 20)
  void moreIsAskedForWhenHalfOfTheRoomIsFree() throws Exception {
    try (FlowReceiver<String> receiver = FlowReceiver.subscribe(source, 4)) {
      Testing.waitAllTasksBlocked();
      assertThat(source.asked).containsExactly("request 4");
      source.send("a", "b", "c", "d");
      receiver.receive();
      assertThat(source.asked).containsExactly("request 4");
      Iterator<String> iterator = receiver.iterator();
      assertThat(iterator.next()).isEqualTo("b");
      assertThat(source.asked).containsExactly("request 4", "request 2");
      receiver.receive();
      receiver.receive();
      assertThat(source.asked).containsExactly("request 4", "request 2", "request 2");
    }
  }

  @TrefoilTest(seeds = 20)
  void withRoomForOneEachIsAskedForAlone() throws Exception {
    try (FlowReceiver<String> receiver = FlowReceiver.subscribe(source, 1)) {
      Testing.waitAllTasksBlocked();
      source.send("a");
      receiver.receive();
      source.send("b");
      receiver.receive();
    }
    assertThat(source.asked).containsExactly("request 1", "request 1", "request 1", "cancel");
  }

  @TrefoilTest(seeds = 20)
  void publisherThatSendsMoreThanWasAskedForIsCancelled() throws Exception {
    try (FlowReceiver<String> receiver = FlowReceiver.subscribe(source, 2)) {
      Testing.waitAllTasksBlocked();
      source.send("a", "b", "too much", "far too much");
      Testing.waitAllTasksBlocked();
      assertThat(source.asked).containsExactly("request 2", "cancel");
      assertThat(receiver.receive()).isEqualTo("a");
      assertThat(receiver.receive()).isEqualTo("b");
      assertThatThrownBy(receiver::receive)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("no more items")
          .hasMessageContaining("1.1");
    }
  }

  // ---- the end

  @TrefoilTest(seeds = 20)
  void cancelledReceiveTakesNothingAndLeavingTheBlockCancelsTheSubscription() throws Exception {
    CancelScope scope = CancelScope.create();
    Nursery.open(
        nursery -> {
          nursery.spawn(
              () -> {
                try (FlowReceiver<String> receiver = FlowReceiver.subscribe(source, 2)) {
                  scope.run(receiver::receive);
                  assertThat(scope.cancelledCaught()).isTrue();
                  source.send("kept");
                  assertThat(receiver.receive()).isEqualTo("kept");
                }
              });
          Testing.waitAllTasksBlocked();
          scope.cancel();
        });
    assertThat(source.asked).containsOnlyOnce("cancel").endsWith("cancel");
  }

  @TrefoilTest(seeds = 20)
  void closingTellsTasksThatWaitAndIsIdempotent() throws Exception {
    FlowReceiver<String> receiver = FlowReceiver.subscribe(source, 2);
    Nursery.open(
        nursery -> {
          Task<Throwable> waiter = nursery.spawn(() -> catchThrowable(receiver::receive));
          Testing.waitAllTasksBlocked();
          receiver.close();
          assertThat(waiter.join()).isInstanceOf(ClosedResource.class);
        });
    receiver.close();
    source.send("late");
    Testing.waitAllTasksBlocked();
    assertThatThrownBy(receiver::receive).isInstanceOf(ClosedResource.class);
    assertThat(source.asked).containsExactly("request 2", "cancel");
  }

  @TrefoilTest(seeds = 20)
  void subscriptionThatComesAfterClosingOrASecondTimeIsCancelled() throws Exception {
    FlowReceiver<String> receiver =
        FlowReceiver.<String>subscribe(subscriber -> source.subscriber = subscriber, 2);
    Source second = new Source();
    receiver.close();
    source.subscriber.onSubscribe(source);
    Testing.waitAllTasksBlocked();
    assertThat(source.asked).containsExactly("cancel");
    try (FlowReceiver<String> other = FlowReceiver.subscribe(source, 2)) {
      source.subscriber.onSubscribe(second);
      Testing.waitAllTasksBlocked();
      assertThat(second.asked).containsExactly("cancel");
      source.send("item");
      assertThat(other.receive()).isEqualTo("item");
    }
  }

  @TrefoilTest(seeds = 20)
  void subscriptionThatThrowsIsAFailure() throws Exception {
    IllegalStateException error = new IllegalStateException("must not");
    Flow.Subscription broken =
        new Flow.Subscription() {
          @Override
          public void request(long n) {
            throw error;
          }

          @Override
          public void cancel() {}
        };
    try (FlowReceiver<String> receiver =
        FlowReceiver.<String>subscribe(subscriber -> subscriber.onSubscribe(broken), 2)) {
      assertThat(catchThrowable(receiver::receive)).isSameAs(error);
    }
  }

  @EveryBackend
  void receiverThatOutlivesItsRunIsCancelledByTheNextSignal(RunOptions options) {
    AtomicReference<FlowReceiver<String>> left = new AtomicReference<>();
    Trefoil.run(
        options,
        () -> {
          left.set(FlowReceiver.subscribe(source, 2));
          Testing.waitAllTasksBlocked();
        });
    assertThat(source.asked).containsExactly("request 2");
    source.subscriber.onNext("late");
    assertThat(source.asked).containsExactly("request 2", "cancel");
    assertThatThrownBy(() -> Trefoil.run(options, () -> left.get().receive()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("which this receiver was made in");
  }

  @Test
  void wrongUseIsRefused() {
    assertThatThrownBy(() -> FlowReceiver.subscribe(source, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("capacity")
        .hasMessageContaining("got 0");
    assertThatThrownBy(() -> FlowReceiver.subscribe(source, 1))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("inside a Trefoil run");
  }

  // ---- races

  @TrefoilTest
  void threadsThatSendWhileTheReceiverClosesLoseNothingThatWasReceived() throws Exception {
    for (int round = 0; round < 300; round++) {
      int enough = ThreadLocalRandom.current().nextInt(40);
      try (SubmissionPublisher<Integer> publisher = new SubmissionPublisher<>()) {
        Nursery.open(
            nursery -> {
              FlowReceiver<Integer> receiver = FlowReceiver.subscribe(publisher, 1 + enough % 7);
              nursery.spawn(
                  () ->
                      ToThread.runInThread(
                          () -> {
                            for (int i = 0; i < 40; i++) {
                              publisher.submit(i);
                            }
                            return null;
                          }));
              try (receiver) {
                for (int i = 0; i < enough; i++) {
                  assertThat(receiver.receive()).isEqualTo(i);
                }
              }
            });
      }
    }
  }
}
