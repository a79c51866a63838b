package dev.trefoil.tests.hazmat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.trefoil.hazmat.Backend;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.KeyboardInterrupt;
import dev.trefoil.hazmat.Run;
import dev.trefoil.hazmat.RunOptions;
import dev.trefoil.tasks.Trefoil;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Keyboard interrupts in a JVM that does not help with them. */
@Tag("R20")
@Timeout(60)
final class WithoutNativeAccessTest {
  /** Longer than the kernel waits before it warns. */
  private static final Duration WARNED_BY_NOW = Duration.ofMillis(1500);

  /** Blocks its run, is interrupted, and says how it got out; several times. */
  static final class Program {
    private Program() {}

    public static void main(String[] arguments) {
      RunOptions options = RunOptions.defaults().withBackend(Backend.valueOf(arguments[0]));
      for (int i = 1; i < arguments.length; i++) {
        Work afterwards = Work.valueOf(arguments[i]);
        Trefoil.run(options, () -> block(afterwards));
      }
    }

    private static void block(Work afterwards) {
      CountDownLatch ready = new CountDownLatch(1);
      Run run = Hazmat.currentRun();
      Thread.ofPlatform()
          .start(
              () -> {
                try {
                  ready.await();
                } catch (InterruptedException impossible) {
                  throw new AssertionError(impossible);
                }
                run.raiseKeyboardInterrupt();
              });
      try {
        ready.countDown();
        Thread.sleep(Long.MAX_VALUE);
      } catch (InterruptedException woken) {
        System.out.println("woken");
      }
      if (afterwards == Work.GOES_ON) {
        spin();
      }
      try {
        while (true) {
          Hazmat.yieldBriefly();
        }
      } catch (KeyboardInterrupt atCheckpoint) {
        System.out.println("interrupted, flag " + Thread.currentThread().isInterrupted());
      }
      if (afterwards == Work.ENDS_SOON) {
        Trefoil.sleep(WARNED_BY_NOW);
      }
    }

    private static void spin() {
      long end = System.nanoTime() + WARNED_BY_NOW.toNanos();
      while (System.nanoTime() < end) {
        Thread.onSpinWait();
      }
    }
  }

  /** What code does that was woken. */
  enum Work {
    ENDS_SOON,
    GOES_ON
  }

  /** Why there is no help. */
  enum Hindrance {
    NO_NATIVE_ACCESS("native access is not enabled: start the JVM with --enable-native-access"),

    /** That gives the right to suspend threads to one tool only. */
    A_DEBUGGER(
        "debugger",
        "--enable-native-access=ALL-UNNAMED",
        "-agentlib:jdwp=transport=dt_socket,server=y,suspend=n,address=127.0.0.1:0");

    private final String named;
    private final List<String> options;

    Hindrance(String named, String... options) {
      this.named = named;
      this.options = List.of(options);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "CONTINUATION, NO_NATIVE_ACCESS",
    "CONTINUATION, A_DEBUGGER",
    "VIRTUAL_THREAD, NO_NATIVE_ACCESS",
    "VIRTUAL_THREAD, A_DEBUGGER"
  })
  void blockedCodeIsWokenAndIfItGoesOnForLongThatIsReportedOnce(
      Backend backend, Hindrance hindrance) throws IOException, InterruptedException {
    assertThat(output(hindrance, backend, Work.GOES_ON, Work.GOES_ON))
        .filteredOn(line -> line.contains("keyboard interrupt"))
        .singleElement()
        .asString()
        .contains("next cancel point", hindrance.named);
  }

  @ParameterizedTest
  @EnumSource
  void whatEndsSoonIsNotReported(Hindrance hindrance) throws IOException, InterruptedException {
    assertThat(output(hindrance, Backend.CONTINUATION, Work.ENDS_SOON))
        .noneMatch(line -> line.contains("keyboard interrupt"));
  }

  private static List<String> output(Hindrance hindrance, Backend backend, Work... works)
      throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-exports=java.base/jdk.internal.vm=ALL-UNNAMED",
                "--add-opens=java.base/java.lang=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path")));
    command.addAll(hindrance.options);
    command.add(Program.class.getName());
    command.add(backend.name());
    for (Work work : works) {
      command.add(work.name());
    }
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    List<String> output = process.inputReader().lines().toList();
    assertThat(process.waitFor()).isZero();
    List<String> expected = new ArrayList<>();
    for (Work _ : works) {
      expected.addAll(List.of("woken", "interrupted, flag false"));
    }
    assertThat(output)
        .filteredOn(line -> line.startsWith("woken") || line.startsWith("interrupted"))
        .isEqualTo(expected);
    return output;
  }
}
