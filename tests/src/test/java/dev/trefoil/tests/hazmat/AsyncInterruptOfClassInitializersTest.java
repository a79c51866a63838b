package dev.trefoil.tests.hazmat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.trefoil.hazmat.Backend;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.KeyboardInterrupt;
import dev.trefoil.hazmat.KeyboardInterrupts;
import dev.trefoil.hazmat.Run;
import dev.trefoil.hazmat.RunOptions;
import dev.trefoil.tasks.Trefoil;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntSupplier;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;

/** Keyboard interrupts while a class is initialized, which would stay broken if it were left halfway. */
@Tag("R16")
@Tag("R20")
@Timeout(60)
final class AsyncInterruptOfClassInitializersTest {
  private static Interrupter initializing;

  private final List<String> log = new ArrayList<>();
  private int counter;

  private static final class WithContinuations {
    static final String VALUE = initialize();
  }

  private static final class WithVirtualThreads {
    static final String VALUE = initialize();
  }

  private static String initialize() {
    initializing.outlive();
    return "whole";
  }

  @EveryBackend
  @Tag("R17")
  void aClassInitializerIsNotLeftHalfway(RunOptions options) throws Exception {
    Interrupter interrupter = new Interrupter();
    initializing = interrupter;
    interrupter.endsInMain(
        options,
        () -> {
          log.add(
              options.backend() == Backend.CONTINUATION
                  ? WithContinuations.VALUE
                  : WithVirtualThreads.VALUE);
          log.remove("whole");
          Interrupter.spin();
        });
    assertThat(WithContinuations.VALUE).isEqualTo("whole");
  }

  /** Initialized by the one who asks it first, on the way to its first frame. */
  static final class Fresh implements IntSupplier {
    static final class Value {
      static int value = slowly();

      private Value() {}

      private static int slowly() {
        int result = 0;
        for (int i = 0; i < 20_000; i++) {
          result = Math.max(result, i % 2);
        }
        return result;
      }
    }

    @Override
    public int getAsInt() {
      return Value.value;
    }
  }

  /** Defines some classes anew. */
  private static final class Again extends ClassLoader {
    private final Map<String, byte[]> code;

    Again(Map<String, byte[]> code) {
      super(AsyncInterruptOfClassInitializersTest.class.getClassLoader());
      this.code = code;
    }

    static Map<String, byte[]> codeOf(Class<?>... types) {
      return Stream.of(types).collect(Collectors.toMap(Class::getName, Again::codeOf));
    }

    private static byte[] codeOf(Class<?> type) {
      String file = type.getName().replace('.', '/') + ".class";
      try (InputStream in = type.getClassLoader().getResourceAsStream(file)) {
        return in.readAllBytes();
      } catch (IOException impossible) {
        throw new UncheckedIOException(impossible);
      }
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      byte[] mine = code.get(name);
      return mine == null
          ? super.loadClass(name, resolve)
          : defineClass(name, mine, 0, mine.length);
    }

    IntSupplier fresh(Class<?> type, Object... arguments) {
      try {
        var constructor = loadClass(type.getName()).getDeclaredConstructors()[0];
        constructor.setAccessible(true);
        return (IntSupplier) constructor.newInstance(arguments);
      } catch (ReflectiveOperationException impossible) {
        throw new AssertionError(impossible);
      }
    }

    void initialize(Class<?> type) {
      try {
        Class.forName(type.getName(), true, this);
      } catch (ClassNotFoundException impossible) {
        throw new AssertionError(impossible);
      }
    }
  }

  private static final Map<String, byte[]> FRESH = Again.codeOf(Fresh.class, Fresh.Value.class);

  private void useForAWhile(IntSupplier fresh) {
    for (int i = 0; i < 200_000; i++) {
      counter += fresh.getAsInt();
    }
  }

  @EveryBackend
  @Tag("R17")
  void noClassIsLeftHalfInitializedHoweverOftenOneIsBegun(RunOptions options) throws Exception {
    AtomicBoolean over = new AtomicBoolean();
    List<Throwable> wrong = new ArrayList<>();
    Trefoil.run(
        options,
        () -> {
          Run run = Hazmat.currentRun();
          Thread interrupter = Interrupter.againAndAgain(() -> run, over::get, 100_000);
          KeyboardInterrupts.enableProtection(
              () -> {
                for (int i = 0; i < 1_000; i++) {
                  IntSupplier fresh = new Again(FRESH).fresh(Fresh.class);
                  try {
                    KeyboardInterrupts.exposing(() -> useForAWhile(fresh)).run();
                  } catch (KeyboardInterrupt expected) {
                    log.add("hit");
                  }
                  try {
                    assertThat(fresh.getAsInt()).isOne();
                  } catch (Throwable broken) {
                    wrong.add(broken);
                  }
                }
                over.set(true);
                interrupter.join();
                return null;
              });
          try {
            Interrupter.passCheckpoints();
          } catch (KeyboardInterrupt late) {
            log.add("late");
          }
        });
    assertThat(wrong).isEmpty();
    assertThat(log).contains("hit");
  }

