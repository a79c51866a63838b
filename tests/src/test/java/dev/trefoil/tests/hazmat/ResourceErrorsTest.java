package dev.trefoil.tests.hazmat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.trefoil.hazmat.BrokenResource;
import dev.trefoil.hazmat.CancelReason;
import dev.trefoil.hazmat.Cancelled;
import dev.trefoil.hazmat.ClosedResource;
import dev.trefoil.hazmat.EndOfChannel;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.KernelError;
import dev.trefoil.hazmat.KeyboardInterrupt;
import dev.trefoil.hazmat.ResourceBusy;
import dev.trefoil.hazmat.RunFinished;
import dev.trefoil.hazmat.WouldBlock;
import dev.trefoil.tasks.CancelScope;
import dev.trefoil.testing.TrefoilTest;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The borders between the exceptions: none may be caught for another. */
final class ResourceErrorsTest {
  private static final List<Class<? extends Throwable>> TYPES =
      List.of(
          ResourceBusy.class,
          ClosedResource.class,
          BrokenResource.class,
          WouldBlock.class,
          EndOfChannel.class,
          RunFinished.class,
          KernelError.class,
          Cancelled.class,
          KeyboardInterrupt.class);

  @Test
  @Tag("T35")
  void noneOfTheErrorsIsAKindOfAnother() {
    for (Class<?> one : TYPES) {
      for (Class<?> other : TYPES) {
        assertThat(one.isAssignableFrom(other)).as(one + ", " + other).isEqualTo(one == other);
      }
    }
  }

  @Test
  @Tag("T35")
  void errorsOfResourcesAreExceptionsWithTheMessageTheyWereGiven() {
    for (RuntimeException error :
        List.of(
            new ResourceBusy("words"),
            new ClosedResource("words"),
            new BrokenResource("words"),
            new WouldBlock("words"),
            new EndOfChannel("words"),
            new RunFinished("words"))) {
      assertThat(error).hasMessage("words");
    }
  }

  @Test
  @Tag("R49")
  @Tag("R50")
  void errorsOfTheRuntimePassACatchOfException() {
    for (Class<?> type : List.of(Cancelled.class, KeyboardInterrupt.class, KernelError.class)) {
      assertThat(Error.class).isAssignableFrom(type);
    }
  }

  @Test
  @Tag("R49")
  void nobodyButThePlatformCanMakeACancelled() {
    assertThat(Cancelled.class.getConstructors()).isEmpty();
    assertThat(KeyboardInterrupt.class.getConstructors()).isEmpty();
  }

  @TrefoilTest(seeds = 20)
  @Tag("R49")
  void cancelledPassesCodeThatCatchesExceptionsAndIsCaughtByItsOwnScope() {
    CancelScope scope = CancelScope.create();
    boolean[] swallowed = {false};
    scope.run(
        () -> {
          scope.cancel("enough");
          try {
            Hazmat.yieldBriefly();
          } catch (Exception tooMuch) {
            swallowed[0] = true;
          }
        });
    assertThat(swallowed[0]).isFalse();
    assertThat(scope.cancelledCaught()).isTrue();
  }

  @TrefoilTest(seeds = 20)
  @Tag("R49")
  @Tag("T95")
  void cancelledTellsWhoCancelledAndWhy() {
    CancelScope scope = CancelScope.create();
    scope.run(
        () -> {
          scope.cancel("enough");
          assertThatThrownBy(Hazmat::yieldBriefly)
              .isInstanceOf(Cancelled.class)
              .hasMessageContainingAll("explicit", "'main'", "enough")
              .satisfies(
                  error -> {
                    CancelReason reason = ((Cancelled) error).reason();
                    assertThat(reason.source()).isEqualTo(CancelReason.Source.EXPLICIT);
                    assertThat(reason.text()).isEqualTo("enough");
                    assertThat(reason.task()).contains("main");
                  });
        });
  }
}
