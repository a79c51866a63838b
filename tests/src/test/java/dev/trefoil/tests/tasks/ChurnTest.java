package dev.trefoil.tests.tasks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.trefoil.hazmat.Backend;
import dev.trefoil.hazmat.Cancelled;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.ParkingLot;
import dev.trefoil.hazmat.RunOptions;
import dev.trefoil.hazmat.RunStatistics;
import dev.trefoil.tasks.CancelScope;
import dev.trefoil.tasks.ExceptionGroup;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.tasks.Trefoil;
import dev.trefoil.testing.MockClock;
import dev.trefoil.testing.Testing;
import dev.trefoil.testing.TrefoilTest;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Many tasks and scopes, deep and wide, and nothing of them is left behind. */
class ChurnTest {
  private static final int TASKS = 10_000;

  /** The virtual machine suspends no stack that is larger than half a region of its heap. */
  private static final int DEPTH = 500;

  private static final int NESTED_NURSERIES = 2_000;
  private static final long LARGE_STACK = 512L << 20;
  private static final int WIDTH = 100_000;

  private static void assertClean(RunStatistics before) {
    RunStatistics after = Hazmat.currentRun().statistics();
    assertThat(after.tasksLiving()).isEqualTo(1);
    assertThat(after.tasksRunnable()).isZero();
    assertThat(after.deadlines()).isZero();
    assertThat(after.cancelStatuses()).isEqualTo(before.cancelStatuses());
    assertThat(after.entryQueueSize()).isZero();
  }

  // ---- random churn

  @TrefoilTest(seeds = 20)
  @Tag("T6")
  @Tag("T13")
  @Tag("T14")
  @Tag("T16")
  @Tag("T18")
  void tenThousandTasksWithRandomCancelsAndTimeoutsLeaveNothingBehind(MockClock clock) {
    clock.setAutojumpThreshold(Duration.ZERO);
    RunStatistics before = Hazmat.currentRun().statistics();
    Churn churn = new Churn(new SplittableRandom(seedOfThisRun()));
    while (churn.tasks < TASKS) {
      CancelScope.create().run(() -> churn.openNursery(0));
    }
    assertThat(churn.ended).isEqualTo(churn.tasks);
    assertThat(churn.caught).as("scopes that caught").isPositive();
    assertThat(churn.failures).as("nurseries that failed").isPositive();
    assertThat(churn.ready).as("tasks that became ready").isPositive();
    assertThat(churn.wrong).isEmpty();
    assertClean(before);
    Hazmat.yieldBriefly();
  }

  /** Differs from schedule to schedule, and is the same when one is repeated. */
  private static long seedOfThisRun() {
    List<Integer> order = new ArrayList<>();
    Nursery.open(
        nursery -> {
          for (int number = 0; number < 20; number++) {
            int mine = number;
            nursery.spawn(() -> order.add(mine));
          }
        });
    return order.hashCode();
  }

  /** A program that does at random what programs do with nurseries and scopes. */
  private static final class Churn {
    private static final int DEEPEST = 4;

    private final SplittableRandom random;
    private final List<CancelScope> scopes = new ArrayList<>();
    private final ParkingLot lot = new ParkingLot();
    private final List<String> wrong = new ArrayList<>();
    private int tasks;
    private int ended;
    private int caught;
    private int failures;
    private int ready;

    Churn(SplittableRandom random) {
      this.random = random;
    }

    /** Opens a nursery with some tasks; failures of its tasks end here. */
    void openNursery(int depth) {
      try {
        Nursery.open(
            nursery -> {
              scopes.add(nursery.cancelScope());
              for (int count = random.nextInt(1, 8); count > 0; count--) {
                add(nursery, depth);
              }
              act(nursery, depth);
            });
      } catch (ExceptionGroup group) {
        failures++;
        for (Throwable leaf : group.leaves()) {
          if (!(leaf instanceof IOException) && !(leaf instanceof Cancelled)) {
            wrong.add(leaf.toString());
          }
        }
        if (group.leaves().stream().anyMatch(Cancelled.class::isInstance)) {
          throw group;
        }
      }
    }

    private void add(Nursery nursery, int depth) {
      tasks++;
      nursery.spawn(
          () -> {
            try {
              live(nursery, depth + 1);
            } finally {
              ended++;
            }
          });
    }

    private void live(Nursery nursery, int depth) throws IOException {
      for (int steps = random.nextInt(5); steps > 0; steps--) {
        CancelScope scope = someScope();
        scopes.add(scope);
        scope.run(() -> act(nursery, depth));
        caught += scope.cancelledCaught() ? 1 : 0;
        if (scope.cancelledCaught() && !scope.cancelCalled()) {
          wrong.add("caught without a cancel");
        }
      }
    }

