package dev.trefoil.tests.tasks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.trefoil.hazmat.Action;
import dev.trefoil.hazmat.CancelStatus;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.RunStatistics;
import dev.trefoil.tasks.Cancellation;
import dev.trefoil.tasks.ExceptionGroup;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.tasks.TaskTimeout;
import dev.trefoil.tasks.Timeout;
import dev.trefoil.tasks.TimeoutCancellation;
import dev.trefoil.tasks.Trefoil;
import dev.trefoil.tasks.UncaughtTimeout;
import dev.trefoil.testing.MockClock;
import dev.trefoil.testing.Testing;
import dev.trefoil.testing.TrefoilTest;
import dev.trefoil.tests.hazmat.KernelLog;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;

/** Timeouts that interrupt once, alone and nested. */
final class TimeoutTest {
  private final List<String> log = new ArrayList<>();

  private static Duration seconds(int count) {
    return Duration.ofSeconds(count);
  }

  private static long in(int count) {
    return Trefoil.currentTime() + seconds(count).toNanos();
  }

  /** Logs what a body ends with, and lets it through. */
  private <X extends Throwable> void logged(String name, Action<X> body) throws X {
    try {
      body.run();
      log.add(name + ": -");
    } catch (Throwable error) {
      log.add(name + ": " + error.getClass().getSimpleName());
      throw error;
    }
  }

  private static void assertClean(RunStatistics before) {
    RunStatistics after = Hazmat.currentRun().statistics();
    assertThat(after.deadlines()).isEqualTo(before.deadlines());
    assertThat(after.cancelStatuses()).isEqualTo(before.cancelStatuses());
  }

  // ---- one

  @TrefoilTest(seeds = 20)
  @Tag("T74")
  void aBodyThatEndsInTimeGivesItsResultAndNoDeadlineIsLeft() {
    RunStatistics before = Hazmat.currentRun().statistics();
    String result =
        Timeout.timeoutAfter(
            seconds(5),
            () -> {
              Hazmat.yieldBriefly();
              return "in time";
            });
    assertThat(result).isEqualTo("in time");
    assertClean(before);
  }

  @TrefoilTest(seeds = 20)
  @Tag("T74")
  void aBodyThatSleepsTooLongIsInterruptedAndTheCallThrows(MockClock clock) {
    clock.setAutojumpThreshold(Duration.ZERO);
    RunStatistics before = Hazmat.currentRun().statistics();
    long deadline = in(5);
    assertThatThrownBy(
            () -> Timeout.timeoutAfter(seconds(5), () -> logged("body", Trefoil::sleepForever)))
        .isInstanceOf(TaskTimeout.class)
        .hasMessageContaining("timeoutAfter(PT5S)");
    assertThat(log).containsExactly("body: TimeoutCancellation");
    assertThat(Trefoil.currentTime()).isEqualTo(deadline);
    assertClean(before);
  }

  @TrefoilTest(seeds = 20)
  @Tag("T74")
  void aDeadlineOnTheRunsClockDoesTheSame(MockClock clock) {
    clock.setAutojumpThreshold(Duration.ZERO);
    long deadline = in(5);
    assertThatThrownBy(() -> Timeout.timeoutAt(deadline, Trefoil::sleepForever))
        .isInstanceOf(TaskTimeout.class);
    assertThat(Trefoil.currentTime()).isEqualTo(deadline);
    assertThat(Timeout.<String, RuntimeException>timeoutAt(in(1), () -> "result"))
        .isEqualTo("result");
  }

  @TrefoilTest(seeds = 20)
  @Tag("T74")
  void theInterruptionComesOnceAndABodyThatCatchesItGoesOn(MockClock clock) {
    clock.setAutojumpThreshold(Duration.ZERO);
    String result =
        Timeout.timeoutAfter(
            seconds(1),
            () -> {
              try {
                Trefoil.sleepForever();
              } catch (TimeoutCancellation once) {
                log.add("caught");
              }
              Trefoil.sleep(seconds(10));
              return "late";
            });
    assertThat(result).isEqualTo("late");
    assertThat(log).containsExactly("caught");
  }

