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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntSupplier;
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

  /** Defines those two anew. */
  private static final class Again extends ClassLoader {
    private static final Map<String, byte[]> CODE =
        Map.of(
            Fresh.class.getName(),
            code(Fresh.class),
            Fresh.Value.class.getName(),
            code(Fresh.Value.class));

    Again() {
      super(AsyncInterruptOfClassInitializersTest.class.getClassLoader());
    }

    private static byte[] code(Class<?> type) {
      String file = type.getName().replace('.', '/') + ".class";
      try (InputStream in = type.getClassLoader().getResourceAsStream(file)) {
        return in.readAllBytes();
      } catch (IOException impossible) {
        throw new UncheckedIOException(impossible);
      }
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      byte[] code = CODE.get(name);
      return code == null
          ? super.loadClass(name, resolve)
          : defineClass(name, code, 0, code.length);
    }

    IntSupplier fresh() {
      try {
        var constructor = loadClass(Fresh.class.getName()).getDeclaredConstructor();
        constructor.setAccessible(true);
        return (IntSupplier) constructor.newInstance();
      } catch (ReflectiveOperationException impossible) {
        throw new AssertionError(impossible);
      }
    }
  }

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
                  IntSupplier fresh = new Again().fresh();
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
}
