package dev.trefoil.benchmarks;

import dev.trefoil.hazmat.Backend;
import dev.trefoil.tasks.Nursery;
import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** A nursery is opened, children are spawned, and all have ended. An operation is one child. */
@State(Scope.Benchmark)
public class Spawn {
  private static final int OPERATIONS = 100_000;

  /** How many in a nursery. */
  @Param({"1", "100"})
  public int children;

  private int done;

  private int rounds() {
    return Math.max(1, Size.of(OPERATIONS) / children);
  }

  private long checked(long count) {
    return Results.require((long) rounds() * children, count, "children");
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
    int rounds = rounds();
    done = 0;
    Runs.on(
        backend,
        () -> {
          for (int round = 0; round < rounds; round++) {
            Nursery.open(
                nursery -> {
                  for (int child = 0; child < children; child++) {
                    nursery.spawn(() -> done++);
                  }
                });
          }
          return done;
        });
    return checked(done);
  }

  @Benchmark
  @OperationsPerInvocation(OPERATIONS)
  public long rawContinuation() {
    int rounds = rounds();
    done = 0;
    RawContinuations continuations = new RawContinuations();
    for (int round = 0; round < rounds; round++) {
      for (int child = 0; child < children; child++) {
        continuations.add(() -> done++);
      }
      continuations.run();
    }
    return checked(done);
  }

  @Benchmark
  @OperationsPerInvocation(OPERATIONS)
  public long virtualThreads() throws Exception {
    int rounds = rounds();
    AtomicInteger count = new AtomicInteger();
    Thread[] threads = new Thread[children];
    VirtualThreads.run(
        () -> {
          for (int round = 0; round < rounds; round++) {
            for (int child = 0; child < children; child++) {
              threads[child] = Thread.ofVirtual().start(count::incrementAndGet);
            }
            for (Thread thread : threads) {
              thread.join();
            }
          }
          return count;
        });
    return checked(count.get());
  }

  @Benchmark
  @OperationsPerInvocation(OPERATIONS)
  @ToBeat(ratio = 0.35)
  public long kotlin() {
    return checked(KotlinJobs.spawns(rounds(), children));
  }
}
