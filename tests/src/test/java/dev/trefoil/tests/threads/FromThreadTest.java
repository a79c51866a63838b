package dev.trefoil.tests.threads;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.trefoil.hazmat.Cancelled;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.Task;
import dev.trefoil.tasks.CancelScope;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.tasks.TaskLocal;
import dev.trefoil.tasks.Trefoil;
import dev.trefoil.testing.Testing;
import dev.trefoil.testing.TrefoilTest;
import dev.trefoil.threads.FromThread;
import dev.trefoil.threads.ToThread;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;

/** What a thread does in the task that waits for it. */
@Tag("R52")
final class FromThreadTest {
  private static final TaskLocal<String> LOCAL = TaskLocal.create();

  private final List<String> log = new ArrayList<>();

  @Tag("T49")
  @TrefoilTest(seeds = 20)
  void isDoneByTheVeryTaskThatWaits() throws Exception {
    Task<?> own = Hazmat.currentTask();
    Task<?> seen =
        ToThread.runInThread(
            () ->
                FromThread.run(
                    () -> {
                      Hazmat.yieldBriefly();
                      Trefoil.sleep(java.time.Duration.ofNanos(1));
                      return Hazmat.currentTask();
                    }));
    Task<?> seenSync = ToThread.runInThread(() -> FromThread.runSync(Hazmat::currentTask));
    assertThat(seen).isSameAs(own);
    assertThat(seenSync).isSameAs(own);
  }

  @Tag("T49")
  @TrefoilTest(seeds = 20)
  void throwsInTheThreadWhatTheBodyThrew() throws Exception {
    IOException error = new IOException("in task");
    String caught =
        ToThread.runInThread(
            () -> {
              assertThat(
                      catchThrowable(
                          () ->
                              FromThread.run(
                                  () -> {
                                    throw error;
                                  })))
                  .isSameAs(error);
              assertThat(
                      catchThrowable(
                          () ->
                              FromThread.runSync(
                                  () -> {
                                    throw error;
                                  })))
                  .isSameAs(error);
              return "thread went on";
            });
    assertThat(caught).isEqualTo("thread went on");
  }

  @Tag("T49")
  @TrefoilTest(seeds = 20)
  void seesTheScopesOfTheTask() throws Exception {
    Gate gate = new Gate();
    CancelScope scope = CancelScope.create();
    AtomicReference<Throwable> inThread = new AtomicReference<>();
    Nursery.open(
        nursery -> {
          nursery.spawn(
              () ->
                  scope.run(
                      () ->
                          ToThread.runInThread(
                              () -> {
                                gate.pass();
                                Throwable error =
                                    catchThrowable(() -> FromThread.run(Trefoil::currentTime));
                                assertThat(error).as("no checkpoint").isNull();
                                try {
                                  FromThread.run(
                                      () -> {
                                        Trefoil.sleepForever();
                                        return null;
                                      });
                                } catch (Cancelled cancelled) {
                                  inThread.set(cancelled);
                                  throw cancelled;
                                }
                                return null;
                              })));
          gate.awaitReached();
          scope.cancel("stop");
          gate.open();
        });
    assertThat(inThread.get()).isInstanceOf(Cancelled.class).hasMessageContaining("stop");
    assertThat(scope.cancelledCaught()).isTrue();
  }

  @Tag("T49")
  @TrefoilTest(seeds = 20)
  void sleepingForTheThreadIsCutShortByCancellation() throws Exception {
    CancelScope scope = CancelScope.create();
    Nursery.open(
        nursery -> {
          nursery.spawn(
              () ->
                  scope.run(
                      () ->
                          ToThread.runInThread(
                              () ->
                                  FromThread.run(
                                      () -> {
                                        log.add("asleep");
                                        Trefoil.sleepForever();
                                        return null;
                                      }))));
          while (log.isEmpty()) {
            Trefoil.sleep(java.time.Duration.ofNanos(100_000));
          }
          scope.cancel();
        });
    assertThat(scope.cancelledCaught()).isTrue();
  }

  @Tag("T49")
  @TrefoilTest(seeds = 20)
  void bodySeesTheTaskLocalsOfTheThreadAndLeavesThoseOfTheTask() throws Exception {
    LOCAL.set("task's");
    ToThread.runInThread(
        () -> {
          LOCAL.set("thread's");
          FromThread.run(
              () -> {
                log.add(LOCAL.get());
                LOCAL.set("body's");
                return null;
              });
          log.add(LOCAL.get());
          return null;
        });
    assertThat(log).containsExactly("thread's", "thread's");
    assertThat(LOCAL.get()).isEqualTo("task's");
  }

