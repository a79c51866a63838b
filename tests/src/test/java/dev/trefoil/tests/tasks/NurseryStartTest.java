package dev.trefoil.tests.tasks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.trefoil.hazmat.Cancelled;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.ParkingLot;
import dev.trefoil.hazmat.Task;
import dev.trefoil.hazmat.TaskState;
import dev.trefoil.tasks.CancelScope;
import dev.trefoil.tasks.ExceptionGroup;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.tasks.TaskLocal;
import dev.trefoil.tasks.TaskStatus;
import dev.trefoil.tasks.TaskTree;
import dev.trefoil.tasks.TooSlow;
import dev.trefoil.tasks.Trefoil;
import dev.trefoil.testing.Checkpoints;
import dev.trefoil.testing.MockClock;
import dev.trefoil.testing.Testing;
import dev.trefoil.testing.TrefoilTest;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;

/** Tasks that say when they are ready. */
class NurseryStartTest {
  private final List<String> trace = new ArrayList<>();

  private void sleepAndTell(String name) {
    try {
      Trefoil.sleepForever();
    } catch (Cancelled cancelled) {
      trace.add(name + " cancelled");
      throw cancelled;
    }
  }

  // ---- becoming ready

  @TrefoilTest(seeds = 20)
  @Tag("T8")
  @Tag("T9")
  void startWaitsForStartedAndReturnsItsValueWhileTheTaskGoesOn() {
    Nursery.open(
        nursery -> {
          int port =
              nursery.<Integer>start(
                  status -> {
                    Hazmat.yieldBriefly();
                    trace.add("ready");
                    status.started(5000);
                    Testing.waitAllTasksBlocked();
                    trace.add("went on");
                  });
          trace.add("start returned " + port);
        });
    assertThat(trace).containsExactly("ready", "start returned 5000", "went on");
  }

  @TrefoilTest
  @Tag("T8")
  @Tag("T9")
  void startedMayReportNothing() {
    Nursery.open(
        nursery -> {
          Object value = nursery.start("quiet", TaskStatus::started);
          assertThat(value).isNull();
          String text = nursery.<String>start(status -> status.started(null));
          assertThat(text).isNull();
        });
  }

  @TrefoilTest(seeds = 20)
  @Tag("T8")
  void startIsACheckpointEvenIfTheTaskIsReadyAtOnce() {
    Nursery.open(
        nursery ->
            Checkpoints.assertCheckpoints(
                () -> nursery.<Integer>start(status -> status.started(1))));
  }

  @TrefoilTest
  @Tag("T8")
  @Tag("R22")
  void theStartedTaskBearsTheGivenNameOrOneThatLeadsToItsBody() {
    Nursery.open(
        nursery -> {
          String given =
              nursery.start("server", status -> status.started(Hazmat.currentTask().name()));
          assertThat(given).isEqualTo("server");
          String derived = nursery.start(status -> status.started(Hazmat.currentTask().name()));
          assertThat(derived).isEqualTo(NurseryStartTest.class.getSimpleName());
        });
  }

  @TrefoilTest
  @Tag("T8")
  @Tag("T38")
  void theStartedTaskInheritsTheValuesOfItsStarter() {
    TaskLocal<String> local = TaskLocal.create();
    Nursery.open(
        nursery -> {
          local.set("starter's");
          String seen = nursery.start(status -> status.started(local.get()));
          assertThat(seen).isEqualTo("starter's");
        });
  }

  @TrefoilTest(seeds = 20)
  @Tag("T8")
  void aValueThatWasReportedIsNotLostIfTheStarterIsCancelledBeforeItWakes() {
    CancelScope scope = CancelScope.create();
    Nursery.open(
        nursery ->
            scope.run(
                () -> {
                  trace.add(
                      nursery.<String>start(
                          status -> {
                            status.started("value");
                            scope.cancel();
                          }));
                  Hazmat.yieldBriefly();
                  trace.add("not reached");
                }));
    assertThat(trace).containsExactly("value");
    assertThat(scope.cancelledCaught()).isTrue();
  }

