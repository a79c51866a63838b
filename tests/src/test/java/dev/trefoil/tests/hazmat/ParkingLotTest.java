package dev.trefoil.tests.hazmat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.trefoil.hazmat.BrokenResource;
import dev.trefoil.hazmat.Cancelled;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.Outcome;
import dev.trefoil.hazmat.ParkingLot;
import dev.trefoil.hazmat.ParkingLotStatistics;
import dev.trefoil.hazmat.Task;
import dev.trefoil.tasks.CancelScope;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.testing.Checkpoints;
import dev.trefoil.testing.Testing;
import dev.trefoil.testing.TrefoilTest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Tag;

final class ParkingLotTest {
  private final ParkingLot lot = new ParkingLot();
  private final ParkingLot other = new ParkingLot();
  private final List<String> log = new ArrayList<>();

  /** Spawns tasks that park here, in this order whatever the schedule, and log how it ends. */
  private List<Task<?>> park(Nursery nursery, ParkingLot where, String... names) {
    List<Task<?>> tasks = new ArrayList<>();
    for (String name : names) {
      tasks.add(nursery.spawn(name, () -> parkAndLog(where)));
      Testing.waitAllTasksBlocked();
    }
    return tasks;
  }

  private void parkAndLog(ParkingLot where) {
    String name = Hazmat.currentTask().name();
    try {
      Object value = where.park();
      log.add(value == null ? name : name + " got " + value);
    } catch (Cancelled cancelled) {
      log.add(name + " cancelled");
      throw cancelled;
    } catch (BrokenResource broken) {
      log.add(name + " broken");
    }
  }

  private static List<String> names(List<Task<?>> tasks) {
    return tasks.stream().map(Task::name).toList();
  }

  // ---- counting

  @TrefoilTest
  @Tag("R23")
  @Tag("R24")
  @Tag("R30")
  void newLotIsEmpty() {
    assertThat(lot.size()).isZero();
    assertThat(lot.isEmpty()).isTrue();
    assertThat(lot.statistics()).isEqualTo(new ParkingLotStatistics(0));
  }

  @TrefoilTest(seeds = 20)
  @Tag("R24")
  @Tag("R30")
  void sizeAndStatisticsCountTheParkedTasks() {
    Nursery.open(
        nursery -> {
          park(nursery, lot, "a", "b", "c");
          assertThat(lot.size()).isEqualTo(3);
          assertThat(lot.isEmpty()).isFalse();
          assertThat(lot.statistics().tasksWaiting()).isEqualTo(3);
          lot.unpark();
          assertThat(lot.size()).isEqualTo(2);
          lot.unparkAll();
          assertThat(lot.isEmpty()).isTrue();
        });
  }

  @TrefoilTest(seeds = 20)
  @Tag("R24")
  @Tag("R25")
  void cancelledTaskLeavesTheLotAtOnce() {
    CancelScope scope = CancelScope.create();
    Nursery.open(
        nursery -> {
          park(nursery, lot, "first");
          nursery.spawn("second", () -> scope.run(() -> parkAndLog(lot)));
          Testing.waitAllTasksBlocked();
          park(nursery, lot, "third");
          scope.cancel();
          assertThat(lot.size()).isEqualTo(2);
          assertThat(names(lot.unparkAll())).containsExactly("first", "third");
        });
    assertThat(log).containsExactlyInAnyOrder("first", "second cancelled", "third");
  }

  // ---- parking

  @TrefoilTest(seeds = 20)
  @Tag("R25")
  void earlierUnparksAreNotRemembered() {
    assertThat(lot.unpark()).isNull();
    assertThat(lot.unpark(5)).isEmpty();
    assertThat(lot.unparkAll()).isEmpty();
    Nursery.open(
        nursery -> {
          park(nursery, lot, "a");
          assertThat(lot.size()).isOne();
          assertThat(log).isEmpty();
          lot.unpark();
        });
    assertThat(log).containsExactly("a");
  }

  @TrefoilTest(seeds = 20)
  @Tag("R25")
  void parkedTaskNeverWakesByItself() {
    Nursery.open(
        nursery -> {
          park(nursery, lot, "a");
          for (int i = 0; i < 100; i++) {
            Hazmat.yieldBriefly();
          }
          Testing.waitAllTasksBlocked();
          assertThat(log).isEmpty();
          lot.unpark();
        });
  }

