package dev.trefoil.tests.queues;

final class RendezvousChannelTest extends LimitedChannelContract {
  RendezvousChannelTest() {
    super(0);
  }
}
