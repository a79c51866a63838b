package dev.trefoil.threads.io;

import dev.trefoil.hazmat.Outcome;
import dev.trefoil.threads.ThreadOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.stream.BaseStream;
import org.jspecify.annotations.Nullable;

/**
 * What a task iterates although getting each element may block: a stream, a scanner, a directory, any
 * iterator.
 *
 * <pre>{@code
 * try (AsyncIterable<Path> files = AsyncIterable.wrap(ToThread.runInThread(() -> Files.walk(root)))) {
 *   for (Path file : files) {
 *     channel.send(file);
 *   }
 * }
 * }</pre>
 *
 * <p>Each {@code hasNext} that needs a new element gets it on a thread, where the original's {@code
 * hasNext} and {@code next} are called, and with them what a stream maps and filters. This costs some ten
 * microseconds. Where elements come fast, let one trip get many: {@link #inBatchesOf(int)}.
 *
 * <p>For one iteration: there is one iterator, and asking for it again goes on with it. To leave it in
 * between loses nothing but what is in a batch.
 *
 * <p>The steps may be on different threads, one after the other. What is confined to one thread, such as
 * something that holds a lock between steps, has to be iterated there as a whole, with the task doing its
 * part from there:
 *
 * <pre>{@code
 * ToThread.runInThread(() -> {
 *   for (Row row : confined) {
 *     FromThread.run(() -> channel.send(row));
 *   }
 * });
 * }</pre>
 *
 * <p>A task that is cancelled while an element does not come waits for it. With {@link
 * ThreadOptions#withInterruptOnCancel()} the original is interrupted, with {@link
 * ThreadOptions#withAbandonOnCancel()} it is left alone, and the element is the next one. {@link
 * dev.trefoil.threads.io} tells what holds besides.
 *
 * <p>Source: {@code async for} over what Trio's {@code wrap_file} and {@code Path.iterdir} return.
 *
 * @param <E> the type of the elements
 */
public final class AsyncIterable<E extends @Nullable Object> implements Iterable<E>, AutoCloseable {
  private final Supplier<? extends Iterator<? extends E>> source;
  private final Object origin;
  private final ThreadOptions options;
  private final int batch;
  private @Nullable Steps steps;

  private AsyncIterable(
      Supplier<? extends Iterator<? extends E>> source,
      Object origin,
      ThreadOptions options,
      int batch) {
    this.source = source;
    this.origin = origin;
    this.options = options;
    this.batch = batch;
  }

  private static <E extends @Nullable Object> AsyncIterable<E> of(
      Object origin, Supplier<? extends Iterator<? extends E>> source) {
    return new AsyncIterable<>(source, origin, ThreadOptions.defaults(), 1);
  }

  /**
   * Wraps an iterator, such as a {@link java.util.Scanner}. Never suspends; no checkpoint.
   *
   * @param <E> the type of the elements
   * @param original is used from now on by this alone; closed with it, if it can be
   * @return elements for tasks
   */
  public static <E extends @Nullable Object> AsyncIterable<E> wrap(Iterator<? extends E> original) {
    Objects.requireNonNull(original, "original");
    return of(original, () -> original);
  }

  /**
   * Wraps something iterable, such as a {@link java.nio.file.DirectoryStream}. Never suspends; no
   * checkpoint.
   *
   * @param <E> the type of the elements
   * @param original is asked for an iterator on a thread, with the first element; closed with this, if it
   *     can be
   * @return elements for tasks
   */
  public static <E extends @Nullable Object> AsyncIterable<E> wrap(Iterable<? extends E> original) {
    Objects.requireNonNull(original, "original");
    return of(original, original::iterator);
  }

  /**
   * Wraps a stream. Never suspends; no checkpoint.
   *
   * @param <E> the type of the elements
   * @param original is asked for an iterator on a thread, with the first element; closed with this
   * @return elements for tasks
   */
  public static <E extends @Nullable Object> AsyncIterable<E> wrap(BaseStream<E, ?> original) {
    Objects.requireNonNull(original, "original");
    return of(original, original::iterator);
  }

