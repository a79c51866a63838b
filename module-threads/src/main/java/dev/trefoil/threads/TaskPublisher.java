package dev.trefoil.threads;

import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.Run;
import dev.trefoil.hazmat.RunFinished;
import dev.trefoil.hazmat.TaskContext;
import dev.trefoil.tasks.Nursery;
import java.util.Objects;
import java.util.concurrent.Flow;

/**
 * A publisher whose items a task makes, as fast as they are asked for.
 *
 * <pre>{@code
 * Flow.Publisher<Row> rows = TaskPublisher.of(nursery, out -> {
 *   try (Cursor cursor = open(query)) {
 *     while (cursor.next()) {
 *       out.send(cursor.row());              // waits until the subscriber wants another
 *     }
 *   }
 * });
 * }</pre>
 *
 * <p>Every subscription gets a task of its own in the nursery, which executes the producer from its start.
 * The subscriber is called by that task, on the run's thread, and so must not block; it may suspend.
 *
 * <ul>
 *   <li>When the producer returns, the subscriber is told {@code onComplete}.
 *   <li>When it throws, the subscriber is told {@code onError}, and the nursery is not affected.
 *   <li>When the subscriber cancels, the producer is cancelled, as a scope is; an error that comes of that
 *       cannot be told to it any more and fails the nursery.
 *   <li>When the nursery is cancelled, so is the producer, and the subscriber is told {@code onError} with
 *       a {@link java.util.concurrent.CancellationException}.
 *   <li>When the nursery is over, subscribers are told {@code onError} at once.
 *   <li>A subscriber that throws, which it must not, gets no further signal: what it threw comes out of
 *       {@link Output#send} and fails the nursery.
 * </ul>
 *
 * <p>Holds to the rules of Reactive Streams.
 *
 * <p>Thread-safety: for all threads, those of subscribers' subscriptions included; they may outlive the
 * run.
 *
 * @param <E> the type of the items
 */
public final class TaskPublisher<E> implements Flow.Publisher<E> {
  private final Nursery nursery;
  private final Producer<E> producer;
  private final Run run = Hazmat.currentRun();
  private final TaskContext context = Hazmat.currentTask().context();

  private TaskPublisher(Nursery nursery, Producer<E> producer) {
    this.nursery = nursery;
    this.producer = producer;
  }

  /**
   * Makes the items of one subscription.
   *
   * @param <E> the type of the items
   */
  @FunctionalInterface
  public interface Producer<E> {
    /**
     * Sends items, one after the other; may suspend.
     *
     * @param out where to send
     * @throws Exception whatever comes up, for the subscriber
     */
    void produce(Output<E> out) throws Exception;
  }

  /**
   * The producer's way to its subscriber, for the task of the producer and those it spawns.
   *
   * @param <E> the type of the items
   */
  public static final class Output<E> {
    private final Publication<E> publication;

    Output(Publication<E> publication) {
      this.publication = publication;
    }

    /**
     * Waits until the subscriber wants an item, and gives it this one. Several tasks take turns, first come,
     * first served. A checkpoint.
     *
     * @param item what to send
     * @throws dev.trefoil.hazmat.Cancelled if cancelled, as when the subscriber has cancelled; nothing was
     *     sent
     * @throws dev.trefoil.hazmat.BrokenResource inside a shield, if the subscriber has cancelled
     * @throws dev.trefoil.hazmat.ClosedResource when the producer has returned
     */
    public void send(E item) {
      publication.send(item);
    }
  }

  /**
   * Makes a publisher. No checkpoint.
   *
   * @param <E> the type of the items
   * @param nursery where the producer's tasks will live
   * @param producer makes the items, anew for each subscription; sees the task locals of the code that
   *     calls this
   * @return a publisher
   * @throws IllegalStateException outside a task
   */
  public static <E> TaskPublisher<E> of(Nursery nursery, Producer<E> producer) {
    Objects.requireNonNull(nursery, "nursery: expected where the tasks are to live, got null");
    Objects.requireNonNull(producer, "producer: expected what makes the items, got null");
    return new TaskPublisher<>(nursery, producer);
  }

  /**
   * Has a task produce items for a subscriber. Returns at once; no checkpoint. From any thread.
   *
   * @param subscriber who gets the items
   */
  @Override
  public void subscribe(Flow.Subscriber<? super E> subscriber) {
    Objects.requireNonNull(subscriber, "subscriber: expected who gets the items, got null");
    Publication<E> publication = new Publication<>(run, subscriber);
    try {
      InRun.nowOrSoon(run, () -> start(publication));
    } catch (RunFinished over) {
      publication.refuse(over);
    }
  }

  private void start(Publication<E> publication) {
    try {
      nursery.spawn(
          "publisher",
          () -> {
            Hazmat.currentTask().setContext(context);
            publication.publish(producer);
          });
    } catch (Throwable notStarted) {
      publication.refuse(notStarted);
    }
  }

  @Override
  public String toString() {
    return "publisher in the " + nursery;
  }
}
