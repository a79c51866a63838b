package dev.trefoil.tests.hazmat;

import dev.trefoil.hazmat.Abort;
import dev.trefoil.hazmat.Action;
import dev.trefoil.hazmat.Backend;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.KeyboardInterrupt;
import dev.trefoil.hazmat.KeyboardInterrupts;
import dev.trefoil.hazmat.Outcome;
import dev.trefoil.hazmat.RunOptions;
import dev.trefoil.tasks.CancelScope;
import dev.trefoil.tasks.ExceptionGroup;
import dev.trefoil.tasks.Kernel;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.tasks.Trefoil;
import dev.trefoil.testing.Testing;
import java.lang.invoke.MethodHandles;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

/** Programs for {@link ControlCTest} to interrupt; they print what they come to. */
enum ControlCProgram {
  MAIN_THREAD(
      options -> {
        run(options);
        System.out.println("after the run");
        Thread.sleep(Long.MAX_VALUE);
      }),

  /** Started without the module that handles signals. */
  NOT_TO_BE_HAD(
      options -> {
        try {
          Trefoil.run(options.withKeyboardInterrupts(), () -> {});
        } catch (IllegalStateException expected) {
          System.out.println(expected.getMessage());
        }
        Trefoil.run(options, () -> System.out.println("next run"));
      }),

  MAIN_THREAD_REFUSING_IT(options -> run(options.withoutKeyboardInterrupts())),

  OTHER_THREAD(options -> inOtherThread(() -> run(options))),

  OTHER_THREAD_ASKING_FOR_IT(options -> inOtherThread(() -> run(options.withKeyboardInterrupts()))),

  OTHER_THREAD_CALLED_MAIN(
      options -> {
        Thread thread = new Thread(() -> run(options), "main");
        thread.start();
        thread.join();
      }),

  GUEST(
      options -> {
        BlockingQueue<Runnable> jobs = new LinkedBlockingQueue<>();
        AtomicBoolean over = new AtomicBoolean();
        Trefoil.startGuest(
            options,
            jobs::add,
            () -> {
              announceWhenBlocked();
              sleepLong();
              return null;
            },
            outcome -> {
              over.set(true);
              if (outcome instanceof Outcome.Failure<?>(KeyboardInterrupt controlC)) {
                System.out.println("interrupted");
              }
            });
        while (!over.get()) {
          jobs.take().run();
        }
      }),

  KERNEL(
      options -> {
        try (Kernel kernel = Kernel.builder().options(options).build()) {
          kernel.addTask(
              () -> {
                announceWhenBlocked();
                Trefoil.sleepForever();
              },
              true);
          try {
            kernel.run(ControlCProgram::sleepLong);
          } catch (KeyboardInterrupt controlC) {
            System.out.println("interrupted");
          }
        }
      }),

  TWO_RUNS(
      options -> {
        Thread other = Thread.ofPlatform().start(() -> run(options.withKeyboardInterrupts()));
        run(options);
        other.join();
      }),

  OWN_HANDLER(
      options -> {
        handle(() -> System.out.println("own handler"));
        run(options);
      }),

  OWN_HANDLER_SET_INSIDE(
      options -> {
        Trefoil.run(options, () -> handle(() -> System.out.println("own handler")));
        System.out.println("ready");
        Thread.sleep(Long.MAX_VALUE);
      }),

  SLEEPING_MAIN(
      options ->
          Trefoil.run(
              options,
              () -> {
                announceWhenBlocked();
                sleepLong();
              })),

  /** Catches what comes, three times. */
  PERSISTENT(
      options ->
          Trefoil.run(
              options,
              () -> {
                for (int i = 1; i <= 3; i++) {
                  try {
                    announceWhenBlocked();
                    Trefoil.sleepForever();
                  } catch (KeyboardInterrupt controlC) {
                    System.out.println("interrupted " + i);
                    // Such that the next comes later than a second one in a hurry would.
                    Thread.sleep(1_100);
                  }
                }
              })),

  FORGIVING(
      options ->
          Trefoil.run(
              options,
              () -> {
                try {
                  announceWhenBlocked();
                  sleepLong();
                } catch (KeyboardInterrupt controlC) {
                  System.out.println("interrupted");
                }
                Trefoil.sleep(Duration.ofMillis(500));
                System.out.println("left alone");
              })),

  REFUSING_CHILD(
      options ->
          Trefoil.run(
              options,
              () ->
                  Nursery.open(
                      nursery -> {
                        nursery.spawn("refuser", ControlCProgram::refuse);
                        announceWhenBlocked();
                        Trefoil.sleepForever();
                      }))),

  REFUSING_SYSTEM_TASK(
      options ->
          Trefoil.run(
              options,
              () -> {
                Hazmat.spawnSystemTask(
                    "refuser",
                    () -> {
                      refuse();
                      return null;
                    });
                announceWhenBlocked();
                Trefoil.sleepForever();
              })),

  REFUSING_MAIN(
      options ->
          Trefoil.run(
              options,
              () -> {
                announceWhenBlocked();
                Hazmat.yieldIndefinitely("REFUSER", raise -> Abort.FAILED);
              })),

  /** Protected, so that it is not interrupted in the middle of its step. */
  STUCK(
      options ->
          Trefoil.run(
              options,
              () ->
                  KeyboardInterrupts.enableProtection(
                      () -> {
                        System.out.println("ready");
                        return spin();
                      }))),

  REFUSING_IN_OTHER_THREAD(
      options -> inOtherThread(() -> REFUSING_CHILD.body.run(options.withKeyboardInterrupts()))),

  REFUSING_WITH_HOOK(
      options -> {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> System.out.println("hook")));
        REFUSING_CHILD.body.run(options);
      }),

  REFUSING_WITH_HOOK_THAT_HANGS(
      options -> {
        Runtime.getRuntime().addShutdownHook(new Thread(ControlCProgram::hang));
        REFUSING_CHILD.body.run(options);
      });

  private interface Body {
    void run(RunOptions options) throws Exception;
  }

  private final Body body;

  ControlCProgram(Body body) {
    this.body = body;
  }

  private static void run(RunOptions options) {
    try {
      Trefoil.run(options, () -> Nursery.open(ControlCProgram::sleepBesideAChild));
    } catch (ExceptionGroup group) {
      if (group.exceptions().getFirst() instanceof KeyboardInterrupt) {
        System.out.println("interrupted");
      }
    }
  }

  private static void inOtherThread(Action<Exception> action) throws InterruptedException {
    Thread thread =
        Thread.ofPlatform()
            .start(
                () -> {
                  try {
                    action.run();
                  } catch (Exception failed) {
                    throw new AssertionError(failed);
                  }
                });
    thread.join();
  }

  private static void announceWhenBlocked() {
    Hazmat.spawnSystemTask(
        "announcer",
        () -> {
          Testing.waitAllTasksBlocked();
          System.out.println("ready");
          return null;
        });
  }

  private static void sleepLong() {
    Trefoil.sleep(Duration.ofDays(1));
  }

  private static void refuse() {
    CancelScope.create().shielded().run(() -> sleepLong());
  }

  private static Object spin() {
    while (System.nanoTime() != 0) {
      Thread.onSpinWait();
    }
    return "never";
  }

  private static void hang() {
    System.out.println("hook");
    while (true) {
      LockSupport.park();
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
    announceWhenBlocked();
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
    RunOptions options =
        RunOptions.defaults()
            .withBackend(Backend.valueOf(arguments[1]))
            .withBlockedWarningAfter(Duration.ZERO);
    valueOf(arguments[0]).body.run(options);
  }
}
