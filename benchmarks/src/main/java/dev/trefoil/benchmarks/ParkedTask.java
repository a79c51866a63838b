package dev.trefoil.benchmarks;

import dev.trefoil.hazmat.Backend;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;

/**
 * What a task weighs that is parked: how much more of the heap is in use when there are a million of
 * them, all of it, divided by their number.
 */
final class ParkedTask implements Job {
  private static final int TASKS = 1_000_000;
  private static final int TASKS_OF_CHECK = 1_000;
  private static final int WARM_UPS = 20;

  @Override
  public String name() {
    return "ParkedTask";
  }

  @Override
  public List<String> contenders() {
    return List.of("trefoil", "trefoilPortable", "kotlin", "rawContinuation", "virtualThreads");
  }

  @Override
  public List<Target> targets() {
    return List.of(new Target(Comparison.OURS, 450, false));
  }

  @Override
  public List<Measurement> measure(Predicate<String> wanted, Length length) throws Exception {
    int tasks = length == Length.CHECK ? TASKS_OF_CHECK : TASKS;
    List<Measurement> measured = new ArrayList<>();
    for (String contender : contenders()) {
      if (wanted.test(contender)) {
        String bytes =
            Processes.lastLineOf(
                Processes.java(
                    List.of("-Xms4g", "-Xmx4g"), ParkedTask.class, contender, "" + tasks));
        measured.add(
            new Measurement(name(), contender, Unit.BYTES, Double.parseDouble(bytes) / tasks));
      }
    }
    return measured;
  }

  /** Parks tasks, and lets go of them. */
  private interface Contender {
    void park(int tasks) throws Exception;

    void release() throws Exception;
  }

  /**
   * Parks tasks and prints how much more of the heap is in use. Before that it has parked enough of them
   * for all code to be compiled: the frames of the interpreter are twice as large.
   *
   * @param args the contender and how many
   */
  public static void main(String[] args) throws Exception {
    int tasks = Integer.parseInt(args[1]);
    Contender contender =
        switch (args[0]) {
          case "trefoil" -> new OfRun(Backend.CONTINUATION);
          case "trefoilPortable" -> new OfRun(Backend.VIRTUAL_THREAD);
          case "kotlin" -> new OfKotlin();
          case "rawContinuation" -> new OfContinuations();
          case "virtualThreads" -> new OfVirtualThreads();
          default -> throw new IllegalArgumentException("unknown contender " + args[0]);
        };
    for (int round = 0; round < WARM_UPS; round++) {
      contender.park(tasks / WARM_UPS);
      contender.release();
    }
    long before = usedHeap();
    contender.park(tasks);
    System.out.println(usedHeap() - before);
    System.out.flush();
    Runtime.getRuntime().halt(0);
  }

  private static long usedHeap() {
    Runtime runtime = Runtime.getRuntime();
    // The second one gets what the first has found to be unreachable by special references.
    System.gc();
    System.gc();
    return runtime.totalMemory() - runtime.freeMemory();
  }

  private static final class OfRun implements Contender {
    private final ResidentRun run;

    OfRun(Backend backend) {
      run = new ResidentRun(backend);
    }

    @Override
    public void park(int tasks) throws InterruptedException {
      run.park(tasks);
    }

    @Override
    public void release() throws InterruptedException {
      run.cancelParked();
    }
  }

  private static final class OfKotlin implements Contender {
    private final KotlinJobs.Resident resident = new KotlinJobs.Resident();

    @Override
    public void park(int tasks) {
      Results.require(tasks, resident.parkBare(tasks), "parked");
    }

    @Override
    public void release() {
      resident.cancelParked();
    }
  }

  private static final class OfContinuations implements Contender {
    private final RawContinuations continuations = new RawContinuations();

    @Override
    public void park(int tasks) {
      for (int task = 0; task < tasks; task++) {
        continuations.add(RawContinuations::yieldToOthers);
      }
      Results.require(tasks, continuations.runEachOnce(), "suspended");
    }

    @Override
    public void release() {
      continuations.run();
    }
  }

  private static final class OfVirtualThreads implements Contender {
    private final List<Thread> threads = new ArrayList<>();

    @Override
    public void park(int tasks) {
      for (int task = 0; task < tasks; task++) {
        threads.add(Thread.ofVirtual().start(LockSupport::park));
      }
      for (Thread thread : threads) {
        while (thread.getState() != Thread.State.WAITING) {
          Thread.yield();
        }
      }
    }

    @Override
    public void release() throws InterruptedException {
      for (Thread thread : threads) {
        LockSupport.unpark(thread);
      }
      for (Thread thread : threads) {
        thread.join();
      }
      threads.clear();
    }
  }
}
