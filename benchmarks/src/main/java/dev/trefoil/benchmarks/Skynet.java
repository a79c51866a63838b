package dev.trefoil.benchmarks;

import dev.trefoil.hazmat.Backend;
import dev.trefoil.hazmat.Task;
import dev.trefoil.tasks.Nursery;
import java.util.ArrayList;
import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/**
 * A tree of tasks in which each has ten children; the million leaves return their numbers, and every
 * other node the sum of its children. An operation is one leaf.
 */
@State(Scope.Benchmark)
@Fork(jvmArgsAppend = {"-Xms4g", "-Xmx4g"})
public class Skynet {
  private static final int LEAVES = 1_000_000;
  private static final int CHILDREN = 10;

  private final int size = Size.of(LEAVES);

  private long checked(long sum) {
    return Results.require((long) size * (size - 1) / 2, sum, "as the sum of the leaves");
  }

  @Benchmark
  @OperationsPerInvocation(LEAVES)
  public long trefoil() {
    return checked(Runs.on(Backend.CONTINUATION, () -> ofTasks(0, size)));
  }

  @Benchmark
  @OperationsPerInvocation(LEAVES)
  public long trefoilPortable() {
    return checked(Runs.on(Backend.VIRTUAL_THREAD, () -> ofTasks(0, size)));
  }

  private static long ofTasks(long number, int size) {
    if (size == 1) {
      return number;
    }
    List<Task<Long>> children = new ArrayList<>(CHILDREN);
    Nursery.open(
        nursery -> {
          int part = size / CHILDREN;
          for (int child = 0; child < CHILDREN; child++) {
            long first = number + (long) child * part;
            children.add(nursery.spawn(() -> ofTasks(first, part)));
          }
        });
    long sum = 0;
    for (Task<Long> child : children) {
      sum += child.result();
    }
    return sum;
  }

  @Benchmark
  @OperationsPerInvocation(LEAVES)
  public long virtualThreads() throws Exception {
    return checked(VirtualThreads.run(() -> ofThreads(0, size)));
  }

  private static long ofThreads(long number, int size) throws InterruptedException {
    if (size == 1) {
      return number;
    }
    Thread[] children = new Thread[CHILDREN];
    Node[] nodes = new Node[CHILDREN];
    int part = size / CHILDREN;
    for (int child = 0; child < CHILDREN; child++) {
      nodes[child] = new Node(number + (long) child * part, part);
      children[child] = Thread.ofVirtual().start(nodes[child]);
    }
    long sum = 0;
    for (int child = 0; child < CHILDREN; child++) {
      children[child].join();
      sum += nodes[child].sum;
    }
    return sum;
  }

  private static final class Node implements Runnable {
    private final long number;
    private final int size;
    private long sum;

    Node(long number, int size) {
      this.number = number;
      this.size = size;
    }

    @Override
    public void run() {
      try {
        sum = ofThreads(number, size);
      } catch (InterruptedException nobodyDoes) {
        throw new IllegalStateException(nobodyDoes);
      }
    }
  }

  @Benchmark
  @OperationsPerInvocation(LEAVES)
  @ToBeat(ratio = 0.35)
  public long kotlin() {
    return checked(KotlinJobs.skynet(size));
  }
}