  @TrefoilTest(seeds = 20)
  @Tag("T74")
  void catchingExceptionsDoesNotCatchTheInterruption(MockClock clock) {
    clock.setAutojumpThreshold(Duration.ZERO);
    assertThatThrownBy(
            () ->
                Timeout.timeoutAfter(
                    seconds(1),
                    () -> {
                      while (true) {
                        try {
                          Trefoil.sleepForever();
                        } catch (Exception retry) {
                          log.add("retried");
                        }
                      }
                    }))
        .isInstanceOf(TaskTimeout.class);
    assertThat(log).isEmpty();
  }

  @TrefoilTest(seeds = 20)
  @Tag("T74")
  void timeThatIsOverFromTheStartInterruptsAtTheFirstCheckpoint() {
    assertThatThrownBy(
            () ->
                Timeout.timeoutAfter(
                    Duration.ZERO,
                    () -> {
                      log.add("begun");
                      Hazmat.yieldBriefly();
                      log.add("not reached");
                    }))
        .isInstanceOf(TaskTimeout.class);
    assertThatThrownBy(() -> Timeout.timeoutAt(in(-1), Trefoil::sleepForever))
        .isInstanceOf(TaskTimeout.class);
    assertThat(log).containsExactly("begun");
  }

  @TrefoilTest(seeds = 20)
  @Tag("T74")
  void nullIsNoLimitOfItsOwn(MockClock clock) {
    clock.setAutojumpThreshold(Duration.ZERO);
    Timeout.timeoutAfter(null, () -> Trefoil.sleep(Duration.ofDays(1_000)));
    assertThat(Timeout.ignoreAfter(null, () -> Trefoil.sleep(Duration.ofDays(1_000))).expired())
        .isFalse();
    assertThatThrownBy(
            () ->
                Timeout.timeoutAfter(
                    seconds(1),
                    () -> logged("inner", () -> Timeout.timeoutAfter(null, Trefoil::sleepForever))))
        .isInstanceOf(TaskTimeout.class)
        .hasMessageContaining("PT1S");
    assertThat(log).containsExactly("inner: TimeoutCancellation");
  }

  @TrefoilTest
  @Tag("T74")
  void aLimitOfCenturiesIsNoLimit() {
    Timeout.timeoutAfter(
        Duration.ofSeconds(Long.MAX_VALUE),
        () -> assertThat(Trefoil.currentEffectiveDeadline()).isEqualTo(CancelStatus.NO_DEADLINE));
  }

  @TrefoilTest(seeds = 20)
  @Tag("T74")
  void errorsOfTheBodyComeOutAsTheyAre(MockClock clock) {
    IOException failed = new IOException("failed");
    assertThatThrownBy(
            () ->
                Timeout.timeoutAfter(
                    seconds(1),
                    () -> {
                      clock.jump(seconds(2));
                      throw failed;
                    }))
        .isSameAs(failed);
    assertThatThrownBy(
            () ->
                Timeout.ignoreAfter(
                    seconds(1),
                    () -> {
                      throw failed;
                    }))
        .isSameAs(failed);
  }

  @TrefoilTest(seeds = 20)
  @Tag("T74")
  void whatGoesWrongInACloseOnTheWayIsSuppressedByTheTimeout(MockClock clock) {
    clock.setAutojumpThreshold(Duration.ZERO);
    IOException close = new IOException("close");
    Throwable raised =
        catchThrowable(
            () ->
                Timeout.timeoutAfter(
                    seconds(1),
                    () -> {
                      AutoCloseable resource =
                          () -> {
                            throw close;
                          };
                      try (resource) {
                        Trefoil.sleepForever();
                      }
                    }));
    assertThat(raised).isInstanceOf(TaskTimeout.class).hasSuppressedException(close);
  }

