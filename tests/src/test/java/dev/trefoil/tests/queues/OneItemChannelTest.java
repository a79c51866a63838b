package dev.trefoil.tests.queues;

final class OneItemChannelTest extends LimitedChannelContract {
  OneItemChannelTest() {
    super(1);
  }
}
