package dev.trefoil.tests.hazmat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.trefoil.hazmat.Abort;
import dev.trefoil.hazmat.EntryPoint;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.KernelError;
import dev.trefoil.hazmat.Outcome;
import dev.trefoil.hazmat.RunFinished;
import dev.trefoil.hazmat.RunOptions;
import dev.trefoil.hazmat.Task;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.tasks.Trefoil;
import dev.trefoil.testing.Checkpoints;
import dev.trefoil.testing.Testing;
import dev.trefoil.testing.TrefoilTest;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;

final class EntryPointTest {
  private final List<String> log = new ArrayList<>();

  /** An idempotent call with an argument: equal ones have the same word. */
  private record Say(List<String> log, String word) implements Runnable {
    @Override
    public void run() {
      log.add(word);
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Say say && say.word.equals(word);
    }

    @Override
    public int hashCode() {
      return word.hashCode();
    }
  }

  private static EntryPoint entry() {
    return Hazmat.currentCallSoonThreadAndSignalSafe();
  }

  private Say say(String word) {
    return new Say(log, word);
  }

  // ---- the entry point itself

  @TrefoilTest
  @Tag("R12")
  void entryPointIsTheSameObjectEverywhereInARun() {
    EntryPoint here = entry();
    assertThat(entry()).isSameAs(here);
    assertThat(Hazmat.currentRun().entryPoint()).isSameAs(here);
    Nursery.open(nursery -> nursery.spawn(() -> assertThat(entry()).isSameAs(here)));
    here.callSoonThreadAndSignalSafe(() -> log.add(entry() == here ? "same" : "other"));
    Testing.waitAllTasksBlocked();
    assertThat(log).containsExactly("same");
  }

  @EveryBackend
  @Tag("R12")
  void everyRunHasAnEntryPointOfItsOwn(RunOptions options) {
    EntryPoint first = Trefoil.run(options, () -> entry());
    EntryPoint second = Trefoil.run(options, () -> entry());
    assertThat(first).isNotSameAs(second);
  }

  // ---- order

