package dev.trefoil.tests.threads;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.trefoil.hazmat.Cancelled;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.RunOptions;
import dev.trefoil.hazmat.Task;
import dev.trefoil.tasks.CancelScope;
import dev.trefoil.tasks.ExceptionGroup;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.tasks.Trefoil;
import dev.trefoil.testing.Checkpoints;
import dev.trefoil.testing.MockClock;
import dev.trefoil.testing.Testing;
import dev.trefoil.testing.TrefoilTest;
import dev.trefoil.tests.hazmat.EveryBackend;
import dev.trefoil.threads.Futures;
import dev.trefoil.threads.ToThread;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The results of tasks, as futures of the JDK. */
@Tag("R188")
final class TaskFutureTest {
  private final List<String> log = new ArrayList<>();

  @TrefoilTest(seeds = 20)
  void threadsGetTheResult() throws Exception {
    Nursery.open(
        nursery -> {
          CompletableFuture<String> future =
              Futures.ofTask(
                  nursery.spawn(
                      () -> {
                        Trefoil.sleep(Duration.ofNanos(1));
                        return "value";
                      }));
          assertThat(future).isNotDone();
          assertThat(ToThread.runInThread(() -> future.get(30, TimeUnit.SECONDS)))
              .isEqualTo("value");
        });
  }

  @TrefoilTest(seeds = 20)
  void failureIsTheBodysAndTheNurserysAsWell() throws Exception {
    IOException error = new IOException("broken");
    AtomicReference<CompletableFuture<String>> future = new AtomicReference<>();
    assertThatThrownBy(
            () ->
                Nursery.open(
                    nursery ->
                        future.set(
                            Futures.ofTask(
                                nursery.<String>spawn(
                                    () -> {
                                      throw error;
                                    })))))
        .isInstanceOf(ExceptionGroup.class);
    assertThat(future.get().exceptionNow()).isSameAs(error);
    assertThat(catchThrowable(() -> Futures.await(future.get()))).isSameAs(error);
  }

  @TrefoilTest(seeds = 20)
  void taskThatHasEndedIsAFutureThatIsDone() throws Exception {
    Nursery.open(
        nursery -> {
          Task<String> task = nursery.spawn(() -> "value");
          task.join();
          assertThat(Futures.ofTask(task).resultNow()).isEqualTo("value");
        });
  }

  @TrefoilTest(seeds = 20)
  void cancellingFromAThreadCancelsTheTaskAndIsDoneWhenThatHasEnded() throws Exception {
    Nursery.open(
        nursery -> {
          Task<String> task =
              nursery.spawn(
                  () -> {
                    try {
                      Trefoil.sleepForever();
                    } finally {
                      CancelScope.create()
                          .shielded()
                          .run(
                              () -> {
                                Trefoil.sleep(Duration.ofMillis(1));
                                log.add("cleaned up");
                              });
                    }
                    return "never";
                  });
          Testing.waitAllTasksBlocked();
          CompletableFuture<String> future = Futures.ofTask(task);
          future.whenComplete((value, error) -> log.add("done"));
          boolean asked = ToThread.runInThread(() -> future.cancel(true));
          assertThat(asked).isTrue();
          assertThatThrownBy(() -> ToThread.runInThread(() -> future.get(30, TimeUnit.SECONDS)))
              .isInstanceOf(CancellationException.class)
              .hasRootCauseInstanceOf(Cancelled.class);
          assertThat(task.isCancelled()).isTrue();
          assertThat(future).isCancelled();
        });
    assertThat(log).containsExactly("cleaned up", "done");
  }

  @TrefoilTest(seeds = 20)
  void taskThatGoesOnAllTheSameGivesItsResult() throws Exception {
    Nursery.open(
        nursery -> {
          CompletableFuture<String> future =
              Futures.ofTask(
                  nursery.spawn(
                      () -> {
                        try {
                          Trefoil.sleepForever();
                        } catch (Cancelled swallowed) {
                          log.add("swallowed");
                        }
                        return "value";
                      }));
          Testing.waitAllTasksBlocked();
          assertThat(future.cancel(false)).isTrue();
          assertThat(future).isNotDone();
          assertThat(future.get()).isEqualTo("value");
          assertThat(future.cancel(true)).isFalse();
        });
    assertThat(log).containsExactly("swallowed");
  }

