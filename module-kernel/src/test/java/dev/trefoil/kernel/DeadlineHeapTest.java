package dev.trefoil.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.trefoil.hazmat.CancelStatus;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.RunOptions;
import dev.trefoil.hazmat.TaskSpec;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The deadlines of a run; a node's deadline can be set only inside one. */
@Tag("T14")
final class DeadlineHeapTest {
  /** Later than any test lasts. */
  private static final long FAR = Long.MAX_VALUE / 2;

  private static void inRun(Consumer<RunLoop> test) {
    new TrefoilKernel()
        .run(
            RunOptions.defaults(),
            TaskSpec.of(
                () -> {
                  test.accept(((CancelNode) Hazmat.currentRun().rootCancelStatus()).loop());
                  return null;
                }))
        .unwrap();
  }

  private static List<CancelNode> nodes(RunLoop loop, int count) {
    List<CancelNode> nodes = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      nodes.add((CancelNode) loop.root().newChild(i));
    }
    return nodes;
  }

  /** Empties the heap from the top. */
  private static List<Timer> drain(DeadlineHeap heap) {
    List<Timer> drained = new ArrayList<>();
    for (Timer first = heap.first(); first != null; first = heap.first()) {
      drained.add(first);
      heap.remove(first);
    }
    return drained;
  }

  @Test
  void deadlinesComeOutInTheirOrder() {
    inRun(
        loop -> {
          List<CancelNode> nodes = nodes(loop, 1000);
          Random random = new Random(1);
          for (CancelNode node : nodes) {
            node.setDeadline(FAR + random.nextInt(1_000_000));
          }
          assertThat(drain(loop.deadlines()))
              .hasSize(1000)
              .isSortedAccordingTo(Comparator.comparingLong(timer -> timer.deadline));
        });
  }

  @Test
  void equalDeadlinesComeOutInTheOrderOfSetting() {
    inRun(
        loop -> {
          List<CancelNode> nodes = nodes(loop, 100);
          for (CancelNode node : nodes) {
            node.setDeadline(FAR);
          }
          nodes.getFirst().setDeadline(FAR);
          nodes.add(nodes.removeFirst());
          assertThat(drain(loop.deadlines())).isEqualTo(nodes);
        });
  }

  @Test
  void aMillionMovesAndDropsLeaveNothingBehind() {
    inRun(
        loop -> {
          List<CancelNode> nodes = nodes(loop, 10);
          Random random = new Random(2);
          int largest = 0;
          for (int i = 0; i < 1_000_000; i++) {
            CancelNode node = nodes.get(random.nextInt(10));
            node.setDeadline(
                random.nextInt(4) == 0 ? CancelStatus.NO_DEADLINE : FAR + random.nextInt(100));
            largest = Math.max(largest, loop.deadlines().size());
          }
          assertThat(largest).isEqualTo(10);
          for (CancelNode node : nodes) {
            node.close();
          }
          assertThat(loop.deadlines().size()).isZero();
          assertThat(loop.deadlines().first()).isNull();
          assertThat(loop.deadlines().capacity()).isLessThan(100);
        });
  }

  @Test
  void memoryOfAMillionDeadlinesIsGivenBackWhenTheyAreDropped() {
    inRun(
        loop -> {
          List<CancelNode> nodes = nodes(loop, 1_000_000);
          Random random = new Random(4);
          for (CancelNode node : nodes) {
            node.setDeadline(FAR + random.nextInt(1_000));
          }
          assertThat(loop.deadlines().capacity()).isGreaterThanOrEqualTo(1_000_000);
          Collections.shuffle(nodes, random);
          for (CancelNode node : nodes) {
            node.setDeadline(CancelStatus.NO_DEADLINE);
          }
          assertThat(loop.deadlines().size()).isZero();
          assertThat(loop.deadlines().capacity()).isLessThan(100);
        });
  }

  @Test
  void deadlinesAsFarAwayAsNumbersGoAreInOrder() {
    inRun(
        loop -> {
          long[] extremes = {Long.MAX_VALUE - 1, Long.MIN_VALUE, 0, FAR, Long.MIN_VALUE + 1, -1, 1};
          List<CancelNode> nodes = nodes(loop, extremes.length + 1);
          for (int i = 0; i < extremes.length; i++) {
            nodes.get(i).setDeadline(extremes[i]);
          }
          nodes.getLast().setDeadline(CancelStatus.NO_DEADLINE);
          assertThat(drain(loop.deadlines()))
              .extracting(timer -> timer.deadline)
              .containsExactly(
                  Long.MIN_VALUE, Long.MIN_VALUE + 1, -1L, 0L, 1L, FAR, Long.MAX_VALUE - 1);
        });
  }

  @Test
  void whateverIsSetMovedAndDroppedTheFirstIsTheEarliest() {
    inRun(
        loop -> {
          Comparator<CancelNode> order =
              Comparator.comparingLong((CancelNode node) -> node.deadline)
                  .thenComparingLong(node -> node.heapOrder);
          List<CancelNode> nodes = nodes(loop, 200);
          TreeSet<CancelNode> expected = new TreeSet<>(order);
          Random random = new Random(3);
          for (int i = 0; i < 50_000; i++) {
            CancelNode node = nodes.get(random.nextInt(nodes.size()));
            expected.remove(node);
            if (random.nextInt(3) == 0) {
              node.setDeadline(CancelStatus.NO_DEADLINE);
            } else {
              node.setDeadline(FAR + random.nextInt(50));
              expected.add(node);
            }
            assertThat(loop.deadlines().size()).isEqualTo(expected.size());
            assertThat(loop.deadlines().first())
                .isSameAs(expected.isEmpty() ? null : expected.first());
          }
          assertThat(drain(loop.deadlines())).isEqualTo(List.copyOf(expected));
        });
  }

  @Test
  void droppingADeadlineThatIsNotThereDoesNothing() {
    inRun(
        loop -> {
          List<CancelNode> nodes = nodes(loop, 2);
          nodes.getFirst().setDeadline(FAR);
          loop.deadlines().remove(nodes.get(1));
          loop.deadlines().remove(nodes.get(1));
          assertThat(loop.deadlines().first()).isSameAs(nodes.getFirst());
        });
  }
}
