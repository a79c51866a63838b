package dev.trefoil.tests.tasks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.ParkingLot;
import dev.trefoil.hazmat.Task;
import dev.trefoil.tasks.CancelScope;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.tasks.TaskLocal;
import dev.trefoil.tasks.Trefoil;
import dev.trefoil.testing.Checkpoints;
import dev.trefoil.testing.TrefoilTest;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Values that tasks hand down. */
@Tag("T38")
class TaskLocalTest {
  private static final TaskLocal<String> LOCAL = TaskLocal.create();
  private static final ScopedValue<String> SCOPED = ScopedValue.newInstance();

  private final List<String> trace = new ArrayList<>();

  @TrefoilTest(seeds = 20)
  void aChildStartsWithTheValuesOfItsSpawnerAtThatMoment() {
    Nursery.open(
        nursery -> {
          LOCAL.set("at spawn time");
          Task<String> child =
              nursery.spawn(
                  () -> {
                    Hazmat.yieldBriefly();
                    return LOCAL.get();
                  });
          LOCAL.set("later");
          assertThat(child.join()).isEqualTo("at spawn time");
          assertThat(LOCAL.get()).isEqualTo("later");
        });
  }

  @TrefoilTest(seeds = 20)
  void whatAChildSetsIsSeenByItsOwnChildrenOnly() {
    LOCAL.set("parent's");
    Nursery.open(
        nursery -> {
          nursery.spawn(
              () -> {
                LOCAL.set("child's");
                nursery.spawn(() -> trace.add("grandchild sees " + LOCAL.get()));
              });
          nursery.spawn(
              () -> {
                for (int i = 0; i < 5; i++) {
                  Hazmat.yieldBriefly();
                }
                trace.add("sibling sees " + LOCAL.get());
              });
        });
    trace.add("parent sees " + LOCAL.get());
    assertThat(trace)
        .containsExactlyInAnyOrder(
            "grandchild sees child's", "sibling sees parent's", "parent sees parent's");
  }

  @TrefoilTest(seeds = 20)
  void theSpawnersValuesCountNotThoseOfTheNurserysParent() {
    LOCAL.set("parent's");
    Nursery.open(
        nursery ->
            nursery.spawn(
                () ->
                    LOCAL.callWith(
                        "spawner's",
                        () -> nursery.spawn(() -> trace.add("child sees " + LOCAL.get())))));
    assertThat(trace).containsExactly("child sees spawner's");
  }

  @TrefoilTest(seeds = 20)
  void callWithPutsBackWhatWasThereAlsoAfterAnErrorOrACancellation() {
    for (String before : new String[] {null, "before"}) {
      if (before == null) {
        LOCAL.remove();
      } else {
        LOCAL.set(before);
      }
      String result =
          LOCAL.callWith(
              "inside",
              () -> {
                Hazmat.yieldBriefly();
                return LOCAL.get();
              });
      assertThat(result).isEqualTo("inside");
      assertThat(LOCAL.getOrNull()).isEqualTo(before);
      for (Throwable failure : Schedules.kindsOfFailure()) {
        assertThat(
                catchThrowable(
                    () ->
                        LOCAL.callWith(
                            "inside",
                            () -> {
                              LOCAL.set("changed");
                              throw failure;
                            })))
            .isSameAs(failure);
        assertThat(LOCAL.getOrNull()).isEqualTo(before);
      }
      CancelScope scope = CancelScope.create();
      scope.run(
          () -> {
            scope.cancel();
            LOCAL.callWith(
                "inside",
                () -> {
                  Trefoil.sleepForever();
                  return null;
                });
          });
      assertThat(LOCAL.getOrNull()).isEqualTo(before);
    }
  }

  @TrefoilTest(seeds = 20)
  void runWithIsTheFormWithoutResultAndPutsBackWhatWasThereToo() {
    LOCAL.remove();
    LOCAL.runWith(
        "outer",
        () -> {
          LOCAL.runWith("inner", () -> trace.add(LOCAL.get()));
          Hazmat.yieldBriefly();
          trace.add(LOCAL.get());
        });
    assertThat(trace).containsExactly("inner", "outer");
    assertThat(LOCAL.getOrNull()).isNull();
    for (Throwable failure : Schedules.kindsOfFailure()) {
      assertThat(
              catchThrowable(
                  () ->
                      LOCAL.runWith(
                          "inside",
                          () -> {
                            throw failure;
                          })))
          .isSameAs(failure);
      assertThat(LOCAL.getOrNull()).isNull();
    }
    assertThatThrownBy(() -> LOCAL.runWith("value", null))
        .isInstanceOf(NullPointerException.class)
        .hasMessageContaining("body");
  }

  @TrefoilTest(seeds = 20)
  void callWithNests() {
    LOCAL.callWith(
        "1",
        () -> {
          LOCAL.callWith("2", () -> trace.add(LOCAL.get()));
          return trace.add(LOCAL.get());
        });
    assertThat(trace).containsExactly("2", "1");
  }

