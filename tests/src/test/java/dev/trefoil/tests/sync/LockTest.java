package dev.trefoil.tests.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.Task;
import dev.trefoil.sync.Lock;
import dev.trefoil.sync.LockStatistics;
import dev.trefoil.sync.Lockable;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.testing.Checkpoints;
import dev.trefoil.testing.TrefoilTest;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Tag;

final class LockTest extends OwnedLockContract {
  @Override
  Lockable make(String name) {
    return new Lock(name);
  }

  private Lock lock() {
    return (Lock) lock;
  }

  @TrefoilTest(seeds = 20)
  @Tag("R154")
  @Tag("T26")
  void acquiringAgainIsRefusedAndTheLockStaysHeld() {
    lock.acquire();
    for (var again :
        List.<ThrowingCallable>of(lock::acquire, lock::tryAcquire, lock::acquireNowait)) {
      assertThatThrownBy(again)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContainingAll("'it'", "'main'", "acquire it again", "RLock");
    }
    Checkpoints.assertCheckpoints(() -> assertThatThrownBy(lock::acquire).isNotNull());
    assertThat(lock.isLocked()).isTrue();
    lock.release();
    assertFree();
  }

  @TrefoilTest(seeds = 20)
  @Tag("T26")
  void statisticsTellOwnerAndWaiters() {
    assertThat(lock().statistics()).isEqualTo(new LockStatistics(false, null, 0));
    lock.acquire();
    Task<?> self = Hazmat.currentTask();
    assertThat(lock().statistics()).isEqualTo(new LockStatistics(true, self, 0));
    Nursery.open(
        nursery -> {
          spawnPasser(nursery, "a");
          spawnPasser(nursery, "b");
          assertThat(lock().statistics()).isEqualTo(new LockStatistics(true, self, 2));
          lock.release();
          assertThat(lock().statistics().owner().name()).isEqualTo("a");
          assertThat(lock().statistics().tasksWaiting()).isOne();
        });
    assertThat(lock().statistics()).isEqualTo(new LockStatistics(false, null, 0));
  }

  @TrefoilTest
  @Tag("T26")
  void taskThatWaitsShowsWhatFor() {
    lock.acquire();
    Nursery.open(
        nursery -> {
          Task<?> waiter = spawn(nursery, "waiter", () -> lock.withLock(() -> log.add("in")));
          assertThat(waiter.stateLabel()).isEqualTo("LOCK_ACQUIRE");
          lock.release();
        });
  }

  @TrefoilTest
  @Tag("R153")
  void nameShowsAndIsOptional() {
    assertThat(new Lock("accounts")).hasToString("Lock 'accounts'");
    assertThat(new Lock().toString()).startsWith("Lock@");
    assertThatThrownBy(() -> new Lock(null))
        .isInstanceOf(NullPointerException.class)
        .hasMessageContaining("name");
  }
}