  @TrefoilTest
  @Tag("R25")
  void parkIsACheckpoint() {
    Nursery.open(
        nursery -> {
          nursery.spawn(() -> Checkpoints.assertCheckpoints(() -> lot.park()));
          Testing.waitAllTasksBlocked();
          Checkpoints.assertNoCheckpoints(() -> lot.unpark());
        });
  }

  @TrefoilTest(seeds = 20)
  @Tag("R25")
  void parkInACancelledScopeRaisesAndLeavesNoTrace() {
    CancelScope scope = CancelScope.create();
    scope.cancel();
    scope.run(() -> parkAndLog(lot));
    assertThat(scope.cancelledCaught()).isTrue();
    assertThat(log).containsExactly("main cancelled");
    assertThat(lot.isEmpty()).isTrue();
  }

  @TrefoilTest
  @Tag("R72")
  @Tag("R191")
  void labelGivenToParkIsTheStateOfTheTask() {
    Nursery.open(
        nursery -> {
          Task<?> labelled = nursery.spawn(() -> lot.<Object>park("LOCK_ACQUIRE"));
          Task<?> plain = nursery.spawn(() -> lot.<Object>park());
          Testing.waitAllTasksBlocked();
          assertThat(labelled.stateLabel()).isEqualTo("LOCK_ACQUIRE");
          assertThat(plain.stateLabel()).isEqualTo("PARKED");
          lot.unparkAll();
          assertThat(labelled.stateLabel()).isEqualTo("RUNNABLE");
        });
  }

  // ---- unparking

  @TrefoilTest(seeds = 20)
  @Tag("R23")
  @Tag("R25")
  @Tag("R26")
  void unparkWakesTheOldestFirst() {
    Nursery.open(
        nursery -> {
          List<Task<?>> tasks = park(nursery, lot, "a", "b", "c", "d");
          assertThat((Object) lot.unpark()).isSameAs(tasks.get(0));
          assertThat(lot.unpark(2)).containsExactly(tasks.get(1), tasks.get(2));
          Testing.waitAllTasksBlocked();
          assertThat(log).containsExactlyInAnyOrder("a", "b", "c");
          lot.unparkAll();
        });
  }

  @TrefoilTest
  @Tag("R26")
  void unparkedTasksRunInTheOrderOfTheirArrival() {
    Nursery.open(
        nursery -> {
          park(nursery, lot, "a", "b", "c");
          lot.unparkAll();
        });
    assertThat(log).containsExactly("a", "b", "c");
  }

  @TrefoilTest
  @Tag("R192")
  void unparkerGoesBehindTheTasksItHasWoken() {
    Nursery.open(
        nursery -> {
          park(nursery, lot, "a", "b");
          lot.unparkAll();
          Hazmat.yieldBriefly();
          log.add("unparker");
        });
    assertThat(log).containsExactly("a", "b", "unparker");
  }

  @TrefoilTest(seeds = 20)
  @Tag("R26")
  @Tag("R192")
  void unparkingMoreThanAreParkedWakesAll() {
    Nursery.open(
        nursery -> {
          park(nursery, lot, "a", "b");
          assertThat(names(lot.unpark(100))).containsExactly("a", "b");
          assertThat(lot.unpark(100)).isEmpty();
          assertThat(lot.unpark(0)).isEmpty();
        });
  }

