package dev.trefoil.tests.stress;

import static org.assertj.core.api.Assertions.assertThat;

import dev.trefoil.hazmat.Backend;
import dev.trefoil.hazmat.EntryPoint;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.RunFinished;
import dev.trefoil.hazmat.RunOptions;
import dev.trefoil.tasks.Trefoil;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Threads against the end of a run. */
class EntryStormTest {
  private static final int THREADS = 4;
  private static final int CALLS = 1_000_000;
  private static final int ROUNDS = 5;
  private static final int LONGEST_RUN_MILLIS = 400;

  /** One thread's calls. What they did is written by the run and read after it has ended. */
  private static final class Submitter extends Thread {
    private final EntryPoint entry;
    private final CountDownLatch start;
    int accepted;
    int refused;
    int acceptedAfterRefused;
    int ran;
    int outOfOrder;
    private int lastRan = -1;

    Submitter(EntryPoint entry, CountDownLatch start) {
      this.entry = entry;
      this.start = start;
    }

    @Override
    public void run() {
      start.countDown();
      for (int i = 0; i < CALLS; i++) {
        int number = i;
        try {
          entry.callSoonThreadAndSignalSafe(() -> record(number));
          accepted++;
          if (refused > 0) {
            acceptedAfterRefused++;
          }
        } catch (RunFinished expected) {
          refused++;
        }
      }
    }

    private void record(int number) {
      if (number != lastRan + 1) {
        outOfOrder++;
      }
      lastRan = number;
      ran++;
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"CONTINUATION", "VIRTUAL_THREAD"})
  @Tag("R13")
  @Tag("R15")
  @Timeout(300)
  void everyAcceptedCallRunsInOrderAndEveryOtherIsRefusedWhileTheRunEnds(Backend backend)
      throws InterruptedException {
    for (int round = 0; round < ROUNDS; round++) {
      List<Submitter> submitters = new ArrayList<>();
      CountDownLatch start = new CountDownLatch(THREADS);
      Duration life = Duration.ofMillis(ThreadLocalRandom.current().nextInt(LONGEST_RUN_MILLIS));
      Trefoil.run(
          RunOptions.defaults().withBackend(backend),
          () -> {
            for (int i = 0; i < THREADS; i++) {
              Submitter submitter =
                  new Submitter(Hazmat.currentCallSoonThreadAndSignalSafe(), start);
              submitters.add(submitter);
              submitter.start();
            }
            start.await();
            Trefoil.sleep(life);
          });
      for (Submitter submitter : submitters) {
        submitter.join();
        assertThat(submitter.ran).as("calls that ran").isEqualTo(submitter.accepted);
        assertThat(submitter.accepted + submitter.refused).isEqualTo(CALLS);
        assertThat(submitter.acceptedAfterRefused).isZero();
        assertThat(submitter.outOfOrder).isZero();
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"CONTINUATION", "VIRTUAL_THREAD"})
  @Tag("R14")
  @Timeout(300)
  void anIdempotentCallThatWasAcceptedRunsAfterItsSubmission(Backend backend)
      throws InterruptedException {
    for (int round = 0; round < ROUNDS; round++) {
      List<IdempotentSubmitter> submitters = new ArrayList<>();
      Duration life = Duration.ofMillis(ThreadLocalRandom.current().nextInt(LONGEST_RUN_MILLIS));
      Trefoil.run(
          RunOptions.defaults().withBackend(backend),
          () -> {
            for (int i = 0; i < THREADS; i++) {
              IdempotentSubmitter submitter =
                  new IdempotentSubmitter(Hazmat.currentCallSoonThreadAndSignalSafe());
              submitters.add(submitter);
              submitter.start();
            }
            Trefoil.sleep(life);
          });
      for (IdempotentSubmitter submitter : submitters) {
        submitter.join();
        assertThat(submitter.seenByCall)
            .as("the last call sees what was written before the last accepted submission")
            .isGreaterThanOrEqualTo(submitter.lastAccepted);
      }
    }
  }

  /** Counts up and submits a call that notes the count; equal calls may merge, not get lost. */
  private static final class IdempotentSubmitter extends Thread {
    private final EntryPoint entry;
    private volatile int count;
    int lastAccepted;
    int seenByCall;

    IdempotentSubmitter(EntryPoint entry) {
      this.entry = entry;
    }

    @Override
    public void run() {
      Runnable call = () -> seenByCall = count;
      try {
        for (int i = 1; i <= CALLS; i++) {
          count = i;
          entry.callSoonThreadAndSignalSafe(call, true);
          lastAccepted = i;
        }
      } catch (RunFinished expected) {
        // The last count was not accepted.
      }
    }
  }
}
