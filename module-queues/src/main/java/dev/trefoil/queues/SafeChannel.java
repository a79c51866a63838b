package dev.trefoil.queues;

import dev.trefoil.hazmat.BrokenResource;
import dev.trefoil.hazmat.EndOfChannel;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.KeyboardInterrupts;
import dev.trefoil.hazmat.ParkingLot;
import dev.trefoil.tasks.ExceptionGroup;
import dev.trefoil.tasks.Nursery;
import java.util.Iterator;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A producer that runs only while somebody asks it for the next item.
 *
 * <pre>{@code
 * SafeChannel.<Page, IOException>open(
 *     out -> {
 *       try (Connection connection = connect()) {
 *         for (int page = 1; ; page++) {
 *           out.send(connection.fetch(page));          // goes on when the next page is asked for
 *         }
 *       }
 *     },
 *     pages -> {
 *       for (Page page : pages) {
 *         if (page.holds(word)) {
 *           return;                                    // the producer is cancelled and waited for
 *         }
 *       }
 *     });
 * }</pre>
 *
 * <p>The producer is a task in a nursery around the consumer, so it may open scopes and nurseries
 * around its sends, and its clean-up has happened when {@code open} returns. Producer and consumer
 * strictly take turns: the producer starts with the first receive, and when an item has been received
 * it sleeps in {@code send} until the next receive. Nothing is read ahead.
 *
 * <p>If a receive is cancelled, the producer, which was asked, goes on to its next item and waits
 * there; the next receive gets that.
 *
 * <p>Thread-safety: for the tasks of its run.
 *
 * <p>Source: Trio's {@code as_safe_channel}, which makes this of an asynchronous generator.
 *
 * @param <E> the type of the items
 */
public final class SafeChannel<E> implements Iterable<E> {
  private final MemoryChannel<E> channel = MemoryChannel.open(0);
  private final ParkingLot producerAtRest = new ParkingLot();
  private @Nullable Throwable failure;

  private SafeChannel() {}

  /**
   * Makes items.
   *
   * @param <E> the type of the items
   * @param <X> what it may throw
   */
  @FunctionalInterface
  public interface Producer<E, X extends Exception> {
    /**
     * Sends items, one after the other. When it returns, the consumer meets the end of the channel.
     *
     * @param out where to send
     * @throws X whatever comes up; the consumer is cancelled then
     */
    void produce(Output<E> out) throws X;
  }

  /**
   * Uses items, and has a result.
   *
   * @param <E> the type of the items
   * @param <T> the type of the result
   * @param <X> what it may throw
   */
  @FunctionalInterface
  public interface Consumer<E, T extends @Nullable Object, X extends Exception> {
    /**
     * Receives items. When it returns, the producer is cancelled.
     *
     * @param in where to receive
     * @return the result
     * @throws X whatever comes up; the producer is cancelled then
     */
    T consume(SafeChannel<E> in) throws X;
  }

  /**
   * Uses items.
   *
   * @param <E> the type of the items
   * @param <X> what it may throw
   */
  @FunctionalInterface
  public interface ConsumerAction<E, X extends Exception> {
    /**
     * Receives items. When it returns, the producer is cancelled.
     *
     * @param in where to receive
     * @throws X whatever comes up; the producer is cancelled then
     */
    void consume(SafeChannel<E> in) throws X;
  }

  /**
   * The producer's end, for the task of the producer.
   *
   * @param <E> the type of the items
   */
  public static final class Output<E> {
    private final SafeChannel<E> channel;

    private Output(SafeChannel<E> channel) {
      this.channel = channel;
    }

    /**
     * Sends an item and sleeps until the next one is asked for. A checkpoint.
     *
     * @param item what to send
     * @throws dev.trefoil.hazmat.Cancelled if cancelled, as at the latest when the consumer has
     *     ended; whether the item was received is not known then
     * @throws dev.trefoil.hazmat.ClosedResource when the producer has returned
     */
    public void send(E item) {
      channel.channel.sender().send(item);
      channel.rest();
    }
  }

