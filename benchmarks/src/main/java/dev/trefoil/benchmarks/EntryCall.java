package dev.trefoil.benchmarks;

import dev.trefoil.hazmat.Backend;
import dev.trefoil.hazmat.EntryPoint;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.infra.BenchmarkParams;

/**
 * A platform thread has something done on the thread of a run, again and again, without waiting in
 * between. An operation is one call that has been carried out.
 */
@State(Scope.Benchmark)
public class EntryCall {
  private static final int OPERATIONS = 100_000;

  private final int operations = Size.of(OPERATIONS);
  private final ExecutorService executor = Executors.newSingleThreadExecutor();
  private final Runnable count = this::countOne;
  private CountDownLatch done = new CountDownLatch(1);
  private @Nullable ResidentRun run;
  private KotlinJobs.@Nullable Resident kotlin;

  /** Touched by the thread that carries the calls out, and read when it has said that it is done. */
  private int counted;

  /** Starts what the calls go to. */
  @Setup
  public void start(BenchmarkParams parameters) {
    switch (Microbenchmarks.contender(parameters.getBenchmark())) {
      case "trefoil" -> run = new ResidentRun(Backend.CONTINUATION);
      case "trefoilPortable" -> run = new ResidentRun(Backend.VIRTUAL_THREAD);
      case "kotlin" -> kotlin = new KotlinJobs.Resident();
      default -> {}
    }
  }

  /** Ends it. */
  @TearDown
  public void end() throws InterruptedException {
    executor.shutdown();
    if (run != null) {
      run.end();
    }
    if (kotlin != null) {
      kotlin.close();
    }
  }

  private void countOne() {
    if (++counted == operations) {
      done.countDown();
    }
  }

  private void begin() {
    counted = 0;
    done = new CountDownLatch(1);
  }

  private long checked() throws InterruptedException {
    done.await();
    return Results.require(operations, counted, "calls");
  }

  @Benchmark
  @OperationsPerInvocation(OPERATIONS)
  public long trefoil() throws InterruptedException {
    return onRun();
  }

  @Benchmark
  @OperationsPerInvocation(OPERATIONS)
  public long trefoilPortable() throws InterruptedException {
    return onRun();
  }

  private long onRun() throws InterruptedException {
    begin();
    EntryPoint entry = Objects.requireNonNull(run).entryPoint();
    for (int i = 0; i < operations; i++) {
      entry.callSoonThreadAndSignalSafe(count);
    }
    return checked();
  }

  @Benchmark
  @OperationsPerInvocation(OPERATIONS)
  @ToBeat(ratio = 0.6)
  public long singleThreadExecutor() throws InterruptedException {
    begin();
    for (int i = 0; i < operations; i++) {
      executor.execute(count);
    }
    return checked();
  }

  @Benchmark
  @OperationsPerInvocation(OPERATIONS)
  public long kotlin() throws InterruptedException {
    begin();
    Objects.requireNonNull(kotlin).enter(operations, count);
    return checked();
  }
}
