package dev.trefoil.tests.tasks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.trefoil.hazmat.Abort;
import dev.trefoil.hazmat.Cancelled;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.ParkingLot;
import dev.trefoil.hazmat.Task;
import dev.trefoil.hazmat.TaskState;
import dev.trefoil.tasks.CancelScope;
import dev.trefoil.tasks.ExceptionGroup;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.tasks.Trefoil;
import dev.trefoil.testing.Checkpoints;
import dev.trefoil.testing.Testing;
import dev.trefoil.testing.TrefoilTest;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Cancelling, and which scope catches. */
class CancelScopeTest {
  private final List<String> trace = new ArrayList<>();

  // ---- running

  @TrefoilTest
  @Tag("T12")
  void aScopeThatIsNotCancelledReturnsWhatItsBodyReturnsAndLetsItsErrorsPass() {
    assertThat(CancelScope.create().<String, RuntimeException>run(() -> "result"))
        .isEqualTo("result");
    for (Throwable failure : Schedules.kindsOfFailure()) {
      CancelScope scope = CancelScope.create();
      assertThat(
              catchThrowable(
                  () ->
                      scope.run(
                          () -> {
                            throw failure;
                          })))
          .isSameAs(failure);
      assertThat(scope.cancelCalled()).isFalse();
      assertThat(scope.cancelledCaught()).isFalse();
    }
  }

  @TrefoilTest
  @Tag("T12")
  void enteringAndLeavingIsNoCheckpoint() {
    Checkpoints.assertNoCheckpoints(() -> CancelScope.create().run(() -> trace.add("ran")));
    Checkpoints.assertNoCheckpoints(
        () ->
            CancelScope.moveOnAfter(
                Duration.ZERO,
                () -> {
                  trace.add("ran");
                }));
    assertThat(trace).containsExactly("ran", "ran");
  }

  @TrefoilTest
  @Tag("T12")
  void aScopeIsForOneUse() {
    CancelScope scope = CancelScope.create();
    scope.run(
        () -> {
          assertThatThrownBy(() -> scope.run(() -> trace.add("inside itself")))
              .isInstanceOf(IllegalStateException.class)
              .hasMessageContaining("entered before");
          Hazmat.yieldBriefly();
        });
    assertThatThrownBy(() -> scope.run(() -> trace.add("again")))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("entered before")
        .hasMessageContaining("make a new one");
    assertThat(trace).isEmpty();
    Hazmat.yieldBriefly();
  }

  @TrefoilTest(seeds = 20)
  @Tag("T12")
  @Tag("T13")
  void aScopeMayBeCancelledBeforeItIsEnteredAndEnteredByAnotherTask() {
    CancelScope scope = CancelScope.create();
    scope.cancel();
    assertThat(scope.cancelCalled()).isTrue();
    Nursery.open(
        nursery ->
            nursery.spawn(
                () -> {
                  scope.run(
                      () -> {
                        trace.add("entered");
                        Hazmat.yieldBriefly();
                        trace.add("not reached");
                      });
                  trace.add("left");
                }));
    assertThat(trace).containsExactly("entered", "left");
    assertThat(scope.cancelledCaught()).isTrue();
  }

  @Test
  @Tag("T12")
  void aScopeMayBeMadeAndCancelledOutsideARun() {
    CancelScope scope = CancelScope.withTimeout(Duration.ofDays(1)).shielded();
    scope.cancel("before the run");
    Trefoil.run(
        () -> {
          scope.run(Trefoil::sleepForever);
        });
    assertThat(scope.cancelledCaught()).isTrue();
  }

  // ---- cancelling

  @TrefoilTest(seeds = 20)
  @Tag("T13")
  void cancelAbortsAllSleepersBeforeItReturnsAndTheyRunLater() {
    CancelScope scope = CancelScope.create();
    Nursery.open(
        nursery -> {
          nursery.spawn(
              () ->
                  scope.run(
                      () ->
                          Nursery.open(
                              inner -> {
                                inner.spawn(() -> sleepWithAbort("1"));
                                inner.spawn(() -> sleepWithAbort("2"));
                                inner.spawn(
                                    () -> CancelScope.create().run(() -> sleepWithAbort("3")));
                              })));
          Testing.waitAllTasksBlocked();
          Checkpoints.assertNoCheckpoints(scope::cancel);
          trace.add("cancel returned");
        });
    assertThat(trace.subList(0, 3))
        .containsExactlyInAnyOrder("1 aborted", "2 aborted", "3 aborted");
    assertThat(trace.get(3)).isEqualTo("cancel returned");
    assertThat(trace.subList(4, 7)).containsExactlyInAnyOrder("1 woke", "2 woke", "3 woke");
  }

