package dev.trefoil.tests.tasks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.trefoil.hazmat.CancelReason;
import dev.trefoil.hazmat.Cancelled;
import dev.trefoil.hazmat.EntryPoint;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.KernelError;
import dev.trefoil.hazmat.Outcome;
import dev.trefoil.hazmat.ParkingLot;
import dev.trefoil.hazmat.RunFinished;
import dev.trefoil.hazmat.RunOptions;
import dev.trefoil.tasks.CancelScope;
import dev.trefoil.tasks.GuestRun;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.tasks.Trefoil;
import dev.trefoil.tests.hazmat.EveryBackend;
import dev.trefoil.tests.hazmat.KernelLog;
import java.awt.EventQueue;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import javax.swing.SwingUtilities;
import javax.swing.Timer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;

/** Runs that are guests of a scheduled executor and of a real AWT event queue. */
@Tag("T90")
@Timeout(60)
final class GuestRunTest {
  private final List<String> log = new ArrayList<>();
  private final ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor();

  @AfterEach
  void stopExecutor() {
    executor.shutdownNow();
  }

  /** What has been started: the guest, and how it will have ended. */
  private record Started<T extends @Nullable Object>(
      GuestRun guest, CompletableFuture<Outcome<T>> done) {
    T result() throws Exception {
      return done.get(30, TimeUnit.SECONDS).unwrap();
    }

    Throwable failure() throws Exception {
      return ((Outcome.Failure<T>) done.get(30, TimeUnit.SECONDS)).error();
    }
  }

  private static <T> T on(Executor host, Callable<T> job) throws Exception {
    FutureTask<T> task = new FutureTask<>(job);
    host.execute(task);
    try {
      return task.get(30, TimeUnit.SECONDS);
    } catch (ExecutionException failed) {
      if (failed.getCause() instanceof Exception error) {
        throw error;
      }
      throw (Error) failed.getCause();
    }
  }

  private static <T> Started<T> start(
      RunOptions options, Executor host, dev.trefoil.hazmat.Body<T, ?> main) throws Exception {
    CompletableFuture<Outcome<T>> done = new CompletableFuture<>();
    return new Started<>(
        on(host, () -> Trefoil.startGuest(options, host, main, done::complete)), done);
  }

  /** Lets the host work until the lot has a sleeper. */
  private static void awaitSleeper(Executor host, ParkingLot lot) throws Exception {
    while (on(host, lot::size) == 0) {
      Thread.onSpinWait();
    }
  }

  // ---- starting

  @EveryBackend
  void startReturnsBeforeAnyUserCodeHasRunWithTheRunComplete(RunOptions options) throws Exception {
    CompletableFuture<Outcome<String>> done = new CompletableFuture<>();
    on(
        executor,
        () -> {
          GuestRun guest =
              Trefoil.startGuest(
                  options,
                  executor,
                  () -> {
                    log.add("main");
                    Trefoil.sleepForever();
                    return "never";
                  },
                  done::complete);
          assertThat(log).isEmpty();
          assertThat(Hazmat.currentRun()).isSameAs(guest.run());
          assertThat(guest.run().statistics().tasksLiving()).isEqualTo(1);
          assertThat(guest.run().mainTask().name()).isEqualTo("main");
          guest.entryPoint().callSoonThreadAndSignalSafe(() -> log.add("entry call"));
          Hazmat.spawnSystemTask(
              "system",
              () -> {
                log.add("system task");
                guest.cancel("seen enough");
                Trefoil.sleepForever();
                return null;
              });
          return null;
        });
    assertThat(((Outcome.Failure<String>) done.get(30, TimeUnit.SECONDS)).error())
        .isInstanceOf(Cancelled.class);
    assertThat(log).containsExactly("entry call", "main", "system task");
  }

