package dev.trefoil.tests.stress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.trefoil.hazmat.Backend;
import dev.trefoil.hazmat.CancelReason;
import dev.trefoil.hazmat.Cancelled;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.RunOptions;
import dev.trefoil.tasks.CancelScope;
import dev.trefoil.tasks.ExceptionGroup;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.tasks.Trefoil;
import dev.trefoil.testing.Testing;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Nurseries so deep inside one another that whatever goes up the tree for each of them shows. */
class DeepNestingTest {
  private static final int DEPTH = 100_000;

  private int ended;
  private int otherReasons;

  @ParameterizedTest
  @EnumSource(names = {"CONTINUATION", "VIRTUAL_THREAD"})
  @Tag("T6")
  @Tag("T13")
  @Timeout(20)
  void cancellingNestedNurseriesTakesTimeInProportionToTheirNumber(Backend backend) {
    CancelScope outermost = CancelScope.create();
    Trefoil.run(
        RunOptions.defaults().withBackend(backend).withBlockedWarningAfter(Duration.ZERO),
        () ->
            Nursery.open(
                nursery -> {
                  nursery.spawn(() -> outermost.run(() -> nest(DEPTH)));
                  Testing.waitAllTasksBlocked();
                  outermost.cancel("the reason");
                }));
    assertThat(outermost.cancelledCaught()).isTrue();
    assertThat(ended).isEqualTo(DEPTH);
    assertThat(otherReasons).isZero();
  }

  /** The body of each nursery waits as well, and passes a checkpoint on its way out. */
  private void nest(int depth) {
    if (depth == 0) {
      Trefoil.sleepForever();
    }
    Nursery.open(
        nursery -> {
          nursery.spawn(() -> nest(depth - 1));
          try {
            Trefoil.sleepForever();
          } finally {
            passACheckpointThatRaises();
            ended++;
          }
        });
  }

  @ParameterizedTest
  @EnumSource(names = {"CONTINUATION", "VIRTUAL_THREAD"})
  @Tag("T6")
  @Tag("T19")
  @Timeout(20)
  void failureInTheInnermostOfNestedNurseriesComesOutInAsManyGroups(Backend backend) {
    IOException failure = new IOException("innermost");
    Throwable raised =
        catchThrowable(
            () ->
                Trefoil.run(
                    RunOptions.defaults()
                        .withBackend(backend)
                        .withBlockedWarningAfter(Duration.ZERO),
                    () -> failInside(DEPTH, failure)));
    // Not by assertions on the group itself: describing it would go down all of its levels.
    assertThat(raised instanceof ExceptionGroup).isTrue();
    assertThat(((ExceptionGroup) raised).leaves()).containsExactly(failure);
  }

  private static void failInside(int depth, IOException failure) throws IOException {
    if (depth == 0) {
      throw failure;
    }
    Nursery.open(nursery -> nursery.spawn(() -> failInside(depth - 1, failure)));
  }

  private void passACheckpointThatRaises() {
    try {
      Hazmat.yieldBriefly();
      otherReasons++;
    } catch (Cancelled cancelled) {
      CancelReason reason = cancelled.reason();
      if (!"the reason".equals(reason.text())) {
        otherReasons++;
      }
    }
  }
}
