package dev.trefoil.tests.queues;

final class BufferedChannelTest extends LimitedChannelContract {
  BufferedChannelTest() {
    super(100);
  }
}