  @EveryBackend
  void startingFailsAtOnceIfTheRunCannotBeMade(RunOptions options) throws Exception {
    on(
        executor,
        () -> {
          assertThatThrownBy(
                  () -> Trefoil.startGuest(options, executor, null, outcome -> log.add("done")))
              .isInstanceOf(NullPointerException.class)
              .hasMessageContaining("main");
          return null;
        });
    Executor closed =
        job -> {
          throw new RejectedExecutionException("closed");
        };
    try (KernelLog kernelLog = KernelLog.capture()) {
      assertThatThrownBy(
              () -> Trefoil.startGuest(options, closed, () -> "never", outcome -> log.add("done")))
          .hasMessage("closed");
      assertThat(kernelLog.messages())
          .singleElement()
          .satisfies(message -> assertThat(message).contains("abandoned", "refuses"));
    }
    assertThat(Hazmat.inRun()).as("this thread is free again").isFalse();
    assertThat(log).isEmpty();
  }

  @EveryBackend
  void aHostHasOneGuestAtATime(RunOptions options) throws Exception {
    Started<String> first =
        start(
            options,
            executor,
            () -> {
              Trefoil.sleepForever();
              return "never";
            });
    on(
        executor,
        () -> {
          assertThatThrownBy(
                  () -> Trefoil.startGuest(options, executor, () -> "second", outcome -> {}))
              .isInstanceOf(IllegalStateException.class)
              .hasMessageContaining("one guest");
          return null;
        });
    first.guest().cancel("make room");
    assertThat(first.failure()).isInstanceOf(Cancelled.class);
    assertThat(start(options, executor, () -> "second").result()).isEqualTo("second");
  }

  // ---- outcomes

  @EveryBackend
  void theCallbackGetsTheResultOnTheHostsThreadWhenTheRunIsOver(RunOptions options)
      throws Exception {
    CompletableFuture<String> seen = new CompletableFuture<>();
    Thread hostThread = on(executor, Thread::currentThread);
    EntryPoint entry =
        on(
            executor,
            () ->
                Trefoil.startGuest(
                        options,
                        executor,
                        () -> {
                          Trefoil.sleep(Duration.ofMillis(1));
                          return "result";
                        },
                        outcome ->
                            seen.complete(
                                outcome.unwrap()
                                    + " on host "
                                    + (Thread.currentThread() == hostThread)
                                    + " in run "
                                    + Hazmat.inRun()))
                    .entryPoint());
    assertThat(seen.get(30, TimeUnit.SECONDS)).isEqualTo("result on host true in run false");
    assertThatThrownBy(() -> entry.callSoonThreadAndSignalSafe(() -> {}))
        .isInstanceOf(RunFinished.class);
  }

  @EveryBackend
  void whatMainThrowsGoesToTheCallback(RunOptions options) throws Exception {
    IOException broken = new IOException("broken");
    Started<String> started =
        start(
            options,
            executor,
            () -> {
              throw broken;
            });
    assertThat(started.failure()).isSameAs(broken);
  }

  @EveryBackend
  @Tag("R50")
  void aRunThatBreaksTellsTheCallback(RunOptions options) throws Exception {
    Started<String> started =
        start(
            options,
            executor,
            () -> {
              Hazmat.currentCallSoonThreadAndSignalSafe()
                  .callSoonThreadAndSignalSafe(
                      () -> {
                        throw new IllegalArgumentException("bad call");
                      });
              Trefoil.sleepForever();
              return "never";
            });
    assertThat(started.failure()).isInstanceOf(KernelError.class).hasRootCauseMessage("bad call");
    assertThat(start(options, executor, () -> "fresh").result()).isEqualTo("fresh");
  }

  // ---- what the host may do

  @EveryBackend
  void theHostCancelsAScopeDirectly(RunOptions options) throws Exception {
    CancelScope scope = CancelScope.create();
    ParkingLot lot = new ParkingLot();
    Started<Boolean> started =
        start(
            options,
            executor,
            () -> {
              scope.run(() -> lot.<Object>park());
              return scope.cancelledCaught();
            });
    awaitSleeper(executor, lot);
    on(
        executor,
        () -> {
          scope.cancel("by the host");
          return null;
        });
    assertThat(started.result()).isTrue();
  }

