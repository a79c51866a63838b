package dev.trefoil.tests.tasks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.Task;
import dev.trefoil.tasks.CancelScope;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.tasks.TaskTree;
import dev.trefoil.tasks.Trefoil;
import dev.trefoil.testing.Testing;
import dev.trefoil.testing.TrefoilTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Who belongs to whom. */
@Tag("T40")
class TaskTreeTest {

  @TrefoilTest
  void theRootIsTheMainTaskSeenFromEverywhere() {
    Task<?> main = Hazmat.currentTask();
    assertThat(TaskTree.rootTask()).isSameAs(main);
    Nursery.open(
        nursery -> {
          Task<Task<?>> child = nursery.spawn(TaskTree::rootTask);
          assertThat(child.join()).isSameAs(main);
        });
  }

  @TrefoilTest(seeds = 20)
  void theParentNurseryIsTheOneThatTheTaskWasSpawnedInto() {
    Nursery.open(
        nursery -> {
          Task<?> child =
              nursery.spawn(
                  () -> {
                    Nursery.open(
                        nested -> {
                          Task<?> grandchild = nested.spawn(Hazmat::yieldBriefly);
                          Task<?> sibling = nursery.spawn(Hazmat::yieldBriefly);
                          assertThat(TaskTree.parentNursery(grandchild)).isSameAs(nested);
                          assertThat(TaskTree.parentNursery(sibling)).isSameAs(nursery);
                        });
                  });
          assertThat(TaskTree.parentNursery(child)).isSameAs(nursery);
        });
  }

  @TrefoilTest
  @Tag("T11")
  void linksSurviveTheEndOfTaskAndNursery() {
    Task<?>[] child = new Task<?>[1];
    Nursery[] kept = new Nursery[1];
    Nursery.open(
        nursery -> {
          kept[0] = nursery;
          child[0] = nursery.spawn(Hazmat::yieldBriefly);
        });
    assertThat(TaskTree.parentNursery(child[0])).isSameAs(kept[0]);
    assertThat(TaskTree.childNurseries(child[0])).isEmpty();
    assertThat(TaskTree.eventualParentNursery(child[0])).isNull();
  }

  @TrefoilTest
  void mainAndSystemTasksAreInNoNursery() {
    Task<?> system = Hazmat.spawnSystemTask("system", () -> null);
    assertThat(TaskTree.parentNursery(system)).isNull();
    assertThat(TaskTree.parentNursery(TaskTree.rootTask())).isNull();
    assertThat(TaskTree.eventualParentNursery(TaskTree.rootTask())).isNull();
  }

  @TrefoilTest(seeds = 20)
  void childNurseriesAreThoseTheTaskHasOpenOutermostFirst() {
    Task<?> self = Hazmat.currentTask();
    assertThat(TaskTree.childNurseries(self)).isEmpty();
    Nursery.open(
        outer ->
            CancelScope.create()
                .run(
                    () -> {
                      Nursery.open(
                          inner -> {
                            assertThat(TaskTree.childNurseries(self)).containsExactly(outer, inner);
                            Task<?> child = inner.spawn(Hazmat::yieldBriefly);
                            assertThat(TaskTree.childNurseries(child)).isEmpty();
                          });
                      assertThat(TaskTree.childNurseries(self)).containsExactly(outer);
                    }));
    assertThat(TaskTree.childNurseries(self)).isEmpty();
  }

  @TrefoilTest(seeds = 20)
  void aTasksNurseriesCanBeSeenWhileItWaitsInThem() {
    Nursery.open(
        nursery -> {
          Task<?> waiting =
              nursery.spawn(() -> Nursery.open(nested -> nested.spawn(Trefoil::sleepForever)));
          Testing.waitAllTasksBlocked();
          assertThat(TaskTree.childNurseries(waiting))
              .singleElement()
              .satisfies(
                  nested -> {
                    assertThat(nested.parentTask()).isSameAs(waiting);
                    assertThat(nested.childTasks()).hasSize(1);
                  });
          nursery.cancelScope().cancel();
        });
  }

  @TrefoilTest(seeds = 20)
  @Tag("T8")
  void aTaskBeingStartedIsInItsStartersNurseryUntilItIsReady() {
    Nursery.open(
        nursery -> {
          Task<?> starter = nursery.spawn(() -> nursery.start(status -> Trefoil.sleepForever()));
          Testing.waitAllTasksBlocked();
          Nursery starting = TaskTree.childNurseries(starter).getFirst();
          Task<?> started = starting.childTasks().getFirst();
          assertThat(TaskTree.parentNursery(started)).isSameAs(starting).isNotSameAs(nursery);
          assertThat(TaskTree.eventualParentNursery(started)).isSameAs(nursery);
          assertThat(nursery.childTasks()).containsExactly(starter);
          nursery.cancelScope().cancel();
        });
  }

  @Test
  void thereIsNoRootOutsideARun() {
    assertThatThrownBy(TaskTree::rootTask)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("Trefoil.run");
  }
}
