package dev.trefoil.tests.threads;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.trefoil.hazmat.Cancelled;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.RunOptions;
import dev.trefoil.hazmat.Task;
import dev.trefoil.sync.CapacityLimiter;
import dev.trefoil.sync.Limiter;
import dev.trefoil.tasks.CancelScope;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.tasks.TaskLocal;
import dev.trefoil.tasks.Trefoil;
import dev.trefoil.testing.Checkpoints;
import dev.trefoil.testing.Testing;
import dev.trefoil.testing.TrefoilTest;
import dev.trefoil.tests.hazmat.EveryBackend;
import dev.trefoil.threads.FromThread;
import dev.trefoil.threads.ThreadOptions;
import dev.trefoil.threads.ToThread;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Code that blocks, on a thread that its task waits for. */
@Tag("R51")
final class ToThreadTest {
  private static final ThreadOptions ABANDON = ThreadOptions.defaults().withAbandonOnCancel();

  private final List<String> log = new ArrayList<>();

  // ---- results

  @Tag("T45")
  @TrefoilTest(seeds = 20)
  void returnsWhatTheBodyReturnsFromAnotherThread() throws Exception {
    Thread own = Thread.currentThread();
    Thread other = ToThread.runInThread(Thread::currentThread);
    assertThat(other).isNotSameAs(own);
    assertThat(other.isDaemon()).isTrue();
    assertThat(ToThread.<Object, RuntimeException>runInThread(() -> null)).isNull();
  }

  @Tag("T45")
  @Tag("R77")
  @TrefoilTest(seeds = 20)
  void throwsTheVeryObjectThatTheBodyThrew() throws Exception {
    IOException broken = new IOException("disk");
    Throwable thrown =
        catchThrowable(
            () ->
                ToThread.runInThread(
                    () -> {
                      throw broken;
                    }));
    assertThat(thrown).isSameAs(broken).hasNoCause();
    AssertionError error = new AssertionError("worse");
    assertThat(
            catchThrowable(
                () ->
                    ToThread.runInThread(
                        () -> {
                          throw error;
                        })))
        .isSameAs(error);
  }

  @Tag("T45")
  @TrefoilTest(seeds = 20)
  void othersGoOnMeanwhile() throws Exception {
    Gate gate = new Gate();
    Nursery.open(
        nursery -> {
          nursery.spawn(
              () -> {
                gate.awaitReached();
                log.add("other");
                gate.open();
              });
          ToThread.runInThread(
              () -> {
                gate.pass();
                return null;
              });
          log.add("after");
        });
    assertThat(log).containsExactly("other", "after");
  }

  @Tag("T45")
  @TrefoilTest(seeds = 20)
  void isACheckpoint() throws Exception {
    Checkpoints.assertCheckpoints(() -> ToThread.runInThread(() -> 1));
    Checkpoints.assertCheckpoints(
        () ->
            assertThatThrownBy(
                    () ->
                        ToThread.runInThread(
                            () -> {
                              throw new IOException();
                            }))
                .isInstanceOf(IOException.class));
  }

  @Tag("T45")
  @TrefoilTest(seeds = 20)
  void taskOperationsAreRefusedOnTheThread() throws Exception {
    ToThread.runInThread(
        () -> {
          assertThat(Hazmat.inRun()).isFalse();
          assertThatThrownBy(Hazmat::yieldBriefly)
              .isInstanceOf(IllegalStateException.class)
              .hasMessageContaining("inside a Trefoil run");
          return null;
        });
  }

  @Test
  void isRefusedOutsideARun() {
    assertThatThrownBy(() -> ToThread.runInThread(() -> 1))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("inside a Trefoil run");
  }

  // ---- context

  private static final TaskLocal<String> LOCAL = TaskLocal.create();
  private static final ScopedValue<String> SCOPED = ScopedValue.newInstance();

