package dev.trefoil.tests.threads;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.Task;
import dev.trefoil.tasks.CancelScope;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.tasks.TaskLocal;
import dev.trefoil.testing.Checkpoints;
import dev.trefoil.testing.Testing;
import dev.trefoil.testing.TrefoilTest;
import dev.trefoil.threads.FromThread;
import dev.trefoil.threads.ToThread;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;

/** Code that blocks, on an executor of the application. */
@Tag("R78")
final class RunInExecutorTest {
  private static final TaskLocal<String> LOCAL = TaskLocal.create();

  private final List<String> log = new ArrayList<>();

  @TrefoilTest(seeds = 20)
  void returnsOrThrowsWhatTheBodyDoesOnAPoolAndOnVirtualThreads() throws Exception {
    Task<?> own = Hazmat.currentTask();
    LOCAL.set("task's");
    for (ExecutorService executor :
        List.of(Executors.newFixedThreadPool(1), Executors.newVirtualThreadPerTaskExecutor())) {
      try (executor) {
        assertThat(ToThread.runInExecutor(executor, () -> LOCAL.get() + " value"))
            .isEqualTo("task's value");
        IOException error = new IOException("in pool");
        assertThat(
                catchThrowable(
                    () ->
                        ToThread.runInExecutor(
                            executor,
                            () -> {
                              throw error;
                            })))
            .isSameAs(error);
        Task<?> host = ToThread.runInExecutor(executor, () -> FromThread.run(Hazmat::currentTask));
        assertThat(host).isSameAs(own);
        Checkpoints.assertCheckpoints(() -> ToThread.runInExecutor(executor, () -> 1));
      }
    }
  }

  @TrefoilTest(seeds = 20)
  void cancelledTaskLeavesAtOnceAndTheThreadIsInterrupted() throws Exception {
    Gate gate = new Gate();
    AtomicReference<Throwable> inThread = new AtomicReference<>();
    CancelScope scope = CancelScope.create();
    ExecutorService executor = Executors.newFixedThreadPool(1);
    Nursery.open(
        nursery -> {
          nursery.spawn(
              () ->
                  scope.run(
                      () ->
                          ToThread.runInExecutor(
                              executor,
                              () -> {
                                inThread.set(catchThrowable(gate::pass));
                                throw new IOException("dropped");
                              })));
          gate.awaitReached();
          scope.cancel();
          Testing.waitAllTasksBlocked();
          assertThat(scope.cancelledCaught()).isTrue();
        });
    executor.shutdown();
    assertThat(executor.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
    assertThat(inThread.get()).isInstanceOf(InterruptedException.class);
  }

  @TrefoilTest(seeds = 20)
  void callThatWaitsForItsTurnNeverBeginsOnceCancelled() throws Exception {
    Gate gate = new Gate();
    AtomicBoolean began = new AtomicBoolean();
    CancelScope scope = CancelScope.create();
    try (ExecutorService executor = Executors.newFixedThreadPool(1)) {
      Nursery.open(
          nursery -> {
            nursery.spawn(
                () ->
                    ToThread.runInExecutor(
                        executor,
                        () -> {
                          gate.pass();
                          return null;
                        }));
            gate.awaitReached();
            nursery.spawn(
                () ->
                    scope.run(
                        () ->
                            ToThread.runInExecutor(
                                executor,
                                () -> {
                                  began.set(true);
                                  return null;
                                })));
            Testing.waitAllTasksBlocked();
            scope.cancel();
            Testing.waitAllTasksBlocked();
            assertThat(scope.cancelledCaught()).isTrue();
            gate.open();
          });
    }
    assertThat(began).isFalse();
  }

  @TrefoilTest(seeds = 20)
  void rejectionIsTheCallers() throws Exception {
    ExecutorService executor = Executors.newFixedThreadPool(1);
    executor.shutdown();
    assertThatThrownBy(() -> ToThread.runInExecutor(executor, () -> 1))
        .isInstanceOf(RejectedExecutionException.class);
  }

  @TrefoilTest(seeds = 20)
  void callThatWasRejectedAndIsMadeAllTheSameHarmsNobody() throws Exception {
    ExecutorService pool =
        Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().factory());
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch rejected = new CountDownLatch(1);
    Executor undecided =
        call -> {
          pool.execute(call);
          try {
            begun.await();
          } catch (InterruptedException never) {
            throw new AssertionError(never);
          }
          throw new RejectedExecutionException("after all");
        };
    AtomicReference<Throwable> inThread = new AtomicReference<>();
    assertThatThrownBy(
            () ->
                ToThread.runInExecutor(
                    undecided,
                    () -> {
                      begun.countDown();
                      awaitUninterruptibly(rejected);
                      inThread.set(catchThrowable(() -> FromThread.runSync(() -> log.add("run"))));
                      return null;
                    }))
        .isInstanceOf(RejectedExecutionException.class);
    rejected.countDown();
    ToThread.runInThread(() -> pool.submit(() -> {}).get(30, TimeUnit.SECONDS));
    assertThat(inThread.get()).isInstanceOf(RejectedExecutionException.class);
    assertThat(log).isEmpty();
    pool.shutdown();
  }

  private static void awaitUninterruptibly(CountDownLatch latch) {
    while (true) {
      try {
        latch.await();
        return;
      } catch (InterruptedException cancelled) {
        // the body goes on regardless
      }
    }
  }

  @TrefoilTest(seeds = 20)
  void callThatWasCancelledByWhoShutTheExecutorDownIsToldSo() throws Exception {
    Gate gate = new Gate();
    ExecutorService executor = Executors.newFixedThreadPool(1);
    Nursery.open(
        nursery -> {
          nursery.spawn(
              () ->
                  ToThread.runInExecutor(
                      executor,
                      () -> {
                        gate.passUninterruptibly();
                        return null;
                      }));
          gate.awaitReached();
          nursery.spawn(
              () -> {
                assertThat(catchThrowable(() -> ToThread.runInExecutor(executor, () -> 1)))
                    .isInstanceOf(CancellationException.class);
                log.add("told");
              });
          Testing.waitAllTasksBlocked();
          executor.shutdownNow().forEach(call -> ((Future<?>) call).cancel(false));
          Testing.waitAllTasksBlocked();
          gate.open();
        });
    assertThat(log).containsExactly("told");
  }

  @TrefoilTest(seeds = 20)
  void executorThatRunsOnTheCallersThreadIsRefused() throws Exception {
    assertThatThrownBy(() -> ToThread.runInExecutor(Runnable::run, () -> 1))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("without a run");
  }
}
