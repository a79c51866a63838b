package dev.trefoil.benchmarks;

import dev.trefoil.hazmat.Backend;
import dev.trefoil.sync.Lock;
import java.util.concurrent.locks.ReentrantLock;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** One task locks and unlocks. An operation is both. */
@State(Scope.Benchmark)
public class LockUncontended {
  private static final int OPERATIONS = 1_000_000;

  private final int operations = Size.of(OPERATIONS);
  private final ReentrantLock reentrant = new ReentrantLock();
  private int count;

  private long checked(long counted) {
    return Results.require(operations, counted, "times locked");
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
          for (int i = 0; i < operations; i++) {
            lock.acquire();
            count++;
            lock.release();
          }
          return count;
        });
    return checked(count);
  }

  @Benchmark
  @OperationsPerInvocation(OPERATIONS)
  @ToBeat(ratio = 0.6)
  public long reentrantLock() {
    count = 0;
    lockAndUnlock();
    return checked(count);
  }

  @Benchmark
  @OperationsPerInvocation(OPERATIONS)
  public long virtualThreads() throws Exception {
    count = 0;
    VirtualThreads.run(
        () -> {
          lockAndUnlock();
          return count;
        });
    return checked(count);
  }

  private void lockAndUnlock() {
    for (int i = 0; i < operations; i++) {
      reentrant.lock();
      count++;
      reentrant.unlock();
    }
  }

  @Benchmark
  @OperationsPerInvocation(OPERATIONS)
  public long kotlin() {
    return checked(KotlinJobs.lockAndUnlock(operations));
  }
}