  @TrefoilTest(seeds = 20)
  @Tag("T75")
  void whatGoesWrongInACloseOnTheWayIsNotIgnored(MockClock clock) {
    clock.setAutojumpThreshold(Duration.ZERO);
    IOException close = new IOException("close");
    assertThatThrownBy(
            () ->
                Timeout.ignoreAfter(
                    seconds(1),
                    () -> {
                      AutoCloseable resource =
                          () -> {
                            throw close;
                          };
                      try (resource) {
                        Trefoil.sleepForever();
                      }
                    }))
        .isSameAs(close);
  }

  @TrefoilTest
  @Tag("T74")
  @Tag("T75")
  void wrongUseIsRefusedAndLeavesNothingBehind() {
    RunStatistics before = Hazmat.currentRun().statistics();
    Action<RuntimeException> noBody = null;
    assertThatThrownBy(() -> Timeout.timeoutAfter(seconds(1), noBody))
        .isInstanceOf(NullPointerException.class)
        .hasMessageContaining("body: expected");
    assertThatThrownBy(() -> Timeout.timeoutAfter(seconds(-1), Hazmat::yieldBriefly))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("limit")
        .hasMessageContaining("-1");
    assertThatThrownBy(() -> Timeout.ignoreAfter(seconds(-1), Hazmat::yieldBriefly))
        .isInstanceOf(IllegalArgumentException.class);
    assertClean(before);
  }

  // ---- ignored

  @TrefoilTest(seeds = 20)
  @Tag("T75")
  void anIgnoredTimeoutGoesOnWithNullOrWithTheResultForThatCase(MockClock clock) {
    clock.setAutojumpThreshold(Duration.ZERO);
    assertThat(
            Timeout.<String, RuntimeException>ignoreAfter(
                seconds(1),
                () -> {
                  Trefoil.sleepForever();
                  return "not reached";
                }))
        .isNull();
    assertThat(
            Timeout.<String, RuntimeException>ignoreAfter(
                seconds(1),
                "too late",
                () -> {
                  Trefoil.sleepForever();
                  return "not reached";
                }))
        .isEqualTo("too late");
    assertThat(
            Timeout.<String, RuntimeException>ignoreAt(
                in(1),
                () -> {
                  Trefoil.sleepForever();
                  return "not reached";
                }))
        .isNull();
    assertThat(
            Timeout.<String, RuntimeException>ignoreAfter(seconds(1), "too late", () -> "in time"))
        .isEqualTo("in time");
  }

  @TrefoilTest(seeds = 20)
  @Tag("T75")
  void anIgnoredTimeoutTellsWhetherItHasExpired(MockClock clock) {
    clock.setAutojumpThreshold(Duration.ZERO);
    assertThat(Timeout.ignoreAfter(seconds(1), Trefoil::sleepForever).expired()).isTrue();
    assertThat(Timeout.ignoreAt(in(1), Trefoil::sleepForever).expired()).isTrue();
    assertThat(Timeout.ignoreAfter(seconds(1), Hazmat::yieldBriefly).expired()).isFalse();
    Timeout swallowed =
        Timeout.ignoreAfter(
            seconds(1),
            () -> {
              assertThatThrownBy(Trefoil::sleepForever).isInstanceOf(TimeoutCancellation.class);
            });
    assertThat(swallowed.expired()).isFalse();
  }

  // ---- nested

  @TrefoilTest(seeds = 20)
  @Tag("T74")
  void ofTwoTheInnerExpiresAtItsOwnCallAndTheOuterGoesOn(MockClock clock) {
    clock.setAutojumpThreshold(Duration.ZERO);
    Timeout.timeoutAfter(
        seconds(5),
        () -> {
          assertThatThrownBy(() -> Timeout.timeoutAfter(seconds(1), Trefoil::sleepForever))
              .isInstanceOf(TaskTimeout.class)
              .hasMessageContaining("PT1S");
          Trefoil.sleep(seconds(3));
          log.add("outer went on");
        });
    assertThat(log).containsExactly("outer went on");
  }