    private CancelScope someScope() {
      return switch (random.nextInt(8)) {
        case 0, 1, 2 -> CancelScope.create();
        case 3, 4 -> CancelScope.withTimeout(someTime());
        case 5, 6 -> CancelScope.withDeadline(Trefoil.currentTime() + someTime().toNanos());
        // With a limit: a shield for ever would let nobody end what is inside.
        default -> CancelScope.withTimeout(someTime()).shielded();
      };
    }

    private Duration someTime() {
      return Duration.ofMillis(random.nextInt(20));
    }

    private void act(Nursery nursery, int depth) throws IOException {
      switch (random.nextInt(12)) {
        case 0 -> Hazmat.yieldBriefly();
        case 1, 2 -> Trefoil.sleep(someTime());
        case 3 -> CancelScope.moveOnAfter(someTime(), () -> lot.park());
        case 4 -> lot.unpark();
        case 5 -> someOf(scopes).cancel();
        case 6 -> someOf(scopes).setShield(false);
        case 7 -> throw new IOException("one of the failures");
        case 8 -> {
          if (!nursery.isClosed() && depth <= DEEPEST) {
            add(nursery, depth);
          }
        }
        case 9 -> startInto(nursery);
        default -> {
          if (depth < DEEPEST) {
            openNursery(depth + 1);
          }
        }
      }
    }

    private void startInto(Nursery nursery) {
      tasks++;
      try {
        nursery.start(
            status -> {
              try {
                Trefoil.sleep(someTime());
                status.started();
                ready++;
                Trefoil.sleep(someTime());
              } finally {
                ended++;
              }
            });
      } catch (RuntimeException unexpected) {
        wrong.add(unexpected.toString());
      }
    }

    private CancelScope someOf(List<CancelScope> candidates) {
      while (candidates.size() > 50) {
        candidates.remove(random.nextInt(candidates.size()));
      }
      return candidates.get(random.nextInt(candidates.size()));
    }
  }

  // ---- deep

  @TrefoilTest
  @Tag("T12")
  @Tag("T13")
  @Tag("T19")
  void aCancelReachesThroughDeeplyNestedScopesAndTheOutermostCatches() {
    RunStatistics before = Hazmat.currentRun().statistics();
    CancelScope outermost = CancelScope.create();
    Nursery.open(
        nursery -> {
          nursery.spawn(() -> outermost.run(() -> nest(DEPTH)));
          Testing.waitAllTasksBlocked();
          outermost.cancel();
        });
    assertThat(outermost.cancelledCaught()).isTrue();
    assertClean(before);
  }

  @Test
  @Tag("T12")
  @Tag("T13")
  @Tag("T19")
  void tenThousandNestedScopesNeedNothingButStack() throws Exception {
    CancelScope outermost = CancelScope.create();
    FutureTask<Object> run =
        new FutureTask<>(
            () ->
                Trefoil.run(
                    RunOptions.defaults().withBackend(Backend.CONTINUATION),
                    () -> {
                      RunStatistics before = Hazmat.currentRun().statistics();
                      outermost.run(
                          () -> {
                            cancelFromInside(outermost, TASKS);
                            Hazmat.yieldBriefly();
                            throw new AssertionError("not cancelled");
                          });
                      assertClean(before);
                      return null;
                    }));
    new Thread(null, run, "deep", LARGE_STACK).start();
    run.get(60, TimeUnit.SECONDS);
    assertThat(outermost.cancelledCaught()).isTrue();
  }

  private static void cancelFromInside(CancelScope outermost, int depth) {
    if (depth == 0) {
      assertThat(Trefoil.currentEffectiveDeadline()).isEqualTo(Long.MAX_VALUE);
      outermost.cancel();
      assertThat(Trefoil.currentEffectiveDeadline()).isEqualTo(Long.MIN_VALUE);
    } else {
      CancelScope.create().run(() -> cancelFromInside(outermost, depth - 1));
    }
  }

  private static void nest(int depth) {
    if (depth == 0) {
      Trefoil.sleepForever();
    } else {
      CancelScope scope = CancelScope.create();
      scope.run(() -> nest(depth - 1));
      throw new AssertionError("passed at depth " + depth);
    }
  }

