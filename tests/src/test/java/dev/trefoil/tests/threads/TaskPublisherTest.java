package dev.trefoil.tests.threads;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.trefoil.hazmat.BrokenResource;
import dev.trefoil.hazmat.Cancelled;
import dev.trefoil.hazmat.ClosedResource;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.RunFinished;
import dev.trefoil.hazmat.RunOptions;
import dev.trefoil.hazmat.Task;
import dev.trefoil.tasks.CancelScope;
import dev.trefoil.tasks.ExceptionGroup;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.tasks.TaskLocal;
import dev.trefoil.tasks.Trefoil;
import dev.trefoil.testing.Checkpoints;
import dev.trefoil.testing.Testing;
import dev.trefoil.testing.TrefoilTest;
import dev.trefoil.tests.hazmat.EveryBackend;
import dev.trefoil.threads.FlowReceiver;
import dev.trefoil.threads.TaskPublisher;
import dev.trefoil.threads.ToThread;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Flow;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;

/** Tasks make what publishers send. */
@Tag("R188")
final class TaskPublisherTest {
  private static final TaskLocal<String> LOCAL = TaskLocal.create();

  private final Sink sink = new Sink();
  private final List<String> log = new ArrayList<>();

  /** Notes what it is told; the test asks for more. */
  private static class Sink implements Flow.Subscriber<Object> {
    final List<Object> told = Collections.synchronizedList(new ArrayList<>());
    final CountDownLatch ended = new CountDownLatch(1);
    volatile Flow.Subscription subscription;

    @Override
    public void onSubscribe(Flow.Subscription subscription) {
      this.subscription = subscription;
      told.add("subscribed");
    }

    @Override
    public void onNext(Object item) {
      told.add(item);
    }

    @Override
    public void onError(Throwable error) {
      told.add(error);
      ended.countDown();
    }

    @Override
    public void onComplete() {
      told.add("complete");
      ended.countDown();
    }
  }

  private static TaskPublisher<Object> counting(Nursery nursery, int end) {
    return TaskPublisher.of(
        nursery,
        out -> {
          for (int i = 1; i <= end; i++) {
            out.send(i);
          }
        });
  }

  // ---- items

  @TrefoilTest(seeds = 20)
  void itemsAreSentAsTheyAreAskedFor() throws Exception {
    Nursery.open(
        nursery -> {
          counting(nursery, 4).subscribe(sink);
          Testing.waitAllTasksBlocked();
          assertThat(sink.told).containsExactly("subscribed");
          sink.subscription.request(1);
          Testing.waitAllTasksBlocked();
          assertThat(sink.told).containsExactly("subscribed", 1);
          ToThread.runInThread(
              () -> {
                sink.subscription.request(1);
                sink.subscription.request(1);
                return null;
              });
          Testing.waitAllTasksBlocked();
          assertThat(sink.told).containsExactly("subscribed", 1, 2, 3);
          sink.subscription.request(Long.MAX_VALUE);
          sink.subscription.request(Long.MAX_VALUE);
        });
    assertThat(sink.told).containsExactly("subscribed", 1, 2, 3, 4, "complete");
  }

  @TrefoilTest(seeds = 20)
  void everySubscriptionHasAProducerOfItsOwn() throws Exception {
    Sink other = new Sink();
    Nursery.open(
        nursery -> {
          TaskPublisher<Object> publisher = counting(nursery, 2);
          publisher.subscribe(sink);
          ToThread.runInThread(
              () -> {
                publisher.subscribe(other);
                return null;
              });
          Testing.waitAllTasksBlocked();
          other.subscription.request(9);
          Testing.waitAllTasksBlocked();
          assertThat(sink.told).containsExactly("subscribed");
          sink.subscription.request(9);
        });
    assertThat(other.told).containsExactly("subscribed", 1, 2, "complete");
    assertThat(sink.told).isEqualTo(other.told);
  }

  @TrefoilTest(seeds = 20)
  void sendingIsACheckpoint() throws Exception {
    Nursery.open(
        nursery -> {
          TaskPublisher.<Object>of(
                  nursery,
                  out -> {
                    Checkpoints.assertCheckpoints(() -> out.send("waits"));
                    Checkpoints.assertCheckpoints(() -> out.send("does not wait"));
                    assertThatThrownBy(() -> out.send(null))
                        .isInstanceOf(NullPointerException.class)
                        .hasMessageContaining("item");
                  })
              .subscribe(sink);
          Testing.waitAllTasksBlocked();
          sink.subscription.request(9);
        });
    assertThat(sink.told).endsWith("complete");
  }

