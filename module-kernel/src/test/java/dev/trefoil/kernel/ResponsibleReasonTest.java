package dev.trefoil.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.trefoil.hazmat.CancelReason;
import dev.trefoil.hazmat.CancelStatus;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.RunOptions;
import dev.trefoil.hazmat.TaskSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The short cuts to the reason of a cancellation against the long way. */
@Tag("T13")
@Tag("T19")
final class ResponsibleReasonTest {
  private static final int TREES = 300;
  private static final int CHANGES = 200;

  /** The definition: the reason of the outermost cancelled node that no shield hides. */
  private static @Nullable CancelReason longWay(CancelStatus node) {
    CancelReason found = null;
    for (CancelStatus up = node; up != null; up = up.isShielded() ? null : up.parent()) {
      if (up.reason() != null) {
        found = up.reason();
      }
    }
    return found;
  }

  private static void compare(List<CancelNode> nodes) {
    for (CancelNode node : nodes) {
      CancelReason expected = longWay(node);
      assertThat(node.effectivelyCancelled()).isEqualTo(expected != null);
      if (expected != null) {
        assertThat(node.responsibleReason()).isSameAs(expected);
      }
    }
  }

  private static void changeAtRandom(List<CancelNode> nodes, Random random, int change) {
    CancelNode node = nodes.get(random.nextInt(nodes.size()));
    CancelNode other = nodes.get(random.nextInt(nodes.size()));
    switch (random.nextInt(6)) {
      case 0, 1 -> nodes.add((CancelNode) node.newChild("node " + change));
      case 2 -> node.cancel(CancelReason.explicit("change " + change));
      case 3 -> node.setShielded(!node.isShielded());
      case 4 -> moveIfPossible(node, other);
      default -> {
        // One alone is asked, so that some short cuts are older than others.
        if (other.effectivelyCancelled()) {
          assertThat(other.responsibleReason()).isSameAs(longWay(other));
        }
      }
    }
  }

  private static void moveIfPossible(CancelNode node, CancelNode target) {
    for (CancelStatus up = target; up != null; up = up.parent()) {
      if (up == node) {
        return;
      }
    }
    node.moveUnder(target);
  }

  @Test
  void whateverIsCancelledShieldedAndMovedTheOutermostVisibleReasonIsFound() {
    new TrefoilKernel()
        .run(
            RunOptions.defaults(),
            TaskSpec.of(
                () -> {
                  for (int seed = 0; seed < TREES; seed++) {
                    Random random = new Random(seed);
                    List<CancelNode> nodes = new ArrayList<>();
                    CancelStatus root = Hazmat.currentRun().rootCancelStatus();
                    nodes.add((CancelNode) root.newChild("the top"));
                    for (int change = 0; change < CHANGES; change++) {
                      changeAtRandom(nodes, random, change);
                      if (random.nextInt(10) == 0) {
                        compare(nodes);
                      }
                    }
                    compare(nodes);
                  }
                  return null;
                }))
        .unwrap();
  }
}