  @Tag("T49")
  @TrefoilTest(seeds = 20)
  void isRefusedInTheRunWhichWouldWaitForItself() throws Exception {
    assertThatThrownBy(() -> FromThread.run(() -> 1))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("blocks its thread");
    assertThatThrownBy(() -> FromThread.runSync(() -> 1))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("blocks its thread");
    assertThatThrownBy(FromThread::checkCancelled)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("blocks its thread");
    ToThread.runInThread(
        () ->
            FromThread.run(
                () -> {
                  assertThatThrownBy(() -> FromThread.run(() -> 1))
                      .isInstanceOf(IllegalStateException.class);
                  return null;
                }));
  }

  @Tag("T49")
  @Tag("T50")
  @TrefoilTest
  void foreignThreadsArePointedToPortals() throws Exception {
    FutureTask<Throwable> inForeign =
        new FutureTask<>(() -> catchThrowable(() -> FromThread.run(() -> 1)));
    Thread foreign = new Thread(inForeign);
    foreign.start();
    foreign.join();
    assertThat(inForeign.get())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("Portal");
    FutureTask<Throwable> check =
        new FutureTask<>(() -> catchThrowable(FromThread::checkCancelled));
    foreign = new Thread(check);
    foreign.start();
    foreign.join();
    assertThat(check.get()).isInstanceOf(IllegalStateException.class);
  }

  @Tag("T50")
  @TrefoilTest(seeds = 20)
  void checkDoesNothingWhileNothingIsCancelled() throws Exception {
    ToThread.runInThread(
        () -> {
          FromThread.checkCancelled();
          FromThread.checkCancelled();
          return null;
        });
  }

  @Tag("T50")
  @TrefoilTest(seeds = 20)
  void swallowedCheckLeavesTheResultAndTheCancellationStands() throws Exception {
    Gate gate = new Gate();
    CancelScope scope = CancelScope.create();
    Nursery.open(
        nursery -> {
          nursery.spawn(
              () ->
                  scope.run(
                      () -> {
                        log.add(
                            ToThread.runInThread(
                                () -> {
                                  gate.pass();
                                  Throwable first = catchThrowable(FromThread::checkCancelled);
                                  Throwable again = catchThrowable(FromThread::checkCancelled);
                                  assertThat(first).isInstanceOf(Cancelled.class);
                                  assertThat(again).isInstanceOf(Cancelled.class);
                                  return "kept";
                                }));
                        Hazmat.yieldBriefly();
                        log.add("not reached");
                      }));
          gate.awaitReached();
          scope.cancel();
          Testing.waitAllTasksBlocked();
          gate.open();
        });
    assertThat(log).containsExactly("kept");
  }

  @Tag("T49")
  @TrefoilTest(seeds = 20)
  void interruptOfTheThreadCancelsWhatTheTaskDoesForIt() throws Exception {
    Gate gate = new Gate();
    AtomicReference<Thread> worker = new AtomicReference<>();
    Nursery.open(
        nursery -> {
          nursery.spawn(
              () ->
                  ToThread.runInThread(
                      () -> {
                        worker.set(Thread.currentThread());
                        assertThatThrownBy(
                                () ->
                                    FromThread.run(
                                        () -> {
                                          log.add("asleep");
                                          Trefoil.sleepForever();
                                          return null;
                                        }))
                            .isInstanceOf(InterruptedException.class);
                        assertThat(Thread.currentThread().isInterrupted()).isFalse();
                        gate.pass();
                        return null;
                      }));
          while (log.isEmpty()) {
            Trefoil.sleep(java.time.Duration.ofNanos(100_000));
          }
          worker.get().interrupt();
          gate.awaitReached();
          gate.open();
        });
  }

  @Tag("T49")
  @TrefoilTest(seeds = 20)
  void interruptThatComesTooLateStaysPending() throws Exception {
    ToThread.runInThread(
        () -> {
          Thread.currentThread().interrupt();
          assertThat(FromThread.runSync(() -> "done")).isEqualTo("done");
          assertThat(Thread.interrupted()).isTrue();
          Thread.currentThread().interrupt();
          assertThat(FromThread.run(() -> "done")).isEqualTo("done");
          assertThat(Thread.interrupted()).isTrue();
          return null;
        });
  }
}
