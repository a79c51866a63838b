package dev.trefoil.tests.stress;

import static org.assertj.core.api.Assertions.assertThat;

import dev.trefoil.hazmat.Backend;
import dev.trefoil.hazmat.RunOptions;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.tasks.Trefoil;
import dev.trefoil.threads.FromThread;
import dev.trefoil.threads.ToProcess;
import dev.trefoil.threads.ToThread;
import dev.trefoil.threads.WorkerCrashed;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Worker processes against {@code kill -9}. */
class WorkerKillTest {
  private static final int WORKERS = 2;
  private static final int CALLERS = 4;
  private static final int KILLS = 100;
  private static final long LONGEST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

  private boolean over;
  private int answered;
  private int lost;

  @ParameterizedTest
  @EnumSource(names = {"CONTINUATION", "VIRTUAL_THREAD"})
  @Tag("R76")
  @Timeout(300)
  void killAtAnyPointLosesNothingButTheCallInIt(Backend backend) throws InterruptedException {
    Trefoil.run(
        RunOptions.defaults().withBackend(backend),
        () -> {
          ToProcess.currentDefaultProcessLimiter().setTotalTokens(WORKERS);
          Nursery.open(
              nursery -> {
                for (int i = 0; i < CALLERS; i++) {
                  int caller = i;
                  nursery.spawn(() -> callUntilOver(caller));
                }
                ToThread.runInThread(WorkerKillTest::killSome);
                over = true;
              });
          assertThat(ToProcess.currentDefaultProcessLimiter().borrowedTokens()).isZero();
          return null;
        });
    assertThat(lost).isBetween(1, KILLS);
    assertThat(answered).isPositive();
    assertThat(workers()).isEmpty();
  }

  private void callUntilOver(int caller) {
    for (int i = 0; !over; i++) {
      String asked = caller + "/" + i;
      try {
        assertThat(ToProcess.runInProcess(() -> asked + compute())).isEqualTo(asked + compute());
        answered++;
      } catch (WorkerCrashed killed) {
        assertThat(killed.exitValue()).isEqualTo(137);
        lost++;
      } catch (UncheckedIOException killedAsTheSpawnHelperOfTheJdk) {
        assertThat(killedAsTheSpawnHelperOfTheJdk)
            .hasMessageContaining("Could not start a worker process")
            .hasStackTraceContaining("signal: 9");
        lost++;
      }
    }
  }

  /** Long enough to be killed in, now and then. */
  private static long compute() {
    long sum = 0;
    for (int i = 0; i < 100_000; i++) {
      sum = sum * 31 + i;
    }
    return sum;
  }

  private static Object killSome() {
    for (int kills = 0; kills < KILLS; ) {
      // Without it a caller that fails would leave nobody to kill, and this would go on for ever.
      FromThread.checkCancelled();
      LockSupport.parkNanos(ThreadLocalRandom.current().nextLong(LONGEST_PAUSE_NANOS));
      List<ProcessHandle> alive = workers();
      if (!alive.isEmpty()
          && alive.get(ThreadLocalRandom.current().nextInt(alive.size())).destroyForcibly()) {
        kills++;
      }
    }
    return null;
  }

  private static List<ProcessHandle> workers() {
    try (Stream<ProcessHandle> children = ProcessHandle.current().children()) {
      return children.filter(ProcessHandle::isAlive).toList();
    }
  }
}
