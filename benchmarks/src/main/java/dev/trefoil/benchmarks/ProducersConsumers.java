package dev.trefoil.benchmarks;

import com.softwaremill.jox.Channel;
import dev.trefoil.hazmat.Backend;
import java.util.concurrent.ArrayBlockingQueue;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** Four producers and four consumers on a queue for a hundred. An operation is one item. */
@State(Scope.Benchmark)
public class ProducersConsumers {
  private static final int OPERATIONS = 1_000_000;
  private static final int CAPACITY = 100;

  private final ChannelJob job = new ChannelJob(4, 4, Size.of(OPERATIONS));

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
  public long kotlin() {
    return job.kotlin(CAPACITY);
  }
}
