package dev.trefoil.benchmarks;

import dev.trefoil.hazmat.Backend;
import dev.trefoil.hazmat.Hazmat;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/**
 * The two halves of a checkpoint that an operation passes which need not wait, in one task alone. It
 * has no peer: this is the part of the uncontended operations that they lack.
 */
@State(Scope.Benchmark)
public class Checkpoint {
  private static final int OPERATIONS = 1_000_000;

  private final int operations = Size.of(OPERATIONS);

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
    long passed =
        Runs.on(
            backend,
            () -> {
              long before = Hazmat.currentTask().schedulePoints();
              for (int i = 0; i < operations; i++) {
                Hazmat.yieldIfCancelled();
                Hazmat.yieldBrieflyNoCancel();
              }
              return Hazmat.currentTask().schedulePoints() - before;
            });
    return Results.require(operations, passed, "schedule points");
  }
}
