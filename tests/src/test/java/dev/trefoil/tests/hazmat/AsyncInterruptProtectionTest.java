package dev.trefoil.tests.hazmat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.trefoil.hazmat.Abort;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.KeyboardInterrupt;
import dev.trefoil.hazmat.KeyboardInterruptProtected;
import dev.trefoil.hazmat.KeyboardInterrupts;
import dev.trefoil.hazmat.Run;
import dev.trefoil.hazmat.RunOptions;
import dev.trefoil.queues.PriorityQueue;
import dev.trefoil.tasks.CancelScope;
import dev.trefoil.tasks.ExceptionGroup;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.tasks.Trefoil;
import dev.trefoil.testing.Testing;
import dev.trefoil.tests.hazmat.Interrupter.Work;
import dev.trefoil.threads.FromThread;
import dev.trefoil.threads.Portal;
import dev.trefoil.threads.ToThread;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;

/** Which code of a run keyboard interrupts hit, and which is protected from them. */
@Tag("R16")
@Tag("R20")
@Timeout(60)
final class AsyncInterruptProtectionTest {
  private final Interrupter interrupter = new Interrupter();
  private final List<String> log = new ArrayList<>();
  private final SplittableRandom random = new SplittableRandom(1);

  // ---- whose code runs

  @EveryBackend
  void whateverTaskRunsIsHitAndNoOther(RunOptions options) throws Exception {
    assertThatThrownBy(
            () ->
                Trefoil.run(
                    options,
                    () ->
                        Nursery.open(
                            nursery -> {
                              interrupter.begin();
                              nursery.spawn(interrupter::spinWhenReady);
                              try {
                                Trefoil.sleepForever();
                              } finally {
                                log.add("main was cancelled");
                                interrupter.end();
                              }
                            })))
        .isInstanceOfSatisfying(
            ExceptionGroup.class,
            group ->
                assertThat(group.exceptions())
                    .singleElement()
                    .isInstanceOf(KeyboardInterrupt.class));
    assertThat(log).containsExactly("main was cancelled");
  }

  @EveryBackend
  void itsStackShowsTheCodeThatWasHit(RunOptions options) throws Exception {
    Trefoil.run(
        options,
        () -> {
          interrupter.begin();
          Throwable error = interrupter.endOf(Interrupter::spin);
          assertThat(error.getStackTrace()).anyMatch(frame -> frame.getMethodName().equals("spin"));
          interrupter.end();
        });
  }

  @EveryBackend
  @Tag("R16")
  @Tag("R18")
  void anEntryCallThatHasSwitchedOffItsProtectionIsHit(RunOptions options) throws Exception {
    Trefoil.run(
        options,
        () -> {
          interrupter.begin();
          Hazmat.currentCallSoonThreadAndSignalSafe()
              .callSoonThreadAndSignalSafe(
                  () -> {
                    Throwable error =
                        Interrupter.leftWith(
                            () -> KeyboardInterrupts.disableProtection(this::spinWhenExposed));
                    log.add(error + " " + KeyboardInterrupts.currentlyProtected());
                  });
          Testing.waitAllTasksBlocked();
          interrupter.end();
        });
    assertThat(log)
        .singleElement()
        .satisfies(
            entry ->
                assertThat(entry).contains(KeyboardInterrupt.class.getName()).endsWith(" true"));
  }

  @EveryBackend
  @Tag("R16")
  @Tag("R18")
  void whatThreadsDoInTheRunIsHitAndTheyGetTheError(RunOptions options) throws Exception {
    Trefoil.run(
        options,
        () -> {
          Portal portal = Portal.current();
          List<Work> works =
              List.of(
                  () -> FromThread.run(() -> spinWhenExposed()),
                  () -> FromThread.runSync(() -> spinWhenExposed()),
                  () -> portal.run(() -> spinWhenExposed()),
                  () -> portal.runSync(() -> spinWhenExposed()));
          for (Work work : works) {
            interrupter.begin();
            Throwable error =
                KeyboardInterrupts.enableProtection(
                    () -> ToThread.runInThread(() -> Interrupter.leftWith(work)));
            assertThat(error).isInstanceOf(KeyboardInterrupt.class);
            interrupter.end();
            Hazmat.yieldBriefly();
          }
        });
  }

  private Object spinWhenExposed() {
    assertThat(KeyboardInterrupts.currentlyProtected()).isFalse();
    interrupter.spinWhenReady();
    return null;
  }

  // ---- what is around it on the stack

  /** Far from its task's first frame, which is not on the thread's stack any more after a sleep. */
  private void deep(int levels, Work work) throws Exception {
    if (levels == 0) {
      // A checkpoint would not suspend, since nobody else is runnable.
      Testing.waitAllTasksBlocked();
      work.run();
    } else {
      deep(levels - 1, work);
    }
  }

  @EveryBackend
  void codeDeepInAStackThatWasSuspendedIsHit(RunOptions options) throws Exception {
    interrupter.hitsIn(options, () -> deep(1_000, interrupter::spinWhenReady));
  }

