package dev.trefoil.tests.queues;

import dev.trefoil.queues.MemoryChannel;

final class UnlimitedChannelTest extends ChannelContract {
  UnlimitedChannelTest() {
    super(MemoryChannel.UNLIMITED);
  }
}