  // ---- failing

  @TrefoilTest(seeds = 20)
  @Tag("T8")
  void anErrorBeforeStartedComesRawAndLeavesTheNurseryAlone() {
    IOException failure = new IOException("cannot bind");
    Nursery.open(
        nursery -> {
          Throwable raised =
              catchThrowable(
                  () ->
                      nursery.start(
                          status -> {
                            Hazmat.yieldBriefly();
                            throw failure;
                          }));
          assertThat(raised).isSameAs(failure);
          assertThat(nursery.cancelScope().cancelCalled()).isFalse();
          Hazmat.yieldBriefly();
        });
  }

  @TrefoilTest(seeds = 20)
  @Tag("T5")
  @Tag("T8")
  void aGroupRaisedBeforeStartedIsNotUnwrappedFurther() {
    ExceptionGroup own = new ExceptionGroup("own", List.of(new IOException("one")));
    Nursery.open(
        nursery ->
            assertThat(
                    catchThrowable(
                        () ->
                            nursery.start(
                                status -> {
                                  throw own;
                                })))
                .isSameAs(own));
  }

  @TrefoilTest(seeds = 20)
  @Tag("T8")
  void aTaskThatEndsWithoutStartedIsAnErrorThatSaysSo() {
    Nursery.open(
        nursery -> {
          assertThatThrownBy(() -> nursery.start(status -> Hazmat.yieldBriefly()))
              .isInstanceOf(IllegalStateException.class)
              .hasMessageContaining("started()")
              .hasMessageContaining("ended without");
          Hazmat.yieldBriefly();
        });
  }

  @TrefoilTest(seeds = 20)
  @Tag("T8")
  @Tag("T9")
  void anErrorAfterStartedGoesToTheNursery() {
    IOException failure = new IOException("connection lost");
    ExceptionGroup group =
        catchThrowableOfType(
            ExceptionGroup.class,
            () ->
                Nursery.open(
                    nursery -> {
                      nursery.start(
                          status -> {
                            status.started();
                            throw failure;
                          });
                      trace.add("start returned");
                      sleepAndTell("body");
                    }));
    assertThat(group.exceptions()).containsExactly(failure);
    assertThat(trace).containsExactly("start returned", "body cancelled");
  }

  @TrefoilTest(seeds = 20)
  @Tag("T9")
  void startedTwiceIsAnError() {
    Nursery.open(
        nursery ->
            nursery.<Integer>start(
                status -> {
                  status.started(1);
                  assertThatThrownBy(() -> status.started(2))
                      .isInstanceOf(IllegalStateException.class)
                      .hasMessageContaining("one call of started()");
                }));
  }

  @TrefoilTest(seeds = 20)
  @Tag("T9")
  void startedAfterTheTaskHasEndedIsAnErrorThatSaysSoAndDoesNotCount() {
    Nursery.open(
        nursery -> {
          AtomicReference<TaskStatus<Object>> kept = new AtomicReference<>();
          Task<?> starter =
              nursery.spawn(
                  () ->
                      assertThatThrownBy(() -> nursery.start(kept::set))
                          .hasMessageContaining("ended without"));
          starter.join();
          assertThatThrownBy(() -> kept.get().started())
              .isInstanceOf(IllegalStateException.class)
              .hasMessageContaining("started()")
              .hasMessageContaining("has already ended");
        });
  }

  @TrefoilTest(seeds = 20)
  @Tag("T8")
  void startIntoANurseryThatHasBeenLeftIsRefused() {
    Nursery[] kept = new Nursery[1];
    Nursery.open(nursery -> kept[0] = nursery);
    assertThatThrownBy(
            () ->
                kept[0].start(
                    status -> {
                      trace.add("never");
                      status.started();
                    }))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("has been left");
    assertThat(trace).isEmpty();
  }

