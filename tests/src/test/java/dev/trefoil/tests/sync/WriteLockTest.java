package dev.trefoil.tests.sync;

import dev.trefoil.sync.Lockable;
import dev.trefoil.sync.ReadWriteLock;

/** The write side by itself is a lock like others. */
final class WriteLockTest extends OwnedLockContract {
  @Override
  Lockable make(String name) {
    return new ReadWriteLock(name).writeLock();
  }
}