  /**
   * Runs a producer and a consumer of its items.
   *
   * @param <E> the type of the items
   * @param <X> what they may throw
   * @param producer makes the items, in a task of its own
   * @param consumer uses the items, in the calling task
   * @throws X what one of them threw, the very same object and in no group; the other has been
   *     cancelled and has ended
   * @throws ExceptionGroup if several errors came of it
   */
  public static <E, X extends Exception> void open(
      Producer<E, ? extends X> producer, ConsumerAction<E, ? extends X> consumer) throws X {
    Objects.requireNonNull(consumer, "consumer: expected what uses the items, got null");
    Consumer<E, @Nullable Void, X> withResult =
        in -> {
          KeyboardInterrupts.callOut(consumer::consume, in);
          return null;
        };
    SafeChannel.<E, @Nullable Void, X>call(producer, withResult);
  }

  /**
   * Runs a producer and a consumer of its items, and returns what the consumer returned.
   *
   * @param <E> the type of the items
   * @param <T> the type of the result
   * @param <X> what they may throw
   * @param producer makes the items, in a task of its own
   * @param consumer uses the items, in the calling task
   * @return what the consumer returned
   * @throws X what one of them threw, the very same object and in no group; the other has been
   *     cancelled and has ended
   * @throws ExceptionGroup if several errors came of it
   */
  @SuppressWarnings("NullAway") // a nursery's result is null only if the consumer's is
  public static <E, T extends @Nullable Object, X extends Exception> T call(
      Producer<E, ? extends X> producer, Consumer<E, T, ? extends X> consumer) throws X {
    Objects.requireNonNull(producer, "producer: expected what makes the items, got null");
    Objects.requireNonNull(consumer, "consumer: expected what uses the items, got null");
    SafeChannel<E> channel = new SafeChannel<>();
    try {
      return Nursery.<T>call(nursery -> channel.run(nursery, producer, consumer));
    } catch (ExceptionGroup group) {
      if (group.exceptions().size() > 1) {
        throw group;
      }
      throw SafeChannel.<X>declared(group.exceptions().getFirst());
    }
  }

  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
  private static <X extends Throwable> X declared(Throwable error) throws X {
    throw (X) error;
  }

  private <T extends @Nullable Object> T run(
      Nursery nursery, Producer<E, ?> producer, Consumer<E, T, ?> consumer) throws Exception {
    nursery.spawn("producer", () -> produce(nursery, producer));
    try {
      T result = KeyboardInterrupts.callOut(consumer::consume, this);
      nursery.cancelScope().cancel("the consumer of a safe channel has ended");
      return result;
    } finally {
      channel.receiver().close();
    }
  }

  private void produce(Nursery nursery, Producer<E, ?> producer) throws Exception {
    try {
      rest();
      KeyboardInterrupts.callOut(producer::produce, new Output<>(this));
    } catch (Throwable error) {
      // Before the end of the channel can be met, which would look as if all were well.
      failure = error;
      nursery.cancelScope().cancel("the producer of a safe channel has failed");
      throw error;
    } finally {
      channel.sender().close();
    }
  }

  /** The producer's turn is over until there is somebody to receive. */
  private void rest() {
    if (channel.receiver().port.line().first() == null) {
      producerAtRest.park("CHANNEL_REST");
    }
  }

  // ---- receiving

  /**
   * Lets the producer go on to its next item, and receives that. A checkpoint.
   *
   * @return the item
   * @throws EndOfChannel if the producer has returned
   * @throws BrokenResource if the producer has failed; this is met only inside a shield, for the
   *     consumer is cancelled then
   * @throws dev.trefoil.hazmat.ClosedResource when the consumer has returned
   * @throws dev.trefoil.hazmat.Cancelled if cancelled; no item was taken then
   */
  public E receive() {
    Hazmat.yieldIfCancelled();
    producerAtRest.unpark();
    try {
      return channel.receiver().receive();
    } catch (EndOfChannel end) {
      if (failure == null) {
        throw end;
      }
      throw new BrokenResource(
          "Expected the producer of a safe channel to send another item or to return, but it failed"
              + " with "
              + failure.getClass().getName()
              + ".");
    }
  }

  /**
   * Returns an iterator that receives until the producer has returned: {@code for (E item : channel)}.
   * Its {@code hasNext} is a checkpoint and receives an item, which {@code next} then returns.
   *
   * @return a new iterator
   */
  @Override
  public Iterator<E> iterator() {
    return new ReceivingIterator<>(this::receive);
  }
}
