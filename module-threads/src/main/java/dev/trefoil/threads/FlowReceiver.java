package dev.trefoil.threads;

import dev.trefoil.hazmat.ClosedResource;
import dev.trefoil.hazmat.EndOfChannel;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.Outcome;
import dev.trefoil.hazmat.ParkingLot;
import dev.trefoil.hazmat.Run;
import dev.trefoil.hazmat.RunFinished;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/**
 * The receiving end of a publisher: its items, one by one, for tasks.
 *
 * <pre>{@code
 * try (FlowReceiver<Quote> quotes = FlowReceiver.subscribe(publisher, 64)) {
 *   for (Quote quote : quotes) {                   // until the publisher completes
 *     show(quote);
 *   }
 * }                                                // the subscription is cancelled, if there is more
 * }</pre>
 *
 * <p>Back-pressure: never more items are asked for than there is room for in a buffer of fixed size, and
 * more are asked for when half of it has been received. A publisher that sends more than it was asked for
 * is cancelled.
 *
 * <p>Several tasks may receive; each item goes to one, who has waited longest is served first.
 *
 * <p>What the publisher does when it is subscribed to, and asked for more, happens on the run's thread; it
 * must not block.
 *
 * <p>Thread-safety: for the tasks of its run. The publisher may use any threads. When the run is over and
 * the receiver was not closed, the next signal cancels the subscription.
 *
 * @param <E> the type of the items
 */
public final class FlowReceiver<E> implements Iterable<E>, AutoCloseable {
  private static final System.Logger LOG = System.getLogger(FlowReceiver.class.getName());

  /*
   * Confined to the run. All signals come by way of its entry queue, also those that are made on its own
   * thread, so that none overtakes another. Of the items that were ever asked for, `awaited` have not
   * arrived, `received` have gone to tasks and not been replaced by asking for others, and the rest is in
   * the buffer: together never more than `capacity`. Tasks wait only while the buffer is empty.
   */
  private final Run run = Hazmat.currentRun();
  private final int capacity;
  private final Queue<E> buffer = new ArrayDeque<>();

  /** Woken with an item, or with null if none will come. */
  private final ParkingLot waiters = new ParkingLot();

  private Flow.@Nullable Subscription subscription;
  private int awaited;
  private int received;
  private boolean over;
  private boolean closed;
  private @Nullable Throwable failure;

  private FlowReceiver(int capacity) {
    this.capacity = capacity;
  }

  /**
   * Subscribes to a publisher. Items are asked for at once. Never waits; no checkpoint.
   *
   * @param <E> the type of the items
   * @param publisher where the items come from
   * @param capacity how many items may be under way and waiting to be received
   * @return a receiver, to be closed
   * @throws IllegalArgumentException if {@code capacity} is not positive
   * @throws IllegalStateException outside a run
   */
  public static <E> FlowReceiver<E> subscribe(Flow.Publisher<? extends E> publisher, int capacity) {
    Objects.requireNonNull(publisher, "publisher: expected what to subscribe to, got null");
    if (capacity < 1) {
      throw new IllegalArgumentException(
          "capacity: expected room for at least one item, got " + capacity);
    }
    FlowReceiver<E> receiver = new FlowReceiver<>(capacity);
    publisher.subscribe(receiver.new Signals());
    return receiver;
  }

  /**
   * Receives the next item, waiting for one if there is none. A checkpoint.
   *
   * @return the item
   * @throws EndOfChannel if the publisher has completed, and all its items have been received. If it has
   *     failed, its error is thrown here, as it is, checked or not, every time
   * @throws ClosedResource if this is closed, or gets closed meanwhile
   * @throws dev.trefoil.hazmat.Cancelled if cancelled; no item was taken then
   */
  public E receive() {
    E item = take();
    if (item == null) {
      throw new EndOfChannel(
          "There is nothing more to receive: the publisher has completed. Iterate over the receiver"
              + " to stop there.");
    }
    replace();
    return item;
  }

  /** Takes the next item; null at the end. A checkpoint. */
  private @Nullable E take() {
    requireOwnRun();
    Hazmat.yieldIfCancelled();
    E item = buffer.poll();
    if (item == null && !over) {
      item = waiters.<@Nullable E>park("FLOW_RECEIVE");
    } else {
      Hazmat.yieldBrieflyNoCancel();
    }
    if (item != null) {
      return item;
    }
    if (closed) {
      throw new ClosedResource(
          "Expected an open receiver, but this one has been closed. Receive before that.");
    }
    if (failure != null) {
      Outcome.failure(failure).unwrap();
    }
    return null;
  }

