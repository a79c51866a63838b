package dev.trefoil.tests.tasks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.trefoil.hazmat.Action;
import dev.trefoil.hazmat.CancelReason;
import dev.trefoil.hazmat.Cancelled;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.RunStatistics;
import dev.trefoil.hazmat.Task;
import dev.trefoil.tasks.CancelScope;
import dev.trefoil.tasks.Cancellation;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.tasks.TaskTimeout;
import dev.trefoil.tasks.Timeout;
import dev.trefoil.tasks.TimeoutCancellation;
import dev.trefoil.tasks.Trefoil;
import dev.trefoil.testing.Checkpoints;
import dev.trefoil.testing.MockClock;
import dev.trefoil.testing.Testing;
import dev.trefoil.testing.TrefoilTest;
import dev.trefoil.tests.hazmat.KernelLog;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;

/** Putting a cancellation off, looking at it, and setting it. */
@Tag("T76")
final class CancellationTest {
  private static final Duration SECOND = Duration.ofSeconds(1);

  private final List<String> log = new ArrayList<>();
  private final IOException stop = new IOException("stop");

  @TrefoilTest(seeds = 20)
  void whatComesMeanwhileIsRaisedAtTheFirstCheckpointBehind() {
    Nursery.open(
        nursery -> {
          Task<?> task =
              nursery.spawn(
                  () -> {
                    String result =
                        Cancellation.disableCancellation(
                            () -> {
                              Hazmat.yieldBriefly();
                              Trefoil.sleep(Duration.ofMillis(1));
                              return "done";
                            });
                    log.add(result);
                    Hazmat.yieldBriefly();
                    log.add("not reached");
                  });
          assertThat(task.interrupt()).isTrue();
        });
    assertThat(log).containsExactly("done");
  }

  @TrefoilTest(seeds = 20)
  void itNests() {
    Nursery.open(
        nursery -> {
          Task<?> task =
              nursery.spawn(
                  () ->
                      Cancellation.disableCancellation(
                          () -> {
                            Cancellation.disableCancellation(Hazmat::yieldBriefly);
                            Hazmat.yieldBriefly();
                            log.add("still disabled");
                          }));
          task.interrupt();
        });
    assertThat(log).containsExactly("still disabled");
  }

  @TrefoilTest(seeds = 20)
  void itPutsOffTimeoutsAndScopesAroundButNotThoseInside(MockClock clock) {
    clock.setAutojumpThreshold(Duration.ZERO);
    Timeout outer =
        Timeout.ignoreAfter(
            SECOND,
            () -> {
              Cancellation.disableCancellation(
                  () -> {
                    Timeout.ignoreAfter(SECOND.multipliedBy(2), Trefoil::sleepForever);
                    log.add("timeout");
                    CancelScope.moveOnAfter(SECOND, Trefoil::sleepForever);
                    log.add("scope");
                  });
              Hazmat.yieldBriefly();
              log.add("not reached");
            });
    assertThat(outer.expired()).isTrue();
    assertThat(log).containsExactly("timeout", "scope");
  }

  @TrefoilTest(seeds = 20)
  void checkingRaisesWhatIsPendingWhereThatIsEnabled() {
    assertThat(Cancellation.checkCancellation()).isNull();
    Hazmat.currentTask().interrupt(() -> stop);
    assertThatThrownBy(Cancellation::checkCancellation).isSameAs(stop);
    assertThat(Cancellation.checkCancellation()).isNull();
    CancelScope scope = CancelScope.create();
    scope.cancel();
    scope.run(
        () -> {
          Cancellation.checkCancellation();
          log.add("not reached");
        });
    assertThat(scope.cancelledCaught()).isTrue();
    assertThat(log).isEmpty();
  }