  @TrefoilTest
  @Tag("R26")
  @Tag("R28")
  void negativeCountIsRefusedWithItsValue() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> lot.unpark(-1))
        .withMessageContainingAll("count", "-1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> lot.repark(other, -2))
        .withMessageContainingAll("count", "-2");
  }

  @TrefoilTest(seeds = 20)
  @Tag("R27")
  void unparkAllWakesEverybodyOldestFirst() {
    Nursery.open(
        nursery -> {
          park(nursery, lot, "a", "b", "c");
          assertThat(names(lot.unparkAll())).containsExactly("a", "b", "c");
          assertThat(lot.isEmpty()).isTrue();
        });
    assertThat(log).containsExactlyInAnyOrder("a", "b", "c");
  }

  @TrefoilTest(seeds = 20)
  @Tag("R26")
  void unparkedTaskThatIsThenCancelledStillReturnsNormally() {
    CancelScope scope = CancelScope.create();
    Nursery.open(
        nursery -> {
          nursery.spawn(
              "a",
              () ->
                  scope.run(
                      () -> {
                        parkAndLog(lot);
                        Hazmat.yieldBriefly();
                        log.add("not reached");
                      }));
          Testing.waitAllTasksBlocked();
          lot.unpark(Outcome.of("the lock"));
          scope.cancel();
        });
    assertThat(log).containsExactly("a got the lock");
    assertThat(scope.cancelledCaught()).isTrue();
  }

  @TrefoilTest(seeds = 20)
  @Tag("R25")
  @Tag("R26")
  void unparkAfterACancelGoesToTheNextTaskInLine() {
    CancelScope scope = CancelScope.create();
    Nursery.open(
        nursery -> {
          nursery.spawn("a", () -> scope.run(() -> parkAndLog(lot)));
          Testing.waitAllTasksBlocked();
          park(nursery, lot, "b");
          scope.cancel();
          lot.unpark(Outcome.of("the lock"));
        });
    assertThat(log).containsExactlyInAnyOrder("a cancelled", "b got the lock");
  }

  @TrefoilTest(seeds = 20)
  @Tag("R25")
  @Tag("R26")
  void unparkThatRacesWithACancelIsNeitherLostNorDoubled() {
    CancelScope scope = CancelScope.create();
    Nursery.open(
        nursery -> {
          nursery.spawn("a", () -> scope.run(() -> parkAndLog(lot)));
          Testing.waitAllTasksBlocked();
          nursery.spawn(() -> scope.cancel());
          nursery.spawn(
              () -> {
                if (lot.unpark(Outcome.of("it")) == null) {
                  log.add("kept it");
                }
              });
        });
    assertThat(Set.copyOf(log)).isIn(Set.of("a got it"), Set.of("a cancelled", "kept it"));
    assertThat(lot.isEmpty()).isTrue();
  }

  @TrefoilTest(seeds = 20)
  @Tag("R191")
  @Tag("R192")
  void valueGivenToUnparkIsReturnedByPark() {
    Nursery.open(
        nursery -> {
          park(nursery, lot, "a", "b", "c");
          lot.unpark(Outcome.of(1));
          lot.unpark(2, Outcome.of(2));
        });
    assertThat(log).containsExactlyInAnyOrder("a got 1", "b got 2", "c got 2");
  }

  @TrefoilTest(seeds = 20)
  @Tag("R191")
  @Tag("R192")
  void failureGivenToUnparkIsThrownByParkAsItIs() {
    IOException failure = new IOException("no paper");
    Nursery.open(
        nursery -> {
          nursery.spawn(() -> assertThatThrownBy(() -> lot.<Object>park()).isSameAs(failure));
          Testing.waitAllTasksBlocked();
          lot.unpark(Outcome.failure(failure));
        });
  }

  // ---- moving

  @TrefoilTest(seeds = 20)
  @Tag("R28")
  void reparkedTasksGoBehindThoseInTheTargetInTheirOldOrder() {
    Nursery.open(
        nursery -> {
          park(nursery, other, "x", "y");
          park(nursery, lot, "a", "b", "c");
          lot.repark(other, 2);
          assertThat(lot.size()).isOne();
          assertThat(other.size()).isEqualTo(4);
          Testing.waitAllTasksBlocked();
          assertThat(log).as("repark wakes nobody").isEmpty();
          assertThat(names(other.unparkAll())).containsExactly("x", "y", "a", "b");
          assertThat(names(lot.unparkAll())).containsExactly("c");
        });
  }

  @TrefoilTest(seeds = 20)
  @Tag("R29")
  void reparkAllMovesEverybody() {
    Nursery.open(
        nursery -> {
          park(nursery, other, "x");
          park(nursery, lot, "a", "b");
          lot.reparkAll(other);
          assertThat(lot.isEmpty()).isTrue();
          lot.reparkAll(other);
          assertThat(names(other.unparkAll())).containsExactly("x", "a", "b");
        });
  }

  @TrefoilTest(seeds = 20)
  @Tag("R28")
  void reparkingToTheSameLotRotatesIt() {
    Nursery.open(
        nursery -> {
          park(nursery, lot, "a", "b", "c");
          lot.repark(lot, 1);
          assertThat(lot.size()).isEqualTo(3);
          lot.reparkAll(lot);
          assertThat(names(lot.unparkAll())).containsExactly("b", "c", "a");
        });
  }

  @TrefoilTest
  @Tag("R28")
  void reparkingMoreThanAreParkedMovesAll() {
    Nursery.open(
        nursery -> {
          park(nursery, lot, "a", "b");
          lot.repark(other, 100);
          assertThat(names(other.unparkAll())).containsExactly("a", "b");
        });
  }

  @TrefoilTest(seeds = 20)
  @Tag("R25")
  @Tag("R28")
  void cancelledTaskLeavesTheLotItWasReparkedTo() {
    CancelScope scope = CancelScope.create();
    Nursery.open(
        nursery -> {
          nursery.spawn("a", () -> scope.run(() -> parkAndLog(lot)));
          Testing.waitAllTasksBlocked();
          park(nursery, lot, "b");
          park(nursery, other, "x");
          lot.repark(other, 1);
          scope.cancel();
          assertThat(lot.size()).isOne();
          assertThat(other.size()).isOne();
          assertThat(names(other.unparkAll())).containsExactly("x");
          lot.unparkAll();
        });
    assertThat(log).containsExactlyInAnyOrder("a cancelled", "b", "x");
  }

  @TrefoilTest
  @Tag("R28")
  void reparkingToNoLotIsRefused() {
    assertThatThrownBy(() -> lot.repark(null, 1))
        .isInstanceOf(NullPointerException.class)
        .hasMessageContaining("other");
  }

  // ---- breaking

  @TrefoilTest(seeds = 20)
  @Tag("T44")
  void endOfABreakerBreaksTheLotForAllWhoWaitAndForAllWhoCome() {
    ParkingLot gate = new ParkingLot();
    Nursery.open(
        nursery -> {
          park(nursery, lot, "a", "b");
          Task<?> holder =
              nursery.spawn(
                  "holder",
                  () -> {
                    lot.addBreaker(Hazmat.currentTask());
                    gate.park();
                  });
          Testing.waitAllTasksBlocked();
          gate.unpark();
          holder.join();
          assertThat(lot.isEmpty()).isTrue();
          Checkpoints.assertNoCheckpoints(
              () ->
                  assertThatThrownBy(() -> lot.<Object>park())
                      .isInstanceOf(BrokenResource.class)
                      .hasMessageContaining("holder"));
        });
    assertThat(log).containsExactlyInAnyOrder("a broken", "b broken");
  }

  @TrefoilTest(seeds = 20)
  @Tag("T44")
  void breakerThatIsCancelledBreaksTheLotToo() {
    CancelScope scope = CancelScope.create();
    Nursery.open(
        nursery -> {
          nursery.spawn(
              () ->
                  scope.run(
                      () -> {
                        lot.addBreaker(Hazmat.currentTask());
                        other.park();
                      }));
          park(nursery, lot, "a");
          scope.cancel();
        });
    assertThat(log).containsExactly("a broken");
  }

  @TrefoilTest
  @Tag("T44")
  void removedBreakerMayEnd() {
    Nursery.open(
        nursery -> {
          Task<?> holder = nursery.spawn(() -> other.<Object>park());
          park(nursery, lot, "a");
          lot.addBreaker(holder);
          lot.removeBreaker(holder);
          other.unpark();
          holder.join();
          assertThat(lot.size()).isOne();
          lot.unpark();
        });
    assertThat(log).containsExactly("a");
  }

  @TrefoilTest
  @Tag("T44")
  void taskThatVouchesTwiceHasToBeRemovedTwice() {
    Nursery.open(
        nursery -> {
          Task<?> holder = nursery.spawn(() -> other.<Object>park());
          park(nursery, lot, "a");
          lot.addBreaker(holder);
          lot.addBreaker(holder);
          lot.removeBreaker(holder);
          other.unpark();
          holder.join();
        });
    assertThat(log).containsExactly("a broken");
  }

  @TrefoilTest
  @Tag("T44")
  void taskThatHasEndedCannotBeABreaker() {
    Nursery.open(
        nursery -> {
          Task<?> ended = nursery.spawn("ended", () -> "done");
          ended.join();
          assertThatThrownBy(() -> lot.addBreaker(ended))
              .isInstanceOf(BrokenResource.class)
              .hasMessageContaining("ended");
        });
  }

  @TrefoilTest
  @Tag("T44")
  void removingABreakerThatIsNoneIsRefused() {
    assertThatThrownBy(() -> lot.removeBreaker(Hazmat.currentTask()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContainingAll("addBreaker", "main");
  }

  @TrefoilTest(seeds = 20)
  @Tag("T44")
  void breakLotWakesTheParkedAndRefusesReparking() {
    Nursery.open(
        nursery -> {
          park(nursery, lot, "a");
          park(nursery, other, "x");
          lot.breakLot(Hazmat.currentTask());
          assertThatThrownBy(() -> other.reparkAll(lot)).isInstanceOf(BrokenResource.class);
          assertThat(other.size()).isOne();
          other.unpark();
        });
    assertThat(log).containsExactlyInAnyOrder("a broken", "x");
  }
}
