package dev.trefoil.tests.hazmat;

import dev.trefoil.hazmat.Backend;
import dev.trefoil.hazmat.KeyboardInterrupt;
import dev.trefoil.hazmat.RunOptions;
import dev.trefoil.tasks.ExceptionGroup;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.tasks.Trefoil;
import dev.trefoil.testing.Testing;
import java.lang.invoke.MethodHandles;
import java.lang.reflect.Proxy;

/** Programs for {@link ControlCTest} to interrupt; they print what they come to. */
enum ControlCProgram {
  ONE_RUN(
      backend -> {
        run(backend);
        System.out.println("after the run");
        Thread.sleep(Long.MAX_VALUE);
      }),

  TWO_RUNS(
      backend -> {
        Thread other = Thread.ofPlatform().start(() -> run(backend));
        run(backend);
        other.join();
      }),

  OWN_HANDLER(
      backend -> {
        handle(() -> System.out.println("own handler"));
        run(backend);
      }),

  OWN_HANDLER_SET_INSIDE(
      backend -> {
        Trefoil.run(
            RunOptions.defaults().withBackend(backend).withKeyboardInterrupts(),
            () -> handle(() -> System.out.println("own handler")));
        System.out.println("ready");
        Thread.sleep(Long.MAX_VALUE);
      });

  private interface Body {
    void run(Backend backend) throws Exception;
  }

  private final Body body;

  ControlCProgram(Body body) {
    this.body = body;
  }

  private static void run(Backend backend) {
    try {
      Trefoil.run(
          RunOptions.defaults().withBackend(backend).withKeyboardInterrupts(),
          () -> Nursery.open(ControlCProgram::sleepBesideAChild));
    } catch (ExceptionGroup group) {
      if (group.exceptions().getFirst() instanceof KeyboardInterrupt) {
        System.out.println("interrupted");
      }
    }
  }

  private static void sleepBesideAChild(Nursery nursery) throws Exception {
    nursery.spawn(
        () -> {
          try {
            Trefoil.sleepForever();
          } finally {
            System.out.println("child left");
          }
        });
    Testing.waitAllTasksBlocked();
    System.out.println("ready");
    Trefoil.sleepForever();
  }

  /** By reflection, since the compiler would warn of the JDK's one API for signals. */
  private static void handle(Runnable answer) throws ReflectiveOperationException {
    Class<?> signal = Class.forName("sun.misc.Signal");
    Class<?> handler = Class.forName("sun.misc.SignalHandler");
    Object proxy =
        Proxy.newProxyInstance(
            MethodHandles.lookup().lookupClass().getClassLoader(),
            new Class<?>[] {handler},
            (self, method, arguments) -> {
              answer.run();
              return null;
            });
    signal
        .getMethod("handle", signal, handler)
        .invoke(null, signal.getConstructor(String.class).newInstance("INT"), proxy);
  }

  public static void main(String[] arguments) throws Exception {
    valueOf(arguments[0]).body.run(Backend.valueOf(arguments[1]));
  }
}