  @TrefoilTest(seeds = 20)
  void taskThatIsCancelledWithItsNurseryIsACancelledFuture() throws Exception {
    AtomicReference<CompletableFuture<String>> future = new AtomicReference<>();
    Nursery.open(
        nursery -> {
          future.set(
              Futures.ofTask(
                  nursery.spawn(
                      () -> {
                        Trefoil.sleepForever();
                        return "never";
                      })));
          nursery.cancelScope().cancel("enough");
        });
    assertThat(future.get()).isCancelled();
    assertThatThrownBy(() -> future.get().join())
        .isInstanceOf(CancellationException.class)
        .rootCause()
        .hasMessageContaining("enough");
  }

  @TrefoilTest(seeds = 20)
  void completingItByHandCancelsTheTask() throws Exception {
    Nursery.open(
        nursery -> {
          Task<String> task =
              nursery.spawn(
                  () -> {
                    Trefoil.sleepForever();
                    return "never";
                  });
          Testing.waitAllTasksBlocked();
          CompletableFuture<String> future = Futures.ofTask(task);
          ToThread.runInThread(() -> future.complete("other"));
          assertThat(future.resultNow()).isEqualTo("other");
          task.awaitEnd();
          assertThat(task.isCancelled()).isTrue();
          assertThat(future.resultNow()).isEqualTo("other");
        });
  }

  // ---- waiting in the run

  @TrefoilTest(seeds = 20)
  void getAndJoinSuspendATask() throws Exception {
    Nursery.open(
        nursery -> {
          CompletableFuture<String> future =
              Futures.ofTask(
                  nursery.spawn(
                      () -> {
                        Testing.waitAllTasksBlocked();
                        return "value";
                      }));
          nursery.spawn(() -> assertThat(future.join()).isEqualTo("value"));
          nursery.spawn(() -> assertThat(future.get(30, TimeUnit.SECONDS)).isEqualTo("value"));
          Checkpoints.assertCheckpoints(() -> assertThat(future.get()).isEqualTo("value"));
          Checkpoints.assertNoCheckpoints(() -> assertThat(future.get()).isEqualTo("value"));
        });
  }

  @TrefoilTest(seeds = 20)
  void getGivesUpInTimeAndMayTryAgain(MockClock clock) throws Exception {
    clock.setAutojumpThreshold(Duration.ZERO);
    Nursery.open(
        nursery -> {
          CompletableFuture<String> future =
              Futures.ofTask(
                  nursery.spawn(
                      () -> {
                        Trefoil.sleep(Duration.ofSeconds(10));
                        return "value";
                      }));
          assertThatThrownBy(() -> future.get(9, TimeUnit.SECONDS))
              .isInstanceOf(TimeoutException.class)
              .hasMessageContaining("9 SECONDS");
          assertThatThrownBy(() -> future.get(-1, TimeUnit.SECONDS))
              .isInstanceOf(TimeoutException.class);
          assertThat(future.get(2, TimeUnit.SECONDS)).isEqualTo("value");
        });
  }

  @TrefoilTest(seeds = 20)
  void cancellingWhoGetsDoesNotTouchTheTask() throws Exception {
    CancelScope scope = CancelScope.create();
    Nursery.open(
        nursery -> {
          CompletableFuture<String> future =
              Futures.ofTask(
                  nursery.spawn(
                      () -> {
                        Trefoil.sleep(Duration.ofMillis(1));
                        return "value";
                      }));
          scope.cancel();
          scope.run(() -> future.get());
          assertThat(scope.cancelledCaught()).isTrue();
          assertThat(future.get()).isEqualTo("value");
        });
  }

