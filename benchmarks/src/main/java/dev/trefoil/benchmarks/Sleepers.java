package dev.trefoil.benchmarks;

import dev.trefoil.hazmat.Backend;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.tasks.Trefoil;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/**
 * Many tasks sleep for 1 to 100 ms each. An operation is one of them, from spawning it to its end.
 *
 * <p>No contender can be done before the last has slept, which is 1,000 ns for each of 100,000: so it
 * is the time of the processor that is compared.
 */
@State(Scope.Benchmark)
public class Sleepers {
  private static final int SLEEPERS = 100_000;
  private static final int MAX_MILLIS = 100;

  private final int sleepers = Size.of(SLEEPERS);
  private final Duration[] times =
      IntStream.rangeClosed(1, MAX_MILLIS).mapToObj(Duration::ofMillis).toArray(Duration[]::new);
  private int woken;

  private long checked(long count) {
    return Results.require(sleepers, count, "sleepers woken");
  }

  @Benchmark
  @OperationsPerInvocation(SLEEPERS)
  public long trefoil() {
    return onRun(Backend.CONTINUATION);
  }

  @Benchmark
  @OperationsPerInvocation(SLEEPERS)
  public long trefoilPortable() {
    return onRun(Backend.VIRTUAL_THREAD);
  }

  private long onRun(Backend backend) {
    woken = 0;
    Runs.on(
        backend,
        () -> {
          Nursery.open(
              nursery -> {
                for (int i = 0; i < sleepers; i++) {
                  Duration time = times[i % MAX_MILLIS];
                  nursery.spawn(
                      () -> {
                        Trefoil.sleep(time);
                        woken++;
                      });
                }
              });
          return woken;
        });
    return checked(woken);
  }

  @Benchmark
  @OperationsPerInvocation(SLEEPERS)
  @ToBeat(ratio = 0.5, byProcessorTime = true)
  public long virtualThreads() throws Exception {
    AtomicInteger count = new AtomicInteger();
    VirtualThreads threads = new VirtualThreads();
    for (int i = 0; i < sleepers; i++) {
      Duration time = times[i % MAX_MILLIS];
      threads.start(
          () -> {
            Thread.sleep(time);
            count.incrementAndGet();
          });
    }
    threads.join();
    return checked(count.get());
  }

  @Benchmark
  @OperationsPerInvocation(SLEEPERS)
  public long kotlin() {
    return checked(KotlinJobs.sleepers(sleepers, MAX_MILLIS));
  }
}
