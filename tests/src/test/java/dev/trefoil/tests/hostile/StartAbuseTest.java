package dev.trefoil.tests.hostile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.tasks.TaskStatus;
import dev.trefoil.tasks.Trefoil;
import dev.trefoil.testing.TrefoilTest;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;

/** Tasks that say that they are ready in the wrong way. */
@Timeout(30)
class StartAbuseTest {
  @TrefoilTest
  @Tag("T9")
  void aForeignThreadThatSaysStartedIsRefusedAndTheTaskCanStillSayIt() {
    List<Throwable> refused = new ArrayList<>();
    Nursery.open(
        nursery -> {
          Nursery.Startable<Integer> startable =
              status -> {
                FutureTask<Throwable> foreign =
                    new FutureTask<>(() -> catchThrowable(() -> status.started(1)));
                Thread.ofPlatform().start(foreign);
                refused.add(foreign.get());
                status.started(2);
              };
          assertThat(nursery.<Integer>start(startable)).isEqualTo(2);
        });
    assertThat(refused).singleElement().isInstanceOf(IllegalStateException.class);
  }

  @TrefoilTest
  @Tag("T8")
  @Tag("T20")
  void aStartedTaskThatCannotBeHandedOverStaysWithItsStarterWhoGoesOn() {
    List<Nursery> target = new ArrayList<>();
    List<Throwable> refused = new ArrayList<>();
    Nursery.open(
        nursery -> {
          nursery.spawn(
              () ->
                  Nursery.open(
                      own -> {
                        target.add(own);
                        Trefoil.sleepForever();
                      }));
          while (target.isEmpty()) {
            Hazmat.yieldBriefly();
          }
          Nursery.Startable<Integer> startable =
              status -> {
                target.getFirst().spawn(() -> Hazmat.currentTask().cancelStatus().close()).join();
                refused.add(catchThrowable(() -> started(status)));
              };
          assertThat(catchThrowable(() -> target.getFirst().start(startable)))
              .isInstanceOf(IllegalStateException.class)
              .hasMessageContaining("ended without");
        });
    assertThat(refused).singleElement().isInstanceOf(IllegalStateException.class);
  }

  private static void started(TaskStatus<Integer> status) {
    status.started(1);
  }
}
