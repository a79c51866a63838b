package dev.trefoil.tests.threads;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.Task;
import dev.trefoil.tasks.CancelScope;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.tasks.Trefoil;
import dev.trefoil.testing.Checkpoints;
import dev.trefoil.testing.MockClock;
import dev.trefoil.testing.Testing;
import dev.trefoil.testing.TrefoilTest;
import dev.trefoil.threads.Futures;
import dev.trefoil.threads.ToThread;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Tasks wait for stages and futures of the JDK. */
@Tag("R188")
final class AwaitFutureTest {
  private final List<String> log = new ArrayList<>();

  private static void onThread(Runnable body) {
    Thread.ofPlatform().daemon().start(body);
  }

  private static <T> FutureTask<T> failing(Throwable error) {
    FutureTask<T> future =
        new FutureTask<>(() -> null) {
          @Override
          public void run() {
            setException(error);
          }
        };
    future.run();
    return future;
  }

  // ---- results

  @TrefoilTest(seeds = 20)
  void stageThatAThreadCompletesGivesItsValue() throws Exception {
    CompletableFuture<String> future = new CompletableFuture<>();
    Task<?> task = Hazmat.currentTask();
    Nursery.open(
        nursery -> {
          nursery.spawn(
              () -> {
                Testing.waitAllTasksBlocked();
                assertThat(task.stateLabel()).isEqualTo("FUTURE_WAIT");
                onThread(() -> future.complete("value"));
              });
          assertThat(Futures.<String>await(future)).isEqualTo("value");
          assertThat(Futures.<Integer>await(future.thenApply(String::length))).isEqualTo(5);
          assertThat(Futures.<String>await(future.minimalCompletionStage())).isEqualTo("value");
        });
  }

  @TrefoilTest(seeds = 20)
  void taskCanCompleteWhatAnotherOfItsRunWaitsFor() throws Exception {
    CompletableFuture<String> future = new CompletableFuture<>();
    Nursery.open(
        nursery -> {
          nursery.spawn(
              () -> {
                Testing.waitAllTasksBlocked();
                future.complete("value");
              });
          assertThat(Futures.<String>await(future)).isEqualTo("value");
        });
  }

  @TrefoilTest(seeds = 20)
  void futureThatTellsNobodyGivesItsValue() throws Exception {
    FutureTask<String> future = new FutureTask<>(() -> "value");
    Nursery.open(
        nursery -> {
          nursery.spawn(
              () -> {
                Testing.waitAllTasksBlocked();
                onThread(future);
              });
          assertThat(Futures.<String>await(future)).isEqualTo("value");
        });
    assertThat(Futures.<String>await(future)).isEqualTo("value");
  }

  @TrefoilTest(seeds = 20)
  void errorComesAsItIsAndUnwrapped() throws Exception {
    IOException error = new IOException("broken");
    CompletableFuture<String> failed = CompletableFuture.failedFuture(error);
    FutureTask<String> late =
        new FutureTask<>(
            () -> {
              throw error;
            });
    assertThat(catchThrowable(() -> Futures.await(failed))).isSameAs(error);
    assertThat(catchThrowable(() -> Futures.await(failed.thenApply(String::length))))
        .isSameAs(error);
    assertThat(catchThrowable(() -> Futures.await(failed.minimalCompletionStage())))
        .isSameAs(error);
    assertThat(catchThrowable(() -> Futures.await(failing(error)))).isSameAs(error);
    Nursery.open(
        nursery -> {
          nursery.spawn(
              () -> {
                Testing.waitAllTasksBlocked();
                onThread(late);
              });
          assertThat(catchThrowable(() -> Futures.await(late))).isSameAs(error);
        });
    assertThat(error).hasNoCause().hasNoSuppressedExceptions();
    AssertionError worse = new AssertionError("worse");
    assertThat(catchThrowable(() -> Futures.await(CompletableFuture.failedFuture(worse))))
        .isSameAs(worse);
  }

