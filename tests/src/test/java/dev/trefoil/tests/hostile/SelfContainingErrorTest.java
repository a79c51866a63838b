package dev.trefoil.tests.hostile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.trefoil.hazmat.Cancelled;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.tasks.CancelScope;
import dev.trefoil.tasks.ExceptionGroup;
import dev.trefoil.testing.TrefoilTest;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Tag;

/** Errors that hold themselves, which Java does not forbid. */
class SelfContainingErrorTest {
  @TrefoilTest
  @Tag("T19")
  void aCancellationThatHoldsItselfIsCaughtAndWhatElseItHoldsIsNotLost() {
    int nodes = Hazmat.currentRun().statistics().cancelStatuses();
    IOException other = new IOException("while closing");
    CancelScope scope = CancelScope.create();
    Throwable left =
        catchThrowable(
            () ->
                scope.run(
                    () -> {
                      scope.cancel();
                      try {
                        Hazmat.yieldBriefly();
                      } catch (Cancelled cancelled) {
                        cancelled.addSuppressed(
                            new ExceptionGroup("a loop", List.of(cancelled, other)));
                        throw cancelled;
                      }
                    }));
    assertThat(left)
        .isInstanceOfSatisfying(
            ExceptionGroup.class, group -> assertThat(group.leaves()).containsExactly(other));
    assertThat(scope.cancelledCaught()).isTrue();
    assertThat(Hazmat.currentRun().statistics().cancelStatuses()).isEqualTo(nodes);
  }
}
