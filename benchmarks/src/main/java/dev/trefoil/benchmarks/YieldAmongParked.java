package dev.trefoil.benchmarks;

import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.infra.BenchmarkParams;

/** Two tasks yield to each other while others are parked, each in a scope with a deadline. An operation is one yield. */
@State(Scope.Benchmark)
@Fork(jvmArgsAppend = {"-Xms4g", "-Xmx4g"})
public class YieldAmongParked {
  private static final int OPERATIONS = 100_000;

  /** How many are parked meanwhile. */
  @Param({"1", "1000", "1000000"})
  public int parked;

  private final int operations = Size.of(OPERATIONS);
  private final AmongParked contenders = new AmongParked();

  /** Parks them. */
  @Setup
  public void park(BenchmarkParams parameters) throws InterruptedException {
    contenders.park(Microbenchmarks.contender(parameters.getBenchmark()), Size.of(parked));
  }

  /** Ends them. */
  @TearDown
  public void end() throws InterruptedException {
    contenders.end();
  }

  private long checked(long count) {
    return Results.require(operations, count, "yields");
  }

  @Benchmark
  @OperationsPerInvocation(OPERATIONS)
  public long trefoil() throws InterruptedException {
    return checked(contenders.yields(operations));
  }

  @Benchmark
  @OperationsPerInvocation(OPERATIONS)
  public long trefoilPortable() throws InterruptedException {
    return checked(contenders.yields(operations));
  }

  @Benchmark
  @OperationsPerInvocation(OPERATIONS)
  public long virtualThreads() throws Exception {
    int each = operations / AmongParked.YIELDING;
    AtomicInteger count = new AtomicInteger();
    VirtualThreads threads = new VirtualThreads();
    for (int task = 0; task < AmongParked.YIELDING; task++) {
      threads.start(
          () -> {
            int done = 0;
            for (int i = 0; i < each; i++) {
              Thread.yield();
              done++;
            }
            count.addAndGet(done);
          });
    }
    threads.join();
    return checked(count.get());
  }

  @Benchmark
  @OperationsPerInvocation(OPERATIONS)
  public long kotlin() {
    return checked(contenders.kotlin().yields(AmongParked.YIELDING, operations));
  }
}