  @EveryBackend
  void aDeadlineThatTheHostSetsWakesTheSleepingRun(RunOptions options) throws Exception {
    CancelScope scope = CancelScope.create();
    ParkingLot lot = new ParkingLot();
    Started<Boolean> started =
        start(
            options,
            executor,
            () -> {
              scope.run(() -> lot.<Object>park());
              return scope.cancelledCaught();
            });
    awaitSleeper(executor, lot);
    on(
        executor,
        () -> {
          scope.setDeadline(Trefoil.currentTime() + 1_000);
          return null;
        });
    assertThat(started.result()).isTrue();
  }

  @EveryBackend
  void cancellingTheRunFromTheHostOrAnotherThreadEndsItWithTheReason(RunOptions options)
      throws Exception {
    for (boolean fromHost : new boolean[] {true, false}) {
      ParkingLot lot = new ParkingLot();
      AtomicBoolean cleanedUp = new AtomicBoolean();
      Started<String> started =
          start(
              options,
              executor,
              () -> {
                Nursery.open(
                    nursery ->
                        nursery.spawn(
                            "child",
                            () -> {
                              try {
                                lot.park();
                              } finally {
                                cleanedUp.set(true);
                              }
                            }));
                return "never";
              });
      awaitSleeper(executor, lot);
      if (fromHost) {
        on(
            executor,
            () -> {
              started.guest().cancel("window closed");
              return null;
            });
      } else {
        started.guest().cancel("window closed");
      }
      Throwable failure = started.failure();
      assertThat(failure).isInstanceOf(Cancelled.class);
      assertThat(((Cancelled) failure).reason().source()).isEqualTo(CancelReason.Source.EXPLICIT);
      assertThat(((Cancelled) failure).reason().text()).isEqualTo("window closed");
      assertThat(cleanedUp).isTrue();
      started.guest().cancel("too late, and no error");
    }
  }

  @EveryBackend
  void systemTasksEndWithTheMainTask(RunOptions options) throws Exception {
    AtomicReferenceOfReason reason = new AtomicReferenceOfReason();
    Started<String> started =
        start(
            options,
            executor,
            () -> {
              Hazmat.spawnSystemTask(
                  "server",
                  () -> {
                    try {
                      Trefoil.sleepForever();
                    } catch (Cancelled cancelled) {
                      reason.value = cancelled.reason().source();
                      throw cancelled;
                    }
                    return null;
                  });
              Hazmat.yieldBriefly();
              return "main first";
            });
    assertThat(started.result()).isEqualTo("main first");
    assertThat(reason.value).isEqualTo(CancelReason.Source.SHUTDOWN);
  }

  private static final class AtomicReferenceOfReason {
    volatile CancelReason.@Nullable Source value;
  }

  @EveryBackend
  void ioWakesAGuest(RunOptions options) throws Exception {
    Pipe pipe = Pipe.open();
    pipe.source().configureBlocking(false);
    ParkingLot ready = new ParkingLot();
    try (Pipe.SinkChannel sink = pipe.sink();
        Pipe.SourceChannel source = pipe.source()) {
      Started<Integer> started =
          start(
              options,
              executor,
              () -> {
                Hazmat.waitSocketReadable(source);
                return source.read(ByteBuffer.allocate(10));
              });
      while (on(executor, () -> started.guest().run().statistics().io().tasksWaitingRead()) == 0) {
        Thread.onSpinWait();
      }
      sink.write(ByteBuffer.wrap(new byte[] {1, 2, 3}));
      assertThat(started.result()).isEqualTo(3);
      assertThat(ready.size()).isZero();
    }
  }

  @EveryBackend
  void aBusyGuestLetsTheHostsOwnJobsRun(RunOptions options) throws Exception {
    AtomicBoolean enough = new AtomicBoolean();
    Started<Long> started =
        start(
            options,
            executor,
            () -> {
              long turns = 0;
              while (!enough.get()) {
                Hazmat.yieldBriefly();
                turns++;
              }
              return turns;
            });
    for (int i = 0; i < 100; i++) {
      int job = i;
      assertThat(on(executor, () -> job)).isEqualTo(job);
    }
    on(
        executor,
        () -> {
          enough.set(true);
          return null;
        });
    assertThat(started.result()).isPositive();
  }

