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
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Keyboard interrupts in a JVM that was not started with native access. */
@Tag("R20")
@Timeout(60)
final class WithoutNativeAccessTest {
  private static final int RUNS = 2;

  /** Blocks its run, is interrupted, and says how it got out; several times. */
  static final class Program {
    private Program() {}

    public static void main(String[] arguments) {
      RunOptions options = RunOptions.defaults().withBackend(Backend.valueOf(arguments[0]));
      for (int i = 0; i < RUNS; i++) {
        Trefoil.run(options, Program::block);
      }
    }

    private static void block() {
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
      try {
        while (true) {
          Hazmat.yieldBriefly();
        }
      } catch (KeyboardInterrupt atCheckpoint) {
        System.out.println("interrupted, flag " + Thread.currentThread().isInterrupted());
      }
    }
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "AUTO")
  void blockedCodeIsWokenAndTheInterruptComesAtACheckpointWhichIsReportedOnce(Backend backend)
      throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-exports=java.base/jdk.internal.vm=ALL-UNNAMED",
                "--add-opens=java.base/java.lang=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                Program.class.getName(),
                backend.name())
            .redirectErrorStream(true)
            .start();
    List<String> output = process.inputReader().lines().toList();
    assertThat(process.waitFor()).isZero();
    assertThat(output)
        .filteredOn(line -> line.startsWith("woken") || line.startsWith("interrupted"))
        .containsExactly("woken", "interrupted, flag false", "woken", "interrupted, flag false");
    assertThat(output)
        .filteredOn(line -> line.contains("keyboard interrupt"))
        .singleElement()
        .asString()
        .contains("native access is not enabled", "next cancel point", "--enable-native-access");
  }
}
