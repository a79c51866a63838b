package dev.trefoil.tests.hostile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.trefoil.hazmat.Backend;
import dev.trefoil.hazmat.Clock;
import dev.trefoil.hazmat.RunOptions;
import dev.trefoil.tasks.Trefoil;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A run that cannot start must leave its thread as it found it. */
class BrokenStartTest {
  private static void assertThatTheThreadIsFree(Backend backend) {
    assertThat(Trefoil.<Integer, RuntimeException>run(options(backend), () -> 1)).isOne();
  }

  private static RunOptions options(Backend backend) {
    return RunOptions.defaults().withBackend(backend);
  }

  @ParameterizedTest
  @EnumSource(names = {"CONTINUATION", "VIRTUAL_THREAD"})
  @Tag("T2")
  void aClockThatDoesNotStartLeavesTheThreadFree(Backend backend) {
    Clock broken =
        new Clock() {
          @Override
          public void start() {
            throw new IllegalStateException("no time");
          }

          @Override
          public long now() {
            return 0;
          }

          @Override
          public long nanosUntil(long deadline) {
            return 0;
          }
        };
    assertThat(catchThrowable(() -> Trefoil.run(options(backend).withClock(broken), () -> 1)))
        .hasMessage("no time");
    assertThatTheThreadIsFree(backend);
  }

  @ParameterizedTest
  @EnumSource(names = {"CONTINUATION", "VIRTUAL_THREAD"})
  @Tag("T1")
  void aBlockedWarningAfterLongerThanNanosecondsCanTellMeansNever(Backend backend) {
    RunOptions patient =
        options(backend).withBlockedWarningAfter(Duration.ofSeconds(Long.MAX_VALUE));
    assertThat(Trefoil.<Integer, RuntimeException>run(patient, () -> 1)).isOne();
    assertThatTheThreadIsFree(backend);
  }
}