  @EveryBackend
  void aScheduledExecutorsOwnTimersRunBesides(RunOptions options) throws Exception {
    AtomicInteger ticks = new AtomicInteger();
    ParkingLot lot = new ParkingLot();
    Started<Integer> started =
        start(
            options,
            executor,
            () -> {
              lot.park();
              return ticks.get();
            });
    executor.scheduleAtFixedRate(
        () -> {
          if (ticks.incrementAndGet() >= 3) {
            lot.unpark();
          }
        },
        1,
        1,
        TimeUnit.MILLISECONDS);
    assertThat(started.result()).isGreaterThanOrEqualTo(3);
  }

  // ---- a real event queue

  @EveryBackend
  void aRunIsTheGuestOfTheAwtEventQueue(RunOptions options) throws Exception {
    CountDownLatch timerFired = new CountDownLatch(1);
    ParkingLot lot = new ParkingLot();
    Started<List<String>> started =
        start(
            options,
            EventQueue::invokeLater,
            () -> {
              List<String> seen = new ArrayList<>();
              seen.add("dispatched " + onDispatchThread(options));
              Trefoil.sleep(Duration.ofMillis(5));
              seen.add("slept");
              lot.park();
              seen.add("woken");
              return seen;
            });
    awaitSleeper(EventQueue::invokeLater, lot);
    SwingUtilities.invokeAndWait(
        () -> {
          Timer timer =
              new Timer(
                  1,
                  event -> {
                    lot.unpark();
                    timerFired.countDown();
                  });
          timer.setRepeats(false);
          timer.start();
        });
    assertThat(timerFired.await(30, TimeUnit.SECONDS)).isTrue();
    assertThat(started.result()).containsExactly("dispatched true", "slept", "woken");
  }

  /** With a thread for each task, the dispatch thread waits for the task's. */
  private static boolean onDispatchThread(RunOptions options) {
    return switch (options.backend()) {
      case CONTINUATION -> SwingUtilities.isEventDispatchThread();
      default -> Thread.currentThread().isVirtual();
    };
  }

  /** An idle event queue lets its thread end, and starts another one for the next event. */
  @EveryBackend
  void aGuestGoesWithItsHostToANewThread(RunOptions options) throws Exception {
    Thread[] threads = new Thread[2];
    ParkingLot lot = new ParkingLot();
    Started<String> started =
        start(
            options,
            EventQueue::invokeLater,
            () -> {
              lot.park();
              Trefoil.sleep(Duration.ofMillis(1));
              return "still there";
            });
    awaitSleeper(EventQueue::invokeLater, lot);
    threads[0] = on(EventQueue::invokeLater, Thread::currentThread);
    threads[0].join(30_000);
    assertThat(threads[0].isAlive()).as("the event queue is idle").isFalse();
    started.guest().entryPoint().callSoonThreadAndSignalSafe(lot::unpark);
    assertThat(started.result()).isEqualTo("still there");
  }

  @EveryBackend
  void aHostWithSeveralThreadsBreaksTheRunAndIsNamed(RunOptions options) throws Exception {
    AtomicInteger jobs = new AtomicInteger();
    try (ScheduledExecutorService other = Executors.newSingleThreadScheduledExecutor()) {
      Executor several =
          job -> {
            if (jobs.incrementAndGet() < 3) {
              executor.execute(job);
            } else {
              other.execute(job);
            }
          };
      CompletableFuture<Outcome<String>> done = new CompletableFuture<>();
      on(
          executor,
          () ->
              Trefoil.startGuest(
                  options,
                  several,
                  () -> {
                    while (true) {
                      Hazmat.yieldBriefly();
                    }
                  },
                  done::complete));
      assertThat(((Outcome.Failure<String>) done.get(30, TimeUnit.SECONDS)).error())
          .isInstanceOf(KernelError.class)
          .hasMessageContaining("one thread");
    }
  }

  // ---- abandoned runs

