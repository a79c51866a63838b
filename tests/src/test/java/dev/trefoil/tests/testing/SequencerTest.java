package dev.trefoil.tests.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.trefoil.hazmat.Cancelled;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.tasks.CancelScope;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.testing.Checkpoints;
import dev.trefoil.testing.Sequencer;
import dev.trefoil.testing.Testing;
import dev.trefoil.testing.TrefoilTest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;

@Tag("T87")
class SequencerTest {
  private final Sequencer sequence = new Sequencer();
  private final List<Object> trace = new ArrayList<>();

  @TrefoilTest(seeds = 20)
  void runsPiecesInTheOrderOfTheirNumbers() {
    Nursery.open(
        nursery -> {
          for (int position : new int[] {5, 3, 0, 4, 1, 2}) {
            nursery.spawn(() -> sequence.run(position, () -> trace.add(position)));
          }
        });
    assertThat(trace).containsExactly(0, 1, 2, 3, 4, 5);
  }

  @TrefoilTest(seeds = 20)
  void pieceStartsOnlyWhenTheOneBeforeHasEnded() {
    Nursery.open(
        nursery -> {
          for (int position = 3; position >= 0; position--) {
            int n = position;
            nursery.spawn(
                () ->
                    sequence.run(
                        n,
                        () -> {
                          trace.add("start " + n);
                          Hazmat.yieldBriefly();
                          Hazmat.yieldBriefly();
                          trace.add("end " + n);
                        }));
          }
        });
    assertThat(trace)
        .containsExactly(
            "start 0", "end 0", "start 1", "end 1", "start 2", "end 2", "start 3", "end 3");
  }

  @TrefoilTest
  void laterNumberWaitsForAllBefore() {
    Nursery.open(
        nursery -> {
          nursery.spawn(() -> sequence.run(2, () -> trace.add(2)));
          Testing.waitAllTasksBlocked();
          sequence.run(0, () -> trace.add(0));
          Testing.waitAllTasksBlocked();
          assertThat(trace).containsExactly(0);
          sequence.run(1, () -> trace.add(1));
        });
    assertThat(trace).containsExactly(0, 1, 2);
  }

  @TrefoilTest(seeds = 2)
  void everyTurnIsACheckpoint() {
    Checkpoints.assertCheckpoints(() -> sequence.run(0, () -> {}));
    Checkpoints.assertCheckpoints(() -> sequence.run(1, () -> {}));
  }

  @TrefoilTest
  void pieceThatThrowsPassesTheTurnOn() {
    IOException failure = new IOException("no");
    assertThatThrownBy(
            () ->
                sequence.run(
                    0,
                    () -> {
                      throw failure;
                    }))
        .isSameAs(failure);
    sequence.run(1, () -> trace.add(1));
    assertThat(trace).containsExactly(1);
  }

  @TrefoilTest
  void usedNumberIsRefusedAndTheSequenceGoesOn() {
    sequence.run(0, () -> {});
    assertThatThrownBy(() -> sequence.run(0, () -> trace.add(0)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContainingAll("position", "0", "again");
    Nursery.open(
        nursery -> {
          nursery.spawn(() -> sequence.run(2, () -> trace.add(2)));
          Testing.waitAllTasksBlocked();
          assertThatThrownBy(() -> sequence.run(2, () -> trace.add("second 2")))
              .isInstanceOf(IllegalStateException.class)
              .hasMessageContaining("again");
          sequence.run(1, () -> trace.add(1));
        });
    assertThat(trace).containsExactly(1, 2);
  }

  @TrefoilTest
  void negativeNumberIsRefused() {
    assertThatThrownBy(() -> sequence.run(-1, () -> trace.add(-1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("position", "-1");
  }

  @TrefoilTest(seeds = 20)
  void cancellingAWaiterBreaksTheSequenceForEverybody() {
    CancelScope scope = CancelScope.create();
    Nursery.open(
        nursery -> {
          nursery.spawn(() -> scope.run(() -> failing(2)));
          nursery.spawn(() -> failing(3));
          nursery.spawn(() -> failing(7));
          Testing.waitAllTasksBlocked();
          scope.cancel();
          Testing.waitAllTasksBlocked();
          assertThat(trace).containsExactlyInAnyOrder("2 by Cancelled", "3 broken", "7 broken");
          failing(0);
          failing(1);
        });
    assertThat(trace).endsWith("0 broken", "1 broken").doesNotContain("ran");
  }

  private void failing(int position) {
    try {
      sequence.run(position, () -> trace.add("ran"));
    } catch (IllegalStateException broken) {
      assertThat(broken).hasMessageContaining("sequence");
      trace.add(position + (broken.getCause() instanceof Cancelled ? " by Cancelled" : " broken"));
    }
  }

  @TrefoilTest
  void cancelledOnArrivalBreaksTheSequenceToo() {
    CancelScope scope = CancelScope.create();
    scope.cancel();
    scope.run(() -> failing(0));
    failing(1);
    assertThat(trace).containsExactly("0 by Cancelled", "1 broken");
  }

  @TrefoilTest(seeds = 20)
  void turnThatWasGivenIsTakenEvenIfACancellationFollows() {
    CancelScope scope = CancelScope.create();
    Nursery.open(
        nursery -> {
          nursery.spawn(() -> scope.run(() -> sequence.run(1, () -> trace.add(1))));
          Testing.waitAllTasksBlocked();
          sequence.run(0, () -> trace.add(0));
          scope.cancel();
          sequence.run(2, () -> trace.add(2));
        });
    assertThat(trace).containsExactly(0, 1, 2);
  }
}
