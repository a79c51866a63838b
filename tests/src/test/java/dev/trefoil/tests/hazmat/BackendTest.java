package dev.trefoil.tests.hazmat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.trefoil.hazmat.Backend;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.RunOptions;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.tasks.Trefoil;
import dev.trefoil.testing.TrefoilTest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

final class BackendTest {
  private static Backend backendOfARun(RunOptions options) {
    return Trefoil.run(options, () -> Hazmat.currentRun().backend());
  }

  @EveryBackend
  @Tag("R31")
  void runTellsTheBackendThatWasChosen(RunOptions options) {
    assertThat(backendOfARun(options)).isEqualTo(options.backend());
  }

  @Test
  @Tag("R31")
  void autoIsTheContinuationWhereTheJvmAllowsIt() {
    assertThat(RunOptions.defaults().backend()).isEqualTo(Backend.AUTO);
    assertThat(backendOfARun(RunOptions.defaults())).isEqualTo(Backend.CONTINUATION);
  }

  @Test
  @Tag("R31")
  void withoutFlagsAutoIsTheVirtualThreadAndTheContinuationIsRefusedWithAdviceBeforeTheCause()
      throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                WithoutFlags.class.getName())
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(output.lines())
        .as(output)
        .anyMatch(line -> line.equals("auto is VIRTUAL_THREAD"))
        .anyMatch(
            line ->
                line.matches(
                    "refused: Backend CONTINUATION .*--add-exports java.base/jdk.internal.vm.*"
                        + " VIRTUAL_THREAD\\. The JVM says: .*IllegalAccess.*"));
  }

  /** What the test above starts in a JVM without flags. */
  static final class WithoutFlags {
    private WithoutFlags() {}

    public static void main(String[] arguments) {
      System.out.println("auto is " + backendOfARun(RunOptions.defaults()));
      try {
        backendOfARun(RunOptions.defaults().withBackend(Backend.CONTINUATION));
      } catch (IllegalStateException refused) {
        System.out.println("refused: " + refused.getMessage());
      }
    }
  }

  @TrefoilTest(seeds = 20)
  @Tag("R31")
  void nothingElseExecutesBetweenTwoCheckpoints() {
    int[] inside = {0};
    int[] total = {0};
    Nursery.open(
        nursery -> {
          for (int i = 0; i < 8; i++) {
            nursery.spawn(
                () -> {
                  for (int step = 0; step < 20; step++) {
                    assertThat(++inside[0]).isOne();
                    Thread.yield();
                    total[0]++;
                    assertThat(--inside[0]).isZero();
                    Hazmat.yieldBriefly();
                  }
                });
          }
        });
    assertThat(total[0]).isEqualTo(160);
  }

  @TrefoilTest(backends = Backend.CONTINUATION)
  @Tag("R31")
  void allTasksOnContinuationsShareOneThread() {
    Set<Thread> threads = new HashSet<>();
    threads.add(Thread.currentThread());
    Nursery.open(
        nursery -> {
          for (int i = 0; i < 3; i++) {
            nursery.spawn(() -> threads.add(Thread.currentThread()));
          }
        });
    assertThat(threads).hasSize(1);
  }

  @TrefoilTest(backends = Backend.VIRTUAL_THREAD)
  @Tag("R31")
  void everyTaskOnTheVirtualThreadBackendHasOneOfItsOwn() {
    Set<Thread> threads = new HashSet<>();
    threads.add(Thread.currentThread());
    Nursery.open(
        nursery -> {
          for (int i = 0; i < 3; i++) {
            nursery.spawn(() -> threads.add(Thread.currentThread()));
          }
        });
    assertThat(threads).hasSize(4).allMatch(Thread::isVirtual);
  }

  @Test
  @Tag("R31")
  void missingBackendIsRefusedByName() {
    assertThatThrownBy(() -> RunOptions.defaults().withBackend(null))
        .isInstanceOf(NullPointerException.class)
        .hasMessageContaining("backend");
  }
}
