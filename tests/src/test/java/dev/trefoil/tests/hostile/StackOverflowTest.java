package dev.trefoil.tests.hostile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.trefoil.hazmat.Abort;
import dev.trefoil.hazmat.Action;
import dev.trefoil.hazmat.Backend;
import dev.trefoil.hazmat.CancelStatus;
import dev.trefoil.hazmat.EntryPoint;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.KernelError;
import dev.trefoil.hazmat.ParkingLot;
import dev.trefoil.hazmat.RunOptions;
import dev.trefoil.hazmat.RunStatistics;
import dev.trefoil.hazmat.Task;
import dev.trefoil.tasks.CancelScope;
import dev.trefoil.tasks.ExceptionGroup;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.tasks.Trefoil;
import dev.trefoil.testing.Testing;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A stack that overflows inside an operation, at each of many places in it. */
@Timeout(60)
class StackOverflowTest {
  private static final int PLACES = 150;

  /** Runs an operation with room for so many frames left on the stack, overflowing or not. */
  private static final class Brink {
    private final Action<RuntimeException> operation;
    private final int room;
    private boolean reached;

    Brink(int room, Action<RuntimeException> operation) {
      this.room = room;
      this.operation = operation;
    }

    void run() {
      try {
        descend();
      } catch (StackOverflowError expected) {
        assertThat(reached).isTrue();
      }
    }

    @SuppressWarnings("InfiniteRecursion") // it ends where the stack ends
    private int descend() {
      int framesBelow;
      try {
        framesBelow = descend();
      } catch (StackOverflowError bottom) {
        if (reached) {
          throw bottom;
        }
        return 1;
      }
      if (framesBelow == room) {
        reached = true;
        operation.run();
      }
      return framesBelow + 1;
    }
  }

  private static RunOptions options(Backend backend) {
    return RunOptions.defaults().withBackend(backend);
  }

  @ParameterizedTest
  @EnumSource(names = {"CONTINUATION", "VIRTUAL_THREAD"})
  @Tag("R25")
  void aTaskThatCouldNotParkIsInNoLot(Backend backend) {
    for (int place = 1; place < PLACES; place++) {
      int room = place;
      Trefoil.run(
          options(backend),
          () -> {
            ParkingLot lot = new ParkingLot();
            Nursery.open(
                nursery -> {
                  Task<?> task = nursery.spawn(() -> new Brink(room, lot::park).run());
                  Hazmat.yieldBriefly();
                  assertThat(lot.size()).isEqualTo(task.state().isFinal() ? 0 : 1);
                  lot.unparkAll();
                });
            assertThat(lot.isEmpty()).isTrue();
          });
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"CONTINUATION", "VIRTUAL_THREAD"})
  @Tag("R26")
  void aSleeperThatCouldNotBeUnparkedIsStillParked(Backend backend) {
    for (int place = 1; place < PLACES; place++) {
      int room = place;
      Trefoil.run(
          options(backend),
          () -> {
            ParkingLot lot = new ParkingLot();
            List<String> trace = new ArrayList<>();
            Nursery.open(
                nursery -> {
                  nursery.spawn(
                      () -> {
                        lot.park();
                        trace.add("woken");
                      });
                  Hazmat.yieldBriefly();
                  nursery.spawn(() -> new Brink(room, lot::unpark).run()).join();
                  Hazmat.yieldBriefly();
                  assertThat(lot.size() + trace.size()).isOne();
                  lot.unparkAll();
                });
            assertThat(trace).containsExactly("woken");
          });
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"CONTINUATION", "VIRTUAL_THREAD"})
  @Tag("R41")
  void aTaskThatCouldNotSuspendLeavesTheLoopRunning(Backend backend) {
    for (int place = 1; place < PLACES; place++) {
      int room = place;
      Trefoil.run(
          options(backend),
          () -> {
            Nursery.open(
                nursery -> {
                  Task<?> task = nursery.spawn(() -> new Brink(room, Hazmat::yieldBriefly).run());
                  // Beside which nobody is runnable a checkpoint would not suspend.
                  nursery.spawn(() -> {});
                  task.join();
                });
            Hazmat.yieldBriefly();
          });
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"CONTINUATION", "VIRTUAL_THREAD"})
  @Tag("T7")
  @Tag("T13")
  void aScopeThatWasNotCancelledToTheEndIsCancelledSoonOrTheRunFails(Backend backend) {
    for (int place = 1; place < PLACES; place++) {
      int room = place;
      try {
        Trefoil.run(options(backend), () -> cancelOnTheBrink(room));
      } catch (KernelError allowed) {
        // An abort function that the overflow hit broke the run, but the run has ended.
        continue;
      }
    }
  }

  private static void cancelOnTheBrink(int room) {
    RunStatistics before = Hazmat.currentRun().statistics();
    CancelScope scope = CancelScope.create();
    try {
      Nursery.open(
          nursery -> {
            nursery.spawn(
                () ->
                    scope.run(
                        () ->
                            Nursery.open(
                                inner -> {
                                  inner.spawn(StackOverflowTest::sleep);
                                  inner.spawn(() -> CancelScope.create().run(() -> sleep()));
                                  sleep();
                                })));
            Hazmat.yieldBriefly();
            Hazmat.yieldBriefly();
            nursery
                .spawn(
                    () -> {
                      new Brink(room, scope::cancel).run();
                      scope.cancel();
                    })
                .join();
          });
    } catch (ExceptionGroup group) {
      assertThat(group.leaves()).allMatch(StackOverflowError.class::isInstance);
    }
    assertThat(Hazmat.currentRun().statistics().tasksLiving()).isEqualTo(before.tasksLiving());
    assertThat(Hazmat.currentRun().statistics().cancelStatuses())
        .isEqualTo(before.cancelStatuses());
  }

