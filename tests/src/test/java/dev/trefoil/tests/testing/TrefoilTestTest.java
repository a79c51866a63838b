package dev.trefoil.tests.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.tasks.Trefoil;
import dev.trefoil.testing.Checkpoints;
import dev.trefoil.testing.MockClock;
import dev.trefoil.testing.Sequencer;
import dev.trefoil.testing.Testing;
import dev.trefoil.testing.TrefoilTest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

class TrefoilTestTest {
  @TrefoilTest(seeds = 2)
  void everythingWorksTogether(MockClock clock) throws Exception {
    List<String> trace = new ArrayList<>();
    Sequencer sequence = new Sequencer();
    assertThat(Hazmat.currentRun().clock()).isSameAs(clock);
    Nursery.open(
        nursery -> {
          nursery.spawn(
              () -> {
                Trefoil.sleep(Duration.ofHours(1));
                sequence.run(1, () -> trace.add("b"));
              });
          nursery.spawn(
              () -> {
                sequence.run(0, () -> trace.add("a"));
              });
          Checkpoints.assertCheckpoints(Testing::waitAllTasksBlocked);
          Checkpoints.assertNoCheckpoints(() -> clock.jump(Duration.ofHours(1)));
        });
    assertThat(trace).containsExactly("a", "b");
  }
}
