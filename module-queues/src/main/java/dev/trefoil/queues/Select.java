package dev.trefoil.queues;

import dev.trefoil.hazmat.Action;
import dev.trefoil.hazmat.Body;
import dev.trefoil.hazmat.CancelStatus;
import dev.trefoil.hazmat.EndOfChannel;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.KeyboardInterrupts;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Waits for the first of several sends and receives, puts and gets.
 *
 * <pre>{@code
 * String what = Select.any(
 *     receive(orders, order -> "order " + order),
 *     send(replies, reply, () -> "replied"),
 *     timeout(Duration.ofSeconds(5), () -> "nothing"));
 * }</pre>
 *
 * <p>Exactly one branch happens, or none if the select throws. Nothing is taken from or put into any
 * other, and no other is disturbed. Then, in the same task, the handler of the branch runs; it may
 * suspend, and what it returns or throws comes out of the select. Each branch comes in two forms:
 * {@code receive} with a handler that returns something, {@code onReceive} with one that does not.
 *
 * <p>While it waits, a select stands in each line like any other task, and is served when it has
 * waited longest there. Its branches may belong to the same channel, in both directions too: it never
 * meets itself. If several branches can happen at once, {@link #any} takes the one whose line was
 * least recently served by a select, so that none can starve another; {@link #inOrder} takes the
 * first, so that it can.
 *
 * <p>A select is a checkpoint, whichever branch happens. If it is cancelled, none has happened and no
 * trace is left; if a branch has happened before the cancellation, the select goes on normally.
 *
 * <h2>Closed channels</h2>
 *
 * <p>A branch that can only fail makes the select fail as the operation itself would: {@link
 * EndOfChannel}, {@link dev.trefoil.hazmat.BrokenResource}. But not while another branch can happen
 * at once: those go first. Only a branch at an end that this program has closed fails right away,
 * with {@link dev.trefoil.hazmat.ClosedResource}. To receive from several channels until all have
 * ended use {@link #receiveUntilEnd}:
 *
 * <pre>{@code
 * try {
 *   while (true) {
 *     Select.any(onReceiveUntilEnd(left, out::send), onReceiveUntilEnd(right, out::send));
 *   }
 * } catch (EndOfChannel bothHaveEnded) {
 *   out.close();
 * }
 * }</pre>
 *
 * <p>Source: Go's {@code select}, Kotlin's {@code select}, Jox's {@code Select}.
 */
public final class Select {
  private Select() {}

  // ---- selecting

  /**
   * Waits until one of the branches can happen, and lets it. A checkpoint.
   *
   * @param <T> the type of the result
   * @param <X> what the handlers may throw
   * @param branches what to wait for; at most one of them tells what to do otherwise
   * @return what the handler of the branch that happened returned
   * @throws X whatever that handler throws
   * @throws EndOfChannel if a receiving branch has met the end of its channel and no other can happen
   *     at once; or if all branches were {@link #receiveUntilEnd} and have ended
   * @throws dev.trefoil.hazmat.BrokenResource if a sending branch has lost all its receivers and no
   *     other can happen at once
   * @throws dev.trefoil.hazmat.ClosedResource if a branch's end is closed, or gets closed meanwhile
   * @throws dev.trefoil.hazmat.Cancelled if cancelled; no branch has happened then
   * @throws IllegalArgumentException if there is no branch, or more than one otherwise, timeout or
   *     deadline
   */
  @SafeVarargs
  @SuppressWarnings("varargs") // only read
  public static <T extends @Nullable Object, X extends Throwable> T any(
      Branch<? extends T, ? extends X>... branches) throws X {
    return any(Arrays.asList(branches));
  }

  /**
   * The same as {@link #any(Branch...)} with a list of branches.
   *
   * @param <T> the type of the result
   * @param <X> what the handlers may throw
   * @param branches what to wait for
   * @return what the handler of the branch that happened returned
   * @throws X whatever that handler throws
   */
  public static <T extends @Nullable Object, X extends Throwable> T any(
      List<? extends Branch<? extends T, ? extends X>> branches) throws X {
    return new Choice<T, X>(branches).make(true);
  }

  /**
   * Does what {@link #any(Branch...)} does, but of several branches that can happen at once it takes
   * the first. So one that can always happen starves those behind it. A checkpoint.
   *
   * @param <T> the type of the result
   * @param <X> what the handlers may throw
   * @param branches what to wait for, the most important first
   * @return what the handler of the branch that happened returned
   * @throws X whatever that handler throws
   */
  @SafeVarargs
  @SuppressWarnings("varargs") // only read
  public static <T extends @Nullable Object, X extends Throwable> T inOrder(
      Branch<? extends T, ? extends X>... branches) throws X {
    return inOrder(Arrays.asList(branches));
  }

  /**
   * The same as {@link #inOrder(Branch...)} with a list of branches.
   *
   * @param <T> the type of the result
   * @param <X> what the handlers may throw
   * @param branches what to wait for, the most important first
   * @return what the handler of the branch that happened returned
   * @throws X whatever that handler throws
   */
  public static <T extends @Nullable Object, X extends Throwable> T inOrder(
      List<? extends Branch<? extends T, ? extends X>> branches) throws X {
    return new Choice<T, X>(branches).make(false);
  }

  /** The branches of one select, sorted by kind. */
  private static final class Choice<T extends @Nullable Object, X extends Throwable> {
    private final List<Branch.Transfer<?, ? extends T, ? extends X>> transfers;
    private Branch.@Nullable Otherwise<? extends T, ? extends X> otherwise;

    Choice(List<? extends Branch<? extends T, ? extends X>> branches) {
      transfers = new ArrayList<>(branches.size());
      for (Branch<? extends T, ? extends X> branch : branches) {
        switch (Objects.requireNonNull(branch, "branch: expected a branch, got null")) {
          case Branch.Transfer<?, ? extends T, ? extends X> transfer -> transfers.add(transfer);
          case Branch.Otherwise<? extends T, ? extends X> other -> {
            if (otherwise != null) {
              throw new IllegalArgumentException(
                  "Expected at most one branch that tells what to do if nothing else happens, got"
                      + " several. Keep the earliest of otherwise, timeout and deadline.");
            }
            otherwise = other;
          }
        }
      }
      if (branches.isEmpty()) {
        throw new IllegalArgumentException(
            "branches: expected at least one, got none: that would wait for ever.");
      }
    }

    T make(boolean fair) throws X {
      Hazmat.yieldIfCancelled();
      Branch.Transfer<?, ? extends T, ? extends X> ready;
      try {
        ready = ready(fair);
      } catch (Throwable refused) {
        Hazmat.yieldBrieflyNoCancel();
        throw refused;
      }
      if (ready != null) {
        return ready.happen();
      }
      long deadline = otherwise == null ? CancelStatus.NO_DEADLINE : otherwise.deadline();
      if (otherwise != null && deadline <= Hazmat.currentRun().clock().now()) {
        Hazmat.yieldBrieflyNoCancel();
        return KeyboardInterrupts.callOut(otherwise.then);
      }
      Waiter<?> ended = new Selection(transfers).await(deadline);
      if (ended == null) {
        return KeyboardInterrupts.callOut(Objects.requireNonNull(otherwise).then);
      }
      Branch.Transfer<?, ? extends T, ? extends X> happened = transfers.get(ended.branch);
      if (ended.progress == Progress.DONE) {
        markServed(happened);
      }
      return happened.finish(ended);
    }

    /** The branch that is to happen at once, or null; throws if none can happen any more. */
    private Branch.@Nullable Transfer<?, ? extends T, ? extends X> ready(boolean fair) {
      Branch.Transfer<?, ? extends T, ? extends X> best = null;
      Branch.Transfer<?, ? extends T, ? extends X> over = null;
      boolean allHaveEnded = !transfers.isEmpty();
      for (Branch.Transfer<?, ? extends T, ? extends X> transfer : transfers) {
        transfer.port.exchange().guard.require();
        Progress progress = transfer.port.progress();
        switch (progress) {
          case CLOSED -> throw transfer.port.failure(progress);
          case DONE -> {
            if (best == null || (fair && servedAt(transfer) < servedAt(best))) {
              best = transfer;
            }
          }
          case OVER -> {
            if (over == null && !transfer.untilEnd) {
              over = transfer;
            }
          }
          case WAITING -> {}
        }
        allHaveEnded &= progress == Progress.OVER;
      }
      if (best != null) {
        markServed(best);
        return best;
      }
      if (over != null) {
        throw over.port.failure(Progress.OVER);
      }
      if (allHaveEnded) {
        throw transfers.getFirst().port.failure(Progress.OVER);
      }
      return null;
    }

    private static long servedAt(Branch.Transfer<?, ?, ?> transfer) {
      return transfer.port.line().lastSelected;
    }

    /** Makes it the last in turn among these. */
    private void markServed(Branch.Transfer<?, ?, ?> served) {
      long latest = 0;
      for (Branch.Transfer<?, ?, ?> transfer : transfers) {
        latest = Math.max(latest, servedAt(transfer));
      }
      served.port.line().lastSelected = latest + 1;
    }
  }

  // ---- receiving and sending

  /**
   * A branch that receives.
   *
   * @param <E> the type of the items
   * @param <T> the type of the result
   * @param <X> what the handler may throw
   * @param channel where to receive
   * @param handler what to do with the item
   * @return the branch
   */
  public static <E, T extends @Nullable Object, X extends Throwable> Branch<T, X> receive(
      MemoryReceiveChannel<E> channel, Branch.Handler<? super E, T, X> handler) {
    return new Branch.Get<>(requireChannel(channel).port, false, handler);
  }

  /**
   * A branch that receives, without a result.
   *
   * @param <E> the type of the items
   * @param <X> what the handler may throw
   * @param channel where to receive
   * @param handler what to do with the item
   * @return the branch
   */
  public static <E, X extends Throwable> Branch<@Nullable Void, X> onReceive(
      MemoryReceiveChannel<E> channel, Branch.ActionHandler<? super E, X> handler) {
    return new Branch.Get<>(requireChannel(channel).port, false, Branch.handler(handler));
  }

  /**
   * A branch that receives as long as there is something to receive, and that takes no part any more
   * when the channel has ended. If all branches are like that and have ended, the select throws
   * {@link EndOfChannel}, even if it also has a branch that tells what to do otherwise.
   *
   * @param <E> the type of the items
   * @param <T> the type of the result
   * @param <X> what the handler may throw
   * @param channel where to receive
   * @param handler what to do with the item
   * @return the branch
   */
  public static <E, T extends @Nullable Object, X extends Throwable> Branch<T, X> receiveUntilEnd(
      MemoryReceiveChannel<E> channel, Branch.Handler<? super E, T, X> handler) {
    return new Branch.Get<>(requireChannel(channel).port, true, handler);
  }

  /**
   * A branch that receives as long as there is something to receive, without a result.
   *
   * @param <E> the type of the items
   * @param <X> what the handler may throw
   * @param channel where to receive
   * @param handler what to do with the item
   * @return the branch
   * @see #receiveUntilEnd
   */
  public static <E, X extends Throwable> Branch<@Nullable Void, X> onReceiveUntilEnd(
      MemoryReceiveChannel<E> channel, Branch.ActionHandler<? super E, X> handler) {
    return new Branch.Get<>(requireChannel(channel).port, true, Branch.handler(handler));
  }

  /**
   * A branch that sends. The item is given now, whether or not the branch happens.
   *
   * @param <E> the type of the items
   * @param <T> the type of the result
   * @param <X> what {@code then} may throw
   * @param channel where to send
   * @param item what to send
   * @param then what to do when it is sent
   * @return the branch
   */
  public static <E, T extends @Nullable Object, X extends Throwable> Branch<T, X> send(
      MemorySendChannel<E> channel, E item, Body<T, X> then) {
    return new Branch.Put<>(requireChannel(channel).port, item, Branch.body(then));
  }

  /**
   * A branch that sends, without a result.
   *
   * @param <E> the type of the items
   * @param <X> what {@code then} may throw
   * @param channel where to send
   * @param item what to send
   * @param then what to do when it is sent
   * @return the branch
   */
  public static <E, X extends Throwable> Branch<@Nullable Void, X> onSend(
      MemorySendChannel<E> channel, E item, Action<X> then) {
    return new Branch.Put<>(requireChannel(channel).port, item, Branch.body(then));
  }

  private static <C> C requireChannel(C channel) {
    return Objects.requireNonNull(channel, "channel: expected an end of a channel, got null");
  }

  // ---- getting and putting

  /**
   * A branch that gets.
   *
   * @param <E> the type of the items
   * @param <T> the type of the result
   * @param <X> what the handler may throw
   * @param queue where to get
   * @param handler what to do with the item
   * @return the branch
   */
  public static <E, T extends @Nullable Object, X extends Throwable> Branch<T, X> get(
      Queue<E> queue, Branch.Handler<? super E, T, X> handler) {
    return new Branch.Get<>(requireQueue(queue).getPort, false, handler);
  }

  /**
   * A branch that gets, without a result.
   *
   * @param <E> the type of the items
   * @param <X> what the handler may throw
   * @param queue where to get
   * @param handler what to do with the item
   * @return the branch
   */
  public static <E, X extends Throwable> Branch<@Nullable Void, X> onGet(
      Queue<E> queue, Branch.ActionHandler<? super E, X> handler) {
    return new Branch.Get<>(requireQueue(queue).getPort, false, Branch.handler(handler));
  }

  /**
   * A branch that puts. The item is given now, whether or not the branch happens.
   *
   * @param <E> the type of the items
   * @param <T> the type of the result
   * @param <X> what {@code then} may throw
   * @param queue where to put
   * @param item what to put
   * @param then what to do when it is put
   * @return the branch
   */
  public static <E, T extends @Nullable Object, X extends Throwable> Branch<T, X> put(
      Queue<E> queue, E item, Body<T, X> then) {
    return new Branch.Put<>(requireQueue(queue).putPort, item, Branch.body(then));
  }

  /**
   * A branch that puts, without a result.
   *
   * @param <E> the type of the items
   * @param <X> what {@code then} may throw
   * @param queue where to put
   * @param item what to put
   * @param then what to do when it is put
   * @return the branch
   */
  public static <E, X extends Throwable> Branch<@Nullable Void, X> onPut(
      Queue<E> queue, E item, Action<X> then) {
    return new Branch.Put<>(requireQueue(queue).putPort, item, Branch.body(then));
  }

  private static <E> Queue<E> requireQueue(Queue<E> queue) {
    return Objects.requireNonNull(queue, "queue: expected a Queue, got null");
  }

  // ---- if nothing else happens

  /**
   * What to do if no branch can happen at once: a select with this does not wait. It is a checkpoint
   * all the same.
   *
   * @param <T> the type of the result
   * @param <X> what {@code then} may throw
   * @param then what to do
   * @return the branch
   */
  public static <T extends @Nullable Object, X extends Throwable> Branch<T, X> otherwise(
      Body<T, X> then) {
    return new Branch.Otherwise<>(null, Long.MIN_VALUE, Branch.body(then));
  }

  /**
   * What to do if no branch can happen at once, without a result.
   *
   * @param <X> what {@code then} may throw
   * @param then what to do
   * @return the branch
   * @see #otherwise
   */
  public static <X extends Throwable> Branch<@Nullable Void, X> onOtherwise(Action<X> then) {
    return new Branch.Otherwise<>(null, Long.MIN_VALUE, Branch.body(then));
  }

  /**
   * What to do if no branch happens in time. A branch that can happen at the very moment wins.
   *
   * @param <T> the type of the result
   * @param <X> what {@code then} may throw
   * @param after how long to wait from the beginning of the select, on the run's clock
   * @param then what to do
   * @return the branch
   * @throws IllegalArgumentException if {@code after} is negative
   */
  public static <T extends @Nullable Object, X extends Throwable> Branch<T, X> timeout(
      Duration after, Body<T, X> then) {
    return new Branch.Otherwise<>(requireNotNegative(after), 0, Branch.body(then));
  }

  /**
   * What to do if no branch happens in time, without a result.
   *
   * @param <X> what {@code then} may throw
   * @param after how long to wait from the beginning of the select, on the run's clock
   * @param then what to do
   * @return the branch
   * @throws IllegalArgumentException if {@code after} is negative
   * @see #timeout
   */
  public static <X extends Throwable> Branch<@Nullable Void, X> onTimeout(
      Duration after, Action<X> then) {
    return new Branch.Otherwise<>(requireNotNegative(after), 0, Branch.body(then));
  }

  /**
   * What to do if no branch happens before a point in time.
   *
   * @param <T> the type of the result
   * @param <X> what {@code then} may throw
   * @param time nanoseconds on the run's clock
   * @param then what to do
   * @return the branch
   */
  public static <T extends @Nullable Object, X extends Throwable> Branch<T, X> deadline(
      long time, Body<T, X> then) {
    return new Branch.Otherwise<>(null, time, Branch.body(then));
  }

  /**
   * What to do if no branch happens before a point in time, without a result.
   *
   * @param <X> what {@code then} may throw
   * @param time nanoseconds on the run's clock
   * @param then what to do
   * @return the branch
   */
  public static <X extends Throwable> Branch<@Nullable Void, X> onDeadline(
      long time, Action<X> then) {
    return new Branch.Otherwise<>(null, time, Branch.body(then));
  }

  private static Duration requireNotNegative(Duration after) {
    Objects.requireNonNull(after, "after: expected a Duration, got null");
    if (after.isNegative()) {
      throw new IllegalArgumentException(
          "after: expected zero or a positive duration, got " + after);
    }
    return after;
  }
}
