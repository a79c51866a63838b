package dev.trefoil.tests.threads;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.trefoil.hazmat.Cancelled;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.RunFinished;
import dev.trefoil.hazmat.RunOptions;
import dev.trefoil.hazmat.Task;
import dev.trefoil.tasks.Trefoil;
import dev.trefoil.testing.TrefoilTest;
import dev.trefoil.tests.hazmat.EveryBackend;
import dev.trefoil.threads.Portal;
import dev.trefoil.threads.ToThread;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.FutureTask;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;

/** Threads that no task has started get into a run. */
@Tag("T49")
@Tag("R52")
final class PortalTest {

  private static <T> FutureTask<T> start(Callable<T> body) {
    FutureTask<T> future = new FutureTask<>(body);
    Thread.ofPlatform().daemon().start(future);
    return future;
  }

  private static <T> T resultOf(FutureTask<T> future) throws Exception {
    return ToThread.runInThread(() -> future.get(30, TimeUnit.SECONDS));
  }

  @TrefoilTest(seeds = 20)
  void foreignThreadsHaveThingsDoneBySystemTasks() throws Exception {
    Portal portal = Portal.current();
    Task<?> own = Hazmat.currentTask();
    Task<?> doer =
        resultOf(
            start(
                () ->
                    portal.run(
                        () -> {
                          Trefoil.sleep(Duration.ofNanos(1));
                          return Hazmat.currentTask();
                        })));
    assertThat(doer).isNotSameAs(own);
    assertThat(doer.run()).isSameAs(Hazmat.currentRun());
    assertThat(doer.hasEnded()).isTrue();
    boolean inTheRun = resultOf(start(() -> portal.runSync(Hazmat::inRun)));
    assertThat(inTheRun).isTrue();
  }

  @TrefoilTest(seeds = 20)
  void errorsAreTheCallersAndTheRunGoesOn() throws Exception {
    Portal portal = Portal.current();
    IOException error = new IOException("in task");
    Throwable fromTask =
        resultOf(
            start(
                () ->
                    catchThrowable(
                        () ->
                            portal.run(
                                () -> {
                                  throw error;
                                }))));
    Throwable fromEntryCall =
        resultOf(
            start(
                () ->
                    catchThrowable(
                        () ->
                            portal.runSync(
                                () -> {
                                  throw error;
                                }))));
    assertThat(fromTask).isSameAs(error);
    assertThat(fromEntryCall).isSameAs(error);
  }

  @TrefoilTest(seeds = 20)
  void syncBodiesCannotSuspend() throws Exception {
    Portal portal = Portal.current();
    Throwable refused =
        resultOf(
            start(
                () ->
                    catchThrowable(
                        () ->
                            portal.runSync(
                                () -> {
                                  Hazmat.yieldBriefly();
                                  return null;
                                }))));
    assertThat(refused).isInstanceOf(IllegalStateException.class);
  }

  @EveryBackend
  void threadOlderThanTheRunAndLivingOnEntersSeveralRuns(RunOptions options) throws Exception {
    SynchronousQueue<Portal> portals = new SynchronousQueue<>();
    SynchronousQueue<String> answers = new SynchronousQueue<>();
    Thread old =
        Thread.ofPlatform()
            .daemon()
            .start(
                () -> {
                  try {
                    while (true) {
                      Portal portal = portals.take();
                      answers.put(portal.run(() -> Hazmat.currentRun().toString()));
                    }
                  } catch (InterruptedException end) {
                    // The test is over.
                  }
                });
    for (int i = 0; i < 3; i++) {
      Trefoil.run(
          options,
          () -> {
            Portal portal = Portal.current();
            String answer =
                ToThread.runInThread(
                    () -> {
                      portals.put(portal);
                      return answers.take();
                    });
            assertThat(answer).isEqualTo(Hazmat.currentRun().toString());
          });
    }
    old.interrupt();
    old.join();
  }

  @EveryBackend
  void afterTheRunNothingIsDone(RunOptions options) {
    Portal portal = Trefoil.run(options, Portal::current);
    assertThatThrownBy(() -> portal.run(() -> 1)).isInstanceOf(RunFinished.class);
    assertThatThrownBy(() -> portal.runSync(() -> 1)).isInstanceOf(RunFinished.class);
  }

  @EveryBackend
  void whatIsBeingDoneIsCancelledWhenTheMainTaskHasEnded(RunOptions options) throws Exception {
    AtomicReference<FutureTask<Throwable>> caller = new AtomicReference<>();
    CompletableFuture<String> begun = new CompletableFuture<>();
    Trefoil.run(
        options,
        () -> {
          Portal portal = Portal.current();
          caller.set(
              start(
                  () ->
                      catchThrowable(
                          () ->
                              portal.run(
                                  () -> {
                                    begun.complete("begun");
                                    Trefoil.sleepForever();
                                    return null;
                                  }))));
          assertThat(ToThread.runInThread(() -> begun.get(30, TimeUnit.SECONDS)))
              .isEqualTo("begun");
        });
    assertThat(caller.get().get(30, TimeUnit.SECONDS))
        .isInstanceOf(RunFinished.class)
        .hasCauseInstanceOf(Cancelled.class);
  }

  @TrefoilTest(seeds = 20)
  void runsThreadsAreRefused() {
    Portal portal = Portal.current();
    assertThatThrownBy(() -> portal.run(() -> 1))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("blocks its thread");
    assertThatThrownBy(() -> portal.runSync(() -> 1))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("blocks its thread");
  }

  @TrefoilTest(seeds = 20)
  void interruptCancelsWhatIsBeingDone() throws Exception {
    Portal portal = Portal.current();
    Gate asleep = new Gate();
    AtomicReference<Thread> caller = new AtomicReference<>();
    FutureTask<Throwable> future =
        start(
            () -> {
              caller.set(Thread.currentThread());
              return catchThrowable(
                  () ->
                      portal.run(
                          () -> {
                            asleep.open();
                            Trefoil.sleepForever();
                            return null;
                          }));
            });
    ToThread.runInThread(
        () -> {
          asleep.pass();
          caller.get().interrupt();
          return null;
        });
    assertThat(resultOf(future)).isInstanceOf(InterruptedException.class);
  }
}