  /** Its value's class is ready when three others are, in this order: base, parent, trait. */
  static final class Heir implements IntSupplier {
    private static final Map<String, Runnable> INITIALIZERS = new ConcurrentHashMap<>();

    Heir(Map<String, Runnable> initializers) {
      INITIALIZERS.putAll(initializers);
    }

    /** Not private, since the nest is not complete where these are defined anew. */
    static void initialize(String name) {
      INITIALIZERS.get(name).run();
    }

    static class Base {
      static {
        Heir.initialize("base");
      }
    }

    static class Parent extends Base {
      static {
        Heir.initialize("parent");
      }
    }

    interface Trait {
      int READY = initialize();

      private static int initialize() {
        Heir.initialize("trait");
        return 1;
      }

      default int ready() {
        return READY;
      }
    }

    static final class Value extends Parent implements Trait {
      static int value = Integer.parseInt("1");

      private Value() {}
    }

    @Override
    public int getAsInt() {
      return Value.value;
    }
  }

  private static final Map<String, byte[]> HEIR =
      Again.codeOf(
          Heir.class, Heir.Base.class, Heir.Parent.class, Heir.Trait.class, Heir.Value.class);

  /** Between two waits in the JVM, by the same instruction, the thread is seen elsewhere. */
  @EveryBackend
  @Tag("R17")
  void aClassIsLeftAloneWhenTheJvmComesBackToItFromOnesThatItNeeds(RunOptions options)
      throws Exception {
    Trefoil.run(
        options,
        () -> {
          Run run = Hazmat.currentRun();
          Thread task = Thread.currentThread();
          CountDownLatch baseBegun = new CountDownLatch(1);
          CountDownLatch traitBegun = new CountDownLatch(1);
          CountDownLatch parentEnds = new CountDownLatch(1);
          Again again = new Again(HEIR);
          Map<String, Runnable> initializers =
              Map.of(
                  "base",
                  () -> {
                    baseBegun.countDown();
                    awaitStack(task, stack -> isFrameOf("getAsInt", stack.getFirst()));
                    run.raiseKeyboardInterrupt();
                    awaitLook();
                  },
                  "parent",
                  () -> {
                    await(traitBegun);
                    awaitLook();
                    parentEnds.countDown();
                  },
                  "trait",
                  () -> {
                    traitBegun.countDown();
                    await(parentEnds);
                    awaitStack(
                        task,
                        stack -> stack.stream().noneMatch(frame -> isFrameOf("<clinit>", frame)));
                    awaitLook();
                  });
          IntSupplier heir = again.fresh(Heir.class, initializers);
          Thread other =
              Thread.ofPlatform()
                  .daemon()
                  .start(
                      () -> {
                        again.initialize(Heir.Base.class);
                        again.initialize(Heir.Trait.class);
                      });
          await(baseBegun);
          Throwable error =
              Interrupter.leftWith(
                  () -> {
                    counter += heir.getAsInt();
                    Interrupter.spin();
                  });
          assertThat(error).isInstanceOf(KeyboardInterrupt.class);
          other.join();
          assertThat(heir.getAsInt()).isOne();
        });
    assertThat(counter).isOne();
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException impossible) {
      throw new AssertionError(impossible);
    }
  }

  private static void awaitStack(Thread thread, Predicate<List<StackTraceElement>> expected) {
    List<StackTraceElement> stack;
    do {
      stack = List.of(thread.getStackTrace());
    } while (stack.isEmpty() || !expected.test(stack));
  }

  private static boolean isFrameOf(String method, StackTraceElement frame) {
    return frame.getMethodName().equals(method);
  }

  /** Until the thread that is to throw the interrupt has paused twice, so has looked in between, or has ended. */
  private static void awaitLook() {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    Stream.of(threads.getThreadInfo(threads.getAllThreadIds()))
        .filter(info -> info != null && info.getThreadName().endsWith("-interrupter"))
        .max(Comparator.comparing(ThreadInfo::getThreadId))
        .ifPresent(
            begun -> {
              ThreadInfo now;
              do {
                now = threads.getThreadInfo(begun.getThreadId());
              } while (now != null && now.getWaitedCount() < begun.getWaitedCount() + 2);
            });
  }
}