  private void sleepWithAbort(String name) {
    try {
      Hazmat.<Object>yieldIndefinitely(
          raiseCancel -> {
            trace.add(name + " aborted");
            return Abort.SUCCEEDED;
          });
    } finally {
      trace.add(name + " woke");
    }
  }

  @TrefoilTest(seeds = 20)
  @Tag("T13")
  void cancelIsIdempotent() {
    CancelScope scope = CancelScope.create();
    Nursery.open(
        nursery -> {
          nursery.spawn(() -> scope.run(() -> sleepWithAbort("task")));
          Testing.waitAllTasksBlocked();
          scope.cancel();
          scope.cancel();
          Testing.waitAllTasksBlocked();
          scope.cancel();
        });
    assertThat(trace).containsExactly("task aborted", "task woke");
  }

  @TrefoilTest(seeds = 20)
  @Tag("T13")
  void everyCancelPointInsideRaisesAgainUntilTheScopeIsLeft() {
    CancelScope scope = CancelScope.create();
    scope.run(
        () -> {
          scope.cancel();
          trace.add("goes on to the next checkpoint");
          for (int i = 0; i < 3; i++) {
            assertThat(catchThrowable(Hazmat::yieldBriefly)).isInstanceOf(Cancelled.class);
            assertThat(catchThrowable(Hazmat::yieldIfCancelled)).isInstanceOf(Cancelled.class);
            assertThat(catchThrowable(() -> new ParkingLot().park())).isInstanceOf(Cancelled.class);
            assertThat(catchThrowable(Trefoil::sleepForever)).isInstanceOf(Cancelled.class);
            CancelScope.create()
                .run(
                    () ->
                        assertThat(catchThrowable(Hazmat::yieldBriefly))
                            .isInstanceOf(Cancelled.class));
          }
        });
    Hazmat.yieldBriefly();
    assertThat(trace).containsExactly("goes on to the next checkpoint");
  }

  @TrefoilTest(seeds = 20)
  @Tag("T13")
  void aTaskThatWasWokenBeforeItIsCancelledKeepsWhatItWasGiven() {
    CancelScope scope = CancelScope.create();
    ParkingLot lot = new ParkingLot();
    Nursery.open(
        nursery -> {
          nursery.spawn(
              () ->
                  scope.run(
                      () -> {
                        lot.park();
                        trace.add("woken normally");
                        Hazmat.yieldBriefly();
                        trace.add("not reached");
                      }));
          Testing.waitAllTasksBlocked();
          lot.unparkAll();
          scope.cancel();
        });
    assertThat(trace).containsExactly("woken normally");
    assertThat(scope.cancelledCaught()).isTrue();
  }

  @TrefoilTest(seeds = 20)
  @Tag("T13")
  void aSleeperThatWasCancelledFirstCannotBeWokenAnyMore() {
    CancelScope scope = CancelScope.create();
    ParkingLot lot = new ParkingLot();
    Nursery.open(
        nursery -> {
          nursery.spawn(() -> scope.run(() -> lot.park()));
          Testing.waitAllTasksBlocked();
          scope.cancel();
          assertThat(lot.isEmpty()).isTrue();
          assertThat(lot.unpark()).isNull();
        });
    assertThat(scope.cancelledCaught()).isTrue();
  }

  @TrefoilTest
  @Tag("T13")
  void cancellingAScopeThatHasBeenLeftSetsTheFlagAndNothingElse() {
    CancelScope scope = CancelScope.create();
    scope.run(Hazmat::yieldBriefly);
    scope.cancel();
    assertThat(scope.cancelCalled()).isTrue();
    assertThat(scope.cancelledCaught()).isFalse();
    Hazmat.yieldBriefly();
  }

  @TrefoilTest
  @Tag("T13")
  void cancellingFromAForeignThreadIsRefusedWithAdviceAndChangesNothing() throws Exception {
    CancelScope scope = CancelScope.create();
    ParkingLot gate = new ParkingLot();
    Nursery.open(
        nursery -> {
          Task<?> sleeper =
              nursery.spawn(
                  () ->
                      scope.run(
                          () -> {
                            gate.park();
                            Hazmat.yieldBriefly();
                            trace.add("undisturbed");
                          }));
          Testing.waitAllTasksBlocked();
          FutureTask<Throwable> foreign = new FutureTask<>(() -> catchThrowable(scope::cancel));
          Thread.ofPlatform().start(foreign);
          assertThat(foreign.get(30, TimeUnit.SECONDS))
              .isInstanceOf(IllegalStateException.class)
              .hasMessageContaining("EntryPoint");
          assertThat(scope.cancelCalled()).isFalse();
          assertThat(sleeper.state()).isEqualTo(TaskState.PARKED);
          gate.unparkAll();
        });
    assertThat(trace).containsExactly("undisturbed");
  }

