package dev.trefoil.tests.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.trefoil.hazmat.Backend;
import dev.trefoil.sync.Lockable;
import dev.trefoil.sync.RLock;
import dev.trefoil.tasks.CancelScope;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.testing.Checkpoints;
import dev.trefoil.testing.Testing;
import dev.trefoil.testing.TrefoilTest;
import org.junit.jupiter.api.Tag;

@Tag("T79")
final class RLockTest extends OwnedLockContract {
  @Override
  Lockable make(String name) {
    return new RLock(name);
  }

  private RLock lock() {
    return (RLock) lock;
  }

  @TrefoilTest(seeds = 20)
  void ownerMayAcquireAgainInEveryWay() {
    lock.acquire();
    lock.acquire();
    assertThat(lock.tryAcquire()).isTrue();
    lock.acquireNowait();
    assertThat(lock().holdCount()).isEqualTo(4);
    lock.withLock(() -> lock.withLock(() -> log.add("in")));
    for (int left = 3; left >= 0; left--) {
      assertThat(lock.isLocked()).isTrue();
      lock.release();
      assertThat(lock().holdCount()).isEqualTo(left);
    }
    assertThatThrownBy(lock::release).isInstanceOf(IllegalStateException.class);
    assertFree();
  }

  @TrefoilTest(seeds = 20)
  void isHandedOverOnlyWhenReleasedAsOften() {
    lock.acquire();
    lock.acquire();
    Nursery.open(
        nursery -> {
          spawn(
              nursery,
              "next",
              () ->
                  lock.withLock(
                      () -> {
                        log.add("next");
                        assertThat(lock().holdCount()).isOne();
                        lock.withLock(() -> assertThat(lock().holdCount()).isEqualTo(2));
                      }));
          lock.release();
          Testing.waitAllTasksBlocked();
          assertThat(log).isEmpty();
          assertThat(lock().statistics().tasksWaiting()).isOne();
          lock.release();
          assertThat(lock().holdCount()).isZero();
          assertThat(lock().statistics().owner().name()).isEqualTo("next");
        });
    assertThat(log).containsExactly("next");
    assertFree();
  }

  @TrefoilTest(seeds = 20)
  void acquiringAgainIsACheckpointAndDoesNotHappenIfCancelled() {
    lock.acquire();
    Checkpoints.assertCheckpoints(lock::acquire);
    CancelScope scope = CancelScope.create();
    scope.cancel();
    scope.run(lock::acquire);
    assertThat(scope.cancelledCaught()).isTrue();
    assertThat(lock().holdCount()).isEqualTo(2);
    lock.release();
    lock.release();
    assertFree();
  }

  @TrefoilTest(backends = Backend.CONTINUATION, seeds = 5)
  void acquiresAgainWhereTheTaskCannotBeSuspended() {
    lock.acquire();
    for (int i = 0; i < 100; i++) {
      Pinned.run(lock::acquire);
      assertThat(lock().holdCount()).isEqualTo(2);
      lock.release();
    }
  }

  @TrefoilTest(seeds = 20)
  void othersAreRefusedAsByALock() {
    lock.acquire();
    lock.acquire();
    Nursery.open(
        nursery ->
            spawn(
                nursery,
                "thief",
                () -> {
                  assertThat(lock.tryAcquire()).isFalse();
                  assertThat(lock().holdCount()).isZero();
                  assertThatThrownBy(lock::release)
                      .isInstanceOf(IllegalStateException.class)
                      .hasMessageContainingAll("RLock 'it'", "'main'", "'thief'");
                }));
    assertThat(lock().holdCount()).isEqualTo(2);
  }
}