  @Tag("T45")
  @TrefoilTest(seeds = 20)
  void threadStartsWithTheTaskLocalsOfItsTaskAndKeepsItsOwn() throws Exception {
    LOCAL.set("task's");
    String seen =
        ToThread.runInThread(
            () -> {
              String before = LOCAL.get();
              LOCAL.set("thread's");
              return before + "," + LOCAL.get();
            });
    assertThat(seen).isEqualTo("task's,thread's");
    assertThat(LOCAL.get()).isEqualTo("task's");
    ToThread.runInThread(
        () -> {
          LOCAL.remove();
          assertThat(LOCAL.getOrNull()).isNull();
          LOCAL.runWith("inner", () -> assertThat(LOCAL.get()).isEqualTo("inner"));
          return null;
        });
    assertThat(LOCAL.get()).isEqualTo("task's");
  }

  @Tag("T45")
  @TrefoilTest(seeds = 20)
  void threadSeesTheScopedValuesOfItsTaskAndTheNextJobDoesNot() throws Exception {
    ScopedValue.where(SCOPED, "bound")
        .run(
            () -> {
              String seen =
                  ToThread.runInThread(
                      () -> {
                        String outer = SCOPED.get();
                        String inner =
                            ScopedValue.where(SCOPED, "rebound").call(() -> SCOPED.get());
                        return outer + "," + inner + "," + SCOPED.get();
                      });
              assertThat(seen).isEqualTo("bound,rebound,bound");
            });
    boolean leaked = ToThread.runInThread(SCOPED::isBound);
    assertThat(leaked).isFalse();
  }

  @Tag("T45")
  @TrefoilTest(seeds = 20)
  void scopedValuesSurviveAnOverflowOfTheThreadsStack() throws Exception {
    ScopedValue.where(SCOPED, "bound")
        .run(
            () ->
                assertThat(
                        ToThread.runInThread(
                            () -> {
                              assertThat(catchThrowable(() -> overflow(0)))
                                  .isInstanceOf(StackOverflowError.class);
                              return SCOPED.get();
                            }))
                    .isEqualTo("bound"));
  }

  private static int overflow(int depth) {
    return ScopedValue.where(SCOPED, "deep").call(() -> overflow(depth + 1)) + 1;
  }

  @Tag("T45")
  @TrefoilTest(seeds = 20)
  void threadHasTheContextClassLoaderOfItsTaskForTheTimeOfTheCall() throws IOException {
    Thread own = Thread.currentThread();
    ClassLoader before = own.getContextClassLoader();
    try (URLClassLoader special = new URLClassLoader(new URL[0])) {
      own.setContextClassLoader(special);
      AtomicReference<Thread> worker = new AtomicReference<>();
      ClassLoader seen =
          ToThread.runInThread(
              () -> {
                worker.set(Thread.currentThread());
                return Thread.currentThread().getContextClassLoader();
              });
      assertThat(seen).isSameAs(special);
      assertThat(worker.get().getContextClassLoader()).isNotSameAs(special);
    } finally {
      own.setContextClassLoader(before);
    }
  }

  @Tag("T48")
  @TrefoilTest(seeds = 20)
  void threadHasTheGivenNameForTheTimeOfTheCall() throws Exception {
    AtomicReference<Thread> worker = new AtomicReference<>();
    String name =
        ToThread.runInThread(
            ThreadOptions.defaults().withThreadName("reader"),
            () -> {
              worker.set(Thread.currentThread());
              return Thread.currentThread().getName();
            });
    assertThat(name).isEqualTo("reader");
    assertThat(worker.get().getName()).isNotEqualTo("reader").contains("trefoil-worker");
  }

  // ---- cancellation

  @Tag("T45")
  @TrefoilTest(seeds = 20)
  void cancelledOnEntryStartsNothing() throws Exception {
    AtomicBoolean ran = new AtomicBoolean();
    CancelScope scope = CancelScope.create();
    scope.cancel();
    scope.run(
        () ->
            ToThread.runInThread(
                () -> {
                  ran.set(true);
                  return null;
                }));
    assertThat(scope.cancelledCaught()).isTrue();
    assertThat(ran).isFalse();
    assertThat(ToThread.currentDefaultThreadLimiter().borrowedTokens()).isZero();
    assertThat(ToThread.activeThreadCount()).isZero();
  }