  @TrefoilTest(seeds = 20)
  @Tag("T13")
  void aForeignThreadCancelsThroughTheEntryQueue() {
    CancelScope scope = CancelScope.create();
    var entry = Hazmat.currentCallSoonThreadAndSignalSafe();
    Thread.ofPlatform().start(() -> entry.callSoonThreadAndSignalSafe(scope::cancel));
    scope.run(Trefoil::sleepForever);
    assertThat(scope.cancelledCaught()).isTrue();
  }

  @TrefoilTest(seeds = 20)
  @Tag("T13")
  void cancellingOneScopeLeavesItsNeighboursAlone() {
    CancelScope first = CancelScope.create();
    CancelScope second = CancelScope.create();
    Nursery.open(
        nursery -> {
          nursery.spawn(() -> first.run(() -> sleepWithAbort("first")));
          Task<?> other = nursery.spawn(() -> second.run(() -> sleepWithAbort("second")));
          Testing.waitAllTasksBlocked();
          first.cancel();
          Testing.waitAllTasksBlocked();
          assertThat(trace).containsExactly("first aborted", "first woke");
          assertThat(other.state()).isEqualTo(TaskState.PARKED);
          second.cancel();
        });
    assertThat(trace).endsWith("second aborted", "second woke");
  }

  // ---- the two flags

  @TrefoilTest
  @Tag("T17")
  void cancelCalledIsTrueThoughNothingWasInterrupted() {
    CancelScope scope = CancelScope.create();
    assertThat(scope.cancelCalled()).isFalse();
    scope.run(
        () -> {
          assertThat(scope.cancelCalled()).isFalse();
          scope.cancel();
          assertThat(scope.cancelCalled()).isTrue();
        });
    assertThat(scope.cancelCalled()).isTrue();
    assertThat(scope.cancelledCaught()).isFalse();
  }

  @TrefoilTest(seeds = 20)
  @Tag("T18")
  void cancelledCaughtIsTrueOnceTheScopeHasSwallowedItsCancellation() {
    CancelScope scope = CancelScope.create();
    String result =
        scope.run(
            () -> {
              scope.cancel();
              assertThat(scope.cancelledCaught()).isFalse();
              Hazmat.yieldBriefly();
              return "not reached";
            });
    assertThat(result).isNull();
    assertThat(scope.cancelledCaught()).isTrue();
  }

  @TrefoilTest
  @Tag("T18")
  void cancelledCaughtStaysFalseIfTheBodySwallowedTheCancellation() {
    CancelScope scope = CancelScope.create();
    String result =
        scope.run(
            () -> {
              scope.cancel();
              assertThat(catchThrowable(Hazmat::yieldBriefly)).isInstanceOf(Cancelled.class);
              return "result";
            });
    assertThat(result).isEqualTo("result");
    assertThat(scope.cancelCalled()).isTrue();
    assertThat(scope.cancelledCaught()).isFalse();
  }

  @TrefoilTest
  @Tag("T18")
  void cancelledCaughtStaysFalseIfTheBodyTurnedTheCancellationIntoAnotherError() {
    CancelScope scope = CancelScope.create();
    IOException other = new IOException("gave up");
    Throwable raised =
        catchThrowable(
            () ->
                scope.run(
                    () -> {
                      scope.cancel();
                      try {
                        Hazmat.yieldBriefly();
                      } catch (Cancelled cancelled) {
                        other.initCause(cancelled);
                        throw other;
                      }
                    }));
    assertThat(raised).isSameAs(other);
    assertThat(scope.cancelledCaught()).isFalse();
  }

