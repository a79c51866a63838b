package dev.trefoil.tests.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.Task;
import dev.trefoil.hazmat.WouldBlock;
import dev.trefoil.sync.CapacityLimiter;
import dev.trefoil.sync.CapacityLimiterStatistics;
import dev.trefoil.sync.Lockable;
import dev.trefoil.tasks.CancelScope;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.testing.Checkpoints;
import dev.trefoil.testing.Testing;
import dev.trefoil.testing.TrefoilTest;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Tag;

@Tag("T29")
final class CapacityLimiterTest extends LockableContract {
  /** Equal to others with the same number, and not the same. */
  private record Job(int number) {}

  @Override
  Lockable make(String name) {
    return new CapacityLimiter(1, name);
  }

  /** A task that borrows on behalf of a job, logs it, and ends. */
  private void spawnBorrower(Nursery nursery, CapacityLimiter limiter, int number) {
    spawn(
        nursery,
        "borrower " + number,
        () -> {
          limiter.acquireOnBehalfOf(new Job(number));
          log.add("job " + number);
        });
  }

  @TrefoilTest(seeds = 20)
  void lendsAsManyTokensAsThereAre() {
    CapacityLimiter limiter = new CapacityLimiter(3);
    int[] inside = {0};
    int[] most = {0};
    Nursery.open(
        nursery -> {
          for (int i = 0; i < 10; i++) {
            nursery.spawn(
                () ->
                    limiter.withLock(
                        () -> {
                          most[0] = Math.max(most[0], ++inside[0]);
                          Testing.waitAllTasksBlocked();
                          inside[0]--;
                        }));
          }
        });
    assertThat(most[0]).isEqualTo(3);
    assertThat(limiter.borrowedTokens()).isZero();
  }

  @TrefoilTest(seeds = 20)
  void borrowerHasOneTokenAtMost() {
    CapacityLimiter limiter = new CapacityLimiter(5, "it");
    limiter.acquire();
    limiter.acquireOnBehalfOf(new Job(1));
    for (var operation :
        List.<ThrowingCallable>of(
            limiter::acquire,
            limiter::tryAcquire,
            limiter::acquireNowait,
            () -> limiter.acquireOnBehalfOf(Hazmat.currentTask()))) {
      assertThatThrownBy(operation)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContainingAll("'it'", "'main'", "one token");
    }
    for (var operation :
        List.<ThrowingCallable>of(
            () -> limiter.acquireOnBehalfOf(new Job(1)),
            () -> limiter.tryAcquireOnBehalfOf(new Job(1)),
            () -> limiter.acquireOnBehalfOfNowait(new Job(1)))) {
      assertThatThrownBy(operation)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContainingAll("'it'", "Job[number=1]", "'main'");
    }
    Checkpoints.assertCheckpoints(() -> assertThatThrownBy(limiter::acquire).isNotNull());
    assertThat(limiter.borrowedTokens()).isEqualTo(2);
  }

  @TrefoilTest(seeds = 20)
  void borrowerThatIsWaitedForCannotBorrowAnotherEither() {
    CapacityLimiter limiter = new CapacityLimiter(0, "it");
    CancelScope scope = CancelScope.create();
    Nursery.open(
        nursery -> {
          spawn(nursery, "waiter", () -> scope.run(() -> limiter.acquireOnBehalfOf(new Job(1))));
          assertThatThrownBy(() -> limiter.acquireOnBehalfOf(new Job(1)))
              .isInstanceOf(IllegalStateException.class)
              .hasMessageContainingAll("'it'", "waiting", "Job[number=1]");
          scope.cancel();
          // At once: the waiter has left no trace, although it has not run yet.
          assertThat(limiter.tryAcquireOnBehalfOf(new Job(1))).isFalse();
          limiter.setTotalTokens(1);
          assertThat(limiter.tryAcquireOnBehalfOf(new Job(1))).isTrue();
        });
    assertThat(scope.cancelledCaught()).isTrue();
  }

  @TrefoilTest(seeds = 20)
  void onlyWhoHasATokenCanGiveItBack() {
    CapacityLimiter limiter = new CapacityLimiter(2, "it");
    limiter.acquireOnBehalfOf(new Job(1));
    for (var operation :
        List.<ThrowingCallable>of(limiter::release, () -> limiter.releaseOnBehalfOf(new Job(2)))) {
      assertThatThrownBy(operation)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContainingAll("'it'", "'main'", "nothing");
    }
    assertThat(limiter.borrowedTokens()).isOne();
    Nursery.open(nursery -> nursery.spawn("other", () -> limiter.releaseOnBehalfOf(new Job(1))));
    assertThat(limiter.borrowedTokens()).isZero();
  }

  @TrefoilTest(seeds = 20)
  void borrowersOtherThanTasksAreComparedByEquals() {
    CapacityLimiter limiter = new CapacityLimiter(CapacityLimiter.UNLIMITED);
    for (int i = 0; i < 100; i++) {
      limiter.acquireOnBehalfOf(new Job(i));
    }
    assertThat(limiter.borrowedTokens()).isEqualTo(100);
    assertThat(limiter.isLocked()).isFalse();
    for (int i = 0; i < 100; i++) {
      limiter.releaseOnBehalfOf(new Job(i));
    }
    assertThat(limiter.borrowedTokens()).isZero();
    assertThatThrownBy(() -> limiter.acquireOnBehalfOf(null))
        .isInstanceOf(NullPointerException.class)
        .hasMessageContaining("borrower");
  }