  @Tag("T45")
  @TrefoilTest(seeds = 20)
  void cancelledWhileItRunsTheTaskWaitsAndKeepsTheResult() throws Exception {
    Gate gate = new Gate();
    CancelScope scope = CancelScope.create();
    Nursery.open(
        nursery -> {
          nursery.spawn(
              () ->
                  scope.run(
                      () -> {
                        String result =
                            ToThread.runInThread(
                                () -> {
                                  gate.pass();
                                  return "happened";
                                });
                        log.add(result);
                        Hazmat.yieldIfCancelled();
                        log.add("not reached");
                      }));
          gate.awaitReached();
          scope.cancel();
          Testing.waitAllTasksBlocked();
          assertThat(log).isEmpty();
          gate.open();
        });
    assertThat(log).containsExactly("happened");
    assertThat(scope.cancelledCaught()).isTrue();
  }

  @Tag("T46")
  @TrefoilTest(seeds = 20)
  void abandonedTheTaskLeavesAtOnceAndTheTokenComesBackWithTheThread() throws Exception {
    Gate gate = new Gate();
    CapacityLimiter limiter = new CapacityLimiter(1);
    CancelScope scope = CancelScope.create();
    Nursery.open(
        nursery -> {
          nursery.spawn(
              () ->
                  scope.run(
                      () -> {
                        ToThread.runInThread(
                            ABANDON.withLimiter(limiter),
                            () -> {
                              gate.pass();
                              throw new IOException("dropped");
                            });
                        log.add("not reached");
                      }));
          gate.awaitReached();
          scope.cancel();
          Testing.waitAllTasksBlocked();
          assertThat(scope.cancelledCaught()).isTrue();
          assertThat(limiter.borrowedTokens()).isEqualTo(1);
          assertThat(ToThread.activeThreadCount()).isEqualTo(1);
          gate.open();
          ToThread.waitAllThreadsCompleted();
          assertThat(limiter.borrowedTokens()).isZero();
          assertThat(ToThread.activeThreadCount()).isZero();
        });
    assertThat(log).isEmpty();
  }

  @Tag("T46")
  @EveryBackend
  void runEndsAlthoughAnAbandonedThreadGoesOn(RunOptions options) {
    Gate gate = new Gate();
    Trefoil.run(
        options,
        () ->
            Nursery.open(
                nursery -> {
                  nursery.spawn(
                      () ->
                          ToThread.runInThread(
                              ABANDON,
                              () -> {
                                gate.pass();
                                return null;
                              }));
                  gate.awaitReached();
                  nursery.cancelScope().cancel();
                }));
    assertThat(gate.isReached()).isTrue();
    gate.open();
  }

  @Tag("T45")
  @TrefoilTest(seeds = 20)
  void interruptedTaskGetsTheInterruptAfterTheThread() throws Exception {
    Gate gate = new Gate();
    IllegalArgumentException edge = new IllegalArgumentException("edge");
    Nursery.open(
        nursery -> {
          Task<?> waiting =
              nursery.spawn(
                  () -> {
                    log.add(
                        ToThread.runInThread(
                            () -> {
                              gate.pass();
                              return "kept";
                            }));
                    assertThat(catchThrowable(Hazmat::yieldBriefly)).isSameAs(edge);
                    log.add("raised");
                  });
          gate.awaitReached();
          waiting.interrupt(() -> edge);
          Testing.waitAllTasksBlocked();
          gate.open();
        });
    assertThat(log).containsExactly("kept", "raised");
  }

  // ---- limiters

  @Tag("T51")
  @TrefoilTest(seeds = 20)
  void defaultLimiterHasFortyTokensAndIsTheSameThroughoutTheRun() throws Exception {
    CapacityLimiter limiter = ToThread.currentDefaultThreadLimiter();
    assertThat(limiter.totalTokens()).isEqualTo(40);
    Nursery.open(
        nursery ->
            nursery.spawn(
                () -> assertThat(ToThread.currentDefaultThreadLimiter()).isSameAs(limiter)));
    int borrowed = ToThread.runInThread(() -> FromThread.runSync(limiter::borrowedTokens));
    assertThat(borrowed).isEqualTo(1);
    assertThat(limiter.borrowedTokens()).isZero();
  }

