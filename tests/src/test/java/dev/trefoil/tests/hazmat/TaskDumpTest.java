package dev.trefoil.tests.hazmat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.ParkingLot;
import dev.trefoil.hazmat.TaskDump;
import dev.trefoil.hazmat.TaskState;
import dev.trefoil.tasks.CancelScope;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.testing.Testing;
import dev.trefoil.testing.TrefoilTest;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What a dump is turned into, for programs and for people. */
@Tag("R72")
final class TaskDumpTest {
  private final ParkingLot lot = new ParkingLot();

  private static TaskDump.Entry entry(long id, String name, TaskDump.Entry... children) {
    return new TaskDump.Entry(
        id, name, TaskState.PARKED, "LOCK_WAIT", List.of(), List.of(children));
  }

  @Test
  void jsonIsOneLineWithTheWholeTree() {
    TaskDump dump =
        new TaskDump(
            List.of(
                new TaskDump.Entry(
                    1,
                    "main",
                    TaskState.RUNNING,
                    "RUNNING",
                    List.of(
                        new StackTraceElement("Shop", "sell", "Shop.java", 7),
                        new StackTraceElement("Shop", "main", "Shop.java", 3)),
                    List.of(entry(2, "first", entry(4, "grandchild")), entry(3, "second"))),
                entry(5, "system")));
    assertThat(dump.toJson())
        .isEqualTo(
            "{\"tasks\":["
                + "{\"id\":1,\"name\":\"main\",\"state\":\"RUNNING\",\"label\":\"RUNNING\","
                + "\"stack\":[\"Shop.sell(Shop.java:7)\",\"Shop.main(Shop.java:3)\"],\"children\":["
                + "{\"id\":2,\"name\":\"first\",\"state\":\"PARKED\",\"label\":\"LOCK_WAIT\","
                + "\"stack\":[],\"children\":["
                + "{\"id\":4,\"name\":\"grandchild\",\"state\":\"PARKED\",\"label\":\"LOCK_WAIT\","
                + "\"stack\":[],\"children\":[]}]},"
                + "{\"id\":3,\"name\":\"second\",\"state\":\"PARKED\",\"label\":\"LOCK_WAIT\","
                + "\"stack\":[],\"children\":[]}]},"
                + "{\"id\":5,\"name\":\"system\",\"state\":\"PARKED\",\"label\":\"LOCK_WAIT\","
                + "\"stack\":[],\"children\":[]}]}");
  }

  @Test
  void jsonOfNothingIsAnEmptyList() {
    assertThat(new TaskDump(List.of()).toJson()).isEqualTo("{\"tasks\":[]}");
  }

  @Test
  void jsonEscapesWhateverANameMayHold() {
    String name = "a\"b\\c\nd\re\tf\bg\u0000h\u007fi\u00e4j\u2028k\ud83d\ude00l\ud800m/";
    assertThat(new TaskDump(List.of(entry(1, name))).toJson())
        .contains(
            "\"name\":\"a\\\"b\\\\c\\nd\\re\\tf\\u0008g\\u0000h\\u007fi\\u00e4j\\u2028k"
                + "\\ud83d\\ude00l\\ud800m/\"");
  }

  @Test
  void treesOfAnyDepthCanBeWritten() {
    int depth = 100_000;
    TaskDump.Entry tree = entry(depth, "leaf");
    for (int i = depth - 1; i > 0; i--) {
      tree = entry(i, "n", tree);
    }
    TaskDump dump = new TaskDump(List.of(tree));
    assertThat(dump.toJson()).contains("\"name\":\"leaf\"").endsWith("]}".repeat(depth) + "]}");
    List<String> lines = dump.toString().lines().toList();
    assertThat(lines).hasSize(depth);
    assertThat(lines.get(1)).isEqualTo("   #2 n [LOCK_WAIT]");
    assertThat(lines.getLast())
        .hasSizeLessThan(200)
        .contains("depth 99999", "#100000 leaf [LOCK_WAIT]");
  }

  private void nest(int depth) {
    if (depth == 0) {
      lot.park("DEEP_WAIT");
      return;
    }
    Nursery.open(nursery -> nursery.spawn("level " + depth, () -> nest(depth - 1)));
  }

  @TrefoilTest
  void runsWithDeeplyNestedNurseriesCanBeDumped() {
    int depth = 20_000;
    Nursery.open(
        nursery -> {
          CancelScope scope = CancelScope.create();
          nursery.spawn("top", () -> scope.run(() -> nest(depth)));
          Testing.waitAllTasksBlocked();
          TaskDump.Entry entry = Hazmat.currentRun().dump().roots().getFirst();
          int levels = 0;
          while (!entry.children().isEmpty()) {
            entry = entry.children().getFirst();
            levels++;
          }
          assertThat(levels).isEqualTo(depth + 1);
          assertThat(entry.stateLabel()).isEqualTo("DEEP_WAIT");
          lot.unparkAll();
        });
  }
}
