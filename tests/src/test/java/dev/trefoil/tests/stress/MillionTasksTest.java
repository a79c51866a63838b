package dev.trefoil.tests.stress;

import static org.assertj.core.api.Assertions.assertThat;

import dev.trefoil.hazmat.Backend;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.RunOptions;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.tasks.Trefoil;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The size of a run. */
class MillionTasksTest {
  private static final int TASKS = 1_000_000;

  private int cancelled;

  @ParameterizedTest
  @EnumSource(names = {"CONTINUATION", "VIRTUAL_THREAD"})
  @Tag("T7")
  @Tag("T13")
  @Timeout(300)
  void aMillionParkedTasksAreCancelledAndLeaveNothingBehind(Backend backend) {
    RunOptions options =
        RunOptions.defaults().withBackend(backend).withBlockedWarningAfter(Duration.ZERO);
    Trefoil.run(
        options,
        () -> {
          int nodes = Hazmat.currentRun().statistics().cancelStatuses();
          Nursery.open(
              nursery -> {
                for (int i = 0; i < TASKS; i++) {
                  nursery.spawn(this::parkAndCountCancellation);
                }
                Hazmat.yieldBriefly();
                assertThat(Hazmat.currentRun().statistics().tasksLiving()).isEqualTo(TASKS + 1);
                assertThat(Hazmat.currentRun().statistics().tasksRunnable()).isZero();
                nursery.cancelScope().cancel();
              });
          assertThat(cancelled).isEqualTo(TASKS);
          assertThat(Hazmat.currentRun().statistics().tasksLiving()).isOne();
          assertThat(Hazmat.currentRun().statistics().deadlines()).isZero();
          assertThat(Hazmat.currentRun().statistics().cancelStatuses()).isEqualTo(nodes);
        });
  }

  private void parkAndCountCancellation() {
    try {
      Trefoil.sleepForever();
    } finally {
      cancelled++;
    }
  }
}