  @TrefoilTest(seeds = 20)
  void tasksOfTheProducerSendInTurnEvenIfTheSubscriberSuspends() throws Exception {
    Sink suspending =
        new Sink() {
          @Override
          public void onNext(Object item) {
            told.add("begin " + item);
            Hazmat.yieldBriefly();
            told.add("end " + item);
          }
        };
    Nursery.open(
        nursery -> {
          TaskPublisher.<Object>of(
                  nursery,
                  out ->
                      Nursery.open(
                          senders -> {
                            for (int i = 0; i < 3; i++) {
                              int number = i;
                              senders.spawn(() -> out.send(number));
                            }
                          }))
              .subscribe(suspending);
          Testing.waitAllTasksBlocked();
          suspending.subscription.request(9);
        });
    assertThat(suspending.told).hasSize(8);
    for (int i = 1; i < 7; i += 2) {
      String item = suspending.told.get(i).toString().substring("begin ".length());
      assertThat(suspending.told.get(i + 1)).isEqualTo("end " + item);
    }
  }

  @TrefoilTest(seeds = 20)
  void producerSeesTheLocalsOfWhoMadeThePublisher() throws Exception {
    LOCAL.set("maker's");
    Nursery.open(
        nursery -> {
          TaskPublisher<Object> publisher = TaskPublisher.of(nursery, out -> out.send(LOCAL.get()));
          LOCAL.set("subscriber's");
          publisher.subscribe(sink);
          Testing.waitAllTasksBlocked();
          sink.subscription.request(1);
        });
    assertThat(sink.told).containsExactly("subscribed", "maker's", "complete");
  }

  // ---- the end

  @TrefoilTest(seeds = 20)
  void failureIsTheSubscribersAndNotTheNurserys() throws Exception {
    IOException error = new IOException("broken");
    Nursery.open(
        nursery -> {
          TaskPublisher.<Object>of(
                  nursery,
                  out -> {
                    throw error;
                  })
              .subscribe(sink);
          Testing.waitAllTasksBlocked();
          Hazmat.yieldBriefly();
          log.add("undisturbed");
        });
    assertThat(sink.told).containsExactly("subscribed", error);
    assertThat(log).containsExactly("undisturbed");
  }

  @TrefoilTest(seeds = 20)
  void subscriberCancelsTheProducerFromAnyThread() throws Exception {
    for (boolean fromThread : List.of(true, false)) {
      Sink canceller = new Sink();
      Nursery.open(
          nursery -> {
            TaskPublisher.<Object>of(
                    nursery,
                    out -> {
                      try {
                        out.send("never");
                      } finally {
                        log.add("cleaned up");
                      }
                    })
                .subscribe(canceller);
            Testing.waitAllTasksBlocked();
            if (fromThread) {
              ToThread.runInThread(
                  () -> {
                    canceller.subscription.cancel();
                    return null;
                  });
            } else {
              canceller.subscription.cancel();
            }
            canceller.subscription.cancel();
            canceller.subscription.request(1);
            canceller.subscription.request(-1);
          });
      assertThat(canceller.told).containsExactly("subscribed");
    }
    assertThat(log).containsExactly("cleaned up", "cleaned up");
  }

  @TrefoilTest(seeds = 20)
  void errorThatNobodyCanBeToldFailsTheNursery() throws Exception {
    IOException error = new IOException("while cleaning up");
    assertThatThrownBy(
            () ->
                Nursery.open(
                    nursery -> {
                      TaskPublisher.<Object>of(
                              nursery,
                              out -> {
                                try {
                                  out.send("never");
                                } catch (Cancelled cancelled) {
                                  throw error;
                                }
                              })
                          .subscribe(sink);
                      Testing.waitAllTasksBlocked();
                      sink.subscription.cancel();
                    }))
        .isInstanceOfSatisfying(
            ExceptionGroup.class, group -> assertThat(group.leaves()).containsExactly(error));
    assertThat(sink.told).containsExactly("subscribed");
  }

  @TrefoilTest(seeds = 20)
  void shieldedSendAfterTheSubscriberHasCancelledIsBroken() throws Exception {
    Nursery.open(
        nursery -> {
          TaskPublisher.<Object>of(
                  nursery,
                  out ->
                      CancelScope.create()
                          .shielded()
                          .run(
                              () -> {
                                assertThatThrownBy(() -> out.send("waiting"))
                                    .isInstanceOf(BrokenResource.class);
                                assertThatThrownBy(() -> out.send("later"))
                                    .isInstanceOf(BrokenResource.class);
                                log.add("told");
                              }))
              .subscribe(sink);
          Testing.waitAllTasksBlocked();
          sink.subscription.cancel();
        });
    assertThat(log).containsExactly("told");
  }

  @TrefoilTest(seeds = 20)
  void subscriberLearnsThatTheNurseryWasCancelled() throws Exception {
    Nursery.open(
        nursery -> {
          counting(nursery, 1).subscribe(sink);
          Testing.waitAllTasksBlocked();
          nursery.cancelScope().cancel("enough");
        });
    assertThat(sink.told).hasSize(2);
    assertThat((Throwable) sink.told.get(1))
        .isInstanceOf(CancellationException.class)
        .hasCauseInstanceOf(Cancelled.class);
  }