  @TrefoilTest(seeds = 20)
  @Tag("T18")
  @Tag("T19")
  void cancelledCaughtIsTrueIfACancellationWasTakenOutOfAGroup() {
    CancelScope scope = CancelScope.create();
    Throwable raised =
        catchThrowable(
            () ->
                scope.run(
                    () ->
                        Nursery.open(
                            nursery -> {
                              nursery.spawn(Trefoil::sleepForever);
                              try {
                                Testing.waitAllTasksBlocked();
                                scope.cancel();
                                Trefoil.sleepForever();
                              } catch (Cancelled cancelled) {
                                throw new IOException("cleanup");
                              }
                            })));
    assertThat(raised)
        .isInstanceOfSatisfying(
            ExceptionGroup.class,
            group ->
                assertThat(group.exceptions()).singleElement().isInstanceOf(IOException.class));
    assertThat(scope.cancelledCaught()).isTrue();
  }

  // ---- who catches

  @TrefoilTest(seeds = 20)
  @Tag("T19")
  void theInnerScopeCatchesIfOnlyItIsCancelled() {
    CancelScope outer = CancelScope.create();
    CancelScope inner = CancelScope.create();
    outer.run(
        () -> {
          inner.run(
              () -> {
                inner.cancel();
                Trefoil.sleepForever();
              });
          Hazmat.yieldBriefly();
          trace.add("between");
        });
    assertThat(trace).containsExactly("between");
    assertThat(inner.cancelledCaught()).isTrue();
    assertThat(outer.cancelledCaught()).isFalse();
  }

  @TrefoilTest(seeds = 20)
  @Tag("T19")
  void theOutermostCancelledScopeCatchesWhicheverWasCancelledFirst() {
    for (boolean innerFirst : new boolean[] {true, false}) {
      CancelScope outer = CancelScope.create();
      CancelScope inner = CancelScope.create();
      outer.run(
          () -> {
            inner.run(
                () -> {
                  (innerFirst ? inner : outer).cancel();
                  (innerFirst ? outer : inner).cancel();
                  Trefoil.sleepForever();
                });
            trace.add("between");
          });
      assertThat(trace).isEmpty();
      assertThat(inner.cancelledCaught()).isFalse();
      assertThat(outer.cancelledCaught()).isTrue();
    }
  }

  @TrefoilTest(seeds = 20)
  @Tag("T19")
  void aCancellationFromOutsidePassesAnInnerScopeThatIsNotCancelled() {
    CancelScope outer = CancelScope.create();
    CancelScope inner = CancelScope.create();
    outer.run(
        () -> {
          outer.cancel();
          inner.run(Trefoil::sleepForever);
          trace.add("between");
        });
    assertThat(trace).isEmpty();
    assertThat(inner.cancelCalled()).isFalse();
    assertThat(inner.cancelledCaught()).isFalse();
    assertThat(outer.cancelledCaught()).isTrue();
  }

  @TrefoilTest(seeds = 20)
  @Tag("T19")
  void aCancellationOnItsWayOutPassesItsScopeIfAnOuterOneIsCancelledMeanwhile() {
    CancelScope outer = CancelScope.create();
    CancelScope inner = CancelScope.create();
    outer.run(
        () -> {
          inner.run(
              () -> {
                inner.cancel();
                try {
                  Trefoil.sleepForever();
                } finally {
                  outer.cancel();
                }
              });
          trace.add("between");
        });
    assertThat(trace).isEmpty();
    assertThat(inner.cancelledCaught()).isFalse();
    assertThat(outer.cancelledCaught()).isTrue();
  }

  @TrefoilTest(seeds = 20)
  @Tag("T16")
  @Tag("T19")
  void behindAShieldTheOutermostCancelledScopeInsideItCatches() {
    CancelScope outer = CancelScope.create();
    CancelScope shield = CancelScope.create().shielded();
    CancelScope middle = CancelScope.create();
    CancelScope inner = CancelScope.create();
    outer.run(
        () -> {
          outer.cancel();
          shield.run(
              () -> {
                Hazmat.yieldBriefly();
                middle.run(
                    () ->
                        inner.run(
                            () -> {
                              inner.cancel();
                              middle.cancel();
                              Trefoil.sleepForever();
                            }));
                Hazmat.yieldBriefly();
                trace.add("behind the middle one");
              });
          trace.add("behind the shield");
          Hazmat.yieldBriefly();
          trace.add("not reached");
        });
    assertThat(trace).containsExactly("behind the middle one", "behind the shield");
    assertThat(inner.cancelledCaught()).isFalse();
    assertThat(middle.cancelledCaught()).isTrue();
    assertThat(shield.cancelledCaught()).isFalse();
    assertThat(outer.cancelledCaught()).isTrue();
  }