  @TrefoilTest(seeds = 20)
  void checkingReturnsWhatIsPendingWhereThatIsDisabledAndUsesNothingUp(MockClock clock) {
    Hazmat.currentTask().interrupt(() -> stop);
    Cancellation.disableCancellation(
        () -> {
          assertThat(Cancellation.checkCancellation()).isSameAs(stop);
          assertThat(Cancellation.checkCancellation()).isSameAs(stop);
        });
    assertThatThrownBy(Hazmat::yieldBriefly).isSameAs(stop);
    assertThatThrownBy(
            () ->
                Timeout.timeoutAfter(
                    SECOND,
                    () -> {
                      Cancellation.disableCancellation(
                          () -> {
                            assertThat(Cancellation.checkCancellation()).isNull();
                            clock.jump(SECOND);
                            Hazmat.yieldBriefly();
                            assertThat(Cancellation.checkCancellation())
                                .isInstanceOf(TimeoutCancellation.class)
                                .hasMessageContaining("PT1S");
                          });
                      Hazmat.yieldBriefly();
                    }))
        .isInstanceOf(TaskTimeout.class);
  }

  @TrefoilTest(seeds = 20)
  void checkingDoesNotTellOfATimeoutThatAnOuterOneTookWithIt(MockClock clock) {
    Action<RuntimeException> catchOnce =
        () -> {
          clock.jump(SECOND);
          assertThatThrownBy(Trefoil::sleepForever).isInstanceOf(TimeoutCancellation.class);
          assertThat(Cancellation.checkCancellation()).isNull();
          assertThat(Cancellation.checkCancellation(TimeoutCancellation.class)).isNull();
          Hazmat.yieldBriefly();
        };
    Timeout.timeoutAfter(SECOND, () -> Timeout.timeoutAfter(SECOND, catchOnce));
  }

  @TrefoilTest(seeds = 20)
  void checkingReturnsTheCancellationOfAScopeAroundToo() {
    RunStatistics before = Hazmat.currentRun().statistics();
    CancelScope scope = CancelScope.create();
    scope.run(
        () -> {
          Cancellation.disableCancellation(
              () -> {
                assertThat(Cancellation.checkCancellation()).isNull();
                scope.cancel("enough");
                assertThat(Cancellation.checkCancellation())
                    .isInstanceOfSatisfying(
                        Cancelled.class,
                        pending -> assertThat(pending.reason().text()).isEqualTo("enough"));
                Hazmat.yieldBriefly();
              });
          Hazmat.yieldBriefly();
        });
    assertThat(scope.cancelledCaught()).isTrue();
    assertThat(Hazmat.currentRun().statistics().cancelStatuses())
        .isEqualTo(before.cancelStatuses());
  }

  @TrefoilTest(seeds = 20)
  @Tag("T74")
  void aTimeoutThatWasDroppedForAnOuterOneIsNotPendingAndNotReportedAsLate(MockClock clock) {
    try (KernelLog warnings = KernelLog.capture("dev.trefoil.tasks")) {
      Timeout.timeoutAfter(
          SECOND.multipliedBy(2),
          () ->
              Timeout.timeoutAfter(
                  SECOND,
                  () -> {
                    clock.jump(SECOND.multipliedBy(3));
                    assertThatThrownBy(Trefoil::sleepForever)
                        .isInstanceOf(TimeoutCancellation.class)
                        .hasMessageContaining("PT2S");
                    Cancellation.disableCancellation(
                        () -> assertThat(Cancellation.checkCancellation()).isNull());
                    Hazmat.yieldBriefly();
                    log.add("went on");
                  }));
      assertThat(warnings.messages()).isEmpty();
    }
    assertThat(log).containsExactly("went on");
  }

  @TrefoilTest
  void checkingForNoTypeIsRefused() {
    assertThatThrownBy(() -> Cancellation.checkCancellation(null))
        .isInstanceOf(NullPointerException.class)
        .hasMessageContaining("type: expected");
    Hazmat.yieldBriefly();
  }

