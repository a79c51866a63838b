package dev.trefoil.benchmarks;

import dev.trefoil.hazmat.Backend;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.sync.Lock;
import dev.trefoil.tasks.Nursery;
import java.util.concurrent.locks.ReentrantLock;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/**
 * Eight tasks want the same lock, and whoever has it lets the others run before it counts. An operation
 * is one lock, yield and unlock.
 */
@State(Scope.Benchmark)
public class LockHandOver {
  private static final int TASKS = 8;
  private static final int OPERATIONS = 80_000;

  private final int each = Math.max(1, Size.of(OPERATIONS) / TASKS);
  private int count;

  private long checked(long counted) {
    return Results.require((long) TASKS * each, counted, "times locked");
  }

  @Benchmark
  @OperationsPerInvocation(OPERATIONS)
  public long trefoil() {
    return onRun(Backend.CONTINUATION);
  }

  @Benchmark
  @OperationsPerInvocation(OPERATIONS)
  public long trefoilPortable() {
    return onRun(Backend.VIRTUAL_THREAD);
  }

  private long onRun(Backend backend) {
    count = 0;
    Runs.on(
        backend,
        () -> {
          Lock lock = new Lock();
          Nursery.open(
              nursery -> {
                for (int task = 0; task < TASKS; task++) {
                  nursery.spawn(
                      () -> {
                        for (int i = 0; i < each; i++) {
                          lock.acquire();
                          int seen = count;
                          Hazmat.yieldBriefly();
                          count = seen + 1;
                          lock.release();
                        }
                      });
                }
              });
          return count;
        });
    return checked(count);
  }

  @Benchmark
  @OperationsPerInvocation(OPERATIONS)
  public long virtualThreads() throws Exception {
    count = 0;
    ReentrantLock lock = new ReentrantLock(true);
    VirtualThreads threads = new VirtualThreads();
    for (int task = 0; task < TASKS; task++) {
      threads.start(
          () -> {
            for (int i = 0; i < each; i++) {
              lock.lock();
              int seen = count;
              Thread.yield();
              count = seen + 1;
              lock.unlock();
            }
          });
    }
    threads.join();
    return checked(count);
  }

  @Benchmark
  @OperationsPerInvocation(OPERATIONS)
  @ToBeat(ratio = 0.7)
  public long kotlin() {
    return checked(KotlinJobs.handOverLock(TASKS, each));
  }
}
