package dev.trefoil.tests.tasks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.trefoil.hazmat.Cancelled;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.tasks.CancelScope;
import dev.trefoil.tasks.Trefoil;
import dev.trefoil.testing.MockClock;
import dev.trefoil.testing.TrefoilTest;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;

/** Closing without waiting. */
@Tag("T36")
class CloseForcefullyTest {
  private final List<String> trace = new ArrayList<>();

  /** Says goodbye for an hour, and closes in any case. */
  private final class Polite implements AutoCloseable {
    @Override
    public void close() {
      try {
        Trefoil.sleep(Duration.ofHours(1));
        trace.add("said goodbye");
      } finally {
        trace.add("closed");
      }
    }
  }

  @TrefoilTest(seeds = 20)
  void theResourceIsClosedWithoutWaiting(MockClock clock) throws Exception {
    clock.setAutojumpThreshold(Duration.ZERO);
    Trefoil.closeForcefully(new Polite());
    assertThat(trace).containsExactly("closed");
    assertThat(Trefoil.currentTime()).isZero();
    Hazmat.yieldBriefly();
  }

  @TrefoilTest(seeds = 20)
  void anErrorOfTheCloseComesOut() {
    IOException failure = new IOException("close");
    assertThat(
            catchThrowable(
                () ->
                    Trefoil.closeForcefully(
                        () -> {
                          try {
                            Hazmat.yieldBriefly();
                          } catch (Cancelled cancelled) {
                            throw failure;
                          }
                        })))
        .isSameAs(failure);
  }

  @TrefoilTest(seeds = 20)
  void aCloseThatNeverWaitsJustRuns() throws Exception {
    Trefoil.closeForcefully(() -> trace.add("closed"));
    assertThat(trace).containsExactly("closed");
  }

  @TrefoilTest(seeds = 20)
  @Tag("T19")
  void insideACancelledScopeItClosesAndTheScopeCatches() {
    CancelScope scope = CancelScope.create();
    assertThat(
            catchThrowable(
                () ->
                    scope.run(
                        () -> {
                          scope.cancel();
                          Trefoil.closeForcefully(new Polite());
                          trace.add("not reached");
                        })))
        .isNull();
    assertThat(trace).containsExactly("closed");
    assertThat(scope.cancelledCaught()).isTrue();
  }

  @TrefoilTest
  void nullIsRefused() {
    assertThatThrownBy(() -> Trefoil.closeForcefully(null))
        .isInstanceOf(NullPointerException.class)
        .hasMessageContaining("resource");
  }
}
