package dev.trefoil.tests.threads;

import static org.assertj.core.api.Assertions.assertThat;

import dev.trefoil.hazmat.Backend;
import dev.trefoil.hazmat.RunOptions;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.tasks.Trefoil;
import dev.trefoil.threads.FlowReceiver;
import dev.trefoil.threads.Portal;
import dev.trefoil.threads.TaskPublisher;
import java.io.IOException;
import java.lang.annotation.Annotation;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.reactivestreams.tck.SubscriberWhiteboxVerification.SubscriberPuppet;
import org.reactivestreams.tck.SubscriberWhiteboxVerification.WhiteboxSubscriberProbe;
import org.reactivestreams.tck.TestEnvironment;
import org.reactivestreams.tck.flow.FlowPublisherVerification;
import org.reactivestreams.tck.flow.FlowSubscriberBlackboxVerification;
import org.reactivestreams.tck.flow.FlowSubscriberWhiteboxVerification;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.BeforeMethod;

/** The rules of Reactive Streams, as their own compatibility kit checks them. */
@Tag("R188")
final class ReactiveStreamsTest {
  private static final int TIMEOUT_MILLIS = 1000;
  private static final int SILENCE_MILLIS = 50;

  @TestFactory
  Stream<DynamicContainer> publisherKeepsTheRules() {
    return onEveryBackend(PublisherRules::new);
  }

  @TestFactory
  Stream<DynamicContainer> receiverKeepsTheRulesSeenFromOutside() {
    return onEveryBackend(ReceiverRulesFromOutside::new);
  }

  @TestFactory
  Stream<DynamicContainer> receiverKeepsTheRulesSeenFromInside() {
    return onEveryBackend(ReceiverRulesFromInside::new);
  }

  // ---- running the kit, whose tests are written for TestNG

  private Stream<DynamicContainer> onEveryBackend(Function<BackgroundRun, Object> kit) {
    return Stream.of(Backend.CONTINUATION, Backend.VIRTUAL_THREAD)
        .map(
            backend ->
                DynamicContainer.dynamicContainer(
                    backend.toString(), rules(RunOptions.defaults().withBackend(backend), kit)));
  }

  private Stream<DynamicTest> rules(RunOptions options, Function<BackgroundRun, Object> kit) {
    List<Method> methods =
        Arrays.stream(kit.apply(null).getClass().getMethods())
            .filter(method -> method.isAnnotationPresent(org.testng.annotations.Test.class))
            .filter(method -> !method.getName().startsWith("untested_"))
            .sorted(Comparator.comparing(Method::getName))
            .toList();
    assertThat(methods).hasSizeGreaterThan(10);
    return methods.stream()
        .map(
            method ->
                DynamicTest.dynamicTest(
                    method.getName(),
                    () -> {
                      BackgroundRun run = new BackgroundRun(options);
                      try {
                        check(kit.apply(run), method);
                      } finally {
                        run.end();
                      }
                    }));
  }

  private static void check(Object rules, Method test) throws Throwable {
    try {
      callAll(rules, BeforeClass.class);
      callAll(rules, BeforeMethod.class);
      test.invoke(rules);
    } catch (InvocationTargetException failure) {
      throw failure.getCause();
    } finally {
      callAll(rules, AfterClass.class);
    }
  }

  private static void callAll(Object rules, Class<? extends Annotation> marker)
      throws ReflectiveOperationException {
    for (Method method : rules.getClass().getMethods()) {
      if (method.isAnnotationPresent(marker)) {
        method.invoke(rules);
      }
    }
  }

  /** A run that goes on while threads of a test use what is in it. */
  private static final class BackgroundRun {
    private final CompletableFuture<Nursery> opened = new CompletableFuture<>();
    private final AtomicReference<Portal> portal = new AtomicReference<>();
    private final CompletableFuture<String> ended = new CompletableFuture<>();

    BackgroundRun(RunOptions options) {
      Thread.ofPlatform()
          .daemon()
          .start(
              () -> {
                try {
                  Trefoil.run(
                      options,
                      () ->
                          Nursery.open(
                              nursery -> {
                                portal.set(Portal.current());
                                opened.complete(nursery);
                                Trefoil.sleepForever();
                              }));
                  ended.complete("well");
                } catch (Throwable failure) {
                  opened.completeExceptionally(failure);
                  ended.completeExceptionally(failure);
                }
              });
    }

    Nursery nursery() {
      return opened.join();
    }

