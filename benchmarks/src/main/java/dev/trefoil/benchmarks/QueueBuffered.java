package dev.trefoil.benchmarks;

import com.softwaremill.jox.Channel;
import dev.trefoil.hazmat.Backend;
import java.util.concurrent.ArrayBlockingQueue;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** One task sends to another through a queue for a hundred. An operation is one item. */
@State(Scope.Benchmark)
public class QueueBuffered {
  private static final int OPERATIONS = 1_000_000;
  private static final int CAPACITY = 100;

  private final ChannelJob job = new ChannelJob(1, 1, Size.of(OPERATIONS));

  @Benchmark
  @OperationsPerInvocation(OPERATIONS)
  public long trefoil() {
    return job.queue(Backend.CONTINUATION, CAPACITY);
  }

  @Benchmark
  @OperationsPerInvocation(OPERATIONS)
  public long trefoilPortable() {
    return job.queue(Backend.VIRTUAL_THREAD, CAPACITY);
  }

  @Benchmark
  @OperationsPerInvocation(OPERATIONS)
  public long virtualThreads() throws Exception {
    return job.virtualThreads(new ArrayBlockingQueue<>(CAPACITY));
  }

  @Benchmark
  @OperationsPerInvocation(OPERATIONS)
  public long jox() throws Exception {
    return job.jox(Channel.newBufferedChannel(CAPACITY));
  }

  @Benchmark
  @OperationsPerInvocation(OPERATIONS)
  @ToBeat(ratio = 0.35)
  public long kotlin() {
    return job.kotlin(CAPACITY);
  }
}