  @TrefoilTest(seeds = 20)
  void futureThatOthersCancelIsToldAsSuch() throws Exception {
    CompletableFuture<String> stage = new CompletableFuture<>();
    FutureTask<String> plain = new FutureTask<>(() -> "never");
    CancelScope scope = CancelScope.create();
    scope.run(
        () ->
            Nursery.open(
                nursery -> {
                  nursery.spawn(
                      () ->
                          assertThatThrownBy(() -> Futures.await(stage))
                              .isInstanceOf(CancellationException.class));
                  nursery.spawn(
                      () ->
                          assertThatThrownBy(() -> Futures.await(plain))
                              .isInstanceOf(CancellationException.class));
                  Testing.waitAllTasksBlocked();
                  stage.cancel(true);
                  plain.cancel(true);
                }));
    assertThatThrownBy(() -> Futures.await(stage)).isInstanceOf(CancellationException.class);
    assertThatThrownBy(() -> Futures.await(plain)).isInstanceOf(CancellationException.class);
  }

  @TrefoilTest(seeds = 20)
  void isACheckpoint() throws Exception {
    CompletableFuture<String> done = CompletableFuture.completedFuture("value");
    FutureTask<String> plain = new FutureTask<>(() -> "value");
    plain.run();
    FutureTask<String> late = new FutureTask<>(() -> "value");
    onThread(late);
    Checkpoints.assertCheckpoints(() -> Futures.await(done));
    Checkpoints.assertCheckpoints(() -> Futures.await(plain));
    Checkpoints.assertCheckpoints(() -> Futures.await(late));
    Checkpoints.assertCheckpoints(
        () ->
            assertThatThrownBy(
                    () -> Futures.await(CompletableFuture.failedFuture(new IOException())))
                .isInstanceOf(IOException.class));
  }

  @TrefoilTest
  void interruptOfTheRunsThreadIsNotTakenForTheFutures() throws Exception {
    FutureTask<String> plain = new FutureTask<>(() -> "value");
    plain.run();
    Thread.currentThread().interrupt();
    try {
      assertThat(Futures.<String>await(plain)).isEqualTo("value");
    } finally {
      Thread.interrupted();
    }
  }

  // ---- cancellation

  @TrefoilTest(seeds = 20)
  void cancelledTaskLeavesAtOnceAndCancelsWhatItWaitedFor() throws Exception {
    CompletableFuture<String> stage = new CompletableFuture<>();
    FutureTask<String> notBegun = new FutureTask<>(() -> "never");
    Gate gate = new Gate();
    CountDownLatch interrupted = new CountDownLatch(1);
    FutureTask<String> running =
        new FutureTask<>(
            () -> {
              try {
                gate.pass();
              } catch (InterruptedException expected) {
                interrupted.countDown();
              }
              return "dropped";
            });
    onThread(running);
    for (Future<String> future : List.of(stage, notBegun, running)) {
      CancelScope scope = CancelScope.create();
      Nursery.open(
          nursery -> {
            nursery.spawn(() -> scope.run(() -> Futures.await(future)));
            if (future == running) {
              gate.awaitReached();
            }
            Testing.waitAllTasksBlocked();
            scope.cancel();
            Testing.waitAllTasksBlocked();
            assertThat(scope.cancelledCaught()).isTrue();
            assertThat(future).isCancelled();
          });
    }
    assertThat(ToThread.runInThread(() -> interrupted.await(30, TimeUnit.SECONDS))).isTrue();
  }

  @TrefoilTest(seeds = 20)
  void deadlineCancelsTheFuture(MockClock clock) throws Exception {
    clock.setAutojumpThreshold(Duration.ZERO);
    CompletableFuture<String> stage = new CompletableFuture<>();
    CancelScope scope = CancelScope.moveOnAfter(Duration.ofSeconds(5), () -> Futures.await(stage));
    assertThat(scope.cancelledCaught()).isTrue();
    assertThat(stage).isCancelled();
  }