    /** Does something in a task of the nursery and waits for it. */
    <T> T call(Function<Nursery, T> body) {
      Nursery nursery = nursery();
      try {
        return portal.get().run(() -> nursery.spawn(() -> body.apply(nursery)).join());
      } catch (InterruptedException never) {
        throw new AssertionError(never);
      }
    }

    void end() throws Exception {
      Nursery nursery = nursery();
      portal
          .get()
          .runSync(
              () -> {
                nursery.cancelScope().cancel();
                return null;
              });
      assertThat(ended.get(30, TimeUnit.SECONDS)).isEqualTo("well");
    }
  }

  // ---- the kit

  private static TestEnvironment environment() {
    return new TestEnvironment(TIMEOUT_MILLIS, SILENCE_MILLIS, SILENCE_MILLIS);
  }

  /** Public, since the kit is called by reflection. */
  public static final class PublisherRules extends FlowPublisherVerification<Long> {
    private final BackgroundRun run;

    PublisherRules(BackgroundRun run) {
      super(environment());
      this.run = run;
    }

    @Override
    public Flow.Publisher<Long> createFlowPublisher(long elements) {
      return run.call(
          nursery ->
              TaskPublisher.of(
                  nursery,
                  out -> {
                    for (long i = 0; i < elements; i++) {
                      out.send(i);
                    }
                  }));
    }

    @Override
    public Flow.Publisher<Long> createFailedFlowPublisher() {
      return run.call(
          nursery ->
              TaskPublisher.of(
                  nursery,
                  out -> {
                    throw new IOException("failed from the start");
                  }));
    }
  }

  /** The receiver's subscriber, which it keeps to itself otherwise. */
  private static final class Receiving {
    private final BackgroundRun run;
    final FlowReceiver<Integer> receiver;
    final Flow.Subscriber<? super Integer> subscriber;

    Receiving(BackgroundRun run, int capacity) {
      this.run = run;
      AtomicReference<Flow.Subscriber<? super Integer>> subscribed = new AtomicReference<>();
      this.receiver =
          run.call(nursery -> FlowReceiver.<Integer>subscribe(subscribed::set, capacity));
      this.subscriber = subscribed.get();
    }

    void receiveSoon(long count) {
      run.call(
          nursery ->
              nursery.spawn(
                  () -> {
                    try {
                      for (long i = 0; i < count; i++) {
                        receiver.receive();
                      }
                    } catch (RuntimeException end) {
                      // Whatever the kit ends it with.
                    }
                  }));
    }

    void close() {
      run.call(
          nursery -> {
            receiver.close();
            return null;
          });
    }
  }

  /** Public, since the kit is called by reflection. */
  public static final class ReceiverRulesFromOutside
      extends FlowSubscriberBlackboxVerification<Integer> {
    private final BackgroundRun run;

    ReceiverRulesFromOutside(BackgroundRun run) {
      super(environment());
      this.run = run;
    }

    @Override
    @SuppressWarnings("unchecked")
    public Flow.Subscriber<Integer> createFlowSubscriber() {
      Receiving receiving = new Receiving(run, 4);
      receiving.receiveSoon(Long.MAX_VALUE);
      return (Flow.Subscriber<Integer>) receiving.subscriber;
    }

    @Override
    public Integer createElement(int element) {
      return element;
    }
  }

  /** Public, since the kit is called by reflection. */
  public static final class ReceiverRulesFromInside
      extends FlowSubscriberWhiteboxVerification<Integer> {
    private final BackgroundRun run;

    ReceiverRulesFromInside(BackgroundRun run) {
      super(environment());
      this.run = run;
    }

    @Override
    protected Flow.Subscriber<Integer> createFlowSubscriber(
        WhiteboxSubscriberProbe<Integer> probe) {
      Receiving receiving = new Receiving(run, 1);
      return new Flow.Subscriber<>() {
        @Override
        public void onSubscribe(Flow.Subscription subscription) {
          receiving.subscriber.onSubscribe(subscription);
          probe.registerOnSubscribe(
              new SubscriberPuppet() {
                @Override
                public void triggerRequest(long count) {
                  receiving.receiveSoon(count);
                }

                @Override
                public void signalCancel() {
                  receiving.close();
                }
              });
        }

        @Override
        public void onNext(Integer item) {
          receiving.subscriber.onNext(item);
          probe.registerOnNext(item);
        }

        @Override
        public void onError(Throwable error) {
          receiving.subscriber.onError(error);
          probe.registerOnError(error);
        }

        @Override
        public void onComplete() {
          receiving.subscriber.onComplete();
          probe.registerOnComplete();
        }
      };
    }

    @Override
    public Integer createElement(int element) {
      return element;
    }
  }
}