  @ParameterizedTest
  @EnumSource(names = {"CONTINUATION", "VIRTUAL_THREAD"})
  @Tag("R13")
  @Tag("R14")
  void aThreadThatCouldNotWakeTheRunDoesNotKeepOthersFromIt(Backend backend) {
    AtomicInteger accepted = new AtomicInteger();
    AtomicInteger ran = new AtomicInteger();
    for (int place = 1; place < PLACES; place++) {
      int room = place * 10;
      for (boolean idempotent : new boolean[] {false, true}) {
        Trefoil.run(
            options(backend),
            () -> {
              EntryPoint entry = Hazmat.currentCallSoonThreadAndSignalSafe();
              ParkingLot lot = new ParkingLot();
              Action<RuntimeException> submit =
                  () -> {
                    entry.callSoonThreadAndSignalSafe(ran::incrementAndGet, idempotent);
                    accepted.incrementAndGet();
                  };
              Thread.ofPlatform()
                  .start(
                      () -> {
                        new Brink(room, submit).run();
                        entry.callSoonThreadAndSignalSafe(lot::unpark, idempotent);
                      });
              CancelScope.failAfter(Duration.ofSeconds(20), () -> lot.park());
            });
        assertThat(ran.get()).isGreaterThanOrEqualTo(accepted.get());
      }
    }
    assertThat(accepted).hasPositiveValue();
  }

  /** Blocks to be entered and left where the stack is about to end. */
  private enum Block implements Action<RuntimeException> {
    SCOPE {
      @Override
      public void run() {
        CancelScope.create().run(Block::doNothing);
      }
    },
    NESTED_SCOPES {
      @Override
      public void run() {
        CancelScope.create().run(() -> CancelScope.create().run(Block::doNothing));
      }
    },
    SCOPES_WITHOUT_END {
      @Override
      public void run() {
        CancelScope.create().run(this);
      }
    },
    SCOPE_WITH_A_CHECKPOINT {
      @Override
      public void run() {
        CancelScope.create().run(Hazmat::yieldBriefly);
      }
    },
    CANCELLED_SCOPE {
      @Override
      public void run() {
        CancelScope scope = CancelScope.create();
        scope.cancel();
        scope.run(Hazmat::yieldIfCancelled);
      }
    },
    TIMEOUT {
      @Override
      public void run() {
        CancelScope.moveOnAfter(Duration.ofDays(1), Block::doNothing);
      }
    },
    TIMEOUTS_WITHOUT_END {
      @Override
      public void run() {
        CancelScope.moveOnAfter(Duration.ofDays(1), this);
      }
    },
    SHIELD {
      @Override
      public void run() {
        CancelScope.create().shielded().run(Block::doNothing);
      }
    },
    NURSERY {
      @Override
      public void run() {
        Nursery.open(nursery -> {});
      }
    },
    NURSERY_WITH_A_TASK {
      @Override
      public void run() {
        Nursery.open(nursery -> nursery.spawn(Hazmat::yieldBriefly));
      }
    },
    NURSERY_THAT_FAILS {
      @Override
      public void run() {
        Nursery.open(
            nursery -> {
              nursery.spawn(StackOverflowTest::sleep);
              throw new StackOverflowError("the body's own");
            });
      }
    },
    NURSERIES_WITHOUT_END {
      @Override
      public void run() {
        Nursery.open(
            nursery -> {
              nursery.spawn(StackOverflowTest::sleep);
              run();
            });
      }
    };

    static void doNothing() {}
  }

  @ParameterizedTest
  @EnumSource(names = {"CONTINUATION", "VIRTUAL_THREAD"})
  @Tag("T6")
  @Tag("T12")
  @Tag("T20")
  @Timeout(240)
  void whereverTheStackEndsInAScopeTheTreeOfScopesIsRightAfterwards(Backend backend) {
    for (Block block : Block.values()) {
      Trefoil.run(
          options(backend),
          () -> {
            for (int room = 1; room < 1_500; room += room < 200 ? 1 : 25) {
              enterOnTheBrink(block, room);
            }
          });
    }
  }

  private static void enterOnTheBrink(Block block, int room) {
    RunStatistics before = Hazmat.currentRun().statistics();
    String where = block + " with room " + room;
    Throwable[] inside = new Throwable[1];
    Nursery.open(
        nursery ->
            nursery.spawn(
                () -> {
                  CancelStatus status = Hazmat.currentTask().cancelStatus();
                  Action<RuntimeException> onTheBrink =
                      () -> new Brink(room, () -> inside[0] = catchThrowable(block::run)).run();
                  Throwable outside = catchThrowable(() -> CancelScope.create().run(onTheBrink));
                  if (inside[0] == null) {
                    assertThat(outside).as(where).isNull();
                  }
                  assertThat(Hazmat.currentTask().cancelStatus()).as(where).isSameAs(status);
                }));
    Testing.waitAllTasksBlocked();
    RunStatistics after = Hazmat.currentRun().statistics();
    assertThat(after.tasksLiving()).as(where).isEqualTo(before.tasksLiving());
    assertThat(after.cancelStatuses()).as(where).isEqualTo(before.cancelStatuses());
    assertThat(after.deadlines()).as(where).isEqualTo(before.deadlines());
  }

  private static void sleep() {
    Hazmat.<@Nullable Object>yieldIndefinitely(raiseCancel -> Abort.SUCCEEDED);
  }
}
