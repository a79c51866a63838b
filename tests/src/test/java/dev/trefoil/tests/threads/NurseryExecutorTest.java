package dev.trefoil.tests.threads;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.RunFinished;
import dev.trefoil.hazmat.RunOptions;
import dev.trefoil.tasks.CancelScope;
import dev.trefoil.tasks.ExceptionGroup;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.tasks.TaskLocal;
import dev.trefoil.tasks.Trefoil;
import dev.trefoil.testing.Checkpoints;
import dev.trefoil.testing.MockClock;
import dev.trefoil.testing.Testing;
import dev.trefoil.testing.TrefoilTest;
import dev.trefoil.tests.hazmat.EveryBackend;
import dev.trefoil.threads.Futures;
import dev.trefoil.threads.NurseryExecutor;
import dev.trefoil.threads.ToThread;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;

/** A nursery as an executor, for threads and for tasks. */
@Tag("R188")
final class NurseryExecutorTest {
  private static final TaskLocal<String> LOCAL = TaskLocal.create();

  private final List<String> log = new ArrayList<>();

  private static <T> T onThread(Callable<T> body) throws Exception {
    return ToThread.<T, Exception>runInThread(body::call);
  }

  private static <T> Callable<T> throwing(Exception error) {
    return () -> {
      throw error;
    };
  }

  private static <T> Callable<T> after(Duration time, T value) {
    return () -> {
      Trefoil.sleep(time);
      return value;
    };
  }

  // ---- one task

  @TrefoilTest(seeds = 20)
  void threadsHaveTasksOfTheNurseryExecuteThings() throws Exception {
    Nursery.open(
        nursery -> {
          try (NurseryExecutor executor = NurseryExecutor.of(nursery)) {
            Callable<String> body =
                () -> {
                  Trefoil.sleep(Duration.ofNanos(1));
                  assertThat(nursery.childTasks()).contains(Hazmat.currentTask());
                  return "value";
                };
            assertThat(onThread(() -> executor.submit(body).get(30, TimeUnit.SECONDS)))
                .isEqualTo("value");
            assertThat(onThread(() -> executor.submit(() -> log.add("run"), "given").get()))
                .isEqualTo("given");
            assertThat(onThread(() -> executor.submit((Runnable) () -> log.add("run")).get()))
                .isNull();
            onThread(
                () -> {
                  executor.execute(() -> log.add("executed"));
                  return null;
                });
          }
          assertThat(log).containsExactly("run", "run", "executed");
        });
  }

  @TrefoilTest(seeds = 20)
  void tasksSubmitAndGetWithoutBlockingTheRun() throws Exception {
    Nursery.open(
        nursery -> {
          try (NurseryExecutor executor = NurseryExecutor.of(nursery)) {
            Future<String> future = executor.submit(after(Duration.ofNanos(1), "value"));
            Checkpoints.assertCheckpoints(() -> assertThat(future.get()).isEqualTo("value"));
            Checkpoints.assertNoCheckpoints(() -> executor.execute(() -> log.add("executed")));
          }
        });
    assertThat(log).containsExactly("executed");
  }

  @TrefoilTest(seeds = 20)
  void failureOfASubmittedTaskIsItsFuturesAlone() throws Exception {
    IOException error = new IOException("broken");
    Nursery.open(
        nursery -> {
          try (NurseryExecutor executor = NurseryExecutor.of(nursery)) {
            Future<String> future = executor.submit(NurseryExecutorTest.<String>throwing(error));
            assertThatThrownBy(future::get).isInstanceOf(ExecutionException.class).hasCause(error);
            assertThatThrownBy(() -> onThread(future::get))
                .isInstanceOf(ExecutionException.class)
                .hasCause(error);
            assertThat(catchThrowable(() -> Futures.await(future))).isSameAs(error);
          }
          Trefoil.sleep(Duration.ofNanos(1));
          log.add("undisturbed");
        });
    assertThat(log).containsExactly("undisturbed");
  }

  @TrefoilTest(seeds = 20)
  void failureOfAnExecutedTaskIsTheNurserys() throws Exception {
    IllegalStateException error = new IllegalStateException("broken");
    AtomicReference<NurseryExecutor> left = new AtomicReference<>();
    assertThatThrownBy(
            () ->
                Nursery.open(
                    nursery -> {
                      NurseryExecutor executor = NurseryExecutor.of(nursery);
                      left.set(executor);
                      executor.execute(
                          () -> {
                            throw error;
                          });
                      Trefoil.sleepForever();
                    }))
        .isInstanceOfSatisfying(
            ExceptionGroup.class, group -> assertThat(group.leaves()).containsExactly(error));
    assertThat(left.get().isTerminated()).isTrue();
    assertThatThrownBy(() -> left.get().execute(() -> log.add("never")))
        .isInstanceOf(RejectedExecutionException.class);
  }

