package dev.trefoil.tests.sync;

import dev.trefoil.sync.Condition;
import dev.trefoil.sync.Lock;
import dev.trefoil.sync.Lockable;
import org.junit.jupiter.api.Tag;

/** A condition is held as its lock is. */
@Tag("R165")
@Tag("R166")
@Tag("R167")
@Tag("R172")
final class ConditionLockTest extends OwnedLockContract {
  @Override
  Lockable make(String name) {
    return new Condition(new Lock(name));
  }
}