  @TrefoilTest(seeds = 20)
  @Tag("R13")
  void callsRunInTheOrderOfSubmission() {
    List<String> expected = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      String number = String.valueOf(i);
      expected.add(number);
      entry().callSoonThreadAndSignalSafe(() -> log.add(number));
    }
    assertThat(log).as("submitting never runs a call").isEmpty();
    Testing.waitAllTasksBlocked();
    assertThat(log).isEqualTo(expected);
  }

  @TrefoilTest
  @Tag("R13")
  void submittingIsNoCheckpoint() {
    Checkpoints.assertNoCheckpoints(() -> entry().callSoonThreadAndSignalSafe(say("a")));
    Checkpoints.assertNoCheckpoints(() -> entry().callSoonThreadAndSignalSafe(say("a"), true));
  }

  @TrefoilTest(seeds = 20)
  @Tag("R13")
  void callMaySubmitFurtherCallsWhichRunBehindThoseAlreadyThere() {
    entry()
        .callSoonThreadAndSignalSafe(
            () -> {
              log.add("first");
              entry().callSoonThreadAndSignalSafe(say("third"));
            });
    entry().callSoonThreadAndSignalSafe(say("second"));
    Testing.waitAllTasksBlocked();
    assertThat(log).containsExactly("first", "second", "third");
  }

  @TrefoilTest(seeds = 20)
  @Tag("R13")
  void callThatSubmitsItselfForEverStarvesNobody() {
    boolean[] stop = {false};
    Runnable again =
        new Runnable() {
          @Override
          public void run() {
            if (!stop[0]) {
              entry().callSoonThreadAndSignalSafe(this);
            }
          }
        };
    entry().callSoonThreadAndSignalSafe(again);
    Nursery.open(
        nursery -> {
          for (int i = 0; i < 3; i++) {
            nursery.spawn(
                () -> {
                  for (int step = 0; step < 100; step++) {
                    Hazmat.yieldBriefly();
                  }
                });
          }
        });
    stop[0] = true;
  }

  @EverySchedule
  @Tag("R13")
  void callsOfOneThreadKeepTheirOrderWhateverOtherThreadsDo(RunOptions options)
      throws InterruptedException {
    int calls = 500;
    List<Thread> threads = new ArrayList<>();
    List<List<Integer>> seen = List.of(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    Trefoil.run(
        options,
        () -> {
          Task<?> main = Hazmat.currentTask();
          EntryPoint entry = entry();
          int[] done = {0};
          for (List<Integer> mine : seen) {
            threads.add(
                Thread.ofPlatform()
                    .start(
                        () -> {
                          for (int i = 0; i < calls; i++) {
                            int number = i;
                            entry.callSoonThreadAndSignalSafe(() -> mine.add(number));
                          }
                          entry.callSoonThreadAndSignalSafe(
                              () -> {
                                if (++done[0] == seen.size()) {
                                  Hazmat.reschedule(main);
                                }
                              });
                        }));
          }
          Hazmat.<Object>yieldIndefinitely(raise -> Abort.FAILED);
        });
    for (Thread thread : threads) {
      thread.join();
    }
    for (List<Integer> mine : seen) {
      assertThat(mine).hasSize(calls).isSorted();
    }
  }

  // ---- waking the run

  @EveryBackend
  @Tag("R13")
  void callFromAnotherThreadWakesARunThatSleeps(RunOptions options) throws InterruptedException {
    CountDownLatch asleep = new CountDownLatch(1);
    EntryPoint[] entry = new EntryPoint[1];
    Task<?>[] main = new Task<?>[1];
    Thread caller =
        Thread.ofPlatform()
            .start(
                () -> {
                  try {
                    assertThat(asleep.await(30, TimeUnit.SECONDS)).isTrue();
                  } catch (InterruptedException unexpected) {
                    throw new AssertionError(unexpected);
                  }
                  entry[0].callSoonThreadAndSignalSafe(
                      () -> Hazmat.reschedule(main[0], Outcome.of("hello")));
                });
    Object got =
        Trefoil.<Object, RuntimeException>run(
            options,
            () ->
                Nursery.call(
                    nursery -> {
                      entry[0] = entry();
                      main[0] = Hazmat.currentTask();
                      nursery.spawn(
                          () -> {
                            Testing.waitAllTasksBlocked();
                            asleep.countDown();
                          });
                      return Hazmat.yieldIndefinitely(raise -> Abort.FAILED);
                    }));
    assertThat(got).isEqualTo("hello");
    caller.join();
  }

  // ---- idempotent calls

  @TrefoilTest(seeds = 20)
  @Tag("R14")
  void equalPendingIdempotentCallsAreMerged() {
    for (int i = 0; i < 10; i++) {
      entry().callSoonThreadAndSignalSafe(say("a"), true);
      entry().callSoonThreadAndSignalSafe(say("b"), true);
    }
    assertThat(Hazmat.currentRun().statistics().entryQueueSize()).isEqualTo(2);
    Testing.waitAllTasksBlocked();
    assertThat(log).containsExactly("a", "b");
  }

  @TrefoilTest(seeds = 20)
  @Tag("R14")
  void argumentsTellIdempotentCallsApart() {
    record Add(List<String> log, int left, int right) implements Runnable {
      @Override
      public void run() {
        log.add(left + "+" + right);
      }

      @Override
      public boolean equals(Object other) {
        return other instanceof Add add && add.left == left && add.right == right;
      }

      @Override
      public int hashCode() {
        return left * 31 + right;
      }
    }
    entry().callSoonThreadAndSignalSafe(new Add(log, 1, 2), true);
    entry().callSoonThreadAndSignalSafe(new Add(log, 1, 2), true);
    entry().callSoonThreadAndSignalSafe(new Add(log, 2, 1), true);
    Testing.waitAllTasksBlocked();
    assertThat(log).containsExactly("1+2", "2+1");
  }

  @TrefoilTest(seeds = 20)
  @Tag("R14")
  void idempotentCallThatHasStartedDoesNotSwallowANewOne() {
    boolean[] again = {true};
    record Refresh(List<String> log, boolean[] again) implements Runnable {
      @Override
      public void run() {
        log.add("refreshed");
        if (again[0]) {
          again[0] = false;
          Hazmat.currentCallSoonThreadAndSignalSafe().callSoonThreadAndSignalSafe(this, true);
          Hazmat.currentCallSoonThreadAndSignalSafe().callSoonThreadAndSignalSafe(this, true);
        }
      }
    }
    entry().callSoonThreadAndSignalSafe(new Refresh(log, again), true);
    Testing.waitAllTasksBlocked();
    assertThat(log).containsExactly("refreshed", "refreshed");
    entry().callSoonThreadAndSignalSafe(new Refresh(log, again), true);
    Testing.waitAllTasksBlocked();
    assertThat(log).hasSize(3);
  }

  @TrefoilTest(seeds = 20)
  @Tag("R13")
  @Tag("R14")
  void nonIdempotentTwinsAreNeverMerged() {
    Say twin = say("a");
    entry().callSoonThreadAndSignalSafe(twin);
    entry().callSoonThreadAndSignalSafe(twin, false);
    entry().callSoonThreadAndSignalSafe(twin, true);
    entry().callSoonThreadAndSignalSafe(say("a"), true);
    entry().callSoonThreadAndSignalSafe(twin);
    Testing.waitAllTasksBlocked();
    assertThat(log).containsExactly("a", "a", "a", "a");
  }

  @TrefoilTest(seeds = 20)
  @Tag("R14")
  void idempotentCallsRunInTheOrderOfTheirFirstSubmission() {
    for (String word : List.of("a", "b", "c", "a", "d", "b")) {
      entry().callSoonThreadAndSignalSafe(say(word), true);
    }
    Testing.waitAllTasksBlocked();
    assertThat(log).containsExactly("a", "b", "c", "d");
  }

  @TrefoilTest(seeds = 20)
  @Tag("R14")
  void idempotentCallThatSubmitsItselfForEverStarvesNobody() {
    boolean[] stop = {false};
    Runnable again =
        new Runnable() {
          @Override
          public void run() {
            if (!stop[0]) {
              entry().callSoonThreadAndSignalSafe(this, true);
            }
          }
        };
    entry().callSoonThreadAndSignalSafe(again, true);
    for (int step = 0; step < 100; step++) {
      Hazmat.yieldBriefly();
    }
    stop[0] = true;
  }

  // ---- where calls run

  @TrefoilTest(seeds = 20)
  @Tag("R13")
  @Tag("R48")
  @Tag("T42")
  void callRunsInASystemTaskThatCannotSuspend() {
    Task<?> main = Hazmat.currentTask();
    entry()
        .callSoonThreadAndSignalSafe(
            () -> {
              assertThat(Hazmat.inRun()).isTrue();
              assertThat(Hazmat.inTask()).isTrue();
              assertThat((Object) Hazmat.currentTask()).isNotSameAs(main);
              assertThat(Hazmat.currentTask().name()).contains("entry");
              assertThat(Hazmat.currentRun()).isSameAs(main.run());
              assertThatThrownBy(Hazmat::yieldBriefly)
                  .isInstanceOf(IllegalStateException.class)
                  .hasMessageContainingAll("entry call", "Spawn a task");
              assertThatThrownBy(() -> Hazmat.<Object>yieldIndefinitely(raise -> Abort.SUCCEEDED))
                  .isInstanceOf(IllegalStateException.class);
              log.add("ran");
            });
    Testing.waitAllTasksBlocked();
    assertThat(log).containsExactly("ran");
  }

  @TrefoilTest(seeds = 20)
  @Tag("R13")
  void callMaySpawnASystemTask() {
    entry()
        .callSoonThreadAndSignalSafe(
            () ->
                Hazmat.spawnSystemTask(
                    "from outside",
                    () -> {
                      Hazmat.yieldBriefly();
                      return log.add("ran");
                    }));
    Testing.waitAllTasksBlocked();
    assertThat(log).containsExactly("ran");
  }

  // ---- the end of the run

  @EverySchedule
  @Tag("R13")
  @Tag("R15")
  void callAcceptedAtTheVeryEndStillRunsAndTheNextIsRefused(RunOptions options) {
    EntryPoint[] kept = new EntryPoint[1];
    Trefoil.run(
        options,
        () -> {
          kept[0] = entry();
          entry().callSoonThreadAndSignalSafe(say("ordinary"));
          entry().callSoonThreadAndSignalSafe(say("idempotent"), true);
        });
    assertThat(log).containsExactlyInAnyOrder("ordinary", "idempotent");
    for (boolean idempotent : new boolean[] {false, true}) {
      assertThatThrownBy(() -> kept[0].callSoonThreadAndSignalSafe(say("late"), idempotent))
          .isInstanceOf(RunFinished.class)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("ended");
    }
    assertThat(log).hasSize(2);
  }

  @EverySchedule
  @Tag("R13")
  @Tag("R15")
  void submissionFromTheLastCallsIsEitherAcceptedAndRunOrRefused(RunOptions options) {
    Trefoil.run(
        options,
        () -> {
          EntryPoint entry = entry();
          entry.callSoonThreadAndSignalSafe(
              () -> {
                log.add("outer");
                try {
                  entry.callSoonThreadAndSignalSafe(say("inner ran"));
                  log.add("accepted");
                } catch (RunFinished refused) {
                  log.add("refused");
                }
              });
        });
    assertThat(log).isIn(List.of("outer", "accepted", "inner ran"), List.of("outer", "refused"));
  }

  @EverySchedule
  @Tag("R13")
  @Tag("R15")
  void everyCallThatRacesWithTheEndIsEitherAcceptedAndRunOrRefused(RunOptions options)
      throws InterruptedException {
    int[] ran = {0};
    int[] accepted = {0};
    CountDownLatch started = new CountDownLatch(1);
    Thread[] submitter = new Thread[1];
    Trefoil.run(
        options,
        () -> {
          EntryPoint entry = entry();
          submitter[0] =
              Thread.ofPlatform()
                  .start(
                      () -> {
                        try {
                          while (true) {
                            entry.callSoonThreadAndSignalSafe(() -> ran[0]++);
                            accepted[0]++;
                            started.countDown();
                          }
                        } catch (RunFinished expected) {
                          // The end of this thread.
                        }
                      });
          assertThat(started.await(30, TimeUnit.SECONDS)).isTrue();
        });
    submitter[0].join();
    assertThat(ran[0]).isEqualTo(accepted[0]).isPositive();
  }

  // ---- calls that throw

  @EverySchedule
  @Tag("R13")
  @Tag("R50")
  void callThatThrowsBreaksTheRunYetLaterCallsStillRun(RunOptions options) {
    RuntimeException fault = new RuntimeException("the fault");
    KernelError error =
        catchThrowableOfType(
            KernelError.class,
            () ->
                Trefoil.run(
                    options,
                    () -> {
                      entry().callSoonThreadAndSignalSafe(say("before"));
                      entry()
                          .callSoonThreadAndSignalSafe(
                              new Runnable() {
                                @Override
                                public void run() {
                                  throw fault;
                                }

                                @Override
                                public String toString() {
                                  return "the faulty call";
                                }
                              });
                      entry().callSoonThreadAndSignalSafe(say("after"));
                      entry().callSoonThreadAndSignalSafe(say("idempotent"), true);
                      try {
                        Trefoil.sleepForever();
                      } finally {
                        log.add("main ended");
                      }
                    }));
    assertThat(error).hasMessageContainingAll("the faulty call", "throw").hasCause(fault);
    assertThat(log).containsExactly("before", "after", "idempotent", "main ended");
  }

  @EverySchedule
  @Tag("R13")
  @Tag("R50")
  void callThatThrowsAfterTheLastTaskHasEndedBreaksTheRunToo(RunOptions options) {
    RuntimeException fault = new RuntimeException("the fault");
    assertThatThrownBy(
            () ->
                Trefoil.run(
                    options,
                    () -> {
                      entry()
                          .callSoonThreadAndSignalSafe(
                              () -> {
                                throw fault;
                              });
                      entry().callSoonThreadAndSignalSafe(say("after"));
                    }))
        .isInstanceOf(KernelError.class)
        .hasCause(fault);
    assertThat(log).containsExactly("after");
  }

  @TrefoilTest
  @Tag("R13")
  void missingCallIsRefusedByName() {
    for (boolean idempotent : new boolean[] {false, true}) {
      assertThatThrownBy(() -> entry().callSoonThreadAndSignalSafe(null, idempotent))
          .isInstanceOf(NullPointerException.class)
          .hasMessageContaining("fn");
    }
    assertThatCode(Testing::waitAllTasksBlocked).doesNotThrowAnyException();
  }

  @TrefoilTest
  @Tag("R14")
  void idempotentCallThatCannotBeAKeyFailsInTheSubmitterOnly() {
    Runnable unhashable =
        new Runnable() {
          @Override
          public void run() {
            log.add("ran");
          }

          @Override
          public int hashCode() {
            throw new UnsupportedOperationException("no key");
          }

          @Override
          public boolean equals(Object other) {
            return this == other;
          }
        };
    assertThatThrownBy(() -> entry().callSoonThreadAndSignalSafe(unhashable, true))
        .hasMessage("no key");
    entry().callSoonThreadAndSignalSafe(say("next"), true);
    entry().callSoonThreadAndSignalSafe(unhashable);
    Testing.waitAllTasksBlocked();
    assertThat(log).containsExactlyInAnyOrder("next", "ran");
  }
}