  // ---- cancelling start

  @TrefoilTest(seeds = 20)
  @Tag("T8")
  void cancellingStartCancelsTheTaskAndWaitsForItsCleanUp() {
    CancelScope scope = CancelScope.create();
    Nursery.open(
        nursery -> {
          nursery.spawn(
              () ->
                  scope.run(
                      () -> {
                        try {
                          nursery.start(
                              status -> {
                                try {
                                  sleepAndTell("task");
                                } finally {
                                  CancelScope.create().shielded().run(Hazmat::yieldBriefly);
                                  trace.add("cleaned up");
                                }
                              });
                        } finally {
                          trace.add("start ended");
                        }
                      }));
          Testing.waitAllTasksBlocked();
          scope.cancel();
          Testing.waitAllTasksBlocked();
          assertThat(nursery.cancelScope().cancelCalled()).isFalse();
        });
    assertThat(trace).containsExactly("task cancelled", "cleaned up", "start ended");
    assertThat(scope.cancelledCaught()).isTrue();
  }

  @TrefoilTest(seeds = 20)
  @Tag("T8")
  void cancellingTheTargetNurseryDoesNotTouchATaskThatIsStillBeingStartedFromOutsideIt() {
    Nursery.open(
        outer -> {
          ParkingLot gate = new ParkingLot();
          Nursery target = openInTask(outer, gate);
          trace.add(
              target.<String>start(
                  status -> {
                    target.cancelScope().cancel();
                    Hazmat.yieldBriefly();
                    trace.add("not cancelled");
                    status.started("value");
                    sleepAndTell("task");
                  }));
        });
    assertThat(trace).containsExactlyInAnyOrder("not cancelled", "value", "task cancelled", "left");
  }

  @TrefoilTest(seeds = 20)
  @Tag("T8")
  @Tag("T9")
  void ifStartIsAlreadyCancelledStartedDoesNothingAndTheTaskStaysUnderStart() {
    CancelScope scope = CancelScope.create();
    Nursery.open(
        nursery -> {
          scope.run(
              () -> {
                nursery.start(
                    status -> {
                      Task<?> self = Hazmat.currentTask();
                      Nursery starting = TaskTree.parentNursery(self);
                      scope.cancel();
                      status.started();
                      assertThat(TaskTree.parentNursery(self))
                          .isSameAs(starting)
                          .isNotSameAs(nursery);
                      assertThat(nursery.childTasks()).doesNotContain(self);
                      sleepAndTell("task");
                    });
                trace.add("not reached");
              });
          assertThat(nursery.cancelScope().cancelCalled()).isFalse();
        });
    assertThat(trace).containsExactly("task cancelled");
    assertThat(scope.cancelledCaught()).isTrue();
  }

  @TrefoilTest(seeds = 20)
  @Tag("T8")
  @Tag("T9")
  void ifStartIsCancelledAndTheTaskEndsWellAfterStartedTheValueIsReturned() {
    CancelScope scope = CancelScope.create();
    Nursery.open(
        nursery ->
            scope.run(
                () ->
                    trace.add(
                        nursery.<String>start(
                            status -> {
                              scope.cancel();
                              status.started("value");
                              trace.add("task ends");
                            }))));
    assertThat(trace).containsExactly("task ends", "value");
    assertThat(scope.cancelledCaught()).isFalse();
  }

  @TrefoilTest(seeds = 20)
  @Tag("T8")
  @Tag("T22")
  void aTimeoutAroundStartEndsWithIt(MockClock clock) {
    clock.setAutojumpThreshold(Duration.ZERO);
    Nursery.open(
        nursery -> {
          assertThatThrownBy(
                  () ->
                      CancelScope.failAfter(
                          Duration.ofSeconds(1),
                          () -> nursery.start(status -> sleepAndTell("slow one"))))
              .isInstanceOf(TooSlow.class);
          CancelScope.failAfter(
              Duration.ofSeconds(1),
              () ->
                  nursery.start(
                      status -> {
                        status.started();
                        Trefoil.sleep(Duration.ofSeconds(10));
                        trace.add("outlived the timeout");
                      }));
        });
    assertThat(trace).containsExactly("slow one cancelled", "outlived the timeout");
  }

