package dev.trefoil.tests.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.trefoil.hazmat.Backend;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.tasks.Trefoil;
import dev.trefoil.testing.MockClock;
import dev.trefoil.testing.Testing;
import dev.trefoil.testing.TrefoilTest;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;

/** Tests that pass and fail as {@link TrefoilTestTest} says; no build finds them by their name. */
class TrefoilTestSamples {
  static final AssertionError ASSERTION = new AssertionError("expected");
  static final Throwable THROWABLE = new Throwable("neither exception nor error");
  static final List<MockClock> CLOCKS = new ArrayList<>();
  static final Map<String, List<Integer>> ORDERS = new LinkedHashMap<>();
  static final CountDownLatch RELEASE = new CountDownLatch(1);

  private Thread junit;
  private MockClock clockOfBeforeEach;

  @BeforeEach
  void remember(MockClock clock) {
    junit = Thread.currentThread();
    clockOfBeforeEach = clock;
  }

  @TrefoilTest
  void passes() {
    Hazmat.yieldBriefly();
  }

  @TrefoilTest(backends = Backend.VIRTUAL_THREAD)
  void passesOnVirtualThreads() {
    assertThat(Hazmat.currentRun().backend()).isEqualTo(Backend.VIRTUAL_THREAD);
  }

  @TrefoilTest(seeds = 2)
  void failsWithSeed2(TestInfo info) {
    assertThat(info.getDisplayName()).doesNotContain("seed 2");
  }

  @TrefoilTest(seeds = 20)
  void remembersItsOrder(TestInfo info) {
    List<Integer> order = new ArrayList<>();
    Nursery.open(
        nursery -> {
          for (int i = 0; i < 5; i++) {
            int n = i;
            nursery.spawn(() -> order.add(n));
          }
        });
    ORDERS.put(info.getDisplayName(), order);
  }

  @TrefoilTest
  void failsAnAssertion() {
    throw ASSERTION;
  }

  @TrefoilTest
  void throwsAThrowable() throws Throwable {
    throw THROWABLE;
  }

  @TrefoilTest(seeds = 1)
  void assumesInVain() {
    assumeTrue(false, "not here");
  }

  @TrefoilTest(seeds = -1)
  void isAskedForNonsense() {}

  @TrefoilTest
  void remembersItsClock(MockClock clock) {
    assertThat(clock).isSameAs(clockOfBeforeEach).isSameAs(Hazmat.currentRun().clock());
    CLOCKS.add(clock);
  }

  @TrefoilTest
  void hangsUntilInterrupted() {
    Nursery.open(
        nursery -> {
          nursery.spawn("the sleeper", Trefoil::sleepForever);
          Testing.waitAllTasksBlocked();
          junit.interrupt();
        });
  }

  @Timeout(value = 200, unit = TimeUnit.MILLISECONDS, threadMode = ThreadMode.SAME_THREAD)
  @TrefoilTest
  void hangs() {
    Trefoil.sleepForever();
  }

  @TrefoilTest
  void failsWhenCancelledByAnInterrupt() {
    try {
      junit.interrupt();
      Trefoil.sleepForever();
    } finally {
      failCleaningUp();
    }
  }

  private static void failCleaningUp() {
    throw new IllegalStateException("failed to clean up");
  }

  @TrefoilTest
  void blocksItsThread() throws InterruptedException {
    junit.interrupt();
    RELEASE.await();
  }
}