  @TrefoilTest(seeds = 20)
  void tasksSeeTheLocalsOfWhoSubmittedThem() throws Exception {
    LOCAL.set("maker's");
    Nursery.open(
        nursery -> {
          try (NurseryExecutor executor = NurseryExecutor.of(nursery)) {
            nursery.spawn(
                () -> {
                  LOCAL.set("submitter's");
                  assertThat(executor.submit(LOCAL::get).get()).isEqualTo("submitter's");
                  assertThat(onThread(() -> executor.submit(LOCAL::get).get()))
                      .isEqualTo("submitter's");
                  log.add("seen");
                });
            Testing.waitAllTasksBlocked();
            onThread(() -> null);
            while (log.isEmpty()) {
              Trefoil.sleep(Duration.ofNanos(100_000));
            }
          }
        });
  }

  @TrefoilTest(seeds = 20)
  void cancellingAFutureCancelsItsTaskAndIsDoneWhenThatHasEnded() throws Exception {
    Nursery.open(
        nursery -> {
          try (NurseryExecutor executor = NurseryExecutor.of(nursery)) {
            CompletableFuture<String> future =
                executor.submit(
                    () -> {
                      try {
                        Trefoil.sleepForever();
                      } finally {
                        CancelScope.create()
                            .shielded()
                            .run(() -> Trefoil.sleep(Duration.ofMillis(1)));
                        log.add("cleaned up");
                      }
                      return "never";
                    });
            future.whenComplete((value, error) -> log.add("done"));
            Testing.waitAllTasksBlocked();
            assertThat(onThread(() -> future.cancel(true))).isTrue();
            assertThatThrownBy(future::get).isInstanceOf(CancellationException.class);
            assertThat(future).isCancelled();
            assertThat(future.cancel(true)).isTrue();
          }
        });
    assertThat(log).containsExactly("cleaned up", "done");
  }

  @TrefoilTest(seeds = 20)
  void whatIsCancelledBeforeItHasBegunNeverBegins() throws Exception {
    Nursery.open(
        nursery -> {
          try (NurseryExecutor executor = NurseryExecutor.of(nursery)) {
            Future<?> future = executor.submit(() -> log.add("began"));
            future.cancel(false);
            assertThatThrownBy(future::get).isInstanceOf(CancellationException.class);
          }
        });
    assertThat(log).isEmpty();
  }

  @TrefoilTest(seeds = 20)
  void awaitedFutureCarriesTheCancellationOver() throws Exception {
    Nursery.open(
        nursery -> {
          try (NurseryExecutor executor = NurseryExecutor.of(nursery)) {
            CompletableFuture<String> future =
                executor.submit(
                    () -> {
                      Trefoil.sleepForever();
                      return "never";
                    });
            CancelScope scope = CancelScope.create();
            nursery.spawn(() -> scope.run(() -> Futures.await(future)));
            Testing.waitAllTasksBlocked();
            scope.cancel();
            Testing.waitAllTasksBlocked();
            assertThat(future).isCancelled();
          }
        });
  }

  // ---- the end

