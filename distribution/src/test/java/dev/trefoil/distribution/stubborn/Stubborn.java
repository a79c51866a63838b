package dev.trefoil.distribution.stubborn;

import dev.trefoil.hazmat.KernelProvider;
import dev.trefoil.hazmat.KeyboardInterrupt;
import dev.trefoil.hazmat.RunOptions;
import dev.trefoil.tasks.CancelScope;
import dev.trefoil.tasks.ExceptionGroup;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.tasks.Trefoil;
import java.time.Duration;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Goes on for a while when it is interrupted, or for ever. */
@Component(
    service = Stubborn.class,
    property = {
      "osgi.command.scope=stubborn",
      "osgi.command.function=dawdle",
      "osgi.command.function=refuse"
    })
public final class Stubborn {
  /** Asks for the kernel, so as to be there only with it. */
  @Activate
  public Stubborn(@Reference KernelProvider kernel) {}

  /** Takes a moment to end, and then returns. */
  public void dawdle() {
    run(RunOptions.defaults().withKeyboardInterrupts(), Duration.ofMillis(300));
  }

  /** Does not end. */
  public void refuse() {
    run(RunOptions.defaults().withKeyboardInterrupts(), Duration.ofDays(1));
  }

  private static void run(RunOptions options, Duration farewell) {
    try {
      Trefoil.run(
          options,
          () ->
              Nursery.open(
                  nursery -> {
                    nursery.spawn("dawdler", () -> dawdle(farewell));
                    Trefoil.sleepForever();
                  }));
    } catch (ExceptionGroup group) {
      if (group.split(KeyboardInterrupt.class::isInstance).rest() == null) {
        System.out.println("interrupted");
      }
    }
  }

  private static void dawdle(Duration farewell) {
    System.out.println("begins");
    try {
      Trefoil.sleepForever();
    } finally {
      CancelScope.create().shielded().run(() -> Trefoil.sleep(farewell));
      System.out.println("ends");
    }
  }

  /** As a program: asks for nothing. */
  public static void main(String[] arguments) {
    Runtime.getRuntime().addShutdownHook(new Thread(() -> System.out.println("hook")));
    run(RunOptions.defaults(), Duration.parse(arguments[0]));
  }
}
