package dev.trefoil.benchmarks;

import dev.trefoil.hazmat.Backend;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.tasks.CancelScope;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** A timeout of a minute around one yield. An operation is both. */
@State(Scope.Benchmark)
public class Timeouts {
  private static final int OPERATIONS = 100_000;
  private static final Duration MINUTE = Duration.ofMinutes(1);

  private final int operations = Size.of(OPERATIONS);
  private final ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1);
  private int count;

  /** Sets up the timer of the virtual threads as one does that has to cancel nearly everything. */
  public Timeouts() {
    timer.setRemoveOnCancelPolicy(true);
  }

  /** Ends it. */
  @TearDown
  public void stop() {
    timer.shutdownNow();
  }

  private long checked(long counted) {
    return Results.require(operations, counted, "yields in time");
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
    Runs.on(backend, () -> yieldInTime(operations));
    return checked(count);
  }

  private int yieldInTime(int times) {
    for (int i = 0; i < times; i++) {
      CancelScope.failAfter(
          MINUTE,
          () -> {
            Hazmat.yieldBriefly();
            count++;
          });
    }
    return count;
  }

  @Benchmark
  @OperationsPerInvocation(OPERATIONS)
  public long virtualThreads() throws Exception {
    count = 0;
    VirtualThreads.run(
        () -> {
          Thread self = Thread.currentThread();
          for (int i = 0; i < operations; i++) {
            Future<?> alarm = timer.schedule(self::interrupt, 1, TimeUnit.MINUTES);
            Thread.yield();
            count++;
            alarm.cancel(false);
          }
          return count;
        });
    return checked(count);
  }

  @Benchmark
  @OperationsPerInvocation(OPERATIONS)
  @ToBeat(ratio = 0.3)
  public long kotlin() {
    return checked(KotlinJobs.timeouts(operations));
  }
}
