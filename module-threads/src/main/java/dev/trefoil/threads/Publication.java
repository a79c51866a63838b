package dev.trefoil.threads;

import dev.trefoil.hazmat.BrokenResource;
import dev.trefoil.hazmat.Cancelled;
import dev.trefoil.hazmat.ClosedResource;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.KeyboardInterrupts;
import dev.trefoil.hazmat.ParkingLot;
import dev.trefoil.hazmat.Run;
import dev.trefoil.hazmat.RunFinished;
import dev.trefoil.sync.Lock;
import dev.trefoil.tasks.CancelScope;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Flow;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What goes on between a producer and its subscriber. Confined to the run, save for what the subscriber
 * calls.
 */
final class Publication<E> implements Flow.Subscription {
  private static final System.Logger LOG = System.getLogger(TaskPublisher.class.getName());

  private final Run run;
  private final CancelScope scope = CancelScope.create();

  /** Held by the task that sends: signals are given one at a time. */
  private final Lock turn = new Lock("publication");

  private final ParkingLot waitingForDemand = new ParkingLot();
  private long demand;

  /** Null when it is to get no more signals, and is to be forgotten. */
  private Flow.@Nullable Subscriber<? super E> subscriber;

  private @Nullable IllegalArgumentException illegalRequest;
  private boolean produced;

  Publication(Run run, Flow.Subscriber<? super E> subscriber) {
    this.run = run;
    this.subscriber = subscriber;
  }

  // ---- the task

  void publish(TaskPublisher.Producer<E> producer) throws Exception {
    try {
      begin();
      scope.run(
          () -> KeyboardInterrupts.callOut(producer::produce, new TaskPublisher.Output<>(this)));
    } catch (Cancelled fromOutside) {
      fail(cancellation(fromOutside));
      throw fromOutside;
    } catch (Throwable error) {
      if (!fail(error)) {
        throw error;
      }
      return;
    }
    if (illegalRequest != null) {
      fail(illegalRequest);
    } else {
      last(Flow.Subscriber::onComplete);
    }
  }

  private void begin() {
    Flow.Subscriber<? super E> beginning = Objects.requireNonNull(subscriber);
    try {
      beginning.onSubscribe(this);
    } catch (Throwable broken) {
      subscriber = null;
      throw broken;
    }
  }

  private boolean fail(Throwable error) {
    Throwable told = illegalRequest == null ? error : illegalRequest;
    if (told != error) {
      told.addSuppressed(error);
    }
    return last(subscriber -> subscriber.onError(told));
  }

  /** Gives the last signal; returns false if there is nobody to take it. */
  private boolean last(Consumer<Flow.Subscriber<? super E>> signal) {
    produced = true;
    waitingForDemand.unparkAll();
    Flow.Subscriber<? super E> listening = subscriber;
    subscriber = null;
    if (listening == null) {
      return false;
    }
    signal.accept(listening);
    return true;
  }

  private static CancellationException cancellation(Throwable cause) {
    CancellationException cancellation =
        new CancellationException("The publisher's nursery was cancelled.");
    cancellation.initCause(cause);
    return cancellation;
  }

  void send(E item) {
    Objects.requireNonNull(item, "item: expected what to send, got null, which is no item");
    turn.acquire();
    try {
      while (demand == 0 && subscriber != null && !produced) {
        waitingForDemand.park("PUBLISHER_SEND");
      }
      deliver(item);
    } finally {
      turn.release();
    }
  }

  private void deliver(E item) {
    if (produced) {
      throw new ClosedResource(
          "Expected a producer that still runs, but it has returned, and its subscriber knows."
              + " Return from the producer when all that sends has ended.");
    }
    Flow.Subscriber<? super E> next = subscriber;
    if (next == null) {
      // The task may have been woken by a request just before that.
      Hazmat.yieldIfCancelled();
      throw new BrokenResource(
          "Expected a subscriber, but it has cancelled. What is sent now is lost.");
    }
    demand--;
    try {
      next.onNext(item);
    } catch (Throwable broken) {
      subscriber = null;
      throw broken;
    }
  }

  /** There will be no task: in the run, or after it on any thread. */
  void refuse(Throwable why) {
    Flow.Subscriber<? super E> refused = Objects.requireNonNull(subscriber);
    subscriber = null;
    try {
      refused.onSubscribe(this);
      refused.onError(why);
    } catch (Throwable broken) {
      LOG.log(System.Logger.Level.ERROR, "A subscriber must not throw, but did.", broken);
    }
  }

  // ---- the subscriber

  @Override
  public void request(long n) {
    enter(n > 0 ? () -> addDemand(n) : () -> refuseRequest(n));
  }

  @Override
  public void cancel() {
    enter(this::forgetSubscriber);
  }

  private void enter(Runnable signal) {
    try {
      InRun.nowOrSoon(run, signal);
    } catch (RunFinished over) {
      // There is nobody left who would send.
    }
  }

  private void addDemand(long n) {
    demand = demand + n < 0 ? Long.MAX_VALUE : demand + n;
    waitingForDemand.unpark();
  }

  private void refuseRequest(long n) {
    illegalRequest =
        new IllegalArgumentException(
            "request: expected a positive number of items, got "
                + n
                + " (rule 3.9 of Reactive Streams)");
    scope.cancel("its subscriber asked for " + n + " items");
  }

  private void forgetSubscriber() {
    subscriber = null;
    scope.cancel("its subscriber has cancelled");
    waitingForDemand.unpark();
  }
}