  @Tag("T47")
  @TrefoilTest(seeds = 20)
  void threadsWaitForTokensFirstComeFirstServed() throws Exception {
    CapacityLimiter limiter = new CapacityLimiter(1);
    Gate gate = new Gate();
    Nursery.open(
        nursery -> {
          nursery.spawn(
              () ->
                  ToThread.runInThread(
                      ThreadOptions.defaults().withLimiter(limiter),
                      () -> {
                        gate.pass();
                        return null;
                      }));
          gate.awaitReached();
          for (int i = 0; i < 5; i++) {
            String name = "job " + i;
            nursery.spawn(
                () ->
                    ToThread.runInThread(
                        ThreadOptions.defaults().withLimiter(limiter),
                        () -> FromThread.runSync(() -> log.add(name))));
            Testing.waitAllTasksBlocked();
          }
          assertThat(log).isEmpty();
          assertThat(limiter.statistics().tasksWaiting()).isEqualTo(5);
          gate.open();
        });
    assertThat(log).containsExactly("job 0", "job 1", "job 2", "job 3", "job 4");
  }

  @Tag("T47")
  @TrefoilTest(seeds = 20)
  void cancelledWhileItWaitsForATokenItHasStartedNothing() throws Exception {
    CapacityLimiter full = new CapacityLimiter(0);
    CancelScope scope = CancelScope.create();
    Nursery.open(
        nursery -> {
          nursery.spawn(
              () ->
                  scope.run(
                      () ->
                          ToThread.runInThread(
                              ThreadOptions.defaults().withLimiter(full),
                              () -> FromThread.runSync(() -> log.add("ran")))));
          Testing.waitAllTasksBlocked();
          scope.cancel();
        });
    assertThat(scope.cancelledCaught()).isTrue();
    assertThat(log).isEmpty();
    assertThat(full.statistics().tasksWaiting()).isZero();
  }

  private final class LoggingLimiter implements Limiter {
    private Throwable onAcquire;
    private Throwable onRelease;
    private Object borrower;

    @Override
    public void acquireOnBehalfOf(Object who) {
      log.add("acquire");
      borrower = who;
      throwIfAny(onAcquire);
    }

    @Override
    public void releaseOnBehalfOf(Object who) {
      assertThat(who).isSameAs(borrower);
      log.add("release");
      throwIfAny(onRelease);
    }

    private static void throwIfAny(Throwable error) {
      if (error instanceof RuntimeException unchecked) {
        throw unchecked;
      }
    }
  }

  @Tag("T47")
  @TrefoilTest(seeds = 20)
  void anyLimiterWillDoAndItsErrorsAreTheCallers() throws Exception {
    LoggingLimiter limiter = new LoggingLimiter();
    ThreadOptions options = ThreadOptions.defaults().withLimiter(limiter);
    assertThat(ToThread.runInThread(options, () -> 5)).isEqualTo(5);
    assertThat(log).containsExactly("acquire", "release");
    assertThat(limiter.borrower.toString())
        .contains("thread")
        .contains(Hazmat.currentTask().name());

    limiter.onRelease = new IllegalStateException("cannot release");
    assertThat(catchThrowable(() -> ToThread.runInThread(options, () -> 5)))
        .isSameAs(limiter.onRelease);
    IOException ofBody = new IOException("body");
    limiter.onRelease = new IllegalStateException("cannot release");
    assertThat(
            catchThrowable(
                () ->
                    ToThread.runInThread(
                        options,
                        () -> {
                          throw ofBody;
                        })))
        .isSameAs(limiter.onRelease)
        .hasSuppressedException(ofBody);

    log.clear();
    limiter.onAcquire = new IllegalStateException("cannot acquire");
    assertThat(catchThrowable(() -> ToThread.runInThread(options, () -> log.add("ran"))))
        .isSameAs(limiter.onAcquire);
    assertThat(log).containsExactly("acquire");
    assertThat(ToThread.activeThreadCount()).isZero();
  }

