package dev.trefoil.benchmarks;

import dev.trefoil.hazmat.Backend;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.tasks.CancelScope;
import dev.trefoil.tasks.Nursery;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * A timeout of a minute around one yield. An operation is both. With one task, nobody is there to be let
 * run, which Trefoil makes use of; with two, every yield switches.
 */
@State(Scope.Benchmark)
public class Timeouts {
  private static final int OPERATIONS = 100_000;
  private static final Duration MINUTE = Duration.ofMinutes(1);

  /** How many do that, in turn. */
  @Param({"1", "2"})
  public int tasks;

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

  private int each() {
    return Size.of(OPERATIONS) / tasks;
  }

  private long checked(long counted) {
    return Results.require((long) tasks * each(), counted, "yields in time");
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
          Nursery.open(
              nursery -> {
                for (int task = 0; task < tasks; task++) {
                  nursery.spawn(this::yieldInTime);
                }
              });
          return count;
        });
    return checked(count);
  }

  private void yieldInTime() {
    int each = each();
    for (int i = 0; i < each; i++) {
      CancelScope.failAfter(
          MINUTE,
          () -> {
            Hazmat.yieldBriefly();
            count++;
          });
    }
  }

  @Benchmark
  @OperationsPerInvocation(OPERATIONS)
  public long virtualThreads() throws Exception {
    int each = each();
    int[] counts = new int[tasks];
    VirtualThreads threads = new VirtualThreads();
    for (int task = 0; task < tasks; task++) {
      int index = task;
      threads.start(
          () -> {
            Thread self = Thread.currentThread();
            int done = 0;
            for (int i = 0; i < each; i++) {
              Future<?> alarm = timer.schedule(self::interrupt, 1, TimeUnit.MINUTES);
              Thread.yield();
              done++;
              alarm.cancel(false);
            }
            counts[index] = done;
          });
    }
    threads.join();
    return checked(IntStream.of(counts).sum());
  }

  @Benchmark
  @OperationsPerInvocation(OPERATIONS)
  @ToBeat(ratio = 0.3)
  public long kotlin() {
    return checked(KotlinJobs.timeouts(tasks, each()));
  }
}
