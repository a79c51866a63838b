package dev.trefoil.tests.hazmat;

import static dev.trefoil.hazmat.KeyboardInterrupts.currentlyProtected;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.trefoil.hazmat.Abort;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.KeyboardInterrupts;
import dev.trefoil.hazmat.Task;
import dev.trefoil.tasks.CancelScope;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.testing.Checkpoints;
import dev.trefoil.testing.Testing;
import dev.trefoil.testing.TrefoilTest;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Whether code is protected from keyboard interrupts: the state as such, not its use. */
final class KeyboardProtectionTest {
  private final List<Boolean> states = new ArrayList<>();

  private void note() {
    states.add(currentlyProtected());
  }

  private Void noteAndReturn() {
    note();
    return null;
  }

  @Test
  @Tag("R18")
  @Tag("R19")
  void everythingOutsideARunIsProtected() {
    assertThat(currentlyProtected()).isTrue();
    assertThat(KeyboardInterrupts.<Boolean, RuntimeException>disableProtection(() -> true))
        .isTrue();
  }

  @TrefoilTest
  @Tag("R18")
  @Tag("R19")
  void freshTaskIsUnprotected() {
    note();
    Nursery.open(nursery -> nursery.spawn(this::note));
    assertThat(states).containsExactly(false, false);
  }

  @TrefoilTest
  @Tag("R18")
  void innermostOfNestedBlocksDecidesAndEachRestoresTheStateBefore() {
    KeyboardInterrupts.enableProtection(
        () -> {
          note();
          KeyboardInterrupts.disableProtection(
              () -> {
                note();
                return KeyboardInterrupts.enableProtection(this::noteAndReturn);
              });
          return noteAndReturn();
        });
    note();
    assertThat(states).containsExactly(true, false, true, true, false);
  }

  @TrefoilTest
  @Tag("R18")
  void stateBeforeIsRestoredAfterAnError() {
    assertThatThrownBy(
            () ->
                KeyboardInterrupts.enableProtection(
                    () -> {
                      throw new IllegalArgumentException("oops");
                    }))
        .hasMessage("oops");
    assertThat(currentlyProtected()).isFalse();
  }

  @TrefoilTest(seeds = 20)
  @Tag("R18")
  void stateBelongsToTheTaskAndSurvivesItsSleep() {
    Nursery.open(
        nursery -> {
          for (boolean wanted : new boolean[] {true, false, true}) {
            nursery.spawn(
                () -> {
                  for (int i = 0; i < 5; i++) {
                    if (wanted) {
                      KeyboardInterrupts.enableProtection(
                          () -> {
                            Hazmat.yieldBriefly();
                            assertThat(currentlyProtected()).isTrue();
                            return null;
                          });
                    }
                    Hazmat.yieldBriefly();
                    assertThat(currentlyProtected()).isFalse();
                  }
                });
          }
        });
  }

  @TrefoilTest
  @Tag("R18")
  void taskSpawnedByProtectedCodeIsUnprotected() {
    Nursery.open(
        nursery ->
            KeyboardInterrupts.enableProtection(
                () -> {
                  nursery.spawn(this::note);
                  return null;
                }));
    assertThat(states).containsExactly(false);
  }

  @TrefoilTest(seeds = 20)
  @Tag("R18")
  void entryCallIsProtectedAndMaySwitchThatOffForItself() {
    for (int i = 0; i < 2; i++) {
      Hazmat.currentCallSoonThreadAndSignalSafe()
          .callSoonThreadAndSignalSafe(
              () -> {
                note();
                KeyboardInterrupts.disableProtection(this::noteAndReturn);
                note();
              });
    }
    Testing.waitAllTasksBlocked();
    assertThat(states).containsExactly(true, false, true, true, false, true);
  }

  @TrefoilTest(seeds = 20)
  @Tag("R18")
  void abortIsProtectedAndWhatItDoesToItsStateDoesNotStickToTheCanceller() {
    CancelScope scope = CancelScope.create();
    Nursery.open(
        nursery -> {
          nursery.spawn(
              () ->
                  scope.run(
                      () ->
                          Hazmat.yieldIndefinitely(
                              raise -> {
                                note();
                                KeyboardInterrupts.enableProtection(this::noteAndReturn);
                                return Abort.SUCCEEDED;
                              })));
          Testing.waitAllTasksBlocked();
          assertThat(currentlyProtected()).isFalse();
          scope.cancel();
          assertThat(currentlyProtected()).as("the canceller afterwards").isFalse();
        });
    assertThat(states).containsExactly(true, true);
  }

  @TrefoilTest
  @Tag("R18")
  void exitListenerIsProtected() {
    Nursery.open(
        nursery -> {
          Task<?> task = nursery.spawn(() -> "done");
          task.addExitListener(ended -> note());
        });
    assertThat(states).containsExactly(true);
  }

  @TrefoilTest
  @Tag("R19")
  void askingIsNoCheckpoint() {
    Checkpoints.assertNoCheckpoints(KeyboardInterrupts::currentlyProtected);
  }
}
