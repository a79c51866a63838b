package com.example.bell;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.trefoil.hazmat.Task;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.tasks.Trefoil;
import dev.trefoil.testing.MockClock;
import dev.trefoil.testing.Testing;
import dev.trefoil.testing.TrefoilTest;
import java.time.Duration;

class BellTest {
  @TrefoilTest(seeds = 1)
  void ringsAfterAnHour(MockClock clock) {
    Nursery.open(
        nursery -> {
          Task<String> bell =
              nursery.spawn(
                  () -> {
                    Trefoil.sleep(Duration.ofHours(1));
                    return "ding";
                  });
          Testing.waitAllTasksBlocked();
          clock.jump(Duration.ofHours(1));
          assertEquals("ding", bell.join());
        });
  }
}
