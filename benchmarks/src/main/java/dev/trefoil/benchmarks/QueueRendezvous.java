package dev.trefoil.benchmarks;

import com.softwaremill.jox.Channel;
import dev.trefoil.hazmat.Backend;
import java.util.concurrent.SynchronousQueue;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** One task hands items to another, which takes each before the next is made. An operation is one item. */
@State(Scope.Benchmark)
public class QueueRendezvous {
  private static final int OPERATIONS = 200_000;

  private final ChannelJob job = new ChannelJob(1, 1, Size.of(OPERATIONS));

  @Benchmark
  @OperationsPerInvocation(OPERATIONS)
  public long trefoil() {
    return job.channel(Backend.CONTINUATION, 0);
  }

  @Benchmark
  @OperationsPerInvocation(OPERATIONS)
  public long trefoilPortable() {
    return job.channel(Backend.VIRTUAL_THREAD, 0);
  }

  @Benchmark
  @OperationsPerInvocation(OPERATIONS)
  public long virtualThreads() throws Exception {
    return job.virtualThreads(new SynchronousQueue<>());
  }

  @Benchmark
  @OperationsPerInvocation(OPERATIONS)
  public long jox() throws Exception {
    return job.jox(Channel.newRendezvousChannel());
  }

  @Benchmark
  @OperationsPerInvocation(OPERATIONS)
  @ToBeat(ratio = 0.8)
  public long kotlin() {
    return job.kotlin(0);
  }
}