  /**
   * Returns an iterator that receives until the publisher completes: {@code for (E item : receiver)}. Its
   * {@code hasNext} is a checkpoint and receives an item, which {@code next} then returns; it throws what
   * {@link #receive()} throws. It does not close this.
   *
   * @return a new iterator; several take turns
   */
  @Override
  public Iterator<E> iterator() {
    requireOwnRun();
    return new Iterator<>() {
      private @Nullable E item;

      @Override
      public boolean hasNext() {
        if (item == null) {
          item = take();
        }
        return item != null;
      }

      @Override
      public E next() {
        if (!hasNext()) {
          throw new NoSuchElementException("The publisher has completed: there is no next item.");
        }
        E received = Objects.requireNonNull(item);
        item = null;
        replace();
        return received;
      }
    };
  }

  /** Asks for others in place of what was received, not one at a time. */
  private void replace() {
    received++;
    Flow.Subscription open = subscription;
    if (open != null && received >= (capacity + 1) / 2) {
      int more = received;
      received = 0;
      awaited += more;
      tell(() -> open.request(more));
    }
  }

  /**
   * Cancels the subscription, if the publisher has not ended it. Tasks that wait to receive get {@link
   * ClosedResource}, and what is in the buffer is lost. Closing again does nothing. Never waits; no
   * checkpoint.
   */
  @Override
  public void close() {
    requireOwnRun();
    closed = true;
    buffer.clear();
    Flow.Subscription open = subscription;
    if (end(null) && open != null) {
      open.cancel();
    }
  }

  private void requireOwnRun() {
    if (Hazmat.currentRun() != run) {
      throw new IllegalStateException(
          "Expected a task of "
              + run
              + ", which this receiver was made in, but was used in "
              + Hazmat.currentRun()
              + ". Subscribe to the publisher there as well.");
    }
  }

  // ---- the signals, in the run

  private void subscribed(Flow.Subscription offered) {
    if (over || subscription != null) {
      tell(offered::cancel);
    } else {
      subscription = offered;
      awaited = capacity;
      tell(() -> offered.request(capacity));
    }
  }

  private void arrived(E item) {
    Flow.Subscription open = subscription;
    if (over) {
      return;
    }
    if (awaited == 0) {
      end(
          new IllegalStateException(
              "Expected no more items from the publisher than were asked for, but it sent another"
                  + " (rule 1.1 of Reactive Streams). Its subscription was cancelled."));
      if (open != null) {
        tell(open::cancel);
      }
      return;
    }
    awaited--;
    if (waiters.unpark(Outcome.of(item)) == null) {
      buffer.add(item);
    }
  }

  /** Returns false if it was over before. */
  private boolean end(@Nullable Throwable error) {
    if (over) {
      return false;
    }
    over = true;
    failure = error;
    subscription = null;
    waiters.unparkAll();
    return true;
  }

  /** A subscription's methods must not throw. If one does, that is the end of it. */
  private void tell(Runnable call) {
    try {
      call.run();
    } catch (Throwable broken) {
      if (!end(broken)) {
        LOG.log(System.Logger.Level.ERROR, "A subscription must not throw, but did.", broken);
      }
    }
  }

  /** What the publisher sees. On any thread, one call at a time. */
  private final class Signals implements Flow.Subscriber<E> {
    private volatile Flow.@Nullable Subscription latest;

    @Override
    public void onSubscribe(Flow.Subscription offered) {
      Objects.requireNonNull(offered, "subscription");
      latest = offered;
      enter(() -> subscribed(offered));
    }

    @Override
    public void onNext(E item) {
      Objects.requireNonNull(item, "item");
      enter(() -> arrived(item));
    }

    @Override
    public void onError(Throwable error) {
      Objects.requireNonNull(error, "error");
      enter(() -> end(error));
    }

    @Override
    public void onComplete() {
      enter(() -> end(null));
    }

    private void enter(Runnable signal) {
      try {
        run.entryPoint().callSoonThreadAndSignalSafe(signal);
      } catch (RunFinished nobodyLeft) {
        Flow.Subscription open = latest;
        if (open != null) {
          open.cancel();
        }
      }
    }
  }
}
