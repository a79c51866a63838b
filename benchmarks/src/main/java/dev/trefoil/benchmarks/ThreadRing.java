package dev.trefoil.benchmarks;

import com.softwaremill.jox.Channel;
import dev.trefoil.hazmat.Backend;
import dev.trefoil.queues.Queue;
import dev.trefoil.tasks.Nursery;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/**
 * A token goes round a ring of 503 tasks, each of which counts it down by one and hands it on. An
 * operation is one hand-over.
 */
@State(Scope.Benchmark)
public class ThreadRing {
  private static final int MEMBERS = 503;
  private static final int OPERATIONS = 100_000;
  private static final Integer END = -1;

  private final int hops = Size.of(OPERATIONS);
  private volatile int last;

  private long checked(long member) {
    return Results.require(hops % MEMBERS, member, "as the member that got the last token");
  }

  /** One member, however it receives and sends. */
  private interface Receiver {
    Integer receive() throws Exception;
  }

  private interface Sender {
    void send(Integer token) throws Exception;
  }

  private void member(int number, Receiver from, Sender to) throws Exception {
    for (Integer token = from.receive(); !token.equals(END); token = from.receive()) {
      if (token == 0) {
        last = number;
        break;
      }
      to.send(token - 1);
    }
    // Round once, so that each of them ends.
    if (number != (hops + MEMBERS - 1) % MEMBERS) {
      to.send(END);
    }
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
    last = -1;
    Runs.on(
        backend,
        () -> {
          List<Queue<Integer>> queues = new ArrayList<>();
          for (int i = 0; i < MEMBERS; i++) {
            queues.add(new Queue<>(1));
          }
          Nursery.open(
              nursery -> {
                for (int i = 0; i < MEMBERS; i++) {
                  int number = i;
                  Queue<Integer> from = queues.get(i);
                  Queue<Integer> to = queues.get((i + 1) % MEMBERS);
                  nursery.spawn(() -> member(number, from::get, to::put));
                }
                queues.getFirst().put(hops);
              });
          return last;
        });
    return checked(last);
  }

  @Benchmark
  @OperationsPerInvocation(OPERATIONS)
  public long virtualThreads() throws Exception {
    last = -1;
    List<ArrayBlockingQueue<Integer>> queues = new ArrayList<>();
    for (int i = 0; i < MEMBERS; i++) {
      queues.add(new ArrayBlockingQueue<>(1));
    }
    VirtualThreads threads = new VirtualThreads();
    for (int i = 0; i < MEMBERS; i++) {
      int number = i;
      ArrayBlockingQueue<Integer> from = queues.get(i);
      ArrayBlockingQueue<Integer> to = queues.get((i + 1) % MEMBERS);
      threads.start(() -> member(number, from::take, to::put));
    }
    queues.getFirst().put(hops);
    threads.join();
    return checked(last);
  }

  @Benchmark
  @OperationsPerInvocation(OPERATIONS)
  public long jox() throws Exception {
    last = -1;
    List<Channel<Integer>> channels = new ArrayList<>();
    for (int i = 0; i < MEMBERS; i++) {
      channels.add(Channel.newBufferedChannel(1));
    }
    VirtualThreads threads = new VirtualThreads();
    for (int i = 0; i < MEMBERS; i++) {
      int number = i;
      Channel<Integer> from = channels.get(i);
      Channel<Integer> to = channels.get((i + 1) % MEMBERS);
      threads.start(() -> member(number, from::receive, to::send));
    }
    channels.getFirst().send(hops);
    threads.join();
    return checked(last);
  }

  @Benchmark
  @OperationsPerInvocation(OPERATIONS)
  public long kotlin() {
    return checked(KotlinJobs.ring(MEMBERS, hops));
  }
}
