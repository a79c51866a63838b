package dev.trefoil.benchmarks;

import com.softwaremill.jox.Channel;
import dev.trefoil.hazmat.Backend;
import dev.trefoil.queues.Queue;
import java.util.concurrent.ArrayBlockingQueue;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** One task puts an item into a queue and takes it out again. An operation is both. */
@State(Scope.Benchmark)
public class QueueUncontended {
  private static final int OPERATIONS = 1_000_000;
  private static final int CAPACITY = 100;

  private final int operations = Size.of(OPERATIONS);

  private long checked(long sum) {
    return Results.require(Items.sum(operations), sum, "as the sum of what was received");
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
    return checked(
        Runs.on(
            backend,
            () -> {
              Queue<Integer> queue = new Queue<>(CAPACITY);
              long sum = 0;
              for (int i = 0; i < operations; i++) {
                queue.put(Items.at(i));
                sum += queue.get();
              }
              return sum;
            }));
  }

  @Benchmark
  @OperationsPerInvocation(OPERATIONS)
  public long virtualThreads() throws Exception {
    return checked(
        VirtualThreads.run(
            () -> {
              ArrayBlockingQueue<Integer> queue = new ArrayBlockingQueue<>(CAPACITY);
              long sum = 0;
              for (int i = 0; i < operations; i++) {
                queue.put(Items.at(i));
                sum += queue.take();
              }
              return sum;
            }));
  }

  @Benchmark
  @OperationsPerInvocation(OPERATIONS)
  public long jox() throws Exception {
    return checked(
        VirtualThreads.run(
            () -> {
              Channel<Integer> channel = Channel.newBufferedChannel(CAPACITY);
              long sum = 0;
              for (int i = 0; i < operations; i++) {
                channel.send(Items.at(i));
                sum += channel.receive();
              }
              return sum;
            }));
  }

  @Benchmark
  @OperationsPerInvocation(OPERATIONS)
  public long kotlin() {
    return checked(KotlinJobs.putAndGet(operations, Items.all()));
  }
}
