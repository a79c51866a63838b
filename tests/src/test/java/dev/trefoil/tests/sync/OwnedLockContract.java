package dev.trefoil.tests.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.trefoil.hazmat.BrokenResource;
import dev.trefoil.hazmat.ParkingLot;
import dev.trefoil.hazmat.RunOptions;
import dev.trefoil.tasks.CancelScope;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.tasks.Trefoil;
import dev.trefoil.testing.Checkpoints;
import dev.trefoil.testing.TrefoilTest;
import dev.trefoil.tests.hazmat.EveryBackend;
import java.io.IOException;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Tag;

/** What those promise, besides, that belong to the task that has acquired them. */
abstract class OwnedLockContract extends LockableContract {

  /** Acquires in a task that ends with it. */
  private void loseIn(Nursery nursery, String name) {
    spawn(nursery, name, lock::acquire);
  }

  private void assertBroken(String owner) {
    for (var operation :
        List.<ThrowingCallable>of(
            lock::acquire,
            lock::tryAcquire,
            lock::acquireNowait,
            lock::hold,
            () -> lock.withLock(() -> log.add("wrong")))) {
      assertThatThrownBy(operation)
          .isInstanceOf(BrokenResource.class)
          .hasMessageContainingAll("'it'", "'" + owner + "'", "'main'", "without releasing");
    }
    assertThat(lock.isLocked()).isTrue();
    assertThat(log).doesNotContain("wrong");
  }

  @TrefoilTest(seeds = 20)
  @Tag("R155")
  @Tag("T26")
  void onlyTheOwnerMayRelease() {
    lock.acquire();
    Nursery.open(
        nursery ->
            spawn(
                nursery,
                "thief",
                () ->
                    assertThatThrownBy(lock::release)
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContainingAll("'it'", "'main'", "'thief'")));
    assertThat(lock.isLocked()).isTrue();
    lock.release();
    assertFree();
  }

  @TrefoilTest(seeds = 20)
  @Tag("R155")
  @Tag("T26")
  void whoHasHandedItOverIsNotTheOwnerAnyMore() {
    lock.acquire();
    Nursery.open(
        nursery -> {
          spawnPasser(nursery, "next");
          lock.release();
          assertThatThrownBy(lock::release).hasMessageContainingAll("'it'", "'next'", "'main'");
        });
    assertThat(log).containsExactly("next");
    assertFree();
  }

  @TrefoilTest(seeds = 20)
  @Tag("T26")
  @Tag("T44")
  void ownerThatEndsWithoutReleasingBreaksItForWaiters() {
    ParkingLot gate = new ParkingLot();
    Nursery.open(
        nursery -> {
          spawn(
              nursery,
              "owner",
              () -> {
                lock.acquire();
                gate.<Object>park();
              });
          for (String name : List.of("a", "b")) {
            spawn(
                nursery,
                name,
                () ->
                    assertThatThrownBy(lock::acquire)
                        .isInstanceOf(BrokenResource.class)
                        .hasMessageContainingAll("'it'", "'owner'", "'" + name + "'"));
          }
          gate.unpark();
        });
    assertBroken("owner");
  }

  @TrefoilTest(seeds = 20)
  @Tag("T26")
  void ownerThatEndsWithoutReleasingBreaksItForNewcomers() {
    Nursery.open(nursery -> loseIn(nursery, "loser"));
    assertBroken("loser");
    assertBroken("loser");
    Checkpoints.assertCheckpoints(
        () -> assertThatThrownBy(lock::acquire).isInstanceOf(BrokenResource.class));
    assertThatThrownBy(lock::release)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContainingAll("'it'", "'main'");
  }

  @TrefoilTest(seeds = 20)
  @Tag("T26")
  void ownerThatFailsOrIsCancelledBreaksItAsWell() {
    assertThatThrownBy(
            () ->
                Nursery.open(
                    nursery ->
                        nursery.spawn(
                            "failing",
                            () -> {
                              lock.acquire();
                              throw new IOException("failure");
                            })))
        .hasStackTraceContaining("failure");
    assertBroken("failing");

    makeLock();
    Nursery.open(
        nursery -> {
          CancelScope scope = nursery.cancelScope();
          spawn(
              nursery,
              "cancelled",
              () -> {
                lock.acquire();
                Trefoil.sleepForever();
              });
          scope.cancel();
        });
    assertBroken("cancelled");
  }

  @TrefoilTest(seeds = 20)
  @Tag("T26")
  void ownerThatWasHandedItAndEndsBreaksItForTheRest() {
    lock.acquire();
    Nursery.open(
        nursery -> {
          loseIn(nursery, "second");
          spawn(
              nursery,
              "third",
              () ->
                  assertThatThrownBy(lock::acquire)
                      .isInstanceOf(BrokenResource.class)
                      .hasMessageContainingAll("'it'", "'second'", "'third'"));
          lock.release();
        });
    assertBroken("second");
  }

  @TrefoilTest(seeds = 20)
  @Tag("T26")
  void taskThatReleasedBeforeItEndsBreaksNothing() {
    Nursery.open(
        nursery -> {
          for (int i = 0; i < 4; i++) {
            nursery.spawn("passer " + i, () -> lock.withLock(() -> log.add("in")));
          }
        });
    assertThat(log).hasSize(4);
    assertFree();
  }

  @TrefoilTest(seeds = 20)
  @Tag("T26")
  void waitersThatGaveUpLeaveNothingBehindThatBreaks() {
    ParkingLot gate = new ParkingLot();
    CancelScope scope = CancelScope.create();
    Nursery.open(
        nursery -> {
          spawn(
              nursery,
              "owner",
              () -> {
                lock.acquire();
                gate.<Object>park();
                lock.release();
              });
          spawn(nursery, "waiter", () -> scope.run(lock::acquire));
          scope.cancel();
          gate.unpark();
        });
    assertThat(scope.cancelledCaught()).isTrue();
    assertFree();
  }

  @EveryBackend
  @Tag("T26")
  void lockThatWasHeldWhenItsRunEndedIsBrokenInTheNextOne(RunOptions options) {
    Trefoil.run(options, lock::acquire);
    Trefoil.run(options, () -> assertBroken("main"));
  }
}
