package dev.trefoil.benchmarks;

import dev.trefoil.hazmat.Backend;
import dev.trefoil.queues.MemoryChannel;
import dev.trefoil.tasks.CancelScope;
import dev.trefoil.tasks.Nursery;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/**
 * A client asks a server again and again, and waits for each answer for a minute at most. An operation
 * is one request with its answer.
 */
@State(Scope.Benchmark)
public class RequestLoop {
  private static final int OPERATIONS = 100_000;
  private static final Duration MINUTE = Duration.ofMinutes(1);

  private final int operations = Size.of(OPERATIONS);

  private long checked(long sum) {
    return Results.require(Items.sum(operations), sum, "as the sum of the answers");
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
    long[] sum = new long[1];
    Runs.on(
        backend,
        () -> {
          MemoryChannel<Integer> requests = MemoryChannel.open(0);
          MemoryChannel<Integer> replies = MemoryChannel.open(0);
          Nursery.open(
              nursery -> {
                nursery.spawn(
                    () -> {
                      for (int i = 0; i < operations; i++) {
                        replies.sender().send(requests.receiver().receive());
                      }
                    });
                for (int i = 0; i < operations; i++) {
                  Integer request = Items.at(i);
                  sum[0] +=
                      CancelScope.failAfter(
                          MINUTE,
                          () -> {
                            requests.sender().send(request);
                            return replies.receiver().receive();
                          });
                }
              });
          return sum;
        });
    return checked(sum[0]);
  }

  @Benchmark
  @OperationsPerInvocation(OPERATIONS)
  public long virtualThreads() throws Exception {
    SynchronousQueue<Integer> requests = new SynchronousQueue<>();
    SynchronousQueue<Integer> replies = new SynchronousQueue<>();
    long[] sum = new long[1];
    VirtualThreads threads = new VirtualThreads();
    threads.start(
        () -> {
          for (int i = 0; i < operations; i++) {
            replies.put(requests.take());
          }
        });
    threads.start(
        () -> {
          for (int i = 0; i < operations; i++) {
            if (!requests.offer(Items.at(i), 1, TimeUnit.MINUTES)) {
              throw new IllegalStateException("Expected the server to take a request in time.");
            }
            sum[0] += Objects.requireNonNull(replies.poll(1, TimeUnit.MINUTES));
          }
        });
    threads.join();
    return checked(sum[0]);
  }

  @Benchmark
  @OperationsPerInvocation(OPERATIONS)
  public long kotlin() {
    return checked(KotlinJobs.requests(operations, Items.all()));
  }
}
