package dev.trefoil.tests.threads;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.trefoil.hazmat.Body;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.Task;
import dev.trefoil.tasks.CancelScope;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.testing.Testing;
import dev.trefoil.testing.TrefoilTest;
import dev.trefoil.threads.FromThread;
import dev.trefoil.threads.ThreadOptions;
import dev.trefoil.threads.ToThread;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;

/** A thread that is interrupted, and waited for, when its task is cancelled. */
@Tag("T45")
final class InterruptOnCancelTest {
  private static final ThreadOptions INTERRUPT = ThreadOptions.defaults().withInterruptOnCancel();

  private final List<@Nullable Object> log = new ArrayList<>();
  private final Gate gate = new Gate();
  private final CancelScope scope = CancelScope.create();

  /** Runs a body on a thread, in the scope, and cancels that when the body is at the gate. */
  private void runAndCancel(Body<?, Exception> body) {
    Nursery.open(
        nursery -> {
          nursery.spawn(
              () ->
                  scope.<Exception>run(
                      () -> {
                        try {
                          log.add(ToThread.<Object, Exception>runInThread(INTERRUPT, body::call));
                        } catch (Throwable error) {
                          log.add(error);
                          throw error;
                        }
                        Hazmat.yieldIfCancelled();
                      }));
          gate.awaitReached();
          scope.cancel("enough");
        });
  }

  @TrefoilTest(seeds = 20)
  void whatTheInterruptStopsIsCancelledAndItsThreadHasEnded() {
    AtomicBoolean ended = new AtomicBoolean();
    runAndCancel(
        () -> {
          try {
            gate.pass();
          } finally {
            ended.set(true);
          }
          return "not reached";
        });
    assertThat(scope.cancelledCaught()).isTrue();
    assertThat(ended).isTrue();
    assertThat(log).singleElement().asString().contains("enough");
    assertThat(ToThread.activeThreadCount()).isZero();
    assertThat(ToThread.currentDefaultThreadLimiter().borrowedTokens()).isZero();
  }

  @TrefoilTest(seeds = 20)
  void whatHappensInSpiteOfTheInterruptIsReturned() {
    runAndCancel(
        () -> {
          assertThat(catchThrowable(gate::pass)).isInstanceOf(InterruptedException.class);
          return "happened";
        });
    assertThat(log).containsExactly("happened");
    assertThat(scope.cancelledCaught()).isTrue();
  }

  @TrefoilTest(seeds = 20)
  void errorsThatTellOfNoInterruptAreThrown() {
    for (IOException error : List.of(new IOException("disk"), new SocketTimeoutException("slow"))) {
      InterruptOnCancelTest each = new InterruptOnCancelTest();
      Throwable thrown =
          catchThrowable(
              () ->
                  each.runAndCancel(
                      () -> {
                        assertThat(catchThrowable(each.gate::pass))
                            .isInstanceOf(InterruptedException.class);
                        throw error;
                      }));
      assertThat(each.log).containsExactly(error);
      assertThat(thrown).isNotNull();
    }
  }

  @TrefoilTest(seeds = 20)
  void interruptedInputAndOutputCountsAsInterrupted() {
    runAndCancel(
        () -> {
          assertThat(catchThrowable(gate::pass)).isInstanceOf(InterruptedException.class);
          throw new InterruptedIOException();
        });
    assertThat(scope.cancelledCaught()).isTrue();
  }

  @TrefoilTest(seeds = 20)
  void interruptOfOtherOriginIsThrownAsItIs() {
    InterruptedException stray = new InterruptedException();
    assertThat(
            catchThrowable(
                () ->
                    ToThread.runInThread(
                        INTERRUPT,
                        () -> {
                          throw stray;
                        })))
        .isSameAs(stray);
  }

  @TrefoilTest(seeds = 20)
  void interruptedTaskInterruptsItsThreadToo() throws Exception {
    IllegalArgumentException edge = new IllegalArgumentException("edge");
    Nursery.open(
        nursery -> {
          Task<?> waiting =
              nursery.spawn(
                  () ->
                      log.add(
                          catchThrowable(
                              () ->
                                  ToThread.runInThread(
                                      INTERRUPT,
                                      () -> {
                                        gate.pass();
                                        return null;
                                      }))));
          gate.awaitReached();
          waiting.interrupt(() -> edge);
        });
    assertThat(log).containsExactly(edge);
  }

  @TrefoilTest(seeds = 20)
  void isInterruptedOnceSoThatItCanCleanUpWithItsTask() {
    runAndCancel(
        () -> {
          try {
            gate.pass();
            return "not reached";
          } finally {
            FromThread.runSync(() -> log.add("cleaned up"));
            Thread.sleep(1);
          }
        });
    assertThat(log).hasSize(2).first().isEqualTo("cleaned up");
    assertThat(scope.cancelledCaught()).isTrue();
  }

  /** The end of the thread's work and the interrupt meet in every order. */
  @TrefoilTest(seeds = 20)
  void interruptNeverHitsTheNextWorkOfTheThread() throws Exception {
    Random random = new Random(1);
    for (int i = 0; i < 100; i++) {
      int spins = random.nextInt(2000);
      CancelScope each = CancelScope.create();
      Nursery.open(
          nursery -> {
            nursery.spawn(
                () ->
                    each.run(
                        () ->
                            ToThread.runInThread(
                                INTERRUPT,
                                () -> {
                                  for (int spin = 0; spin < spins; spin++) {
                                    Thread.onSpinWait();
                                  }
                                  return null;
                                })));
            Hazmat.yieldBriefly();
            each.cancel();
            nursery.spawn(
                () -> {
                  boolean hit = ToThread.runInThread(Thread::interrupted);
                  assertThat(hit).isFalse();
                });
          });
      boolean hit = ToThread.runInThread(Thread::interrupted);
      assertThat(hit).isFalse();
    }
  }

  // ---- cleaning up

  @TrefoilTest(seeds = 20)
  void cleaningUpIsDoneWhenCancelledAndWithoutAToken() throws Exception {
    ToThread.currentDefaultThreadLimiter().setTotalTokens(0);
    scope.cancel();
    scope.run(
        () -> {
          log.add(ToThread.runInThreadNoCancel(() -> "done"));
          Hazmat.yieldIfCancelled();
        });
    assertThat(log).containsExactly("done");
    assertThat(scope.cancelledCaught()).isTrue();
    assertThat(ToThread.activeThreadCount()).isZero();
  }

  @TrefoilTest(seeds = 20)
  void cleaningUpLetsOthersRun() throws Exception {
    Nursery.open(
        nursery -> {
          nursery.spawn(gate::open);
          nursery.cancelScope().cancel();
          ToThread.runInThreadNoCancel(
              () -> {
                gate.pass();
                return log.add("cleaned up");
              });
        });
    assertThat(log).containsExactly("cleaned up");
  }

  @TrefoilTest(seeds = 20)
  void cleaningUpMayAskWhetherItWasCancelled() {
    scope.cancel("asked");
    scope.run(
        () ->
            log.add(
                catchThrowable(
                    () ->
                        ToThread.runInThreadNoCancel(
                            () -> {
                              FromThread.run(() -> null);
                              FromThread.checkCancelled();
                              return null;
                            }))));
    assertThat(log).singleElement().asString().contains("asked");
    Testing.waitAllTasksBlocked();
  }
}
