package dev.trefoil.benchmarks;

import dev.trefoil.hazmat.Backend;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.tasks.Nursery;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** Several tasks let each other run, in turn. An operation is one yield. */
@State(Scope.Benchmark)
public class Yield {
  private static final int OPERATIONS = 1_000_000;

  /** How many take turns. */
  @Param({"2", "1000"})
  public int tasks;

  private int done;

  private int each() {
    return Math.max(1, Size.of(OPERATIONS) / tasks);
  }

  private long checked(long count) {
    return Results.require((long) tasks * each(), count, "yields");
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
    int each = each();
    done = 0;
    Runs.on(
        backend,
        () -> {
          Nursery.open(
              nursery -> {
                for (int task = 0; task < tasks; task++) {
                  nursery.spawn(
                      () -> {
                        for (int i = 0; i < each; i++) {
                          Hazmat.yieldBriefly();
                          done++;
                        }
                      });
                }
              });
          return done;
        });
    return checked(done);
  }

  @Benchmark
  @OperationsPerInvocation(OPERATIONS)
  @ToBeat(ratio = 1.3)
  public long rawContinuation() {
    int each = each();
    done = 0;
    RawContinuations continuations = new RawContinuations();
    for (int task = 0; task < tasks; task++) {
      continuations.add(
          () -> {
            for (int i = 0; i < each; i++) {
              RawContinuations.yieldToOthers();
              done++;
            }
          });
    }
    continuations.run();
    return checked(done);
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
            int count = 0;
            for (int i = 0; i < each; i++) {
              Thread.yield();
              count++;
            }
            counts[index] = count;
          });
    }
    threads.join();
    long sum = 0;
    for (int count : counts) {
      sum += count;
    }
    return checked(sum);
  }

  @Benchmark
  @OperationsPerInvocation(OPERATIONS)
  public long kotlin() {
    return checked(KotlinJobs.yields(tasks, each()));
  }
}
