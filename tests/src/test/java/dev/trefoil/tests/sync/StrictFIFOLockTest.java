package dev.trefoil.tests.sync;

import dev.trefoil.sync.Lockable;
import dev.trefoil.sync.StrictFIFOLock;
import org.junit.jupiter.api.Tag;

@Tag("T26")
final class StrictFIFOLockTest extends OwnedLockContract {
  @Override
  Lockable make(String name) {
    return new StrictFIFOLock(name);
  }
}
