package dev.trefoil.threads.io;

import dev.trefoil.hazmat.Body;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.Outcome;
import dev.trefoil.sync.UniversalEvent;
import dev.trefoil.threads.ThreadOptions;
import dev.trefoil.threads.ToThread;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Gets one piece after the other from a source that blocks. A piece that an abandoned thread still waits
 * for is not lost: it is the next one. Not to be called by two at a time.
 */
final class Fetch<T, X extends Throwable> {
  private final ThreadOptions options;
  private final Body<T, X> source;
  private @Nullable Piece<T> abandoned;

  Fetch(ThreadOptions options, Body<T, X> source) {
    this.options = options;
    this.source = source;
  }

  boolean isGoingOn() {
    return abandoned != null;
  }

  T next() throws X {
    if (abandoned != null) {
      return collect(abandoned);
    }
    if (!Hazmat.inRun() || !options.abandonOnCancel()) {
      return Blocking.call(options, source);
    }
    Piece<T> piece = new Piece<>();
    try {
      return Objects.requireNonNull(
          ToThread.<@Nullable T, X>runInThread(options, () -> piece.get(source)));
    } catch (Throwable error) {
      if (!piece.isOver(error)) {
        abandoned = piece;
      }
      throw error;
    }
  }

  private T collect(Piece<T> piece) {
    Outcome<T> outcome = piece.await();
    abandoned = null;
    return outcome.unwrap();
  }

  private static final class Piece<T> {
    private final UniversalEvent arrived = new UniversalEvent();

    /** Set before it arrives. */
    private volatile @Nullable Outcome<T> outcome;

    /** By the thread, which gets it, or else by the task, which does not want it any more. */
    private final AtomicBoolean claimed = new AtomicBoolean();

    <X extends Throwable> @Nullable T get(Body<T, X> source) throws X {
      if (!claimed.compareAndSet(false, true)) {
        return null;
      }
      try {
        T value = source.call();
        outcome = Outcome.of(value);
        return value;
      } catch (Throwable error) {
        outcome = Outcome.failure(error);
        throw error;
      } finally {
        arrived.set();
      }
    }

    /** An interrupt of a thread without a run stays pending, as it does while such a thread reads. */
    Outcome<T> await() {
      boolean interrupted = false;
      while (true) {
        try {
          arrived.await();
          break;
        } catch (InterruptedException later) {
          interrupted = true;
        }
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
      return Objects.requireNonNull(outcome);
    }

    /** Whether the thread does nothing more, after the task got an error. */
    boolean isOver(Throwable error) {
      return claimed.compareAndSet(false, true)
          || (outcome instanceof Outcome.Failure<T>(Throwable own) && own == error);
    }
  }
}