  @TrefoilTest(seeds = 20)
  @Tag("T74")
  void anInnerTimeoutCannotExtendAnOuterOneAndSeesItsCancellationPass(MockClock clock) {
    clock.setAutojumpThreshold(Duration.ZERO);
    long deadline = in(1);
    assertThatThrownBy(
            () ->
                Timeout.timeoutAfter(
                    seconds(1),
                    () ->
                        logged(
                            "middle",
                            () ->
                                Timeout.timeoutAfter(
                                    seconds(5),
                                    () ->
                                        logged(
                                            "inner",
                                            () ->
                                                Timeout.ignoreAfter(
                                                    seconds(9), Trefoil::sleepForever))))))
        .isInstanceOf(TaskTimeout.class)
        .hasMessageContaining("PT1S");
    assertThat(log).containsExactly("inner: TimeoutCancellation", "middle: TimeoutCancellation");
    assertThat(Trefoil.currentTime()).isEqualTo(deadline);
  }

  @TrefoilTest(seeds = 20)
  @Tag("T74")
  void ofSeveralThatExpireTogetherTheOutermostThrows(MockClock clock) {
    List<Throwable> raised = new ArrayList<>();
    Nursery.open(
        nursery -> {
          nursery.spawn(
              () ->
                  raised.add(
                      catchThrowable(
                          () ->
                              Timeout.timeoutAfter(
                                  seconds(3),
                                  () ->
                                      logged(
                                          "inner",
                                          () ->
                                              Timeout.timeoutAfter(
                                                  seconds(1), Trefoil::sleepForever))))));
          Testing.waitAllTasksBlocked();
          clock.jump(seconds(4));
        });
    assertThat(raised).singleElement().isInstanceOf(TaskTimeout.class);
    assertThat(raised.getFirst()).hasMessageContaining("PT3S");
    assertThat(log).containsExactly("inner: TimeoutCancellation");
  }

  @TrefoilTest(seeds = 20)
  @Tag("T74")
  void equalDeadlinesAreTheOuterOnes(MockClock clock) {
    clock.setAutojumpThreshold(Duration.ZERO);
    long deadline = in(1);
    assertThatThrownBy(
            () ->
                Timeout.timeoutAt(
                    deadline,
                    () ->
                        logged("inner", () -> Timeout.timeoutAt(deadline, Trefoil::sleepForever))))
        .isInstanceOf(TaskTimeout.class);
    assertThat(log).containsExactly("inner: TimeoutCancellation");
  }

  @TrefoilTest(seeds = 20)
  @Tag("T74")
  void anOuterOneThatExpiresWhileTheInnerCleansUpTakesOver(MockClock clock) {
    clock.setAutojumpThreshold(Duration.ZERO);
    assertThatThrownBy(
            () ->
                Timeout.timeoutAfter(
                    seconds(2),
                    () ->
                        logged(
                            "inner",
                            () ->
                                Timeout.timeoutAfter(
                                    seconds(1),
                                    () -> {
                                      try {
                                        Trefoil.sleepForever();
                                      } finally {
                                        log.add("cleaning up");
                                        Trefoil.sleep(seconds(5));
                                      }
                                    }))))
        .isInstanceOf(TaskTimeout.class)
        .hasMessageContaining("PT2S");
    assertThat(log).containsExactly("cleaning up", "inner: TimeoutCancellation");
  }

  @TrefoilTest(seeds = 20)
  @Tag("T74")
  void aTimeoutThatNobodyCatchesIsReportedByAnOuterOneWhoseTimeIsNotOver(MockClock clock) {
    clock.setAutojumpThreshold(Duration.ZERO);
    Throwable raised =
        catchThrowable(
            () ->
                Timeout.timeoutAfter(
                    seconds(5), () -> Timeout.timeoutAfter(seconds(1), Trefoil::sleepForever)));
    assertThat(raised)
        .isInstanceOf(UncaughtTimeout.class)
        .hasCauseInstanceOf(TaskTimeout.class)
        .hasMessageContaining("PT1S")
        .hasMessageContaining("PT5S");
    assertThatThrownBy(
            () ->
                Timeout.ignoreAfter(
                    seconds(5), () -> Timeout.timeoutAfter(seconds(1), Trefoil::sleepForever)))
        .isInstanceOf(UncaughtTimeout.class);
    assertThatThrownBy(
            () ->
                Timeout.timeoutAfter(
                    null, () -> Timeout.timeoutAfter(seconds(1), Trefoil::sleepForever)))
        .isInstanceOf(UncaughtTimeout.class);
  }