  @TrefoilTest(seeds = 20)
  void valuesStayWithTheirTaskAcrossSwitches() {
    Nursery.open(
        nursery -> {
          for (int number = 0; number < 5; number++) {
            String mine = String.valueOf(number);
            nursery.spawn(
                () -> {
                  LOCAL.set(mine);
                  for (int i = 0; i < 10; i++) {
                    Hazmat.yieldBriefly();
                    assertThat(LOCAL.get()).isEqualTo(mine);
                  }
                });
          }
        });
  }

  @TrefoilTest
  void readingAndSettingIsNoCheckpoint() {
    Checkpoints.assertNoCheckpoints(
        () -> {
          LOCAL.set("value");
          LOCAL.callWith("other", LOCAL::get);
          LOCAL.remove();
        });
  }

  @TrefoilTest
  void anUnsetVariableIsAnErrorThatSaysWhatToDo() {
    assertThat(LOCAL.getOrNull()).isNull();
    assertThatThrownBy(LOCAL::get)
        .isInstanceOf(NoSuchElementException.class)
        .hasMessageContaining("main")
        .hasMessageContaining("Set it");
    LOCAL.set("value");
    LOCAL.remove();
    assertThatThrownBy(LOCAL::get).isInstanceOf(NoSuchElementException.class);
  }

  @TrefoilTest
  void anInitialValueIsComputedOncePerTaskOnTheFirstGet() {
    AtomicInteger computed = new AtomicInteger();
    TaskLocal<Integer> local = TaskLocal.withInitial(computed::incrementAndGet);
    assertThat(local.getOrNull()).isNull();
    Nursery.open(
        nursery -> {
          Task<Integer> before = nursery.spawn(local::get);
          assertThat(before.join()).isEqualTo(1);
          assertThat(local.get()).isEqualTo(2);
          assertThat(local.get()).isEqualTo(2);
          Task<Integer> after = nursery.spawn(local::get);
          assertThat(after.join()).isEqualTo(2);
        });
  }

  @TrefoilTest
  void variablesAreIndependent() {
    TaskLocal<String> other = TaskLocal.create();
    LOCAL.set("one");
    other.set("two");
    LOCAL.remove();
    assertThat(other.get()).isEqualTo("two");
    assertThat(LOCAL.getOrNull()).isNull();
  }

  @TrefoilTest
  void nullIsRefused() {
    assertThatThrownBy(() -> LOCAL.set(null))
        .isInstanceOf(NullPointerException.class)
        .hasMessageContaining("value");
    assertThatThrownBy(() -> LOCAL.callWith(null, () -> trace.add("ran")))
        .isInstanceOf(NullPointerException.class)
        .hasMessageContaining("value");
    assertThatThrownBy(() -> TaskLocal.withInitial(null))
        .isInstanceOf(NullPointerException.class)
        .hasMessageContaining("initial");
    TaskLocal<String> local = TaskLocal.withInitial(() -> null);
    assertThatThrownBy(local::get)
        .isInstanceOf(NullPointerException.class)
        .hasMessageContaining("initial");
    assertThat(trace).isEmpty();
  }

  @Test
  void outsideATaskItIsRefusedWithAdvice() {
    assertThatThrownBy(LOCAL::get)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("Trefoil.run");
    assertThatThrownBy(() -> LOCAL.set("value"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("Trefoil.run");
  }

  @Test
  void runsDoNotSeeEachOthersValues() {
    Trefoil.run(() -> LOCAL.set("first run"));
    Trefoil.run(
        () -> {
          trace.add(String.valueOf(LOCAL.getOrNull()));
        });
    assertThat(trace).containsExactly("null");
  }

  @TrefoilTest(seeds = 20)
  void systemTasksStartWithTheValuesOfTheRunsStart() {
    LOCAL.set("spawner's");
    Task<String> task = Hazmat.spawnSystemTask("system", LOCAL::getOrNull);
    assertThat(task.join()).isNull();
  }

  // ---- scoped values of the platform

  @TrefoilTest(seeds = 20)
  void aScopedValueBelongsToTheTaskThatBoundItAcrossSwitches() {
    ParkingLot lot = new ParkingLot();
    Nursery.open(
        nursery -> {
          for (int number = 0; number < 5; number++) {
            String mine = String.valueOf(number);
            nursery.spawn(
                () ->
                    ScopedValue.where(SCOPED, mine)
                        .run(
                            () -> {
                              for (int i = 0; i < 5; i++) {
                                Hazmat.yieldBriefly();
                                assertThat(SCOPED.get()).isEqualTo(mine);
                              }
                              lot.park();
                              assertThat(SCOPED.get()).isEqualTo(mine);
                            }));
          }
          nursery.spawn(
              () -> {
                while (lot.size() < 5) {
                  assertThat(SCOPED.isBound()).isFalse();
                  Hazmat.yieldBriefly();
                }
                lot.unparkAll();
              });
        });
    assertThat(SCOPED.isBound()).isFalse();
  }

  @TrefoilTest(seeds = 20)
  void aScopedValueIsNotHandedToSpawnedTasks() {
    Nursery.open(
        nursery ->
            ScopedValue.where(SCOPED, "spawner's")
                .run(
                    () -> {
                      Task<Boolean> child = nursery.spawn(SCOPED::isBound);
                      assertThat(child.join()).isFalse();
                    }));
  }
}