  @TrefoilTest
  @Tag("T6")
  @Tag("T13")
  void aCancelReachesThroughDeeplyNestedNurseries() {
    RunStatistics before = Hazmat.currentRun().statistics();
    int[] ended = {0};
    CancelScope outermost = CancelScope.create();
    Nursery.open(
        nursery -> {
          nursery.spawn(() -> outermost.run(() -> nestNurseries(NESTED_NURSERIES, ended)));
          Testing.waitAllTasksBlocked();
          assertThat(Hazmat.currentRun().statistics().tasksLiving())
              .isEqualTo(NESTED_NURSERIES + 2);
          outermost.cancel();
        });
    assertThat(ended[0]).isEqualTo(NESTED_NURSERIES);
    assertThat(outermost.cancelledCaught()).isTrue();
    assertClean(before);
  }

  /** Each nursery has one task that opens the next, so it is the tree that is deep, not a stack. */
  private static void nestNurseries(int depth, int[] ended) {
    if (depth == 0) {
      Trefoil.sleepForever();
    }
    Nursery.open(
        nursery ->
            nursery.spawn(
                () -> {
                  try {
                    nestNurseries(depth - 1, ended);
                  } finally {
                    ended[0]++;
                  }
                }));
  }

  @TrefoilTest
  @Tag("T6")
  void aTaskThatNestsScopesUntilItsStackIsFullFailsAloneAndTheRunGoesOn() {
    Throwable raised =
        catchThrowable(
            () ->
                Nursery.open(
                    nursery ->
                        nursery.spawn(
                            () -> {
                              nestForEver();
                            })));
    assertThat(withAllItSuppressed(raised)).hasAtLeastOneElementOfType(StackOverflowError.class);
    assertThat(Hazmat.currentRun().statistics().tasksLiving()).isEqualTo(1);
    Nursery.open(nursery -> nursery.spawn(Hazmat::yieldBriefly));
  }

  private static void nestForEver() {
    CancelScope.create().run(ChurnTest::nestForEver);
  }

  /** Leaving a scope may itself find no room; what comes out then suppresses the overflow. */
  private static List<Throwable> withAllItSuppressed(Throwable error) {
    List<Throwable> found = new ArrayList<>(List.of(error));
    for (int place = 0; place < found.size(); place++) {
      found.addAll(List.of(found.get(place).getSuppressed()));
    }
    return found;
  }

  // ---- wide

  @TrefoilTest
  @Tag("T12")
  @Tag("T13")
  void manySiblingScopesOneAfterAnotherLeaveNothingBehind() {
    RunStatistics before = Hazmat.currentRun().statistics();
    int caught = 0;
    for (int number = 0; number < WIDTH; number++) {
      CancelScope scope = CancelScope.withTimeout(Duration.ofDays(1));
      boolean cancel = number % 2 == 0;
      scope.run(
          () -> {
            if (cancel) {
              scope.cancel();
              Hazmat.yieldIfCancelled();
            }
          });
      caught += scope.cancelledCaught() ? 1 : 0;
    }
    assertThat(caught).isEqualTo(WIDTH / 2);
    assertClean(before);
  }

  @TrefoilTest
  @Tag("T6")
  @Tag("T13")
  @Tag("T14")
  void manySleepersSideBySideEachInItsOwnScopeAreCancelledAtOnce() {
    RunStatistics before = Hazmat.currentRun().statistics();
    int[] ended = {0};
    Nursery.open(
        nursery -> {
          for (int number = 0; number < TASKS; number++) {
            nursery.spawn(
                () ->
                    CancelScope.moveOnAfter(
                        Duration.ofDays(1),
                        () -> {
                          try {
                            Trefoil.sleepForever();
                          } finally {
                            ended[0]++;
                          }
                        }));
          }
          Testing.waitAllTasksBlocked();
          assertThat(Hazmat.currentRun().statistics().deadlines()).isEqualTo(TASKS);
          nursery.cancelScope().cancel();
        });
    assertThat(ended[0]).isEqualTo(TASKS);
    assertClean(before);
  }

  @TrefoilTest
  @Tag("T6")
  void manyFailuresAtOnceAllComeInOneGroup() {
    RunStatistics before = Hazmat.currentRun().statistics();
    Throwable raised =
        catchThrowable(
            () ->
                Nursery.open(
                    nursery -> {
                      for (int number = 0; number < TASKS; number++) {
                        String name = String.valueOf(number);
                        nursery.spawn(
                            () -> {
                              throw new IOException(name);
                            });
                      }
                    }));
    assertThat(((ExceptionGroup) raised).exceptions()).hasSize(TASKS);
    assertClean(before);
  }
}
