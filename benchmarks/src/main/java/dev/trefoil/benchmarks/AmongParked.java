package dev.trefoil.benchmarks;

import dev.trefoil.hazmat.Action;
import dev.trefoil.hazmat.Backend;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.tasks.CancelScope;
import dev.trefoil.tasks.Nursery;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Contenders with tasks that are parked while others work: of Trefoil and Kotlin each in an open scope
 * with a far deadline, of virtual threads each with a far timeout.
 */
final class AmongParked {
  static final int SPAWNED_TOGETHER = 100;

  /** How many yield, since one alone need not. */
  static final int YIELDING = 2;

  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final long HOUR = Duration.ofHours(1).toNanos();

  private @Nullable ResidentRun run;
  private KotlinJobs.@Nullable Resident kotlin;
  private List<Thread> threads = new ArrayList<>();
  private int count;

  /** The method that is going to be measured says who parks them. */
  void park(String contender, int tasks) throws InterruptedException {
    switch (contender) {
      case "trefoil" -> parkInRun(Backend.CONTINUATION, tasks);
      case "trefoilPortable" -> parkInRun(Backend.VIRTUAL_THREAD, tasks);
      case "kotlin" -> {
        kotlin = new KotlinJobs.Resident();
        Results.require(tasks, kotlin.park(tasks), "parked");
      }
      case "virtualThreads" -> {
        for (int task = 0; task < tasks; task++) {
          threads.add(Thread.ofVirtual().start(AmongParked::parkLong));
        }
        for (Thread thread : threads) {
          while (thread.getState() != Thread.State.TIMED_WAITING) {
            Thread.yield();
          }
        }
      }
      default -> throw new IllegalStateException("unexpected " + contender);
    }
  }

  private static void parkLong() {
    long end = System.nanoTime() + HOUR;
    while (!Thread.interrupted() && System.nanoTime() - end < 0) {
      LockSupport.parkNanos(HOUR);
    }
  }

  private void parkInRun(Backend backend, int tasks) throws InterruptedException {
    run = new ResidentRun(backend);
    run.parkWithDeadlines(tasks);
  }

  void end() throws InterruptedException {
    if (run != null) {
      run.cancelParked();
      run.end();
      run = null;
    }
    if (kotlin != null) {
      kotlin.close();
      kotlin = null;
    }
    for (Thread thread : threads) {
      thread.interrupt();
    }
    for (Thread thread : threads) {
      thread.join();
    }
    threads = new ArrayList<>();
  }

  KotlinJobs.Resident kotlin() {
    return Objects.requireNonNull(kotlin);
  }

  private ResidentRun run() {
    return Objects.requireNonNull(run);
  }

  int yields(int operations) throws InterruptedException {
    return run()
        .call(
            () -> {
              count = 0;
              inTurn(
                  () -> {
                    for (int i = 0; i < operations / YIELDING; i++) {
                      Hazmat.yieldBriefly();
                      count++;
                    }
                  });
              return count;
            });
  }

  private static void inTurn(Action<RuntimeException> work) {
    Nursery.open(
        nursery -> {
          for (int task = 0; task < YIELDING; task++) {
            nursery.spawn(work::run);
          }
        });
  }

  int spawns(int operations) throws InterruptedException {
    return run()
        .call(
            () -> {
              count = 0;
              for (int round = 0; round < operations / SPAWNED_TOGETHER; round++) {
                Nursery.open(
                    nursery -> {
                      for (int child = 0; child < SPAWNED_TOGETHER; child++) {
                        nursery.spawn(() -> count++);
                      }
                    });
              }
              return count;
            });
  }

  int timeouts(int operations) throws InterruptedException {
    return run()
        .call(
            () -> {
              count = 0;
              inTurn(
                  () -> {
                    for (int i = 0; i < operations / YIELDING; i++) {
                      CancelScope.failAfter(
                          MINUTE,
                          () -> {
                            Hazmat.yieldBriefly();
                            count++;
                          });
                    }
                  });
              return count;
            });
  }
}
