package dev.trefoil.queues;

import dev.trefoil.hazmat.Action;
import dev.trefoil.hazmat.Body;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.KeyboardInterrupts;
import dev.trefoil.hazmat.Task;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One of the things that a {@link Select} waits for, and what to do when it has happened. Made by the
 * methods of {@code Select}; immutable, so it may be used again.
 *
 * @param <T> the type of what comes of it
 * @param <X> what its handler may throw
 */
public abstract sealed class Branch<T extends @Nullable Object, X extends Throwable> {
  private Branch() {}

  /**
   * What is done in the selecting task once an item was got.
   *
   * @param <E> the type of the items
   * @param <T> the type of the result
   * @param <X> what it may throw
   */
  @FunctionalInterface
  public interface Handler<E, T extends @Nullable Object, X extends Throwable> {
    /**
     * Does something with an item; may suspend.
     *
     * @param item what was got
     * @return what the select returns
     * @throws X whatever comes up
     */
    T handle(E item) throws X;
  }

  /**
   * What is done in the selecting task once an item was got, without a result.
   *
   * @param <E> the type of the items
   * @param <X> what it may throw
   */
  @FunctionalInterface
  public interface ActionHandler<E, X extends Throwable> {
    /**
     * Does something with an item; may suspend.
     *
     * @param item what was got
     * @throws X whatever comes up
     */
    void handle(E item) throws X;
  }

  static <T extends @Nullable Object, X extends Throwable> Body<T, X> body(Body<T, X> body) {
    return Objects.requireNonNull(body, "body: expected what to do then, got null");
  }

  static <X extends Throwable> Body<@Nullable Void, X> body(Action<X> action) {
    Objects.requireNonNull(action, "action: expected what to do then, got null");
    return action.asBody();
  }

  static <E, X extends Throwable> Handler<E, @Nullable Void, X> handler(
      ActionHandler<E, X> action) {
    Objects.requireNonNull(action, "action: expected what to do with the item, got null");
    return item -> {
      KeyboardInterrupts.callOut(action::handle, item);
      return null;
    };
  }

  /** An item that goes through a queue or channel. */
  abstract static sealed class Transfer<E, T extends @Nullable Object, X extends Throwable>
      extends Branch<T, X> {
    final Port<E> port;

    /** Whether it merely takes no part any more when it cannot happen any more. */
    final boolean untilEnd;

    Transfer(Port<E> port, boolean untilEnd) {
      this.port = port;
      this.untilEnd = untilEnd;
    }

    /** What it puts, or null. */
    abstract @Nullable E offered();

    abstract T handle(@Nullable E got) throws X;

    /** Does it, which is possible at once. */
    T happen() throws X {
      E got;
      try {
        got = port.transfer(offered());
      } catch (Throwable refused) {
        Hazmat.yieldBrieflyNoCancel();
        throw refused;
      }
      Hazmat.yieldBrieflyNoCancel();
      return handle(got);
    }

    Waiter<E> newWaiter(Task<?> task, Selection selection, int index) {
      return new Waiter<>(task, port.end(), offered(), selection, index);
    }

    @SuppressWarnings("unchecked") // newWaiter made it
    void enlist(Waiter<?> waiter) {
      port.line().add((Waiter<E>) waiter);
    }

    /** Goes on after the wait that this branch has ended. */
    @SuppressWarnings("unchecked") // newWaiter made it
    T finish(Waiter<?> enlisted) throws X {
      Waiter<E> waiter = (Waiter<E>) enlisted;
      if (waiter.progress != Progress.DONE) {
        throw port.failure(waiter.progress);
      }
      return handle(waiter.item);
    }
  }

  static final class Put<E, T extends @Nullable Object, X extends Throwable>
      extends Transfer<E, T, X> {
    private final E item;
    private final Body<T, X> then;

    Put(Port<E> port, E item, Body<T, X> then) {
      super(port, false);
      this.item = Queue.requireItem(item);
      this.then = then;
    }

    @Override
    E offered() {
      return item;
    }

    @Override
    T handle(@Nullable E got) throws X {
      return KeyboardInterrupts.callOut(then);
    }
  }

  static final class Get<E, T extends @Nullable Object, X extends Throwable>
      extends Transfer<E, T, X> {
    private final Handler<? super E, T, X> then;

    Get(Port<E> port, boolean untilEnd, Handler<? super E, T, X> then) {
      super(port, untilEnd);
      this.then =
          Objects.requireNonNull(then, "handler: expected what to do with the item, got null");
    }

    @Override
    @Nullable E offered() {
      return null;
    }

    @Override
    T handle(@Nullable E got) throws X {
      return KeyboardInterrupts.callOut(then::handle, Objects.requireNonNull(got));
    }
  }

  /** What is done if nothing else can be, at once or after a time. */
  static final class Otherwise<T extends @Nullable Object, X extends Throwable>
      extends Branch<T, X> {
    private final @Nullable Duration after;
    private final long at;
    final Body<T, X> then;

    Otherwise(@Nullable Duration after, long at, Body<T, X> then) {
      this.after = after;
      this.at = at;
      this.then = then;
    }

    /** The point in time on the clock of the run. */
    long deadline() {
      if (after == null) {
        return at;
      }
      long now = Hazmat.currentRun().clock().now();
      try {
        return Math.addExact(now, after.toNanos());
      } catch (ArithmeticException centuries) {
        return Long.MAX_VALUE;
      }
    }
  }
}