  @Tag("T51")
  @TrefoilTest(seeds = 20)
  void waitingForAllThreadsIsACheckpointAndSeesThemEnd() throws Exception {
    Checkpoints.assertCheckpoints(ToThread::waitAllThreadsCompleted);
    List<Gate> gates = List.of(new Gate(), new Gate(), new Gate());
    Nursery.open(
        nursery -> {
          for (Gate gate : gates) {
            nursery.spawn(
                () ->
                    ToThread.runInThread(
                        () -> {
                          gate.pass();
                          return null;
                        }));
            gate.awaitReached();
          }
          assertThat(ToThread.activeThreadCount()).isEqualTo(3);
          nursery.spawn(
              () -> {
                ToThread.waitAllThreadsCompleted();
                log.add("all done");
                assertThat(ToThread.activeThreadCount()).isZero();
              });
          Testing.waitAllTasksBlocked();
          assertThat(log).isEmpty();
          gates.forEach(Gate::open);
        });
    assertThat(log).containsExactly("all done");
  }

  /** Cannot be suspended: its thread goes on by itself, and it is told why. */
  private static final class InInitializer {
    static final Throwable ERROR = catchThrowable(() -> ToThread.runInThread(() -> 1));

    private InInitializer() {}
  }

  @Test
  @Tag("T45")
  void whereATaskCannotSuspendItIsToldSoAndTheRunGoesOn() {
    Throwable error =
        Trefoil.run(
            RunOptions.defaults().withBackend(dev.trefoil.hazmat.Backend.CONTINUATION),
            () -> {
              Throwable told = InInitializer.ERROR;
              ToThread.waitAllThreadsCompleted();
              assertThat(ToThread.currentDefaultThreadLimiter().borrowedTokens()).isZero();
              return told;
            });
    assertThat(error).isInstanceOf(IllegalStateException.class).hasMessageContaining("<clinit>");
  }

  @Tag("T45")
  @TrefoilTest(seeds = 20)
  void cancelledThatTheThreadThrowsGetsToTheScopeItBelongsTo() throws Exception {
    Gate gate = new Gate();
    CancelScope scope = CancelScope.create();
    Nursery.open(
        nursery -> {
          nursery.spawn(
              () -> {
                scope.run(
                    () ->
                        ToThread.runInThread(
                            () -> {
                              gate.pass();
                              FromThread.checkCancelled();
                              return null;
                            }));
                log.add("after scope");
              });
          gate.awaitReached();
          scope.cancel("enough");
          gate.open();
        });
    assertThat(scope.cancelledCaught()).isTrue();
    assertThat(log).containsExactly("after scope");
  }

  @Tag("T46")
  @TrefoilTest(seeds = 20)
  void abandonedThreadsCheckIsCancelledAndItsRequestsAre() throws Exception {
    Gate gate = new Gate();
    AtomicReference<Throwable> byCheck = new AtomicReference<>();
    AtomicReference<Throwable> byRun = new AtomicReference<>();
    CancelScope scope = CancelScope.create();
    Nursery.open(
        nursery -> {
          nursery.spawn(
              () ->
                  scope.run(
                      () ->
                          ToThread.runInThread(
                              ABANDON,
                              () -> {
                                gate.pass();
                                byCheck.set(catchThrowable(FromThread::checkCancelled));
                                byRun.set(
                                    catchThrowable(() -> FromThread.run(() -> log.add("ran"))));
                                return null;
                              })));
          gate.awaitReached();
          scope.cancel("enough");
          Testing.waitAllTasksBlocked();
          gate.open();
          ToThread.waitAllThreadsCompleted();
        });
    assertThat(byCheck.get()).isInstanceOf(Cancelled.class).hasMessageContaining("enough");
    assertThat(byRun.get()).isInstanceOf(Cancelled.class);
    assertThat(log).isEmpty();
  }
}
