package com.example.tokenbucket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.trefoil.hazmat.Cancelled;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.Task;
import dev.trefoil.tasks.CancelScope;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.tasks.Trefoil;
import dev.trefoil.testing.Checkpoints;
import dev.trefoil.testing.MockClock;
import dev.trefoil.testing.Testing;
import dev.trefoil.testing.TrefoilTest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TokenBucketTest {
  private static final Duration SECOND = Duration.ofSeconds(1);

  private final List<String> served = new ArrayList<>();

  /** A task that stands in line when this returns, if it has to. */
  private Task<?> waiter(Nursery nursery, TokenBucket bucket, int tokens, String name) {
    Task<?> task =
        nursery.spawn(
            name,
            () -> {
              bucket.acquire(tokens);
              served.add(name);
            });
    Testing.waitAllTasksBlocked();
    return task;
  }

  private void pass(MockClock clock, Duration time) {
    clock.jump(time);
    Testing.waitAllTasksBlocked();
  }

  private static TokenBucket emptyBucket(int capacity, double tokensPerSecond) {
    TokenBucket bucket = new TokenBucket(capacity, tokensPerSecond);
    assertTrue(bucket.tryAcquire(capacity));
    return bucket;
  }

  // ---- filling

  @TrefoilTest(seeds = 20)
  void startsFull(MockClock clock) {
    TokenBucket bucket = new TokenBucket(3, 1);
    bucket.acquire(2);
    assertTrue(bucket.tryAcquire(1));
    assertFalse(bucket.tryAcquire(1));
  }

  @TrefoilTest(seeds = 20)
  void fillsAtItsRateToTheNanosecond(MockClock clock) {
    TokenBucket bucket = emptyBucket(10, 4);
    Nursery.open(
        nursery -> {
          waiter(nursery, bucket, 2, "two");
          pass(clock, Duration.ofMillis(500).minusNanos(1));
          assertEquals(List.of(), served);
          pass(clock, Duration.ofNanos(1));
          assertEquals(List.of("two"), served);
        });
    assertFalse(bucket.tryAcquire(1));
  }

  @TrefoilTest(seeds = 20)
  void holdsNoMoreThanItsCapacity(MockClock clock) {
    TokenBucket bucket = emptyBucket(10, 4);
    clock.jump(Duration.ofDays(365));
    assertTrue(bucket.tryAcquire(10));
    assertFalse(bucket.tryAcquire(1));
  }

  @TrefoilTest(seeds = 20)
  void fillsNoMoreThanItsCapacityWhileSomebodyIsLateToTake(MockClock clock) {
    TokenBucket bucket = emptyBucket(10, 4);
    Nursery.open(
        nursery -> {
          waiter(nursery, bucket, 4, "four");
          pass(clock, Duration.ofDays(365));
        });
    assertTrue(bucket.tryAcquire(6));
    assertFalse(bucket.tryAcquire(1));
  }

  @TrefoilTest
  void lastsForALifetime(MockClock clock) {
    TokenBucket bucket = emptyBucket(3, 1e-9);
    clock.jump(Duration.ofSeconds(1_000_000_000));
    assertTrue(bucket.tryAcquire(1));
    assertFalse(bucket.tryAcquire(1));
  }

  // ---- fairness

  @TrefoilTest(seeds = 20)
  void servesInTheOrderOfArrival(MockClock clock) {
    TokenBucket bucket = emptyBucket(5, 1);
    Nursery.open(
        nursery -> {
          for (String name : List.of("a", "b", "c", "d", "e")) {
            waiter(nursery, bucket, 1, name);
          }
          pass(clock, SECOND.multipliedBy(2));
          assertEquals(List.of("a", "b"), served);
          pass(clock, SECOND.multipliedBy(3));
          assertEquals(List.of("a", "b", "c", "d", "e"), served);
        });
  }

  @TrefoilTest(seeds = 20)
  void oneThatWantsManyIsNotPassedByOneThatWantsFew(MockClock clock) {
    TokenBucket bucket = emptyBucket(5, 1);
    Nursery.open(
        nursery -> {
          waiter(nursery, bucket, 5, "many");
          waiter(nursery, bucket, 1, "few");
          pass(clock, SECOND.multipliedBy(4));
          assertEquals(List.of(), served);
          pass(clock, SECOND);
          assertEquals(List.of("many"), served);
          pass(clock, SECOND);
          assertEquals(List.of("many", "few"), served);
        });
  }

  @TrefoilTest(seeds = 20)
  void tryAcquireDoesNotPassThoseWhoWait(MockClock clock) {
    TokenBucket bucket = emptyBucket(5, 1);
    Nursery.open(
        nursery -> {
          waiter(nursery, bucket, 5, "many");
          pass(clock, SECOND.multipliedBy(4));
          assertFalse(bucket.tryAcquire(1));
          nursery.cancelScope().cancel();
        });
    assertTrue(bucket.tryAcquire(4));
  }

  @TrefoilTest(seeds = 20)
  void nobodySlipsInWhereOneLeavesAndTheNextHasNotRunYet(MockClock clock) {
    TokenBucket bucket = emptyBucket(5, 1);
    Nursery.open(
        nursery -> {
          Task<?> first = waiter(nursery, bucket, 5, "first");
          Task<?> second = waiter(nursery, bucket, 3, "second");
          clock.jump(SECOND.multipliedBy(4));
          first.interrupt();
          nursery.spawn(
              () -> {
                bucket.acquire(1);
                served.add("late");
              });
          while (second.outcome() == null) {
            assertFalse(bucket.tryAcquire(1));
            Hazmat.yieldBriefly();
          }
        });
    assertEquals(List.of("second", "late"), served);
  }

  // ---- cancellation

  @TrefoilTest(seeds = 20)
  void whenTheFirstIsCancelledTheNextTakesItsPlace(MockClock clock) {
    TokenBucket bucket = emptyBucket(5, 1);
    Nursery.open(
        nursery -> {
          Task<?> first = waiter(nursery, bucket, 5, "first");
          waiter(nursery, bucket, 2, "second");
          waiter(nursery, bucket, 1, "third");
          pass(clock, SECOND.multipliedBy(2));
          assertEquals(List.of(), served);
          first.cancel();
          Testing.waitAllTasksBlocked();
          assertEquals(List.of("second"), served);
          pass(clock, SECOND);
          assertEquals(List.of("second", "third"), served);
        });
  }

  @TrefoilTest(seeds = 20)
  void oneCancelledInLineLeavesNoTrace(MockClock clock) {
    TokenBucket bucket = emptyBucket(5, 1);
    Nursery.open(
        nursery -> {
          waiter(nursery, bucket, 1, "first");
          Task<?> second = waiter(nursery, bucket, 5, "second");
          waiter(nursery, bucket, 1, "third");
          second.cancel();
          pass(clock, SECOND.multipliedBy(2));
          assertEquals(List.of("first", "third"), served);
        });
    assertFalse(bucket.tryAcquire(1));
    clock.jump(SECOND);
    assertTrue(bucket.tryAcquire(1));
    assertEquals(0, Hazmat.currentRun().statistics().deadlines());
  }

  @TrefoilTest(seeds = 20)
  void oneThatIsCancelledOnItsWayToTheFrontHoldsNobodyUp(MockClock clock) {
    TokenBucket bucket = emptyBucket(5, 1);
    Nursery.open(
        nursery -> {
          Task<?> first = waiter(nursery, bucket, 3, "first");
          Task<?> second = waiter(nursery, bucket, 3, "second");
          waiter(nursery, bucket, 1, "third");
          first.interrupt();
          while (first.outcome() == null) {
            Hazmat.yieldBriefly();
          }
          second.interrupt();
          pass(clock, SECOND);
          assertEquals(List.of("third"), served);
        });
  }

  @TrefoilTest(seeds = 20)
  void deadlineThatPassesWhenTheTokensComeTakesAllOrNothing(MockClock clock) {
    TokenBucket bucket = emptyBucket(5, 1);
    Nursery.open(
        nursery -> {
          CancelScope scope = CancelScope.withTimeout(SECOND.multipliedBy(3));
          nursery.spawn(
              () ->
                  scope.run(
                      () -> {
                        bucket.acquire(3);
                        served.add("in time");
                      }));
          Testing.waitAllTasksBlocked();
          pass(clock, SECOND.multipliedBy(3));
          assertTrue(scope.cancelCalled());
        });
    assertEquals(served.isEmpty(), bucket.tryAcquire(3));
    assertFalse(bucket.tryAcquire(1));
  }

  @TrefoilTest(seeds = 20)
  void whoIsNotCancelledIsServedWhateverTheOthersDo(MockClock clock) {
    clock.setAutojumpThreshold(Duration.ZERO);
    Random random = new Random(4);
    TokenBucket bucket = new TokenBucket(5, 10);
    int[] taken = new int[1];
    int[] patient = new int[1];
    Nursery.open(
        nursery -> {
          for (int number = 0; number < 100; number++) {
            int tokens = 1 + random.nextInt(5);
            boolean isPatient = random.nextBoolean();
            Duration patience = isPatient ? null : Duration.ofMillis(random.nextInt(5_000));
            Duration arrival = Duration.ofMillis(random.nextInt(5_000));
            nursery.spawn(
                () -> {
                  Trefoil.sleep(arrival);
                  CancelScope scope =
                      isPatient ? CancelScope.create() : CancelScope.withTimeout(patience);
                  scope.run(
                      () -> {
                        bucket.acquire(tokens);
                        taken[0] += tokens;
                        patient[0] += isPatient ? 1 : 0;
                        long filled = clock.now() / Duration.ofMillis(100).toNanos();
                        assertTrue(taken[0] <= 5 + filled, "more taken than has come");
                      });
                });
            patient[0] -= isPatient ? 1 : 0;
          }
        });
    assertEquals(0, patient[0]);
    assertEquals(0, Hazmat.currentRun().statistics().deadlines());
  }

  // ---- checkpoints

  @TrefoilTest(seeds = 20)
  void acquireIsACheckpointWhetherOrNotItWaits(MockClock clock) {
    clock.setAutojumpThreshold(Duration.ZERO);
    TokenBucket bucket = new TokenBucket(1, 1);
    Checkpoints.assertCheckpoints(() -> bucket.acquire(1));
    Checkpoints.assertCheckpoints(() -> bucket.acquire(1));
    Checkpoints.assertNoCheckpoints(() -> bucket.tryAcquire(1));
  }

  @TrefoilTest(seeds = 20)
  void aTaskThatIsCancelledAlreadyTakesNothing(MockClock clock) {
    TokenBucket bucket = new TokenBucket(1, 1);
    CancelScope scope = CancelScope.create();
    scope.run(
        () -> {
          scope.cancel();
          assertThrows(Cancelled.class, () -> bucket.acquire(1));
        });
    assertTrue(bucket.tryAcquire(1));
  }

  @TrefoilTest
  void aTaskThatWaitsSaysWhatFor(MockClock clock) {
    TokenBucket bucket = emptyBucket(1, 1);
    Nursery.open(
        nursery -> {
          assertEquals("TOKEN_WAIT", waiter(nursery, bucket, 1, "first").stateLabel());
          assertEquals("TOKEN_WAIT", waiter(nursery, bucket, 1, "second").stateLabel());
          nursery.cancelScope().cancel();
        });
  }

  // ---- wrong use

  @TrefoilTest
  void asksForTokensThatItCanHold() {
    TokenBucket bucket = new TokenBucket(5, 1);
    for (int wrong : new int[] {0, -1, 6, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
      for (Throwable refusal :
          List.of(
              assertThrows(IllegalArgumentException.class, () -> bucket.tryAcquire(wrong)),
              assertThrows(IllegalArgumentException.class, () -> bucket.acquire(wrong)))) {
        assertTrue(refusal.getMessage().contains("5, got " + wrong), refusal.getMessage());
      }
    }
    assertTrue(bucket.tryAcquire(5));
  }

  @TrefoilTest
  void asksForACapacityAndARateThatMakeSense() {
    for (int wrong : new int[] {0, -1}) {
      Throwable refusal =
          assertThrows(IllegalArgumentException.class, () -> new TokenBucket(wrong, 1));
      assertTrue(refusal.getMessage().contains("got " + wrong), refusal.getMessage());
    }
    for (double wrong : new double[] {0, -1, 1.1e9, 1e-10, Double.NaN, Double.POSITIVE_INFINITY}) {
      Throwable refusal =
          assertThrows(IllegalArgumentException.class, () -> new TokenBucket(1, wrong));
      assertTrue(refusal.getMessage().contains("and " + wrong), refusal.getMessage());
    }
  }

  @Test
  void belongsToOneRun() {
    TokenBucket bucket = Trefoil.run(() -> new TokenBucket(1, 1));
    Throwable elsewhere =
        assertThrows(IllegalStateException.class, () -> Trefoil.run(() -> bucket.tryAcquire(1)));
    assertTrue(elsewhere.getMessage().contains("belongs to run"), elsewhere.getMessage());
    assertThrows(IllegalStateException.class, () -> bucket.tryAcquire(1));
    assertThrows(IllegalStateException.class, () -> new TokenBucket(1, 1));
  }
}