  @TrefoilTest(seeds = 20)
  @Tag("T19")
  void aShieldedScopeThatIsCancelledCatchesForItselfThoughAnOuterOneIsCancelledToo() {
    CancelScope outer = CancelScope.create();
    CancelScope inner = CancelScope.create().shielded();
    outer.run(
        () -> {
          outer.cancel();
          inner.run(
              () -> {
                inner.cancel();
                Trefoil.sleepForever();
              });
          trace.add("between");
        });
    assertThat(trace).containsExactly("between");
    assertThat(inner.cancelledCaught()).isTrue();
    assertThat(outer.cancelledCaught()).isFalse();
  }

  @TrefoilTest(seeds = 20)
  @Tag("T19")
  void aGroupLosesItsCancellationsAtTheResponsibleScopeOnly() {
    CancelScope outer = CancelScope.create();
    CancelScope inner = CancelScope.create();
    List<Throwable> passing = new ArrayList<>();
    Throwable raised =
        catchThrowable(
            () ->
                outer.run(
                    () -> {
                      try {
                        inner.run(
                            () ->
                                Nursery.open(
                                    nursery -> {
                                      nursery.spawn(Trefoil::sleepForever);
                                      Testing.waitAllTasksBlocked();
                                      inner.cancel();
                                      outer.cancel();
                                      throw new IOException("failed");
                                    }));
                      } catch (ExceptionGroup group) {
                        passing.addAll(group.exceptions());
                        throw group;
                      }
                    }));
    assertThat(passing).hasSize(2).hasAtLeastOneElementOfType(Cancelled.class);
    assertThat(((ExceptionGroup) raised).exceptions())
        .singleElement()
        .isInstanceOf(IOException.class);
    assertThat(inner.cancelledCaught()).isFalse();
    assertThat(outer.cancelledCaught()).isTrue();
  }

  @TrefoilTest(seeds = 20)
  @Tag("T19")
  void aGroupOfNothingButCancellationsIsCaughtWhole() {
    CancelScope scope = CancelScope.create();
    scope.run(
        () -> {
          scope.cancel();
          Throwable first = catchThrowable(Hazmat::yieldBriefly);
          Throwable second = catchThrowable(Hazmat::yieldBriefly);
          throw new ExceptionGroup(
              "mine", List.of(first, new ExceptionGroup("nested", List.of(second))));
        });
    assertThat(scope.cancelledCaught()).isTrue();
  }

  @TrefoilTest(seeds = 20)
  @Tag("T19")
  void aCancellationOfAnotherTaskThatWasJoinedIsNotCaught() {
    CancelScope joiners = CancelScope.create();
    Nursery.open(
        nursery -> {
          Task<?> other = nursery.spawn(Trefoil::sleepForever);
          Testing.waitAllTasksBlocked();
          nursery.cancelScope().cancel();
          CancelScope.create()
              .shielded()
              .run(
                  () ->
                      assertThatThrownBy(
                              () ->
                                  joiners.run(
                                      () -> {
                                        joiners.cancel();
                                        try {
                                          CancelScope.create().shielded().run(() -> other.join());
                                        } finally {
                                          trace.add("joined");
                                        }
                                      }))
                          .hasCauseInstanceOf(Cancelled.class));
        });
    assertThat(trace).containsExactly("joined");
    assertThat(joiners.cancelledCaught()).isFalse();
  }

  // ---- errors on the way out

  /** A resource whose close fails. */
  private record Leaky(String name) implements AutoCloseable {
    @Override
    public void close() throws IOException {
      throw new IOException(name);
    }
  }

  @TrefoilTest(seeds = 20)
  @Tag("T18")
  @Tag("T19")
  @SuppressWarnings("try")
  void anErrorOfACloseWhileACancellationPassesIsNotLost() {
    CancelScope scope = CancelScope.create();
    Throwable raised =
        catchThrowable(
            () ->
                scope.run(
                    () -> {
                      try (Leaky resource = new Leaky("close")) {
                        scope.cancel();
                        Trefoil.sleepForever();
                      }
                    }));
    assertThat(raised).isInstanceOf(IOException.class).hasMessage("close");
    assertThat(scope.cancelledCaught()).isTrue();
  }

  @TrefoilTest(seeds = 20)
  @Tag("T19")
  @SuppressWarnings("try")
  void severalErrorsOfClosesWhileACancellationPassesComeInAGroup() {
    CancelScope scope = CancelScope.create();
    Throwable raised =
        catchThrowable(
            () ->
                scope.run(
                    () -> {
                      try (Leaky outer = new Leaky("outer");
                          Leaky inner = new Leaky("inner")) {
                        scope.cancel();
                        Trefoil.sleepForever();
                      }
                    }));
    assertThat(((ExceptionGroup) raised).exceptions())
        .extracting(Throwable::getMessage)
        .containsExactly("inner", "outer");
  }