  /**
   * Says which limiter is asked, and what becomes of a step whose task is cancelled. In place of this
   * object, and before anything was iterated.
   *
   * @param options for each thread that gets elements
   * @return the same elements
   * @throws IllegalStateException if the iteration has begun
   */
  public AsyncIterable<E> withThreadOptions(ThreadOptions options) {
    Objects.requireNonNull(options, "options");
    requireNotBegun();
    return new AsyncIterable<>(source, origin, options, batch);
  }

  /**
   * Makes each trip to a thread get several elements. The first of them is seen when all are there, so
   * this is for sources that never wait for long, such as directories. An error of the original comes
   * after the elements before it. In place of this object, and before anything was iterated.
   *
   * @param size how many elements at most
   * @return the same elements
   * @throws IllegalArgumentException if {@code size} is not positive
   * @throws IllegalStateException if the iteration has begun
   */
  public AsyncIterable<E> inBatchesOf(int size) {
    if (size < 1) {
      throw new IllegalArgumentException("size: expected 1 or more, got " + size);
    }
    requireNotBegun();
    return new AsyncIterable<>(source, origin, options, size);
  }

  private void requireNotBegun() {
    if (steps != null) {
      throw new IllegalStateException(
          "Expected an iteration that has not begun, but there is an iterator already. Say how"
              + " to iterate when wrapping.");
    }
  }

  /**
   * Returns the iterator. Its {@code hasNext} is a checkpoint and gets an element, which {@code next} then
   * returns; so break out of a loop where you like. Both throw what the original throws.
   *
   * @return the same one every time
   */
  @Override
  public Iterator<E> iterator() {
    if (steps == null) {
      steps = new Steps();
    }
    return steps;
  }

  /**
   * Closes the original, if it can be closed, in any case. A checkpoint; if cancelled, raises after that.
   * Does not wait for a step that is going on.
   *
   * @throws UncheckedIOException if the original throws an {@link IOException}
   * @throws IllegalStateException if the original throws another checked exception
   */
  @Override
  public void close() {
    Blocking.close(
        () -> {
          try {
            if (origin instanceof AutoCloseable closeable) {
              closeable.close();
            }
          } catch (RuntimeException error) {
            throw error;
          } catch (IOException error) {
            throw new UncheckedIOException(error);
          } catch (Exception error) {
            throw new IllegalStateException("Could not close " + origin + ": " + error, error);
          }
        });
  }

  @Override
  public String toString() {
    return "AsyncIterable(" + origin + ")";
  }

  private final class Steps implements Iterator<E> {
    private final Exclusive stepping = new Exclusive(AsyncIterable.this);
    private final Fetch<Batch<E>, RuntimeException> fetch = new Fetch<>(options, this::get);

    /** Touched on threads only, one after the other. */
    private @Nullable Iterator<? extends E> original;

    private Batch<E> current = new Batch<>(List.of(), null);
    private int taken;
    private boolean ended;

    @Override
    public boolean hasNext() {
      return stepping.<Boolean, RuntimeException>call(
          () -> {
            if (ended || taken < current.elements.size()) {
              Blocking.checkpoint();
            } else {
              advance();
            }
            return !ended;
          });
    }

    private void advance() {
      Outcome<?> failure = current.failure;
      if (failure != null) {
        current = new Batch<>(List.of(), null);
        Blocking.checkpoint();
        failure.unwrap();
      }
      current = fetch.next();
      taken = 0;
      ended = current.elements.isEmpty();
    }

    @Override
    public E next() {
      if (taken == current.elements.size() && !hasNext()) {
        throw new NoSuchElementException(
            "Expected another element, but there is none. Call hasNext before next.");
      }
      return current.elements.get(taken++);
    }

    /** On a thread. An error after some elements is kept for later. */
    private Batch<E> get() {
      List<E> elements = new ArrayList<>(Math.min(batch, 64));
      try {
        Iterator<? extends E> from = original;
        if (from == null) {
          from = source.get();
          original = from;
        }
        while (elements.size() < batch && from.hasNext()) {
          elements.add(from.next());
        }
      } catch (Throwable error) {
        if (elements.isEmpty()) {
          throw error;
        }
        return new Batch<>(elements, Outcome.failure(error));
      }
      return new Batch<>(elements, null);
    }
  }

  /** What a trip to the thread brings: no elements at the end. */
  private record Batch<E extends @Nullable Object>(
      List<E> elements, @Nullable Outcome<?> failure) {}
}
