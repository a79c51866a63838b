package dev.trefoil.benchmarks;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.infra.BenchmarkParams;

/** A timeout around a yield, in two tasks that yield to each other, while others are parked, each in a scope with a deadline. An operation is both. */
@State(Scope.Benchmark)
@Fork(jvmArgsAppend = {"-Xms4g", "-Xmx4g"})
public class TimeoutAmongParked {
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
    return Results.require(operations, count, "yields in time");
  }

  @Benchmark
  @OperationsPerInvocation(OPERATIONS)
  public long trefoil() throws InterruptedException {
    return checked(contenders.timeouts(operations));
  }

  @Benchmark
  @OperationsPerInvocation(OPERATIONS)
  public long trefoilPortable() throws InterruptedException {
    return checked(contenders.timeouts(operations));
  }

  @Benchmark
  @OperationsPerInvocation(OPERATIONS)
  public long kotlin() {
    return checked(contenders.kotlin().timeouts(AmongParked.YIELDING, operations));
  }
}
