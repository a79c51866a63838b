package dev.trefoil.benchmarks;

import dev.trefoil.hazmat.Backend;
import dev.trefoil.hazmat.RunOptions;
import dev.trefoil.tasks.Trefoil;
import dev.trefoil.threads.ToThread;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** From a task to a platform thread and back, one at a time. The peer is a virtual thread and a pool. */
@State(Scope.Benchmark)
public class ThreadRoundTrip {
  private static final int OPERATIONS = 5_000;

  private final int operations = Size.of(OPERATIONS);

  private ExecutorService pool = Executors.newCachedThreadPool();

  /** Starts the pool's thread. */
  @Setup
  public void start() throws Exception {
    int unused = pool.submit(() -> 0).get();
  }

  /** Ends it. */
  @TearDown
  public void stop() {
    pool.shutdown();
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
    int total =
        Trefoil.run(
            RunOptions.defaults().withBackend(backend),
            () -> {
              int sum = 0;
              for (int i = 0; i < operations; i++) {
                int number = i;
                sum += ToThread.<Integer, RuntimeException>runInThread(() -> number);
              }
              return sum;
            });
    return checked(total);
  }

  private long checked(int sum) {
    return Results.require((operations - 1) * operations / 2, sum, "as the sum of what came back");
  }

  @Benchmark
  @OperationsPerInvocation(OPERATIONS)
  @ToBeat(ratio = 0.8)
  public long virtualThreadAndPool() throws Exception {
    Callable<Integer> loop =
        () -> {
          int sum = 0;
          for (int i = 0; i < operations; i++) {
            int number = i;
            sum += pool.submit(() -> number).get();
          }
          return sum;
        };
    FutureTask<Integer> result = new FutureTask<>(loop);
    Thread.ofVirtual().start(result);
    return checked(result.get());
  }
}