  @EveryBackend
  @Tag("R17")
  void codeThatAPrimitiveCallsWithoutCallingOutIsProtectedWithIt(RunOptions options)
      throws Exception {
    interrupter.waitsForACheckpointAfter(
        options,
        () -> {
          PriorityQueue<Integer> queue =
              PriorityQueue.create(
                  2,
                  (one, other) -> {
                    interrupter.outlive();
                    return 0;
                  });
          queue.putNowait(1);
        });
  }

  @KeyboardInterruptProtected
  private static final class Primitive {
    private Primitive() {}

    static void callDirectly(Work work) throws Exception {
      work.run();
    }

    static void callOut(Work work) throws Exception {
      KeyboardInterrupts.callOut(work::run);
    }
  }

  @EveryBackend
  @Tag("R17")
  void whatAPrimitiveCallsDirectlyStaysProtectedThoughItSleepsDeepDown(RunOptions options)
      throws Exception {
    interrupter.waitsForACheckpointAfter(
        options, () -> Primitive.callDirectly(() -> deep(1_000, interrupter::outlive)));
  }

  @EveryBackend
  void whatAPrimitiveCallsOutToIsHitThoughItSleepsDeepDown(RunOptions options) throws Exception {
    interrupter.hitsIn(
        options, () -> Primitive.callOut(() -> deep(1_000, interrupter::spinWhenReady)));
  }

  // ---- what the state of its task says

  @EveryBackend
  @Tag("R17")
  @Tag("R18")
  void protectedCodeIsNotHitAndTheMainTaskMeetsItLater(RunOptions options) throws Exception {
    interrupter.waitsForACheckpointAfter(
        options, () -> KeyboardInterrupts.enableProtection(interrupter::outlive));
  }

  @EveryBackend
  @Tag("R17")
  void wrappersProtectAndExpose(RunOptions options) throws Exception {
    interrupter.waitsForACheckpointAfter(
        options, () -> KeyboardInterrupts.protecting((Runnable) interrupter::outlive).run());
  }

  @EveryBackend
  @Tag("R16")
  void codeExposedInsideProtectedCodeIsHit(RunOptions options) throws Exception {
    Runnable exposed = KeyboardInterrupts.exposing(interrupter::spinWhenReady);
    interrupter.hitsIn(options, () -> KeyboardInterrupts.protecting(exposed).run());
  }

  @EveryBackend
  @Tag("R17")
  @Tag("R18")
  void anAbortIsProtectedWhateverItSaysOfItself(RunOptions options) throws Exception {
    for (boolean protect : new boolean[] {true, false}) {
      interrupter.waitsForACheckpointAfter(
          options,
          () -> {
            CancelScope scope = CancelScope.create();
            Hazmat.spawnSystemTask(
                "aborted",
                () -> {
                  scope.run(() -> Hazmat.yieldIndefinitely(raise -> abort(protect)));
                  return null;
                });
            Testing.waitAllTasksBlocked();
            scope.cancel();
          });
    }
  }

  private Abort abort(boolean protect) {
    if (protect) {
      KeyboardInterrupts.enableProtection(interrupter::outlive);
    } else {
      KeyboardInterrupts.disableProtection(interrupter::outlive);
    }
    return Abort.SUCCEEDED;
  }

  @EveryBackend
  @Tag("T4")
  void aRunRestrictedToCheckpointsIsNeverHitElsewhere(RunOptions options) throws Exception {
    interrupter.waitsForACheckpointAfter(
        options.withKeyboardInterruptsRestrictedToCheckpoints(), interrupter::outlive);
  }

  // ---- what protected code notices

  /** Nobody would clear it there, and code that waits would be told of what is not its affair. */
  @EveryBackend
  @Tag("R17")
  void codeThatIsProtectedIsNotFoundInterruptedByThemNorIsTheThreadAfterTheRun(RunOptions options)
      throws Exception {
    AtomicReference<Run> run = new AtomicReference<>();
    AtomicBoolean over = new AtomicBoolean();
    List<Thread> interrupters = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      interrupters.add(Interrupter.againAndAgain(run::get, over::get, 50_000));
    }
    for (int i = 0; i < 150; i++) {
      try {
        Trefoil.run(
            options,
            () -> {
              run.set(Hazmat.currentRun());
              waitAndWatchTheFlag();
            });
      } catch (KeyboardInterrupt expected) {
        log.add("hit");
      }
      if (Thread.interrupted()) {
        log.add("flag after the run");
      }
    }
    over.set(true);
    for (Thread thread : interrupters) {
      thread.join();
    }
    assertThat(log).contains("woken");
    log.removeAll(List.of("hit", "woken"));
    assertThat(log).isEmpty();
  }

  private void waitAndWatchTheFlag() {
    SynchronousQueue<String> queue = new SynchronousQueue<>();
    for (int i = 0; i < 10; i++) {
      try {
        queue.poll(random.nextInt(60_000), TimeUnit.NANOSECONDS);
      } catch (InterruptedException woken) {
        log.add("woken");
      }
      KeyboardInterrupts.enableProtection(
          () -> {
            for (int look = 0; look < 20_000; look++) {
              if (Thread.interrupted()) {
                log.add("flag in protected code");
              }
            }
            return null;
          });
    }
  }
}
