package dev.trefoil.tests.linearizability;

import dev.trefoil.queues.QueueReadiness;
import dev.trefoil.queues.UniversalQueue;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;

/** A queue, and perhaps a selector that looks at its readiness. */
final class ObservedQueue implements AutoCloseable {
  final UniversalQueue<Integer> queue;
  private final QueueReadiness readiness;
  private final Selector selector;

  private ObservedQueue(
      UniversalQueue<Integer> queue, QueueReadiness readiness, Selector selector) {
    this.queue = queue;
    this.readiness = readiness;
    this.selector = selector;
  }

  static ObservedQueue withoutReadiness(int maxSize) {
    return new ObservedQueue(new UniversalQueue<>(maxSize), null, null);
  }

  static ObservedQueue withReadiness(int maxSize) {
    try {
      UniversalQueue<Integer> queue = new UniversalQueue<>(maxSize);
      QueueReadiness readiness = queue.openReadiness();
      Selector selector = Selector.open();
      readiness.channel().register(selector, SelectionKey.OP_READ);
      return new ObservedQueue(queue, readiness, selector);
    } catch (IOException refused) {
      throw new UncheckedIOException(refused);
    }
  }

  /** Returns whether there is something in the queue, by the selector if there is one. */
  synchronized boolean isReadable() {
    if (selector == null) {
      return !queue.isEmpty();
    }
    try {
      selector.selectedKeys().clear();
      return selector.selectNow() > 0;
    } catch (IOException refused) {
      throw new UncheckedIOException(refused);
    }
  }

  @Override
  public void close() throws IOException {
    if (selector != null) {
      selector.close();
      readiness.close();
    }
  }
}