  @TrefoilTest(seeds = 20)
  @Tag("T6")
  @Tag("T19")
  @SuppressWarnings("try")
  void anErrorOfACloseInACancelledChildIsNotLost() {
    Throwable raised =
        catchThrowable(
            () ->
                Nursery.open(
                    nursery -> {
                      nursery.spawn(
                          () -> {
                            try (Leaky resource = new Leaky("close")) {
                              Trefoil.sleepForever();
                            }
                          });
                      nursery.spawn(Trefoil::sleepForever);
                      Testing.waitAllTasksBlocked();
                      nursery.cancelScope().cancel();
                    }));
    assertThat(((ExceptionGroup) raised).leaves())
        .extracting(Throwable::getMessage)
        .containsExactly("close");
  }

  @TrefoilTest(seeds = 20)
  @Tag("T19")
  @SuppressWarnings("try")
  void anErrorOfACloseWhileAGroupWithACancellationPassesIsNotLost() {
    CancelScope scope = CancelScope.create();
    Throwable raised =
        catchThrowable(
            () ->
                scope.run(
                    () -> {
                      try (Leaky resource = new Leaky("close")) {
                        Nursery.open(
                            nursery -> {
                              nursery.spawn(Trefoil::sleepForever);
                              Testing.waitAllTasksBlocked();
                              scope.cancel();
                              throw new IOException("failed");
                            });
                      }
                    }));
    assertThat(raised).isInstanceOf(ExceptionGroup.class);
    assertThat(((ExceptionGroup) raised).exceptions())
        .extracting(Throwable::getMessage)
        .containsExactly("failed");
    assertThat(raised.getSuppressed()).extracting(Throwable::getMessage).contains("close");
  }

  @TrefoilTest(seeds = 20)
  @Tag("T19")
  @SuppressWarnings("try")
  void anErrorOfACloseWhileAGroupOfNothingButCancellationsPassesIsNotLost() {
    CancelScope scope = CancelScope.create();
    Throwable raised =
        catchThrowable(
            () ->
                scope.run(
                    () -> {
                      try (Leaky resource = new Leaky("close")) {
                        scope.cancel();
                        Throwable cancelled = catchThrowable(Hazmat::yieldBriefly);
                        throw new ExceptionGroup("mine", List.of(cancelled));
                      }
                    }));
    assertThat(raised).isInstanceOf(IOException.class).hasMessage("close");
    assertThat(scope.cancelledCaught()).isTrue();
  }

  @TrefoilTest(seeds = 20)
  @Tag("T6")
  @Tag("T19")
  @SuppressWarnings("try")
  void anErrorOfACloseWhileAGroupOfCancellationsLeavesAChildIsNotLost() {
    Throwable raised =
        catchThrowable(
            () ->
                Nursery.open(
                    nursery -> {
                      nursery.spawn(
                          () -> {
                            try (Leaky resource = new Leaky("close")) {
                              nursery.cancelScope().cancel();
                              Throwable cancelled = catchThrowable(Hazmat::yieldBriefly);
                              throw new ExceptionGroup("mine", List.of(cancelled));
                            }
                          });
                    }));
    assertThat(raised).isInstanceOf(ExceptionGroup.class);
    assertThat(((ExceptionGroup) raised).leaves())
        .extracting(Throwable::getMessage)
        .containsExactly("close");
  }

  @TrefoilTest(seeds = 20)
  @Tag("T6")
  @Tag("T36")
  @SuppressWarnings("try")
  void aCloseThatIsCancelledTooAddsNothingToTheCancellation() {
    CancelScope scope = CancelScope.create();
    scope.run(
        () -> {
          AutoCloseable checkpoint = Hazmat::yieldBriefly;
          Throwable raised =
              catchThrowable(
                  () ->
                      Nursery.open(
                          nursery -> {
                            try (checkpoint) {
                              scope.cancel();
                              Trefoil.sleepForever();
                            }
                          }));
          assertThat(raised).isInstanceOf(Cancelled.class);
          assertThat(raised.getSuppressed()).hasOnlyElementsOfType(Cancelled.class);
          Hazmat.yieldBriefly();
        });
    assertThat(scope.cancelledCaught()).isTrue();
  }
}