  @EveryBackend
  void aHostThatRefusesFurtherJobsAbandonsTheRunWithAWarning(RunOptions options) throws Exception {
    CountDownLatch warned = new CountDownLatch(1);
    try (KernelLog kernelLog = KernelLog.capture(message -> warned.countDown())) {
      ParkingLot lot = new ParkingLot();
      Started<String> started =
          start(
              options,
              executor,
              () -> {
                lot.park();
                return "never";
              });
      awaitSleeper(executor, lot);
      executor.shutdown();
      assertThat(executor.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
      started.guest().cancel("too late");
      assertThat(warned.await(30, TimeUnit.SECONDS)).isTrue();
      assertThat(kernelLog.messages())
          .singleElement()
          .satisfies(
              message ->
                  assertThat(message)
                      .contains(started.guest().run().toString(), "abandoned", "refuses"));
      assertThat(started.done()).isNotDone();
      assertThat(started.guest().run().hasEnded()).isTrue();
      assertThatThrownBy(
              () -> started.guest().entryPoint().callSoonThreadAndSignalSafe(lot::unpark))
          .isInstanceOf(RunFinished.class);
      assertThat(started.guest().run().raiseKeyboardInterrupt()).isFalse();
    }
  }

  @EveryBackend
  void aHostThatExecutesAJobOnTheThreadThatBringsItAbandonsTheRunWithAWarning(RunOptions options)
      throws Exception {
    CountDownLatch warned = new CountDownLatch(1);
    AtomicBoolean inPlace = new AtomicBoolean();
    Executor host = job -> (inPlace.get() ? (Executor) Runnable::run : executor).execute(job);
    try (KernelLog kernelLog = KernelLog.capture(message -> warned.countDown())) {
      ParkingLot lot = new ParkingLot();
      Started<String> started =
          start(
              options,
              host,
              () -> {
                lot.park();
                return "never";
              });
      awaitSleeper(executor, lot);
      inPlace.set(true);
      started.guest().cancel("not heard");
      assertThat(warned.await(30, TimeUnit.SECONDS)).isTrue();
      assertThat(kernelLog.messages())
          .singleElement()
          .satisfies(message -> assertThat(message).contains("abandoned", "refuses"));
      assertThat(started.done()).isNotDone();
    }
  }

  @EveryBackend
  void aHostThatForgetsAJobAbandonsTheRunWithAWarning(RunOptions options) throws Exception {
    CountDownLatch warned = new CountDownLatch(1);
    AtomicBoolean forgetful = new AtomicBoolean();
    CountDownLatch forgotten = new CountDownLatch(1);
    Executor host =
        job -> {
          if (forgetful.get()) {
            forgotten.countDown();
          } else {
            executor.execute(job);
          }
        };
    try (KernelLog kernelLog = KernelLog.capture(message -> warned.countDown())) {
      ParkingLot lot = new ParkingLot();
      Started<String> started =
          start(
              options,
              host,
              () -> {
                lot.park();
                return "never";
              });
      awaitSleeper(executor, lot);
      forgetful.set(true);
      started.guest().cancel("not heard");
      assertThat(forgotten.await(30, TimeUnit.SECONDS)).isTrue();
      while (!warned.await(10, TimeUnit.MILLISECONDS)) {
        System.gc();
      }
      assertThat(kernelLog.messages())
          .singleElement()
          .satisfies(message -> assertThat(message).contains("abandoned", "dropped"));
    }
  }

  @EveryBackend
  void aHostThatKeepsTheRunWaitingIsReportedWithItsStack(RunOptions options) throws Exception {
    CountDownLatch warned = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    try (KernelLog kernelLog = KernelLog.capture(message -> warned.countDown())) {
      ParkingLot lot = new ParkingLot();
      Started<String> started =
          start(
              options.withBlockedWarningAfter(Duration.ofMillis(50)),
              executor,
              () -> {
                lot.park();
                return "at last";
              });
      awaitSleeper(executor, lot);
      executor.execute(() -> keepTheHostBusy(release));
      started.guest().entryPoint().callSoonThreadAndSignalSafe(lot::unpark);
      assertThat(warned.await(30, TimeUnit.SECONDS)).isTrue();
      release.countDown();
      assertThat(started.result()).isEqualTo("at last");
      assertThat(kernelLog.messages())
          .anySatisfy(message -> assertThat(message).contains("host", "ms", "keepTheHostBusy"));
    }
  }

  private static void keepTheHostBusy(CountDownLatch release) {
    try {
      assertThat(release.await(30, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException unexpected) {
      throw new AssertionError(unexpected);
    }
  }
}