  @TrefoilTest(seeds = 20)
  void taskThatIsCancelledBeforeItWaitsCancelsTheFuture() throws Exception {
    CompletableFuture<String> stage = CompletableFuture.supplyAsync(() -> "late", command -> {});
    FutureTask<String> plain = new FutureTask<>(() -> "never");
    CancelScope scope = CancelScope.create();
    scope.cancel();
    scope.run(() -> Futures.await(stage));
    assertThat(scope.cancelledCaught()).isTrue();
    assertThat(stage).isCancelled();
    CancelScope second = CancelScope.create();
    second.cancel();
    second.run(() -> Futures.await(plain));
    assertThat(plain).isCancelled();
  }

  @TrefoilTest(seeds = 20)
  void edgesCancelTheFutureToo() throws Exception {
    CompletableFuture<String> stage = new CompletableFuture<>();
    Nursery.open(
        nursery -> {
          Task<?> waiter = nursery.spawn(() -> Futures.<String>await(stage));
          Testing.waitAllTasksBlocked();
          assertThat(waiter.cancel()).isTrue();
          assertThat(stage).isCancelled();
        });
  }

  @TrefoilTest(seeds = 20)
  void completionAfterTheTaskHasLeftIsIgnored() throws Exception {
    CompletableFuture<String> stubborn =
        new CompletableFuture<>() {
          @Override
          public boolean cancel(boolean mayInterruptIfRunning) {
            log.add("cancel " + mayInterruptIfRunning);
            return false;
          }
        };
    CompletableFuture<String> next = new CompletableFuture<>();
    CancelScope scope = CancelScope.create();
    Nursery.open(
        nursery -> {
          Task<String> task =
              nursery.spawn(
                  () -> {
                    scope.run(() -> Futures.await(stubborn));
                    return Futures.<String>await(next);
                  });
          Testing.waitAllTasksBlocked();
          scope.cancel();
          Testing.waitAllTasksBlocked();
          ToThread.runInThread(() -> stubborn.complete("late"));
          Testing.waitAllTasksBlocked();
          assertThat(task.hasEnded()).isFalse();
          next.complete("next");
          assertThat(task.join()).isEqualTo("next");
        });
    assertThat(scope.cancelledCaught()).isTrue();
    assertThat(log).containsExactly("cancel true");
  }

  @TrefoilTest(seeds = 20)
  void threadThatWaitsInGetIsInterruptedWhenTheFutureCannotBeCancelled() throws Exception {
    CountDownLatch waits = new CountDownLatch(1);
    CountDownLatch interrupted = new CountDownLatch(1);
    FutureTask<String> stubborn =
        new FutureTask<>(() -> "never") {
          @Override
          public boolean cancel(boolean mayInterruptIfRunning) {
            return false;
          }

          @Override
          public String get() throws InterruptedException {
            waits.countDown();
            try {
              new CountDownLatch(1).await();
            } catch (InterruptedException expected) {
              interrupted.countDown();
              throw expected;
            }
            return "never";
          }
        };
    CancelScope scope = CancelScope.create();
    Nursery.open(
        nursery -> {
          nursery.spawn(() -> scope.run(() -> Futures.await(stubborn)));
          ToThread.runInThread(() -> waits.await(30, TimeUnit.SECONDS));
          scope.cancel();
          Testing.waitAllTasksBlocked();
          assertThat(scope.cancelledCaught()).isTrue();
        });
    assertThat(ToThread.runInThread(() -> interrupted.await(30, TimeUnit.SECONDS))).isTrue();
  }

