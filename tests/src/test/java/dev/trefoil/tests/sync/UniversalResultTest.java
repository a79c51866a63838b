package dev.trefoil.tests.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.trefoil.hazmat.Outcome;
import dev.trefoil.hazmat.RunOptions;
import dev.trefoil.sync.UniversalResult;
import dev.trefoil.tasks.CancelScope;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.tasks.Trefoil;
import dev.trefoil.testing.Checkpoints;
import dev.trefoil.testing.Testing;
import dev.trefoil.testing.TrefoilTest;
import dev.trefoil.tests.hazmat.EveryBackend;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("T79")
final class UniversalResultTest {
  private static final int ROUNDS = 300;

  private final UniversalResult<String> result = new UniversalResult<>();
  private final List<Object> log = new ArrayList<>();

  @TrefoilTest(seeds = 20)
  void valueReachesTasksThatWaitAndThatAskLater() throws Exception {
    assertThat(result.isSet()).isFalse();
    assertThat(result.outcome()).isNull();
    Nursery.open(
        nursery -> {
          nursery.spawn(() -> log.add(result.await()));
          Testing.waitAllTasksBlocked();
          assertThat(result.statistics().tasksWaiting()).isOne();
          Checkpoints.assertNoCheckpoints(() -> result.setValue("value"));
        });
    assertThat(log).containsExactly("value");
    assertThat(result.isSet()).isTrue();
    assertThat(result.outcome()).isEqualTo(Outcome.of("value"));
    Checkpoints.assertCheckpoints(result::await);
  }

  @TrefoilTest(seeds = 20)
  void cancelledTaskLeavesNoTrace() {
    CancelScope scope = CancelScope.create();
    Nursery.open(
        nursery -> {
          nursery.spawn(() -> scope.run(() -> log.add(result.await())));
          Testing.waitAllTasksBlocked();
          scope.cancel();
          assertThat(result.statistics().tasksWaiting()).isZero();
          result.setValue(null);
        });
    assertThat(log).isEmpty();
    assertThat(scope.cancelledCaught()).isTrue();
  }

  @Test
  void errorIsThrownAsItIs() throws Exception {
    IOException error = new IOException("error");
    FutureTask<Throwable> waiter = OtherThread.start(() -> catchThrowable(result::await));
    result.setException(error);
    assertThat(OtherThread.resultOf(waiter)).isSameAs(error);
    assertThat(catchThrowable(result::await)).isSameAs(error);
  }

  @EveryBackend
  void valueGoesFromThreadsToTasksAndBack(RunOptions options) throws Exception {
    Trefoil.run(
        options,
        () -> {
          for (int round = 0; round < ROUNDS; round++) {
            UniversalResult<int[]> question = new UniversalResult<>();
            UniversalResult<int[]> answer = new UniversalResult<>();
            FutureTask<Void> thread =
                OtherThread.start(
                    () -> {
                      answer.setValue(new int[] {question.await()[0] + 1});
                      return null;
                    });
            question.setValue(new int[] {round});
            assertThat(answer.await()[0]).isEqualTo(round + 1);
            OtherThread.resultOf(thread);
          }
        });
  }

  @EveryBackend
  void ofManyThatSetItOneWinsAndAllSeeTheSame(RunOptions options) throws Exception {
    for (int round = 0; round < ROUNDS; round++) {
      UniversalResult<Integer> own = new UniversalResult<>();
      CyclicBarrier together = new CyclicBarrier(3);
      List<FutureTask<Boolean>> setters = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        int value = i;
        setters.add(
            OtherThread.start(
                () -> {
                  together.await(30, TimeUnit.SECONDS);
                  Throwable refused = catchThrowable(() -> own.setValue(value));
                  if (refused != null) {
                    assertThat(refused)
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContainingAll("UniversalResult", "already");
                  }
                  return refused == null;
                }));
      }
      together.await(30, TimeUnit.SECONDS);
      int seen = Trefoil.<Integer, Exception>run(options, () -> own.await());
      assertThat(own.await()).isEqualTo(seen);
      for (int i = 0; i < 2; i++) {
        assertThat(OtherThread.resultOf(setters.get(i))).isEqualTo(i == seen);
      }
    }
  }

  @Test
  void canBeSetOnce() {
    result.setValue("first");
    assertThatThrownBy(() -> result.setException(new IOException()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("already");
    assertThat(result.outcome()).isEqualTo(Outcome.of("first"));
  }
}
