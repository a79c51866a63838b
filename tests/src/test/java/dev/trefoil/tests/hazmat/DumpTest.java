package dev.trefoil.tests.hazmat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.ParkingLot;
import dev.trefoil.hazmat.Task;
import dev.trefoil.hazmat.TaskDump;
import dev.trefoil.hazmat.TaskOwner;
import dev.trefoil.hazmat.TaskSpec;
import dev.trefoil.hazmat.TaskState;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.testing.Checkpoints;
import dev.trefoil.testing.Testing;
import dev.trefoil.testing.TrefoilTest;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;

final class DumpTest {
  private final ParkingLot lot = new ParkingLot();

  private void waitForDinner() {
    lot.park("DINNER_WAIT");
  }

  private static TaskDump dump() {
    return Hazmat.currentRun().dump();
  }

  private static List<String> names(List<TaskDump.Entry> entries) {
    return entries.stream().map(TaskDump.Entry::name).toList();
  }

  @TrefoilTest(seeds = 20)
  @Tag("R72")
  void dumpIsATreeOfAllTasks() {
    Nursery.open(
        nursery -> {
          nursery.spawn(
              "parent",
              () ->
                  Nursery.open(
                      inner -> {
                        inner.spawn("first child", this::waitForDinner);
                        inner.spawn("second child", this::waitForDinner);
                      }));
          nursery.spawn("sibling", this::waitForDinner);
          Hazmat.spawnSystemTask(
              "server",
              () -> {
                waitForDinner();
                return null;
              });
          Testing.waitAllTasksBlocked();
          List<TaskDump.Entry> roots = dump().roots();
          assertThat(names(roots)).containsExactly("main", "server");
          List<TaskDump.Entry> children = roots.getFirst().children();
          assertThat(names(children)).containsExactly("parent", "sibling");
          assertThat(names(children.getFirst().children()))
              .containsExactlyInAnyOrder("first child", "second child");
          lot.unparkAll();
        });
  }

  @TrefoilTest
  @Tag("R72")
  void entriesTellStateLabelAndStack() {
    Nursery.open(
        nursery -> {
          Task<?> hungry = nursery.spawn("hungry", this::waitForDinner);
          Testing.waitAllTasksBlocked();
          Task<?> fresh = nursery.spawn("fresh", () -> null);
          TaskDump.Entry main = dump().roots().getFirst();
          assertThat(main.state()).isEqualTo(TaskState.RUNNING);
          assertThat(main.stateLabel()).isEqualTo("RUNNING");
          assertThat(main.stack()).isEmpty();

          TaskDump.Entry first = main.children().getFirst();
          assertThat(first.id()).isEqualTo(hungry.id());
          assertThat(first.state()).isEqualTo(TaskState.PARKED);
          assertThat(first.stateLabel()).isEqualTo("DINNER_WAIT");
          assertThat(first.stack())
              .extracting(StackTraceElement::getMethodName)
              .contains("waitForDinner");

          TaskDump.Entry second = main.children().get(1);
          assertThat(second.id()).isEqualTo(fresh.id());
          assertThat(second.state()).isEqualTo(TaskState.RUNNABLE);
          assertThat(second.stack()).isEmpty();
          lot.unparkAll();
        });
  }

  @TrefoilTest
  @Tag("R72")
  void stackOfAParkedTaskHoldsItsOwnCodeOnly() {
    Nursery.open(
        nursery -> {
          Task<?> hungry = nursery.spawn("hungry", this::waitForDinner);
          Testing.waitAllTasksBlocked();
          StackTraceElement[] stack = hungry.stackTrace();
          assertThat(stack)
              .extracting(StackTraceElement::getMethodName)
              .containsSubsequence("park", "waitForDinner");
          assertThat(stack)
              .extracting(StackTraceElement::getClassName)
              .noneMatch(name -> name.startsWith("dev.trefoil.kernel"))
              .noneMatch(name -> name.startsWith("jdk.internal"))
              .noneMatch(name -> name.startsWith("java.lang.VirtualThread"));
          lot.unparkAll();
          hungry.join();
          assertThat(hungry.stackTrace()).isEmpty();
        });
  }

