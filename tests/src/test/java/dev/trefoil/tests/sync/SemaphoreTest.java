package dev.trefoil.tests.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.trefoil.hazmat.EntryPoint;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.sync.Lockable;
import dev.trefoil.sync.Semaphore;
import dev.trefoil.sync.SemaphoreStatistics;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.testing.Testing;
import dev.trefoil.testing.TrefoilTest;
import org.junit.jupiter.api.Tag;

final class SemaphoreTest extends LockableContract {
  @Override
  Lockable make(String name) {
    return new Semaphore(1, 1, name);
  }

  @TrefoilTest(seeds = 20)
  @Tag("R158")
  @Tag("R160")
  @Tag("R162")
  @Tag("T28")
  void letsAsManyInAsItsValue() {
    Semaphore semaphore = new Semaphore(3);
    assertThat(semaphore.value()).isEqualTo(3);
    int[] inside = {0};
    int[] most = {0};
    Nursery.open(
        nursery -> {
          for (int i = 0; i < 10; i++) {
            nursery.spawn(
                () ->
                    semaphore.withLock(
                        () -> {
                          most[0] = Math.max(most[0], ++inside[0]);
                          Testing.waitAllTasksBlocked();
                          inside[0]--;
                        }));
          }
        });
    assertThat(most[0]).isEqualTo(3);
    assertThat(semaphore.value()).isEqualTo(3);
  }

  @TrefoilTest(seeds = 20)
  @Tag("R158")
  @Tag("R161")
  void mayBeginAtZeroAndAnyTaskMayRelease() {
    Semaphore semaphore = new Semaphore(0);
    assertThat(semaphore.isLocked()).isTrue();
    assertThat(semaphore.tryAcquire()).isFalse();
    Nursery.open(
        nursery -> {
          spawn(
              nursery,
              "waiter",
              () -> {
                semaphore.acquire();
                log.add("got it");
              });
          assertThat(log).isEmpty();
          nursery.spawn("giver", () -> semaphore.release());
        });
    assertThat(log).containsExactly("got it");
    assertThat(semaphore.value()).isZero();
  }

  @TrefoilTest(seeds = 20)
  @Tag("R160")
  @Tag("R161")
  void valueStaysZeroWhileItIsHandedOver() {
    Semaphore semaphore = new Semaphore(0);
    Nursery.open(
        nursery -> {
          spawn(nursery, "a", semaphore::acquire);
          spawn(nursery, "b", semaphore::acquire);
          assertThat(semaphore.statistics()).isEqualTo(new SemaphoreStatistics(0, 2));
          semaphore.release();
          assertThat(semaphore.statistics()).isEqualTo(new SemaphoreStatistics(0, 1));
          assertThat(semaphore.tryAcquire()).isFalse();
          semaphore.release();
          semaphore.release();
          assertThat(semaphore.statistics()).isEqualTo(new SemaphoreStatistics(1, 0));
        });
    assertThat(semaphore.value()).isOne();
  }

  @TrefoilTest(seeds = 20)
  @Tag("R161")
  void canBeReleasedByAnEntryCall() {
    Semaphore semaphore = new Semaphore(0);
    EntryPoint entry = Hazmat.currentCallSoonThreadAndSignalSafe();
    entry.callSoonThreadAndSignalSafe(semaphore::release);
    semaphore.acquire();
    assertThat(semaphore.value()).isZero();
  }

  @TrefoilTest(seeds = 20)
  @Tag("R159")
  @Tag("T28")
  void maximumCannotBeExceededAndTheFailedReleaseChangesNothing() {
    Semaphore semaphore = new Semaphore(1, 2, "it");
    semaphore.release();
    assertThatThrownBy(semaphore::release)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContainingAll("'it'", "maximum of 2");
    assertThat(semaphore.value()).isEqualTo(2);
    assertThat(semaphore.max()).isEqualTo(2);
    assertThat(new Semaphore().max()).isEqualTo(Integer.MAX_VALUE);
    Semaphore full = new Semaphore(Integer.MAX_VALUE);
    assertThatThrownBy(full::release).isInstanceOf(IllegalStateException.class);
    assertThat(full.value()).isEqualTo(Integer.MAX_VALUE);
  }

  @TrefoilTest
  @Tag("R158")
  @Tag("T28")
  void badInitialValuesAreRefusedWithTheBounds() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Semaphore(-1))
        .withMessageContainingAll("initial", "-1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Semaphore(3, 2))
        .withMessageContainingAll("initial", "3", "maximum of 2");
    assertThat(new Semaphore().value()).isOne();
    assertThat(new Semaphore(2, 2, "db")).hasToString("Semaphore 'db'");
  }
}