  @TrefoilTest(seeds = 20)
  void subscriberOfANurseryThatIsOverIsTold() throws Exception {
    AtomicReference<TaskPublisher<Object>> left = new AtomicReference<>();
    Nursery.open(nursery -> left.set(counting(nursery, 1)));
    left.get().subscribe(sink);
    assertThat(sink.told).hasSize(2).startsWith("subscribed");
    assertThat((Throwable) sink.told.get(1)).isInstanceOf(IllegalStateException.class);
  }

  @EveryBackend
  void subscriberOfARunThatIsOverIsTold(RunOptions options) {
    AtomicReference<TaskPublisher<Object>> left = new AtomicReference<>();
    Trefoil.run(options, () -> Nursery.open(nursery -> left.set(counting(nursery, 1))));
    left.get().subscribe(sink);
    assertThat(sink.told).hasSize(2).startsWith("subscribed");
    assertThat((Throwable) sink.told.get(1)).isInstanceOf(RunFinished.class);
    sink.subscription.request(1);
    sink.subscription.cancel();
  }

  @TrefoilTest(seeds = 20)
  void requestOfNothingIsAFailureThatNamesTheNumber() throws Exception {
    Nursery.open(
        nursery -> {
          counting(nursery, 1).subscribe(sink);
          Testing.waitAllTasksBlocked();
          sink.subscription.request(0);
        });
    assertThat(sink.told).hasSize(2);
    assertThat((Throwable) sink.told.get(1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("3.9")
        .hasMessageContaining("got 0");
  }

  @TrefoilTest(seeds = 20)
  void subscriberThatThrowsGetsNoMoreAndFailsTheNursery() throws Exception {
    IllegalStateException error = new IllegalStateException("must not");
    Sink broken =
        new Sink() {
          @Override
          public void onNext(Object item) {
            super.onNext(item);
            throw error;
          }
        };
    assertThatThrownBy(
            () ->
                Nursery.open(
                    nursery -> {
                      counting(nursery, 3).subscribe(broken);
                      Testing.waitAllTasksBlocked();
                      broken.subscription.request(3);
                    }))
        .isInstanceOfSatisfying(
            ExceptionGroup.class, group -> assertThat(group.leaves()).containsExactly(error));
    assertThat(broken.told).containsExactly("subscribed", 1);
  }

  @TrefoilTest(seeds = 20)
  void outputIsClosedWhenTheProducerHasReturned() throws Exception {
    AtomicReference<TaskPublisher.Output<Object>> left = new AtomicReference<>();
    Nursery.open(
        nursery -> {
          TaskPublisher.<Object>of(
                  nursery,
                  out -> {
                    left.set(out);
                    Testing.waitAllTasksBlocked();
                  })
              .subscribe(sink);
          Hazmat.yieldBriefly();
          Task<Throwable> stranger =
              nursery.spawn(() -> catchThrowable(() -> left.get().send("in vain")));
          assertThat(stranger.join()).isInstanceOf(ClosedResource.class);
          sink.subscription.request(1);
          assertThat(catchThrowable(() -> left.get().send("late")))
              .isInstanceOf(ClosedResource.class);
        });
    assertThat(sink.told).containsExactly("subscribed", "complete");
  }

  // ---- with the receiver

  @TrefoilTest(seeds = 20)
  void receiverReceivesWhatAPublisherOfTheSameRunSends() throws Exception {
    Nursery.open(
        nursery -> {
          List<Object> received = new ArrayList<>();
          try (FlowReceiver<Object> receiver = FlowReceiver.subscribe(counting(nursery, 50), 4)) {
            receiver.forEach(received::add);
          }
          assertThat(received).hasSize(50).startsWith(1).endsWith(50);
        });
  }

  // ---- races

  @TrefoilTest
  void threadsThatAskAndCancelGetWhatTheyAskedForAndNoMore() throws Exception {
    for (int round = 0; round < 300; round++) {
      int wanted = 1 + ThreadLocalRandom.current().nextInt(30);
      boolean cancels = round % 2 == 0;
      Sink asking = new Sink();
      Nursery.open(
          nursery -> {
            counting(nursery, 20).subscribe(asking);
            Testing.waitAllTasksBlocked();
            ToThread.runInThread(
                () -> {
                  for (int i = 0; i < wanted; i++) {
                    asking.subscription.request(1);
                  }
                  if (cancels) {
                    asking.subscription.cancel();
                  } else {
                    asking.subscription.request(20);
                    assertThat(asking.ended.await(30, TimeUnit.SECONDS)).isTrue();
                  }
                  return null;
                });
          });
      if (cancels) {
        assertThat(asking.told.size()).isBetween(1, wanted + 2);
      } else {
        assertThat(asking.told).hasSize(22).endsWith("complete");
      }
    }
  }
}