  @TrefoilTest(seeds = 20)
  void getWhereNothingCanSuspendIsRefusedUnlessItIsDone() throws Exception {
    Nursery.open(
        nursery -> {
          Task<String> task =
              nursery.spawn(
                  () -> {
                    Trefoil.sleepForever();
                    return "never";
                  });
          CompletableFuture<String> unfinished = Futures.ofTask(task);
          Task<String> other = nursery.spawn(() -> "value");
          other.join();
          CompletableFuture<String> finished = Futures.ofTask(other);
          CompletableFuture<Throwable> refusal = new CompletableFuture<>();
          CompletableFuture<String> value = new CompletableFuture<>();
          Hazmat.currentCallSoonThreadAndSignalSafe()
              .callSoonThreadAndSignalSafe(
                  () -> {
                    refusal.complete(catchThrowable(unfinished::get));
                    value.complete(finished.join());
                  });
          assertThat(Futures.<Throwable>await(refusal)).isInstanceOf(IllegalStateException.class);
          assertThat(Futures.<String>await(value)).isEqualTo("value");
          nursery.cancelScope().cancel();
        });
  }

  @EveryBackend
  void taskOfAnotherRunMayGet(RunOptions options) throws Exception {
    CompletableFuture<CompletableFuture<String>> handedOver = new CompletableFuture<>();
    CompletableFuture<String> go = new CompletableFuture<>();
    Thread first =
        Thread.ofPlatform()
            .daemon()
            .start(
                () ->
                    Trefoil.run(
                        options,
                        () ->
                            Nursery.open(
                                nursery ->
                                    handedOver.complete(
                                        Futures.ofTask(
                                            nursery.spawn(() -> Futures.<String>await(go)))))));
    CompletableFuture<String> future = handedOver.get(30, TimeUnit.SECONDS);
    Trefoil.run(
        options,
        () ->
            Nursery.open(
                nursery -> {
                  nursery.spawn(
                      () -> {
                        Testing.waitAllTasksBlocked();
                        go.complete("value");
                      });
                  assertThat(future.get()).isEqualTo("value");
                }));
    first.join();
  }

  @EveryBackend
  void whenTheRunIsOverCancellingDoesNothing(RunOptions options) throws Exception {
    AtomicReference<CompletableFuture<String>> future = new AtomicReference<>();
    Trefoil.run(
        options,
        () -> Nursery.open(nursery -> future.set(Futures.ofTask(nursery.spawn(() -> "value")))));
    assertThat(future.get().cancel(true)).isFalse();
    assertThat(future.get().get()).isEqualTo("value");
  }

  @TrefoilTest(seeds = 20)
  void stagesOfItAreOrdinaryFutures() throws Exception {
    Nursery.open(
        nursery -> {
          CompletableFuture<String> future = Futures.ofTask(nursery.spawn(() -> "value"));
          CompletableFuture<Integer> length = future.thenApply(String::length);
          assertThat(length.getClass()).isEqualTo(CompletableFuture.class);
          assertThat(Futures.<Integer>await(length)).isEqualTo(5);
        });
  }

  @Test
  void tasksOfOtherRunsAreRefused() {
    Task<?> task = Trefoil.run(Hazmat::currentTask);
    assertThatThrownBy(() -> Trefoil.run(() -> Futures.ofTask(task)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("belongs to");
  }

  @TrefoilTest
  void threadsThatCancelAndGetAtOnceAllLearnTheSameEnd() throws Exception {
    for (int round = 0; round < 300; round++) {
      Nursery.open(
          nursery -> {
            CompletableFuture<String> future =
                Futures.ofTask(
                    nursery.spawn(
                        () -> {
                          Trefoil.sleep(Duration.ofNanos(20_000));
                          return "value";
                        }));
            Nursery.open(
                threads -> {
                  for (int i = 0; i < 3; i++) {
                    boolean cancels = i == 0;
                    threads.spawn(
                        () -> {
                          String seen =
                              ToThread.runInThread(
                                  () -> {
                                    if (cancels) {
                                      future.cancel(true);
                                    }
                                    return seen(future);
                                  });
                          log.add(seen);
                        });
                  }
                });
          });
      assertThat(log).hasSize(3).containsOnly(log.getFirst());
      log.clear();
    }
  }

  private static String seen(CompletableFuture<String> future) throws Exception {
    try {
      return future.get(30, TimeUnit.SECONDS);
    } catch (CancellationException cancelled) {
      return "cancelled";
    } catch (ExecutionException failed) {
      return "failed: " + failed;
    }
  }
}
