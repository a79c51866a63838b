package com.example.crunch;

import com.example.crunch.model.Range;
import dev.trefoil.tasks.Trefoil;
import dev.trefoil.threads.ToProcess;

/** An application whose work is done by worker processes. */
final class Crunch {
  private Crunch() {}

  public static void main(String[] arguments) throws Exception {
    Trefoil.run(
        () -> {
          Range all = new Range(1, Integer.parseInt(arguments[0]));
          System.out.println("sum: " + ToProcess.runInProcess(all::sum));
          System.out.println("worker: " + ToProcess.runInProcess(Crunch::describe));
          return null;
        });
  }

  private static String describe() {
    return Crunch.class.getModule()
        + ", marked "
        + System.getProperty("mark")
        + ", management "
        + ModuleLayer.boot().findModule("java.management").isPresent();
  }
}
