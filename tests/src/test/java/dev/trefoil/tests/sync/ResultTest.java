package dev.trefoil.tests.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.trefoil.hazmat.Outcome;
import dev.trefoil.sync.Result;
import dev.trefoil.tasks.CancelScope;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.testing.Checkpoints;
import dev.trefoil.testing.Testing;
import dev.trefoil.testing.TrefoilTest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;

@Tag("T79")
final class ResultTest {
  private final Result<String> result = new Result<>();
  private final List<Object> log = new ArrayList<>();

  @TrefoilTest(seeds = 20)
  void valueReachesAllWhoWaitAndAllWhoAskLater() {
    assertThat(result.isSet()).isFalse();
    assertThat(result.outcome()).isNull();
    Nursery.open(
        nursery -> {
          nursery.spawn(() -> log.add(result.await()));
          nursery.spawn(() -> log.add(result.await()));
          Testing.waitAllTasksBlocked();
          assertThat(result.statistics().tasksWaiting()).isEqualTo(2);
          result.setValue("value");
          assertThat(result.isSet()).isTrue();
        });
    assertThat(log).containsExactly("value", "value");
    assertThat(result.await()).isEqualTo("value");
    assertThat(result.outcome()).isEqualTo(Outcome.of("value"));
  }

  @TrefoilTest(seeds = 20)
  void nullIsAValue() {
    result.setValue(null);
    assertThat(result.isSet()).isTrue();
    assertThat(result.await()).isNull();
  }

  @TrefoilTest(seeds = 20)
  void errorIsThrownAsItIsAtAllWhoWait() {
    IOException error = new IOException("error");
    Nursery.open(
        nursery -> {
          nursery.spawn(() -> log.add(catchThrowable(result::await)));
          Testing.waitAllTasksBlocked();
          result.setException(error);
        });
    assertThat(log).containsExactly(error);
    Checkpoints.assertCheckpoints(() -> assertThat(catchThrowable(result::await)).isSameAs(error));
  }

  @TrefoilTest(seeds = 20)
  void canBeSetOnce() {
    result.setValue("first");
    for (var again :
        List.<org.assertj.core.api.ThrowableAssert.ThrowingCallable>of(
            () -> result.setValue("second"), () -> result.setException(new IOException()))) {
      assertThatThrownBy(again)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContainingAll("Result", "already");
    }
    assertThat(result.await()).isEqualTo("first");
  }

  @TrefoilTest(seeds = 20)
  void awaitIsACheckpointAndSettingIsNot() {
    Nursery.open(
        nursery -> {
          nursery.spawn(() -> Checkpoints.assertCheckpoints(result::await));
          Testing.waitAllTasksBlocked();
          Checkpoints.assertNoCheckpoints(() -> result.setValue("value"));
        });
    Checkpoints.assertCheckpoints(result::await);
  }

  @TrefoilTest(seeds = 20)
  void cancelledWaiterLeavesNoTraceAndAWokenOneReturns() {
    CancelScope early = CancelScope.create();
    CancelScope late = CancelScope.create();
    Nursery.open(
        nursery -> {
          for (CancelScope scope : List.of(early, late)) {
            nursery.spawn(() -> scope.run(() -> log.add(result.await())));
          }
          Testing.waitAllTasksBlocked();
          early.cancel();
          assertThat(result.statistics().tasksWaiting()).isOne();
          result.setValue("value");
          late.cancel();
        });
    assertThat(log).containsExactly("value");
    assertThat(early.cancelledCaught()).isTrue();
  }

  @TrefoilTest
  void foreignThreadIsRefusedAndSetsNothing() {
    assertThatThrownBy(() -> OtherThread.run(() -> result.setValue("value")))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("inside a Trefoil run");
    assertThat(result.isSet()).isFalse();
  }
}