  @TrefoilTest
  @Tag("R72")
  void textOfADumpHasALineForEachTaskItsStackAndIndentedChildren() {
    Nursery.open(
        nursery -> {
          Task<?> hungry = nursery.spawn("hungry", this::waitForDinner);
          Testing.waitAllTasksBlocked();
          List<String> lines = dump().toString().lines().toList();
          assertThat(lines).first().asString().contains("#1", "main", "RUNNING");
          assertThat(lines)
              .anyMatch(
                  line ->
                      line.startsWith(" ")
                          && line.contains("#" + hungry.id() + " hungry [DINNER_WAIT]"))
              .anyMatch(line -> line.contains("at ") && line.contains("waitForDinner"));
          lot.unparkAll();
        });
  }

  @TrefoilTest
  @Tag("R72")
  void taskWhoseParentHasEndedIsNotMissing() {
    Nursery.open(
        nursery -> {
          Task<?> ended = nursery.spawn("ended", () -> null);
          ended.join();
          Hazmat.spawn(
              TaskSpec.of(() -> lot.<Object>park())
                  .name("orphan")
                  .owner(ownedBy(ended))
                  .cancelStatus(Hazmat.currentTask().cancelStatus()));
          Testing.waitAllTasksBlocked();
          assertThat(dump().toString()).contains("orphan");
          lot.unparkAll();
          Testing.waitAllTasksBlocked();
        });
  }

  @TrefoilTest
  @Tag("R72")
  void tasksWhoseOwnersFormACycleAreNotMissing() {
    Nursery.open(
        nursery -> {
          List<Task<?>> spawned = new ArrayList<>();
          for (String name : List.of("tail", "first", "second", "third", "itself")) {
            spawned.add(nursery.spawn(name, this::waitForDinner));
          }
          Testing.waitAllTasksBlocked();
          List<TaskOwner> owners = spawned.stream().map(Task::owner).toList();
          spawned.get(0).changeOwner(ownedBy(spawned.get(2)));
          spawned.get(1).changeOwner(ownedBy(spawned.get(3)));
          spawned.get(2).changeOwner(ownedBy(spawned.get(1)));
          spawned.get(3).changeOwner(ownedBy(spawned.get(2)));
          spawned.get(4).changeOwner(ownedBy(spawned.get(4)));

          List<TaskDump.Entry> roots = dump().roots();
          assertThat(names(roots)).containsExactly("main", "first", "itself");
          List<TaskDump.Entry> children = roots.get(1).children();
          assertThat(names(children)).containsExactly("second");
          assertThat(names(children.getFirst().children())).containsExactly("tail", "third");

          for (int i = 0; i < spawned.size(); i++) {
            spawned.get(i).changeOwner(owners.get(i));
          }
          lot.unparkAll();
        });
  }

  private static TaskOwner ownedBy(Task<?> parent) {
    return new TaskOwner() {
      @Override
      public Task<?> parentTask() {
        return parent;
      }

      @Override
      public void taskExited(Task<?> task) {}
    };
  }

  @TrefoilTest
  @Tag("R70")
  void tasksAreListedInTheOrderOfSpawning() {
    Nursery.open(
        nursery -> {
          List<Task<?>> spawned = new ArrayList<>();
          spawned.add(Hazmat.currentTask());
          for (int i = 0; i < 5; i++) {
            spawned.add(nursery.spawn(this::waitForDinner));
          }
          assertThat(Hazmat.currentRun().tasks()).isEqualTo(spawned);
          Testing.waitAllTasksBlocked();
          lot.unpark();
          spawned.get(1).join();
          spawned.remove(1);
          assertThat(Hazmat.currentRun().tasks()).isEqualTo(spawned);
          lot.unparkAll();
        });
  }

  @TrefoilTest
  @Tag("R72")
  void dumpingIsNoCheckpoint() {
    Checkpoints.assertNoCheckpoints(DumpTest::dump);
  }
}