  @TrefoilTest(seeds = 20)
  void tokenGoesToTheBorrowerThatTheOldestWaiterNamed() {
    CapacityLimiter limiter = new CapacityLimiter(1);
    limiter.acquire();
    Nursery.open(
        nursery -> {
          spawnBorrower(nursery, limiter, 1);
          spawnBorrower(nursery, limiter, 2);
          limiter.release();
          assertThat(limiter.statistics())
              .isEqualTo(new CapacityLimiterStatistics(1, 1, List.of(new Job(1)), 1));
          assertThat(limiter.tryAcquire()).isFalse();
          limiter.releaseOnBehalfOf(new Job(1));
          assertThat(limiter.statistics().borrowers()).containsExactly(new Job(2));
        });
    assertThat(log).containsExactlyInAnyOrder("job 1", "job 2");
  }

  @TrefoilTest(seeds = 20)
  void growingLetsExactlyTheNewRoomIn() {
    CapacityLimiter limiter = new CapacityLimiter(0);
    assertThat(limiter.isLocked()).isTrue();
    Nursery.open(
        nursery -> {
          for (int i = 1; i <= 5; i++) {
            spawnBorrower(nursery, limiter, i);
          }
          limiter.setTotalTokens(2);
          assertThat(limiter.statistics().tasksWaiting()).isEqualTo(3);
          Testing.waitAllTasksBlocked();
          assertThat(log).containsExactlyInAnyOrder("job 1", "job 2");
          limiter.setTotalTokens(3);
          Testing.waitAllTasksBlocked();
          assertThat(log).hasSize(3).endsWith("job 3");
          limiter.setTotalTokens(CapacityLimiter.UNLIMITED);
        });
    assertThat(log).hasSize(5);
    assertThat(limiter.totalTokens()).isEqualTo(CapacityLimiter.UNLIMITED);
  }

  @TrefoilTest(seeds = 20)
  void shrinkingTakesNothingAwayAndLendsNothingUntilThereIsRoom() {
    CapacityLimiter limiter = new CapacityLimiter(3);
    for (int i = 1; i <= 3; i++) {
      limiter.acquireOnBehalfOf(new Job(i));
    }
    limiter.setTotalTokens(1);
    assertThat(limiter.borrowedTokens()).isEqualTo(3);
    assertThat(limiter.availableTokens()).isEqualTo(-2);
    Nursery.open(
        nursery -> {
          spawnBorrower(nursery, limiter, 4);
          limiter.releaseOnBehalfOf(new Job(1));
          limiter.releaseOnBehalfOf(new Job(2));
          Testing.waitAllTasksBlocked();
          assertThat(log).isEmpty();
          assertThat(limiter.tryAcquire()).isFalse();
          limiter.releaseOnBehalfOf(new Job(3));
          assertThat(limiter.tryAcquire()).isFalse();
        });
    assertThat(log).containsExactly("job 4");
    assertThat(limiter.availableTokens()).isZero();
  }

  @TrefoilTest(seeds = 20)
  void cancelledWaiterTakesNoneOfTheRoomThatGrows() {
    CapacityLimiter limiter = new CapacityLimiter(0);
    CancelScope scope = CancelScope.create();
    Nursery.open(
        nursery -> {
          spawn(nursery, "cancelled", () -> scope.run(() -> limiter.acquireOnBehalfOf("it")));
          spawnBorrower(nursery, limiter, 1);
          scope.cancel();
          limiter.setTotalTokens(1);
        });
    assertThat(log).containsExactly("job 1");
    assertThat(limiter.statistics().borrowers()).containsExactly(new Job(1));
  }

  @TrefoilTest(seeds = 20)
  void resizingIsNoCheckpointAndBorrowingOnBehalfIsOne() {
    CapacityLimiter limiter = new CapacityLimiter(1);
    Checkpoints.assertNoCheckpoints(
        () -> {
          limiter.setTotalTokens(5);
          limiter.setTotalTokens(1);
          limiter.statistics();
          assertThat(limiter.tryAcquireOnBehalfOf(new Job(1))).isTrue();
          assertThatThrownBy(() -> limiter.acquireOnBehalfOfNowait(new Job(2)))
              .isInstanceOf(WouldBlock.class);
          limiter.releaseOnBehalfOf(new Job(1));
        });
    Checkpoints.assertCheckpoints(() -> limiter.acquireOnBehalfOf(new Job(1)));
  }

  @TrefoilTest
  void statisticsListTheBorrowers() {
    CapacityLimiter limiter = new CapacityLimiter(4, "db");
    Task<?> self = Hazmat.currentTask();
    limiter.acquire();
    assertThat(limiter.statistics())
        .isEqualTo(new CapacityLimiterStatistics(1, 4, List.of(self), 0));
    assertThat(limiter.availableTokens()).isEqualTo(3);
    assertThat(limiter).hasToString("CapacityLimiter 'db'");
  }

  @TrefoilTest
  void negativeTotalsAreRefusedWithTheirValue() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new CapacityLimiter(-1))
        .withMessageContainingAll("totalTokens", "-1");
    CapacityLimiter limiter = new CapacityLimiter(2);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> limiter.setTotalTokens(-2))
        .withMessageContainingAll("totalTokens", "-2");
    assertThat(limiter.totalTokens()).isEqualTo(2);
  }
}
