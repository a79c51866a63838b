package dev.trefoil.benchmarks;

import dev.trefoil.hazmat.Backend;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.infra.BenchmarkParams;

/**
 * Tasks that are parked are all cancelled, and have ended. An operation is one of them. Parking them is
 * not measured.
 */
@State(Scope.Benchmark)
@Fork(jvmArgsAppend = {"-Xms2g", "-Xmx2g"})
public class CancelParked {
  private static final int TASKS = 100_000;

  private final int tasks = Size.of(TASKS);
  private final AtomicInteger interrupted = new AtomicInteger();
  private @Nullable ResidentRun run;
  private KotlinJobs.@Nullable Resident kotlin;
  private List<Thread> threads = List.of();

  /** Starts what outlives an invocation. */
  @Setup
  public void start(BenchmarkParams parameters) {
    switch (Microbenchmarks.contender(parameters.getBenchmark())) {
      case "trefoil" -> run = new ResidentRun(Backend.CONTINUATION);
      case "trefoilPortable" -> run = new ResidentRun(Backend.VIRTUAL_THREAD);
      case "kotlin" -> kotlin = new KotlinJobs.Resident();
      default -> {}
    }
  }

  /** Parks the tasks that the next invocation cancels. */
  @Setup(Level.Invocation)
  public void park(BenchmarkParams parameters) throws InterruptedException {
    switch (Microbenchmarks.contender(parameters.getBenchmark())) {
      case "trefoil", "trefoilPortable" -> run().park(tasks);
      case "kotlin" ->
          Results.require(tasks, Objects.requireNonNull(kotlin).parkBare(tasks), "parked");
      default -> parkThreads();
    }
  }

  private void parkThreads() {
    interrupted.set(0);
    threads = new ArrayList<>(tasks);
    for (int task = 0; task < tasks; task++) {
      threads.add(
          Thread.ofVirtual()
              .start(
                  () -> {
                    while (!Thread.interrupted()) {
                      LockSupport.park();
                    }
                    interrupted.incrementAndGet();
                  }));
    }
    for (Thread thread : threads) {
      while (thread.getState() != Thread.State.WAITING) {
        Thread.yield();
      }
    }
  }

  /** Ends what outlived the invocations. */
  @TearDown
  public void end() throws InterruptedException {
    if (run != null) {
      run.end();
    }
    if (kotlin != null) {
      kotlin.close();
    }
  }

  private ResidentRun run() {
    return Objects.requireNonNull(run);
  }

  @Benchmark
  @OperationsPerInvocation(TASKS)
  public boolean trefoil() throws InterruptedException {
    return checked(run().cancelParked());
  }

  @Benchmark
  @OperationsPerInvocation(TASKS)
  public boolean trefoilPortable() throws InterruptedException {
    return checked(run().cancelParked());
  }

  @Benchmark
  @OperationsPerInvocation(TASKS)
  @ToBeat(ratio = 0.6)
  public boolean virtualThreads() throws InterruptedException {
    for (Thread thread : threads) {
      thread.interrupt();
    }
    for (Thread thread : threads) {
      thread.join();
    }
    return checked(interrupted.get() == tasks);
  }

  @Benchmark
  @OperationsPerInvocation(TASKS)
  public boolean kotlin() {
    return checked(Objects.requireNonNull(kotlin).cancelParked());
  }

  private static boolean checked(boolean allCancelled) {
    if (!allCancelled) {
      throw new IllegalStateException("Expected all tasks to be cancelled.");
    }
    return allCancelled;
  }
}