  // ---- moving to the nursery

  @TrefoilTest(seeds = 20)
  @Tag("T9")
  void theTaskMovesWithTheNurseriesAndScopesThatItHasOpen() {
    CancelScope aroundStart = CancelScope.create();
    Nursery.open(
        nursery -> {
          aroundStart.run(
              () ->
                  nursery.start(
                      status ->
                          Nursery.open(
                              nested -> {
                                nested.spawn(() -> sleepAndTell("grandchild"));
                                CancelScope.create()
                                    .run(
                                        () -> {
                                          Hazmat.yieldBriefly();
                                          status.started();
                                          sleepAndTell("task");
                                        });
                              })));
          aroundStart.cancel();
          Testing.waitAllTasksBlocked();
          assertThat(trace).isEmpty();
          nursery.cancelScope().cancel();
        });
    assertThat(trace).containsExactlyInAnyOrder("task cancelled", "grandchild cancelled");
  }

  @TrefoilTest(seeds = 20)
  @Tag("T9")
  void aShieldThatTheTaskHasRaisedMovesWithIt() {
    Nursery.open(
        nursery -> {
          nursery.start(
              status ->
                  CancelScope.create()
                      .shielded()
                      .run(
                          () -> {
                            status.started();
                            Testing.waitAllTasksBlocked();
                            Hazmat.yieldBriefly();
                            trace.add("shielded");
                          }));
          nursery.cancelScope().cancel();
        });
    assertThat(trace).containsExactly("shielded");
  }

  @TrefoilTest(seeds = 20)
  @Tag("T9")
  void ifTheTargetNurseryIsCancelledTheTaskIsAbortedAtOnceWithAllItHasOpen() {
    Nursery.open(
        nursery -> {
          CancelScope.create()
              .shielded()
              .run(
                  () -> {
                    nursery.start(
                        status ->
                            Nursery.open(
                                nested -> {
                                  Task<?> grandchild =
                                      nested.spawn(() -> sleepAndTell("grandchild"));
                                  Testing.waitAllTasksBlocked();
                                  nursery.cancelScope().cancel();
                                  assertThat(grandchild.state()).isEqualTo(TaskState.PARKED);
                                  status.started();
                                  assertThat(grandchild.state()).isEqualTo(TaskState.RUNNABLE);
                                  sleepAndTell("task");
                                }));
                    trace.add("start returned");
                  });
        });
    assertThat(trace)
        .containsExactlyInAnyOrder("start returned", "task cancelled", "grandchild cancelled");
  }

  @TrefoilTest(seeds = 20)
  @Tag("T9")
  void aHelperOfTheTaskMayCallStartedForIt() {
    Nursery.open(
        nursery -> {
          String value =
              nursery.start(
                  status ->
                      Nursery.open(
                          nested -> {
                            nested.spawn(() -> status.started("by the helper"));
                            nested.spawn(() -> sleepAndTell("helper"));
                            sleepAndTell("task");
                          }));
          trace.add(value);
          nursery.cancelScope().cancel();
        });
    assertThat(trace).startsWith("by the helper").contains("task cancelled", "helper cancelled");
  }

  @TrefoilTest(seeds = 20)
  @Tag("T8")
  @Tag("T9")
  void startsMayNest() {
    Nursery.open(
        outer -> {
          String value =
              outer.start(
                  outerStatus ->
                      Nursery.open(
                          inner -> {
                            String innerValue =
                                inner.start(
                                    status -> {
                                      status.started("inner");
                                      sleepAndTell("inner");
                                    });
                            outerStatus.started("outer of " + innerValue);
                            sleepAndTell("outer");
                          }));
          trace.add(value);
          outer.cancelScope().cancel();
        });
    assertThat(trace).startsWith("outer of inner").contains("inner cancelled", "outer cancelled");
  }