  @TrefoilTest(seeds = 20)
  void checkingWithATypeUsesUpWhatMatches(MockClock clock) {
    Hazmat.currentTask().interrupt(() -> stop);
    Cancellation.disableCancellation(
        () -> {
          assertThat(Cancellation.checkCancellation(TimeoutCancellation.class)).isNull();
          assertThat(Cancellation.checkCancellation(IOException.class)).isSameAs(stop);
          assertThat(Cancellation.checkCancellation(IOException.class)).isNull();
        });
    Hazmat.yieldBriefly();
    Timeout timeout =
        Timeout.ignoreAfter(
            SECOND,
            () -> {
              Cancellation.disableCancellation(
                  () -> {
                    clock.jump(SECOND);
                    Hazmat.yieldBriefly();
                    assertThat(Cancellation.checkCancellation(IOException.class)).isNull();
                    assertThat(Cancellation.checkCancellation(TimeoutCancellation.class))
                        .isNotNull();
                    assertThat(Cancellation.checkCancellation(TimeoutCancellation.class)).isNull();
                  });
              Hazmat.yieldBriefly();
              log.add("went on");
            });
    assertThat(timeout.expired()).isFalse();
    assertThat(log).containsExactly("went on");
  }

  @TrefoilTest(seeds = 20)
  void checkingWithATypeRaisesWhatMatchesWhereThatIsEnabled() {
    Hazmat.currentTask().interrupt(() -> stop);
    assertThat(Cancellation.checkCancellation(TimeoutCancellation.class)).isNull();
    assertThatThrownBy(() -> Cancellation.checkCancellation(IOException.class)).isSameAs(stop);
    Hazmat.yieldBriefly();
  }

  @TrefoilTest(seeds = 20)
  void theCancellationOfAScopeCannotBeUsedUp() {
    CancelScope scope = CancelScope.create();
    scope.run(
        () -> {
          scope.cancel();
          Cancellation.disableCancellation(
              () -> {
                assertThat(Cancellation.checkCancellation(Cancelled.class)).isNotNull();
                assertThat(Cancellation.checkCancellation(Cancelled.class)).isNotNull();
              });
          Cancellation.checkCancellation(Cancelled.class);
          log.add("not reached");
        });
    assertThat(scope.cancelledCaught()).isTrue();
    assertThat(log).isEmpty();
  }

  @TrefoilTest(seeds = 20)
  void aTaskThatUsesUpItsCancellationMayEndInItsOwnTime() {
    Nursery.open(
        nursery -> {
          Task<String> task =
              nursery.spawn(
                  () ->
                      Cancellation.disableCancellation(
                          () -> {
                            while (Cancellation.checkCancellation(Cancelled.class) == null) {
                              Hazmat.yieldBriefly();
                            }
                            return "stopped";
                          }));
          Hazmat.yieldBriefly();
          assertThat(task.cancel()).isTrue();
          assertThat(task.join()).isEqualTo("stopped");
        });
  }

  @TrefoilTest(seeds = 20)
  void settingMakesTheNextCheckpointRaiseItOnce() {
    assertThat(Cancellation.setCancellation(stop)).isNull();
    assertThatThrownBy(Hazmat::yieldBriefly).isSameAs(stop);
    Hazmat.yieldBriefly();
  }

  @TrefoilTest(seeds = 20)
  void settingReplacesWhatWasPendingAndReturnsIt() {
    IOException other = new IOException("other");
    Cancellation.setCancellation(stop);
    assertThat(Cancellation.setCancellation(other)).isSameAs(stop);
    assertThatThrownBy(Hazmat::yieldBriefly).isSameAs(other);
    Cancellation.setCancellation(stop);
    assertThat(Cancellation.setCancellation(null)).isSameAs(stop);
    assertThat(Cancellation.setCancellation(null)).isNull();
    Hazmat.yieldBriefly();
    Nursery.open(
        nursery -> {
          Task<?> task =
              nursery.spawn(
                  () -> {
                    assertThat(Cancellation.setCancellation(null))
                        .isInstanceOfSatisfying(
                            Cancelled.class,
                            error ->
                                assertThat(error.reason().source())
                                    .isEqualTo(CancelReason.Source.TASK));
                    Hazmat.yieldBriefly();
                    log.add("not cancelled");
                  });
          task.interrupt();
          Testing.waitAllTasksBlocked();
        });
    assertThat(log).containsExactly("not cancelled");
  }

  @TrefoilTest
  void noneOfThemIsACheckpoint() {
    Checkpoints.assertNoCheckpoints(
        () -> {
          Cancellation.disableCancellation(() -> log.add("body"));
          Cancellation.setCancellation(stop);
          Cancellation.setCancellation(null);
        });
    Hazmat.yieldBriefly();
  }
}