  @TrefoilTest(seeds = 20)
  @Tag("T74")
  @Tag("T75")
  void aTimeoutThatNobodyCatchesIsTheOuterOnesIfItsTimeIsOverToo(MockClock clock) {
    clock.setAutojumpThreshold(Duration.ZERO);
    Action<RuntimeException> body =
        () -> {
          try {
            Timeout.timeoutAfter(seconds(1), Trefoil::sleepForever);
          } finally {
            clock.jump(seconds(9));
          }
        };
    assertThatThrownBy(() -> Timeout.timeoutAfter(seconds(5), body))
        .isInstanceOf(TaskTimeout.class)
        .hasMessageContaining("PT5S")
        .hasCauseInstanceOf(TaskTimeout.class);
    assertThat(Timeout.ignoreAfter(seconds(5), body).expired()).isTrue();
  }

  @TrefoilTest(seeds = 20)
  @Tag("T74")
  void aDeadlineInTheFarthestPastIsOverToo() {
    Action<RuntimeException> failInside =
        () -> Timeout.timeoutAfter(Duration.ZERO, Trefoil::sleepForever);
    assertThatThrownBy(
            () ->
                Timeout.timeoutAt(
                    Long.MIN_VALUE, () -> Cancellation.disableCancellation(failInside)))
        .isInstanceOf(TaskTimeout.class)
        .hasCauseInstanceOf(TaskTimeout.class);
  }

  @TrefoilTest(seeds = 20)
  @Tag("T74")
  @Tag("T75")
  void anIgnoredOneInsideLetsTheCancellationOfAnOuterOnePass(MockClock clock) {
    clock.setAutojumpThreshold(Duration.ZERO);
    Timeout outer =
        Timeout.ignoreAfter(
            seconds(1),
            () -> {
              Timeout.ignoreAfter(seconds(5), Trefoil::sleepForever);
              log.add("not reached");
            });
    assertThat(outer.expired()).isTrue();
    assertThat(log).isEmpty();
  }

  // ---- with tasks

  @TrefoilTest(seeds = 20)
  @Tag("T74")
  void aNurseryOfTheBodyCancelsItsTasksAndTheTimeoutComesAlone(MockClock clock) {
    clock.setAutojumpThreshold(Duration.ZERO);
    RunStatistics before = Hazmat.currentRun().statistics();
    Action<RuntimeException> waiting =
        () -> Nursery.open(nursery -> nursery.spawn(() -> logged("child", Trefoil::sleepForever)));
    Action<RuntimeException> inBody =
        () ->
            Nursery.open(
                nursery -> {
                  nursery.spawn(() -> logged("child", Trefoil::sleepForever));
                  Trefoil.sleepForever();
                });
    assertThatThrownBy(() -> Timeout.timeoutAfter(seconds(1), waiting))
        .isInstanceOf(TaskTimeout.class);
    assertThatThrownBy(() -> Timeout.timeoutAfter(seconds(1), inBody))
        .isInstanceOf(TaskTimeout.class);
    assertThat(Timeout.ignoreAfter(seconds(1), waiting).expired()).isTrue();
    assertThat(log).containsExactly("child: Cancelled", "child: Cancelled", "child: Cancelled");
    assertClean(before);
  }

