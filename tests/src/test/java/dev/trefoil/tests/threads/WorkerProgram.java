package dev.trefoil.tests.threads;

import dev.trefoil.hazmat.Backend;
import dev.trefoil.hazmat.RunOptions;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.tasks.Trefoil;
import dev.trefoil.threads.ToProcess;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** A program with worker processes, for {@link WorkerParentTest} to end in several ways. */
final class WorkerProgram {
  private static final int MEGABYTE = 1 << 20;

  private WorkerProgram() {}

  public static void main(String[] arguments) throws Exception {
    Trefoil.run(
        RunOptions.defaults().withBackend(Backend.valueOf(arguments[0])),
        () -> {
          if (arguments[1].equals("flags")) {
            System.out.println(ToProcess.runInProcess(WorkerProgram::describe));
          } else if (arguments[1].equals("memory")) {
            receiveMoreThanThereIsRoomFor();
          } else {
            leaveInTheMiddle(arguments[1]);
          }
          return null;
        });
  }

  private static void receiveMoreThanThereIsRoomFor() {
    long pid = ToProcess.runInProcess(() -> ProcessHandle.current().pid());
    byte[][] ballast = new byte[1000][];
    try {
      for (int i = 0; i < ballast.length; i++) {
        ballast[i] = new byte[MEGABYTE];
      }
    } catch (OutOfMemoryError full) {
      // Some is needed for everything but the result.
      Arrays.fill(ballast, 0, 8, null);
    }
    String got = "a result";
    try {
      ToProcess.runInProcess(() -> new byte[9 * MEGABYTE]);
    } catch (OutOfMemoryError noRoom) {
      got = "OutOfMemoryError";
    }
    Arrays.fill(ballast, null);
    System.out.println(got);
    System.out.println(ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false));
  }

  private static void leaveInTheMiddle(String how) throws Exception {
    ToProcess.currentDefaultProcessLimiter().setTotalTokens(2);
    FileGate computing = FileGate.in(java.nio.file.Path.of(System.getProperty("java.io.tmpdir")));
    Nursery.open(
        nursery -> {
          nursery.spawn(() -> ToProcess.runInProcess(() -> compute(computing)));
          System.out.println(computing.awaitReached());
          System.out.println(ToProcess.runInProcess(() -> ProcessHandle.current().pid()));
          System.out.println("ready");
          if (how.equals("exit")) {
            System.exit(0);
          }
          Trefoil.sleepForever();
        });
  }

  /** Never looks at anything that could tell it to stop. */
  private static long compute(FileGate gate) throws Exception {
    gate.reach();
    long sum = 0;
    for (long i = 0; i >= 0; i++) {
      sum += i;
    }
    return sum;
  }

  private static String describe() {
    List<String> words = List.of(ProcessHandle.current().info().arguments().orElseThrow());
    return words.stream()
        .filter(word -> word.startsWith("-") && !word.startsWith("--class-path"))
        .collect(
            Collectors.joining(
                " ",
                "mark="
                    + System.getProperty("trefoil.mark")
                    + " tool="
                    + System.getProperty("trefoil.tool")
                    + " ",
                ""));
  }
}
