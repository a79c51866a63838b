package dev.trefoil.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.trefoil.hazmat.CancelStatus;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.RunOptions;
import dev.trefoil.hazmat.TaskSpec;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The deadlines of a run; a node's deadline can be set only inside one. */
@Tag("T14")
final class DeadlineHeapTest {
  /** Later than any test lasts. */
  private static final long FAR = Long.MAX_VALUE / 2;

  private static final int MANY = 200_000;

  /** More than the ranks below a node that rise and fall again. */
  private static final int FEW = 2 * Long.SIZE;

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

  private static boolean isUnlinked(Timer node) {
    return node.heapBelow == null
        && node.heapNewer == null
        && node.heapOlder == null
        && node.heapRank == 0;
  }

  /** Empties the heap from the top, and returns how many were directly below the first one at most. */
  private static int mostBelowAnyFirst(DeadlineHeap heap) {
    int most = 0;
    for (Timer first = heap.first(); first != null; first = heap.first()) {
      int count = 0;
      for (Timer below = first.heapBelow; below != null; below = below.heapOlder) {
        count++;
      }
      most = Math.max(most, count);
      heap.remove(first);
    }
    return most;
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
          assertThat(nodes).allMatch(DeadlineHeapTest::isUnlinked);
        });
  }

  @Test
  void aMillionDeadlinesThatAreDroppedAreNotLinkedToOneAnother() {
    inRun(
        loop -> {
          List<CancelNode> nodes = nodes(loop, 1_000_000);
          Random random = new Random(4);
          for (CancelNode node : nodes) {
            node.setDeadline(FAR + random.nextInt(1_000));
          }
          Collections.shuffle(nodes, random);
          for (CancelNode node : nodes) {
            node.setDeadline(CancelStatus.NO_DEADLINE);
          }
          assertThat(loop.deadlines().size()).isZero();
          assertThat(loop.deadlines().first()).isNull();
          assertThat(nodes).allMatch(DeadlineHeapTest::isUnlinked);
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

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 50, 1_000, Integer.MAX_VALUE})
  void whateverIsSetMovedDroppedAndExpiresTheFirstIsTheEarliest(int differentDeadlines) {
    inRun(
        loop -> {
          for (int seed = 0; seed < 50; seed++) {
            Model model = new Model(nodes(loop, 1 + seed * 4), new Random(seed));
            for (int i = 0; i < 2_000; i++) {
              model.changeAtRandom(differentDeadlines);
            }
            model.checkOrder();
          }
        });
  }

  /** A heap beside a sorted set of what is to be in it. */
  private static final class Model {
    private static final long[] EXTREMES = {
      Long.MIN_VALUE, Long.MIN_VALUE + 1, -1, 0, 1, Long.MAX_VALUE - 1
    };

    private final DeadlineHeap heap = new DeadlineHeap();
    private final List<CancelNode> nodes;
    private final Random random;
    private final Map<CancelNode, Integer> orders = new IdentityHashMap<>();
    private final TreeSet<CancelNode> expected =
        new TreeSet<>(
            Comparator.comparingLong((CancelNode node) -> node.deadline)
                .thenComparingInt(orders::get));
    private int lastOrder;

    Model(List<CancelNode> nodes, Random random) {
      this.nodes = nodes;
      this.random = random;
    }

    void changeAtRandom(int differentDeadlines) {
      CancelNode node = nodes.get(random.nextInt(nodes.size()));
      switch (random.nextInt(10)) {
        case 0, 1, 2, 3, 4 -> put(node, random.nextInt(differentDeadlines));
        case 5 -> put(node, EXTREMES[random.nextInt(EXTREMES.length)]);
        case 6, 7 -> remove(node);
        default -> {
          if (!expected.isEmpty()) {
            remove(expected.first());
          }
        }
      }
      assertThat(heap.size()).isEqualTo(expected.size());
      assertThat(heap.first()).isSameAs(expected.isEmpty() ? null : expected.first());
    }

    private void put(CancelNode node, long deadline) {
      expected.remove(node);
      orders.put(node, ++lastOrder);
      heap.put(node, deadline);
      expected.add(node);
    }

    private void remove(CancelNode node) {
      expected.remove(node);
      heap.remove(node);
      assertThat(isUnlinked(node)).as("it holds no other one").isTrue();
    }

    void checkOrder() {
      List<CancelNode> inOrder = List.copyOf(expected);
      assertThat(drain(heap)).isEqualTo(inOrder);
      assertThat(nodes).allMatch(DeadlineHeapTest::isUnlinked);
    }
  }

  @Test
  void fewAreLookedAtWhenTheFirstOfManyExpiresThatWereSetInTheirOrder() {
    inRun(
        loop -> {
          DeadlineHeap heap = new DeadlineHeap();
          List<CancelNode> nodes = nodes(loop, MANY);
          for (int i = 0; i < MANY; i++) {
            heap.put(nodes.get(i), i);
          }
          assertThat(mostBelowAnyFirst(heap)).isLessThan(FEW);
        });
  }

  @Test
  void fewAreLookedAtWhenTheFirstOfManyExpiresThatWereSetInNoOrder() {
    inRun(
        loop -> {
          DeadlineHeap heap = new DeadlineHeap();
          Random random = new Random(5);
          for (CancelNode node : nodes(loop, MANY)) {
            heap.put(node, random.nextInt());
          }
          assertThat(mostBelowAnyFirst(heap)).isLessThan(FEW);
        });
  }

  /** The one that comes and goes is the first meanwhile, and what it leaves has to be put together. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 50})
  void fewAreLookedAtWhenTheFirstOfManyExpiresThatWereSetWhileAShortOneCameAndWent(int atMost) {
    inRun(
        loop -> {
          DeadlineHeap heap = new DeadlineHeap();
          List<CancelNode> nodes = nodes(loop, MANY);
          CancelNode shortOne = (CancelNode) loop.root().newChild("the short one");
          Random random = new Random(6);
          for (int i = 0; i < MANY; ) {
            heap.put(shortOne, -1);
            for (int k = random.nextInt(atMost); k >= 0 && i < MANY; k--, i++) {
              heap.put(nodes.get(i), i);
            }
            heap.remove(shortOne);
          }
          assertThat(mostBelowAnyFirst(heap)).isLessThan(FEW);
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
