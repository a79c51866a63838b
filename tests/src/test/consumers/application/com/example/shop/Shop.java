package com.example.shop;

import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.tasks.CancelScope;
import dev.trefoil.tasks.ExceptionGroup;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.tasks.TaskLocal;
import dev.trefoil.tasks.Trefoil;
import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;

/** Uses a bit of everything that the tasks module has. */
@NullMarked
public final class Shop {
  private static final TaskLocal<String> CUSTOMER = TaskLocal.create();

  private Shop() {}

  /** Runs and says what came of it. */
  public static void main(String[] args) {
    Trefoil.run(
        () -> {
          CUSTOMER.set("ada");
          CancelScope scope = CancelScope.withTimeout(Duration.ZERO);
          @Nullable String bought =
              scope.run(
                  () -> {
                    Trefoil.sleepForever();
                    return "nothing";
                  });
          System.out.println(bought + " for " + CUSTOMER.get());
          try {
            Nursery.open(
                nursery ->
                    nursery.spawn(
                        "till",
                        () -> {
                          throw new IOException("no change");
                        }));
          } catch (ExceptionGroup group) {
            System.out.println(group.leaves());
          }
          System.out.println(Hazmat.currentRun().backend());
        });
  }
}