  @TrefoilTest(seeds = 20)
  void afterShutdownNothingIsTakenAndWhatWasTakenGoesOn() throws Exception {
    Nursery.open(
        nursery -> {
          NurseryExecutor executor = NurseryExecutor.of(nursery);
          Future<String> accepted = executor.submit(after(Duration.ofMillis(1), "value"));
          executor.shutdown();
          assertThat(executor.isShutdown()).isTrue();
          assertThat(executor.isTerminated()).isFalse();
          assertThatThrownBy(() -> executor.submit(() -> 1))
              .isInstanceOf(RejectedExecutionException.class)
              .hasMessageContaining("shut down")
              .hasNoCause();
          assertThatThrownBy(() -> onThread(() -> executor.submit(() -> 1)))
              .isInstanceOf(RejectedExecutionException.class);
          assertThat(executor.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
          assertThat(accepted.resultNow()).isEqualTo("value");
          assertThat(executor.isTerminated()).isTrue();
        });
  }

  @TrefoilTest(seeds = 20)
  void openExecutorKeepsTheNurseryOpen() throws Exception {
    AtomicReference<NurseryExecutor> executor = new AtomicReference<>();
    Nursery.open(
        outer -> {
          outer.spawn(
              () -> {
                Nursery.open(nursery -> executor.set(NurseryExecutor.of(nursery)));
                log.add("left");
              });
          Testing.waitAllTasksBlocked();
          assertThat(onThread(() -> executor.get().submit(() -> "value").get())).isEqualTo("value");
          assertThat(log).isEmpty();
          onThread(
              () -> {
                executor.get().shutdown();
                return null;
              });
        });
    assertThat(log).containsExactly("left");
  }

  @TrefoilTest(seeds = 20)
  void shutdownNowCancelsWhatWasTaken() throws Exception {
    Nursery.open(
        nursery -> {
          NurseryExecutor executor = NurseryExecutor.of(nursery);
          Future<String> begun =
              executor.submit(
                  () -> {
                    Trefoil.sleepForever();
                    return "never";
                  });
          executor.execute(
              () -> {
                Trefoil.sleepForever();
              });
          Testing.waitAllTasksBlocked();
          Future<String> notBegun = executor.submit(() -> "never");
          assertThat(onThread(executor::shutdownNow)).isEmpty();
          assertThat(onThread(() -> executor.awaitTermination(30, TimeUnit.SECONDS))).isTrue();
          assertThat(begun).isCancelled();
          assertThat(notBegun).isDone();
        });
  }

  @TrefoilTest(seeds = 20)
  void cancellingTheNurseryShutsDown() throws Exception {
    AtomicReference<Future<String>> future = new AtomicReference<>();
    Nursery.open(
        nursery -> {
          NurseryExecutor executor = NurseryExecutor.of(nursery);
          future.set(
              executor.submit(
                  () -> {
                    Trefoil.sleepForever();
                    return "never";
                  }));
          Testing.waitAllTasksBlocked();
          nursery.cancelScope().cancel();
          CancelScope.create()
              .shielded()
              .run(() -> assertThat(executor.awaitTermination(30, TimeUnit.SECONDS)).isTrue());
          assertThatThrownBy(() -> executor.execute(() -> log.add("never")))
              .isInstanceOf(RejectedExecutionException.class);
        });
    assertThat(future.get()).isCancelled();
  }

  @EveryBackend
  void afterTheRunItIsTold(RunOptions options) {
    AtomicReference<NurseryExecutor> left = new AtomicReference<>();
    Trefoil.run(
        options,
        () ->
            Nursery.open(
                nursery -> {
                  try (NurseryExecutor executor = NurseryExecutor.of(nursery)) {
                    left.set(executor);
                  }
                }));
    assertThatThrownBy(() -> left.get().submit(() -> 1))
        .isInstanceOf(RejectedExecutionException.class)
        .hasCauseInstanceOf(RunFinished.class);
    assertThat(left.get().shutdownNow()).isEmpty();
    left.get().close();
    assertThat(left.get().isTerminated()).isTrue();
  }

  @TrefoilTest(seeds = 20)
  void awaitingTheEndGivesUpInTime(MockClock clock) throws Exception {
    clock.setAutojumpThreshold(Duration.ZERO);
    Nursery.open(
        nursery -> {
          NurseryExecutor executor = NurseryExecutor.of(nursery);
          executor.submit(after(Duration.ofSeconds(10), 1));
          executor.shutdown();
          assertThat(executor.awaitTermination(9, TimeUnit.SECONDS)).isFalse();
          assertThat(executor.awaitTermination(2, TimeUnit.SECONDS)).isTrue();
        });
  }

  @TrefoilTest(seeds = 20)
  void closingWaitsAndWhenCancelledCancelsAndWaitsOn() throws Exception {
    CancelScope scope = CancelScope.create();
    Nursery.open(
        nursery -> {
          NurseryExecutor executor = NurseryExecutor.of(nursery);
          executor.submit(
              () -> {
                try {
                  Trefoil.sleepForever();
                } finally {
                  CancelScope.create().shielded().run(() -> Trefoil.sleep(Duration.ofMillis(1)));
                  log.add("ended");
                }
                return null;
              });
          nursery.spawn(
              () -> {
                scope.run(
                    () -> {
                      try (executor) {
                        log.add("closing");
                      }
                    });
                log.add("closed");
              });
          Testing.waitAllTasksBlocked();
          scope.cancel();
        });
    assertThat(scope.cancelledCaught()).isTrue();
    assertThat(log).containsExactly("closing", "ended", "closed");
  }

  @TrefoilTest(seeds = 20)
  void closingInATaskOfItsOwnIsRefused() throws Exception {
    Nursery.open(
        nursery -> {
          try (NurseryExecutor executor = NurseryExecutor.of(nursery)) {
            Future<Throwable> refused = executor.submit(() -> catchThrowable(executor::close));
            assertThat(refused.get())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("wait for itself")
                .hasMessageContaining("Use shutdown");
          }
        });
  }

  @TrefoilTest(seeds = 20)
  void threadCloses() throws Exception {
    Nursery.open(
        nursery -> {
          NurseryExecutor executor = NurseryExecutor.of(nursery);
          Future<String> future = executor.submit(after(Duration.ofMillis(1), "value"));
          onThread(
              () -> {
                executor.close();
                return null;
              });
          assertThat(future.resultNow()).isEqualTo("value");
        });
  }

  // ---- many at once

  @TrefoilTest(seeds = 20)
  void allAreInvokedFromTasksAndThreads() throws Exception {
    IOException error = new IOException("broken");
    List<Callable<Integer>> tasks =
        List.of(
            () -> 1, NurseryExecutorTest.<Integer>throwing(error), after(Duration.ofNanos(1), 3));
    Nursery.open(
        nursery -> {
          try (NurseryExecutor executor = NurseryExecutor.of(nursery)) {
            for (List<Future<Integer>> futures :
                List.of(
                    executor.invokeAll(tasks),
                    onThread(() -> executor.invokeAll(tasks)),
                    onThread(() -> executor.invokeAll(tasks, 30, TimeUnit.SECONDS)))) {
              assertThat(futures).hasSize(3).allMatch(Future::isDone);
              assertThat(futures.get(0).resultNow()).isEqualTo(1);
              assertThat(futures.get(1).exceptionNow()).isSameAs(error);
              assertThat(futures.get(2).resultNow()).isEqualTo(3);
            }
            assertThat(executor.invokeAll(List.<Callable<Integer>>of())).isEmpty();
          }
        });
  }

  @TrefoilTest(seeds = 20)
  void allThatAreNotReadyInTimeAreCancelled(MockClock clock) throws Exception {
    clock.setAutojumpThreshold(Duration.ZERO);
    Nursery.open(
        nursery -> {
          try (NurseryExecutor executor = NurseryExecutor.of(nursery)) {
            List<Future<Integer>> futures =
                executor.invokeAll(
                    List.of(after(Duration.ofSeconds(1), 1), after(Duration.ofSeconds(9), 2)),
                    5,
                    TimeUnit.SECONDS);
            assertThat(futures.get(0).resultNow()).isEqualTo(1);
            assertThat(futures.get(1)).isCancelled();
            assertThat(Trefoil.currentTime()).isEqualTo(Duration.ofSeconds(5).toNanos());
          }
        });
  }

  @TrefoilTest(seeds = 20)
  void cancellingWhoInvokedAllCancelsThem() throws Exception {
    CancelScope scope = CancelScope.create();
    AtomicInteger cancelled = new AtomicInteger();
    Callable<Integer> task =
        () -> {
          try {
            Trefoil.sleepForever();
          } finally {
            cancelled.incrementAndGet();
          }
          return 1;
        };
    Nursery.open(
        nursery -> {
          try (NurseryExecutor executor = NurseryExecutor.of(nursery)) {
            nursery.spawn(() -> scope.run(() -> executor.invokeAll(List.of(task, task))));
            Testing.waitAllTasksBlocked();
            scope.cancel();
          }
          assertThat(scope.cancelledCaught()).isTrue();
          assertThat(cancelled).hasValue(2);
        });
  }

  @TrefoilTest(seeds = 20)
  void anyGivesTheFirstResultAndCancelsTheOthers(MockClock clock) throws Exception {
    clock.setAutojumpThreshold(Duration.ZERO);
    IOException error = new IOException("broken");
    Nursery.open(
        nursery -> {
          try (NurseryExecutor executor = NurseryExecutor.of(nursery)) {
            List<Callable<Integer>> tasks =
                List.of(
                    NurseryExecutorTest.<Integer>throwing(error),
                    after(Duration.ofSeconds(2), 2),
                    after(Duration.ofSeconds(1), 1));
            assertThat(executor.<Integer>invokeAny(tasks)).isEqualTo(1);
            Testing.waitAllTasksBlocked();
            assertThat(Trefoil.currentTime()).isEqualTo(Duration.ofSeconds(1).toNanos());
            assertThatThrownBy(() -> executor.<Integer>invokeAny(tasks, 999, TimeUnit.MILLISECONDS))
                .isInstanceOf(TimeoutException.class);
            assertThatThrownBy(
                    () -> executor.invokeAny(List.of(NurseryExecutorTest.<Integer>throwing(error))))
                .isInstanceOf(ExecutionException.class)
                .hasCause(error);
            assertThatThrownBy(() -> executor.invokeAny(List.<Callable<Integer>>of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("at least one");
          }
        });
  }

  @TrefoilTest(seeds = 20)
  void threadsInvokeAny() throws Exception {
    Nursery.open(
        nursery -> {
          try (NurseryExecutor executor = NurseryExecutor.of(nursery)) {
            Callable<Integer> never =
                () -> {
                  Trefoil.sleepForever();
                  return 0;
                };
            List<Callable<Integer>> tasks = List.of(never, after(Duration.ofNanos(1), 1));
            assertThat(onThread(() -> executor.<Integer>invokeAny(tasks))).isEqualTo(1);
          }
        });
  }

  @TrefoilTest(seeds = 20)
  void servicesOfTheJdkWorkOnIt() throws Exception {
    Nursery.open(
        nursery -> {
          try (NurseryExecutor executor = NurseryExecutor.of(nursery)) {
            assertThat(
                    Futures.<Boolean>await(CompletableFuture.supplyAsync(Hazmat::inRun, executor)))
                .isTrue();
            ExecutorCompletionService<Integer> service = new ExecutorCompletionService<>(executor);
            service.submit(() -> 1);
            assertThat(onThread(() -> service.poll(30, TimeUnit.SECONDS)).resultNow()).isEqualTo(1);
          }
        });
  }

  // ---- races

  @TrefoilTest
  void everyTaskThatWasTakenIsExecutedOnceHoweverTheEndComes() throws Exception {
    AtomicInteger rejections = new AtomicInteger();
    for (int round = 0; round < 200; round++) {
      AtomicInteger accepted = new AtomicInteger();
      AtomicInteger executed = new AtomicInteger();
      List<Future<?>> futures = java.util.Collections.synchronizedList(new ArrayList<>());
      boolean byCancel = round % 2 == 0;
      Nursery.open(
          outer -> {
            AtomicReference<NurseryExecutor> shared = new AtomicReference<>();
            outer.spawn(
                () ->
                    Nursery.open(
                        nursery -> {
                          NurseryExecutor executor = NurseryExecutor.of(nursery);
                          shared.set(executor);
                          Trefoil.sleep(
                              Duration.ofNanos(ThreadLocalRandom.current().nextInt(300_000)));
                          if (byCancel) {
                            nursery.cancelScope().cancel();
                          } else {
                            executor.shutdown();
                          }
                        }));
            Trefoil.sleep(Duration.ZERO);
            for (int i = 0; i < 3; i++) {
              outer.spawn(
                  () ->
                      onThread(
                          () -> {
                            try {
                              for (int taken = 0; taken < 1000; taken++) {
                                futures.add(shared.get().submit(executed::incrementAndGet));
                                accepted.incrementAndGet();
                                shared.get().execute(executed::incrementAndGet);
                                accepted.incrementAndGet();
                              }
                            } catch (RejectedExecutionException end) {
                              rejections.incrementAndGet();
                            }
                            return null;
                          }));
            }
          });
      assertThat(futures).allMatch(Future::isDone);
      assertThat(executed).hasValue(accepted.get());
    }
    assertThat(rejections).as("rounds with the end in the midst").hasPositiveValue();
  }

  @TrefoilTest
  void threadsThatSubmitAndCancelLoseNothing() throws Exception {
    AtomicInteger ended = new AtomicInteger();
    Nursery.open(
        outer -> {
          try (NurseryExecutor executor = NurseryExecutor.of(outer)) {
            Nursery.open(
                nursery -> {
                  for (int i = 0; i < 4; i++) {
                    nursery.spawn(
                        () ->
                            onThread(
                                () -> {
                                  for (int round = 0; round < 300; round++) {
                                    Future<Integer> future =
                                        executor.submit(after(Duration.ofNanos(10_000), 1));
                                    if (ThreadLocalRandom.current().nextBoolean()) {
                                      future.cancel(true);
                                    }
                                    try {
                                      assertThat(future.get(30, TimeUnit.SECONDS)).isEqualTo(1);
                                    } catch (CancellationException cancelled) {
                                      assertThat(future).isCancelled();
                                    }
                                    ended.incrementAndGet();
                                  }
                                  return null;
                                }));
                  }
                });
          }
        });
    assertThat(ended).hasValue(1200);
  }
}
