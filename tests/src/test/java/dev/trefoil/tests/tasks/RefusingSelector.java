package dev.trefoil.tests.tasks;

import java.io.IOException;
import java.nio.channels.IllegalSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.spi.AbstractSelectableChannel;
import java.nio.channels.spi.AbstractSelector;
import java.nio.channels.spi.SelectorProvider;
import java.util.Set;

/** Selects with another selector, but takes no channel, as if all were of a foreign kind. */
final class RefusingSelector extends AbstractSelector {
  private final Selector selector;

  RefusingSelector(SelectorProvider provider, Selector selector) {
    super(provider);
    this.selector = selector;
  }

  @Override
  protected SelectionKey register(AbstractSelectableChannel channel, int ops, Object attachment) {
    throw new IllegalSelectorException();
  }

  @Override
  protected void implCloseSelector() throws IOException {
    selector.close();
  }

  @Override
  public Set<SelectionKey> keys() {
    return selector.keys();
  }

  @Override
  public Set<SelectionKey> selectedKeys() {
    return selector.selectedKeys();
  }

  @Override
  public int selectNow() throws IOException {
    return selector.selectNow();
  }

  @Override
  public int select(long timeout) throws IOException {
    return selector.select(timeout);
  }

  @Override
  public int select() throws IOException {
    return selector.select();
  }

  @Override
  public Selector wakeup() {
    selector.wakeup();
    return this;
  }
}