  @TrefoilTest(seeds = 20)
  void stageThatCannotBeCancelledIsLeftAloneAndErrorsOfCancellingAreNotLost() throws Exception {
    CompletableFuture<String> source = new CompletableFuture<>();
    CompletionStage<String> minimal = source.minimalCompletionStage();
    CompletionStage<String> broken =
        new CompletableFuture<>() {
          @Override
          public boolean cancel(boolean mayInterruptIfRunning) {
            throw new IllegalStateException("does not want to be cancelled");
          }
        };
    CancelScope scope = CancelScope.create();
    scope.cancel();
    scope.run(() -> Futures.await(minimal));
    assertThat(scope.cancelledCaught()).isTrue();
    assertThat(source).isNotDone();
    CancelScope second = CancelScope.create();
    second.cancel();
    // An error of cancel() is not lost with the cancellation.
    assertThatThrownBy(() -> second.run(() -> Futures.await(broken)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("does not want to be cancelled");
  }

  @TrefoilTest(seeds = 20)
  void copyKeepsTheCancellationFromOthers() throws Exception {
    CompletableFuture<String> shared = new CompletableFuture<>();
    CancelScope scope = CancelScope.create();
    Nursery.open(
        nursery -> {
          Task<String> other = nursery.spawn(() -> Futures.<String>await(shared.copy()));
          nursery.spawn(() -> scope.run(() -> Futures.await(shared.copy())));
          Testing.waitAllTasksBlocked();
          scope.cancel();
          Testing.waitAllTasksBlocked();
          shared.complete("value");
          assertThat(other.join()).isEqualTo("value");
        });
    assertThat(scope.cancelledCaught()).isTrue();
  }

  @Test
  void isRefusedOutsideARunAndLeavesTheFutureAlone() {
    CompletableFuture<String> stage = new CompletableFuture<>();
    FutureTask<String> plain = new FutureTask<>(() -> "never");
    assertThatThrownBy(() -> Futures.await(stage))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("inside a Trefoil run");
    assertThatThrownBy(() -> Futures.await(plain))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("inside a Trefoil run");
    assertThat(stage).isNotDone();
    assertThat(plain).isNotDone();
  }

  // ---- races

  @TrefoilTest
  void everyCompletionThatRacesWithACancellationIsGotOrCancelled() throws Exception {
    int rounds = 300;
    int got = 0;
    int cancelled = 0;
    for (int round = 0; round < rounds; round++) {
      CompletableFuture<Integer> stage = new CompletableFuture<>();
      FutureTask<Integer> plain = new FutureTask<>(() -> 1);
      List<Integer> values = new ArrayList<>();
      Nursery.open(
          nursery -> {
            nursery.spawn(() -> values.add(Futures.<Integer>await(stage)));
            nursery.spawn(() -> values.add(Futures.<Integer>await(plain)));
            Trefoil.sleep(Duration.ZERO);
            onThread(
                () -> {
                  spin();
                  stage.complete(1);
                  plain.run();
                });
            Trefoil.sleep(Duration.ofNanos(ThreadLocalRandom.current().nextInt(300_000)));
            nursery.cancelScope().cancel();
          });
      // What was not got was cancelled, or completed at the same moment.
      assertThat(stage).isDone();
      assertThat(plain).isDone();
      if (stage.isCancelled() || plain.isCancelled()) {
        cancelled++;
      }
      assertThat(values).hasSizeLessThanOrEqualTo(stage.isCancelled() ? 1 : 2);
      got += values.size();
    }
    assertThat(got).as("rounds that were completed in time").isPositive();
    assertThat(cancelled).as("rounds that were cancelled in time").isPositive();
  }

  private static void spin() {
    long until = System.nanoTime() + ThreadLocalRandom.current().nextInt(100_000);
    while (System.nanoTime() < until) {
      Thread.onSpinWait();
    }
  }

  @TrefoilTest
  void noCompletionIsLost() throws Exception {
    for (int round = 0; round < 300; round++) {
      List<CompletableFuture<Integer>> futures = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        int value = i;
        futures.add(CompletableFuture.supplyAsync(() -> value));
      }
      int sum = 0;
      for (CompletableFuture<Integer> future : futures) {
        sum += Futures.<Integer>await(future);
      }
      assertThat(sum).isEqualTo(28);
    }
  }
}