  @TrefoilTest(seeds = 20)
  @Tag("T9")
  @Tag("T40")
  void theTreeShowsWhereATaskIsAndWhereItWillBe() {
    Nursery.open(
        nursery ->
            nursery.start(
                status -> {
                  Task<?> self = Hazmat.currentTask();
                  assertThat(TaskTree.parentNursery(self)).isNotSameAs(nursery);
                  assertThat(TaskTree.eventualParentNursery(self)).isSameAs(nursery);
                  status.started();
                  assertThat(TaskTree.parentNursery(self)).isSameAs(nursery);
                  assertThat(TaskTree.eventualParentNursery(self)).isNull();
                  assertThat(nursery.childTasks()).containsExactly(self);
                }));
  }

  // ---- keeping the nursery open

  @TrefoilTest(seeds = 20)
  @Tag("T6")
  @Tag("T8")
  void aPendingStartKeepsTheNurseryOpen() {
    Nursery.open(
        outer -> {
          ParkingLot bodyGate = new ParkingLot();
          ParkingLot startGate = new ParkingLot();
          Nursery target = openInTask(outer, bodyGate);
          outer.spawn(
              () ->
                  target.start(
                      status -> {
                        startGate.park();
                        status.started();
                        Hazmat.yieldBriefly();
                        trace.add("task ends");
                      }));
          Testing.waitAllTasksBlocked();
          bodyGate.unparkAll();
          Testing.waitAllTasksBlocked();
          assertThat(trace).containsExactly("body ends");
          assertThat(target.childTasks()).isEmpty();
          startGate.unparkAll();
        });
    assertThat(trace).containsExactly("body ends", "task ends", "left");
  }

  @TrefoilTest(seeds = 20)
  @Tag("T6")
  @Tag("T8")
  void aPendingStartThatFailsLetsTheNurseryGo() {
    Nursery.open(
        outer -> {
          ParkingLot bodyGate = new ParkingLot();
          ParkingLot startGate = new ParkingLot();
          Nursery target = openInTask(outer, bodyGate);
          outer.spawn(
              () ->
                  assertThat(
                          catchThrowable(
                              () ->
                                  target.start(
                                      status -> {
                                        startGate.park();
                                        trace.add("task fails");
                                        throw new IOException("failed");
                                      })))
                      .isInstanceOf(IOException.class));
          Testing.waitAllTasksBlocked();
          bodyGate.unparkAll();
          Testing.waitAllTasksBlocked();
          startGate.unparkAll();
        });
    assertThat(trace).containsExactly("body ends", "task fails", "left");
  }

  /** A nursery that another task opens, whose body waits at {@code bodyGate}. */
  private Nursery openInTask(Nursery outer, ParkingLot bodyGate) {
    AtomicReference<Nursery> opened = new AtomicReference<>();
    outer.spawn(
        () -> {
          Nursery.open(
              nursery -> {
                opened.set(nursery);
                bodyGate.park();
                trace.add("body ends");
              });
          trace.add("left");
        });
    Testing.waitAllTasksBlocked();
    return opened.get();
  }

  // ---- calling directly

  @TrefoilTest
  @Tag("T10")
  void theIgnoredStatusLetsTheSameFunctionBeCalledDirectly() {
    assertThat(serve(TaskStatus.ignored())).isEqualTo("served");
    Nursery.open(
        nursery -> {
          int port = nursery.<Integer>start(this::serve);
          assertThat(port).isEqualTo(5000);
        });
    TaskStatus<String> ignored = TaskStatus.ignored();
    ignored.started("once");
    ignored.started("twice");
    ignored.started();
  }

  private String serve(TaskStatus<Integer> status) {
    status.started(5000);
    Hazmat.yieldBriefly();
    return "served";
  }
}