  @TrefoilTest(seeds = 20)
  @Tag("T74")
  @Tag("T75")
  void failuresThatComeWithTheTimeoutAreNotLost(MockClock clock) {
    clock.setAutojumpThreshold(Duration.ZERO);
    IOException failed = new IOException("failed");
    Action<RuntimeException> body =
        () ->
            Nursery.open(
                nursery ->
                    nursery.spawn(
                        () -> {
                          try {
                            Trefoil.sleepForever();
                          } finally {
                            throwIt(failed);
                          }
                        }));
    assertThatThrownBy(() -> Timeout.timeoutAfter(seconds(1), body))
        .isInstanceOfSatisfying(
            ExceptionGroup.class,
            group -> {
              assertThat(group.leaves()).hasSize(2).contains(failed);
              assertThat(group.leaves()).hasAtLeastOneElementOfType(TaskTimeout.class);
            });
    assertThatThrownBy(() -> Timeout.ignoreAfter(seconds(1), body))
        .isInstanceOfSatisfying(
            ExceptionGroup.class, group -> assertThat(group.leaves()).containsExactly(failed));
  }

  @TrefoilTest(seeds = 20)
  @Tag("T74")
  void theTimeoutOfATaskOfTheBodyStaysWhatItIsInTheGroupOfItsNursery(MockClock clock) {
    clock.setAutojumpThreshold(Duration.ZERO);
    assertThatThrownBy(
            () ->
                Timeout.ignoreAfter(
                    seconds(5),
                    () ->
                        Nursery.open(
                            nursery ->
                                nursery.spawn(
                                    () ->
                                        Timeout.timeoutAfter(seconds(1), Trefoil::sleepForever)))))
        .isInstanceOfSatisfying(
            ExceptionGroup.class,
            group ->
                assertThat(group.leaves())
                    .singleElement()
                    .isInstanceOfSatisfying(
                        TaskTimeout.class, late -> assertThat(late).hasMessageContaining("PT1S")));
  }

  private static void throwIt(IOException error) throws IOException {
    throw error;
  }

  @TrefoilTest(seeds = 20)
  @Tag("T74")
  void tasksHaveTimeoutsOfTheirOwn(MockClock clock) {
    clock.setAutojumpThreshold(Duration.ZERO);
    Nursery.open(
        nursery -> {
          for (int count = 1; count <= 3; count++) {
            int limit = count;
            nursery.spawn(
                () -> {
                  Timeout.ignoreAfter(seconds(limit), Trefoil::sleepForever);
                  log.add("after " + limit);
                });
          }
          Timeout.timeoutAfter(seconds(2), () -> Trefoil.sleep(Duration.ofMillis(1_500)));
          log.add("parent");
        });
    assertThat(log).containsExactly("after 1", "parent", "after 2", "after 3");
  }

  // ---- late

  @TrefoilTest
  @Tag("T74")
  void aBodyThatOverranWithoutACheckpointHasEndedNormallyAndAWarningIsLogged(MockClock clock) {
    try (KernelLog warnings = KernelLog.capture("dev.trefoil.tasks")) {
      String result =
          Timeout.timeoutAfter(
              seconds(1),
              () -> {
                clock.jump(seconds(3));
                return "late";
              });
      assertThat(result).isEqualTo("late");
      assertThat(warnings.messages()).singleElement().asString().contains("timeoutAfter(PT1S)");
      assertThat(warnings.messages().getFirst()).contains("PT2S", "main", "checkpoint");
    }
    Hazmat.yieldBriefly();
  }

  @TrefoilTest
  @Tag("T74")
  @Tag("T75")
  void noWarningIsLoggedForABodyThatEndedInTimeOrWasInterruptedOrFailed(MockClock clock) {
    try (KernelLog warnings = KernelLog.capture("dev.trefoil.tasks")) {
      Timeout.timeoutAfter(seconds(1), () -> clock.jump(seconds(1)));
      Timeout.ignoreAfter(
          seconds(1),
          () -> {
            clock.jump(seconds(2));
            Hazmat.yieldBriefly();
          });
      assertThatThrownBy(
              () ->
                  Timeout.timeoutAfter(
                      seconds(1),
                      () -> {
                        clock.jump(seconds(2));
                        throw new IOException("failed");
                      }))
          .isInstanceOf(IOException.class);
      assertThat(warnings.messages()).isEmpty();
    }
  }
}
