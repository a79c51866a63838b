package dev.trefoil.queues;

import dev.trefoil.hazmat.EndOfChannel;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Receives until the end. */
final class ReceivingIterator<E> implements Iterator<E> {
  private final Supplier<E> receive;
  private @Nullable E received;
  private boolean ended;

  ReceivingIterator(Supplier<E> receive) {
    this.receive = receive;
  }

  @Override
  public boolean hasNext() {
    if (received == null && !ended) {
      try {
        received = receive.get();
      } catch (EndOfChannel end) {
        ended = true;
      }
    }
    return received != null;
  }

  @Override
  public E next() {
    if (!hasNext()) {
      throw new NoSuchElementException(
          "Expected another item, but the channel has ended. Call hasNext before next.");
    }
    E item = Objects.requireNonNull(received);
    received = null;
    return item;
  }
}
