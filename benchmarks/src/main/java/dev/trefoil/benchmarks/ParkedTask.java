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

  /**
   * Parks tasks and prints how much more of the heap is in use.
   *
   * @param args the contender and how many
   */
  public static void main(String[] args) throws Exception {
    int tasks = Integer.parseInt(args[1]);
    switch (args[0]) {
      case "trefoil" -> weighRun(Backend.CONTINUATION, tasks);
      case "trefoilPortable" -> weighRun(Backend.VIRTUAL_THREAD, tasks);
      case "kotlin" -> {
        try (KotlinJobs.Resident resident = new KotlinJobs.Resident()) {
          resident.parkBare(1);
          resident.cancelParked();
          long before = usedHeap();
          Results.require(tasks, resident.parkBare(tasks), "parked");
          System.out.println(usedHeap() - before);
          System.out.flush();
          resident.cancelParked();
        }
      }
      case "rawContinuation" -> {
        RawContinuations continuations = new RawContinuations();
        long before = usedHeap();
        for (int task = 0; task < tasks; task++) {
          continuations.add(RawContinuations::yieldToOthers);
        }
        Results.require(tasks, continuations.runEachOnce(), "suspended");
        System.out.println(usedHeap() - before);
        continuations.run();
      }
      case "virtualThreads" -> {
        List<Thread> threads = new ArrayList<>();
        Thread.ofVirtual().start(LockSupport::park).interrupt();
        long before = usedHeap();
        for (int task = 0; task < tasks; task++) {
          threads.add(Thread.ofVirtual().start(LockSupport::park));
        }
        for (Thread thread : threads) {
          while (thread.getState() != Thread.State.WAITING) {
            Thread.yield();
          }
        }
        System.out.println(usedHeap() - before);
      }
      default -> throw new IllegalArgumentException("unknown contender " + args[0]);
    }
    System.exit(0);
  }

  private static void weighRun(Backend backend, int tasks) throws InterruptedException {
    ResidentRun run = new ResidentRun(backend);
    run.park(1);
    run.cancelParked();
    long before = usedHeap();
    run.park(tasks);
    System.out.println(usedHeap() - before);
    run.cancelParked();
    run.end();
  }

  private static long usedHeap() {
    Runtime runtime = Runtime.getRuntime();
    // The second one gets what the first has found to be unreachable by special references.
    System.gc();
    System.gc();
    return runtime.totalMemory() - runtime.freeMemory();
  }
}
