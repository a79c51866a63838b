package dev.trefoil.tests.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.trefoil.hazmat.Backend;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.Instrument;
import dev.trefoil.hazmat.ParkingLot;
import dev.trefoil.hazmat.RunOptions;
import dev.trefoil.hazmat.Task;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.tasks.Trefoil;
import dev.trefoil.testing.MockClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Tag("T91")
class ScheduleFuzzingTest {
  @ParameterizedTest
  @EnumSource(names = {"CONTINUATION", "VIRTUAL_THREAD"})
  void sameSeedGivesTheSameTrace(Backend backend) {
    for (long seed : new long[] {0, 1, -1, Long.MIN_VALUE, 20_260_101}) {
      assertThat(trace(backend, seed)).isEqualTo(trace(backend, seed));
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"CONTINUATION", "VIRTUAL_THREAD"})
  void differentSeedsGiveDifferentTraces(Backend backend) {
    Set<List<String>> traces = new HashSet<>();
    for (long seed = 1; seed <= 20; seed++) {
      traces.add(trace(backend, seed));
    }
    assertThat(traces).hasSize(20).doesNotContain(trace(backend, null));
  }

  @ParameterizedTest
  @EnumSource(names = {"CONTINUATION", "VIRTUAL_THREAD"})
  void withoutASeedTasksTakeTurnsInTheOrderOfTheirArrival(Backend backend) {
    List<String> names = new ArrayList<>();
    Trefoil.run(
        RunOptions.defaults().withBackend(backend),
        () ->
            Nursery.open(
                nursery -> {
                  for (String name : List.of("a", "b", "c")) {
                    nursery.spawn(
                        () -> {
                          for (int i = 0; i < 3; i++) {
                            names.add(name);
                            Hazmat.yieldBriefly();
                          }
                        });
                  }
                }));
    assertThat(names).containsExactly("a", "b", "c", "a", "b", "c", "a", "b", "c");
  }

  @ParameterizedTest
  @EnumSource(names = {"CONTINUATION", "VIRTUAL_THREAD"})
  void everySchedulePointSwitchesWithASeed(Backend backend) {
    List<String> steps = new ArrayList<>();
    Instrument recorder =
        new Instrument() {
          @Override
          public void beforeTaskStep(Task<?> task) {
            steps.add(task.name());
          }
        };
    Trefoil.run(
        RunOptions.defaults().withBackend(backend).withSeed(1).withInstrument(recorder),
        () -> {
          for (int i = 0; i < 9; i++) {
            Hazmat.yieldBrieflyNoCancel();
          }
        });
    assertThat(steps).hasSize(10);
  }

  @Tag("T85")
  @ParameterizedTest
  @EnumSource(names = {"CONTINUATION", "VIRTUAL_THREAD"})
  void bothBackendsGiveTheSameTraceForASeed(Backend backend) {
    for (long seed = 1; seed <= 5; seed++) {
      assertThat(trace(backend, seed)).isEqualTo(trace(Backend.AUTO, seed));
    }
  }

  /** Steps, wake-ups and deadlines of tasks that yield, park and sleep. */
  private static List<String> trace(Backend backend, Long seed) {
    List<String> trace = new ArrayList<>();
    RunOptions options = RunOptions.defaults().withBackend(backend).withClock(MockClock.autojump());
    ParkingLot lot = new ParkingLot();
    Trefoil.run(
        seed == null ? options : options.withSeed(seed),
        () ->
            Nursery.open(
                nursery -> {
                  for (int i = 0; i < 5; i++) {
                    int n = i;
                    nursery.spawn(
                        () -> {
                          trace.add("parks " + n);
                          lot.park();
                          trace.add("woken " + n);
                          Trefoil.sleep(Duration.ofSeconds(1));
                          trace.add("slept " + n);
                        });
                    nursery.spawn(
                        () -> {
                          for (int y = 0; y < 5; y++) {
                            trace.add("yields " + n);
                            Hazmat.yieldBriefly();
                          }
                          while (lot.isEmpty()) {
                            Hazmat.yieldBriefly();
                          }
                          lot.unpark();
                        });
                  }
                }));
    return trace;
  }
}
