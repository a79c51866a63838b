package dev.trefoil.distribution;

import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.tasks.Trefoil;
import dev.trefoil.threads.ToProcess;

/** A program for the image's JVM: asks a worker process where it is from. */
final class RunWithProcess {
  private RunWithProcess() {}

  public static void main(String[] arguments) {
    Trefoil.run(
        () -> {
          System.out.println(
              "java: " + ToProcess.runInProcess(() -> System.getProperty("java.home")));
          System.out.println("backend: " + ToProcess.runInProcess(RunWithProcess::backend));
          return null;
        });
  }

  private static String backend() {
    return Trefoil.run(() -> Hazmat.currentRun().backend().toString());
  }
}
