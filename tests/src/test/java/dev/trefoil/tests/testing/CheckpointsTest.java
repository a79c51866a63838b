package dev.trefoil.tests.testing;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.trefoil.hazmat.Abort;
import dev.trefoil.hazmat.Cancelled;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.tasks.CancelScope;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.testing.Checkpoints;
import dev.trefoil.testing.TrefoilTest;
import java.io.IOException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("T88")
class CheckpointsTest {
  @TrefoilTest(seeds = 2)
  void wholeCheckpointIsOne() {
    Checkpoints.assertCheckpoints(Hazmat::yieldBriefly);
    Checkpoints.assertCheckpoints(
        () -> {
          Hazmat.yieldIfCancelled();
          Hazmat.yieldBrieflyNoCancel();
        });
    assertThatThrownBy(() -> Checkpoints.assertNoCheckpoints(Hazmat::yieldBriefly))
        .isInstanceOf(AssertionError.class)
        .hasMessageContainingAll("Expected no checkpoint", "1 schedule", "1 cancel");
  }

  @TrefoilTest(seeds = 2)
  void halfACheckpointIsNeitherOneNorNone() {
    assertThatThrownBy(() -> Checkpoints.assertCheckpoints(Hazmat::yieldIfCancelled))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("no schedule point");
    assertThatThrownBy(() -> Checkpoints.assertCheckpoints(Hazmat::yieldBrieflyNoCancel))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("no cancel point");
    assertThatThrownBy(() -> Checkpoints.assertNoCheckpoints(Hazmat::yieldIfCancelled))
        .isInstanceOf(AssertionError.class)
        .hasMessageContainingAll("0 schedule", "1 cancel");
    assertThatThrownBy(() -> Checkpoints.assertNoCheckpoints(Hazmat::yieldBrieflyNoCancel))
        .isInstanceOf(AssertionError.class)
        .hasMessageContainingAll("1 schedule", "0 cancel");
  }

  @TrefoilTest
  void nothingAtAllIsNone() {
    Checkpoints.assertNoCheckpoints(() -> {});
    assertThatThrownBy(() -> Checkpoints.assertCheckpoints(() -> {}))
        .isInstanceOf(AssertionError.class)
        .hasMessageContainingAll("Expected a checkpoint", "neither")
        .hasNoCause();
  }

  @TrefoilTest
  void everySkippedSwitchCounts() {
    for (int i = 0; i < 100; i++) {
      Checkpoints.assertCheckpoints(
          () -> {
            Hazmat.yieldIfCancelled();
            Hazmat.yieldBrieflyNoCancel();
          });
    }
  }

  @TrefoilTest
  void cancelledOperationIsACheckpoint() {
    CancelScope scope = CancelScope.create();
    scope.cancel();
    scope.run(
        () -> {
          assertThatThrownBy(() -> Checkpoints.assertCheckpoints(Hazmat::yieldBriefly))
              .isInstanceOf(Cancelled.class);
          assertThatThrownBy(() -> Checkpoints.assertCheckpoints(Hazmat::yieldIfCancelled))
              .isInstanceOf(Cancelled.class);
          assertThatThrownBy(
                  () ->
                      Checkpoints.assertCheckpoints(
                          () -> Hazmat.<Object>yieldIndefinitely(raise -> Abort.SUCCEEDED)))
              .isInstanceOf(Cancelled.class);
        });
  }

  @TrefoilTest
  void bodyThatThrowsIsHeldToItsPromiseToo() {
    IOException failure = new IOException("disk full");
    assertThatThrownBy(
            () ->
                Checkpoints.assertCheckpoints(
                    () -> {
                      throw failure;
                    }))
        .isInstanceOf(AssertionError.class)
        .hasCause(failure);
    assertThatThrownBy(
            () ->
                Checkpoints.assertNoCheckpoints(
                    () -> {
                      Hazmat.yieldBriefly();
                      throw failure;
                    }))
        .isInstanceOf(AssertionError.class)
        .hasCause(failure);
  }

  @TrefoilTest
  void bodyThatKeepsItsPromiseThrowsUnchanged() {
    IOException failure = new IOException("disk full");
    assertThatThrownBy(
            () ->
                Checkpoints.assertCheckpoints(
                    () -> {
                      Hazmat.yieldBriefly();
                      throw failure;
                    }))
        .isSameAs(failure);
    assertThatThrownBy(
            () ->
                Checkpoints.assertNoCheckpoints(
                    () -> {
                      throw failure;
                    }))
        .isSameAs(failure);
  }

  @TrefoilTest(seeds = 5)
  void checkpointsOfOtherTasksDoNotCount() {
    Nursery.open(
        nursery -> {
          nursery.spawn(
              () -> {
                for (int i = 0; i < 10; i++) {
                  Hazmat.yieldBriefly();
                }
              });
          // Switches, and is only half a checkpoint of this task all the same.
          assertThatThrownBy(
                  () ->
                      Checkpoints.assertCheckpoints(
                          () -> {
                            for (int i = 0; i < 100; i++) {
                              Hazmat.yieldBrieflyNoCancel();
                            }
                          }))
              .isInstanceOf(AssertionError.class)
              .hasMessageContaining("no cancel point");
        });
  }

  @TrefoilTest
  void oneInsideTheOther() {
    assertThatCode(
            () ->
                Checkpoints.assertCheckpoints(
                    () -> {
                      Checkpoints.assertNoCheckpoints(() -> {});
                      Checkpoints.assertCheckpoints(Hazmat::yieldBriefly);
                    }))
        .doesNotThrowAnyException();
  }

  @Test
  void outsideATaskItIsRefused() {
    assertThatThrownBy(() -> Checkpoints.assertCheckpoints(() -> {}))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("inside a Trefoil run");
  }
}
