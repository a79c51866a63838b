package dev.trefoil.tests.hazmat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.Task;
import dev.trefoil.hazmat.TaskState;
import dev.trefoil.tasks.CancelScope;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.tasks.Trefoil;
import dev.trefoil.testing.MockClock;
import dev.trefoil.testing.TrefoilTest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.time.Duration;
import org.junit.jupiter.api.Tag;

/** A task that is always runnable keeps nothing waiting; how long is counted in its rounds. */
final class FairnessTest {
  private static final int ROUNDS = 100;

  /** Spins until a task has ended, and fails if that takes too many rounds. */
  private static void spinUntilEnded(Task<?> task, Runnable checkpoint) {
    int rounds = 0;
    while (!task.state().isFinal()) {
      checkpoint.run();
      assertThat(++rounds).isLessThan(ROUNDS);
    }
    assertThat(task.state()).isEqualTo(TaskState.TERMINATED);
  }

  private static void forBothCheckpoints(java.util.function.Consumer<Runnable> test) {
    test.accept(Hazmat::yieldBriefly);
    test.accept(Hazmat::yieldBrieflyNoCancel);
  }

  @TrefoilTest(seeds = 20)
  @Tag("R31")
  @Tag("R33")
  void spinningTaskDoesNotStarveOtherTasks() {
    forBothCheckpoints(
        checkpoint ->
            Nursery.open(
                nursery -> {
                  Task<?> other = nursery.spawn(() -> Hazmat.yieldBriefly());
                  spinUntilEnded(other, checkpoint);
                }));
  }

  @TrefoilTest(seeds = 20)
  @Tag("R31")
  @Tag("R33")
  @Tag("R74")
  void spinningTaskDoesNotStarveDeadlines(MockClock clock) {
    forBothCheckpoints(
        checkpoint ->
            Nursery.open(
                nursery -> {
                  Task<?> sleeper =
                      nursery.spawn(
                          () ->
                              CancelScope.moveOnAfter(
                                  Duration.ofSeconds(1), () -> Trefoil.sleepForever()));
                  Hazmat.yieldBriefly();
                  Hazmat.yieldBriefly();
                  clock.jump(Duration.ofSeconds(2));
                  spinUntilEnded(sleeper, checkpoint);
                }));
  }

  @TrefoilTest(seeds = 20)
  @Tag("R31")
  @Tag("R33")
  @Tag("R74")
  void spinningTaskDoesNotStarveIo() throws IOException {
    Pipe pipe = Pipe.open();
    pipe.source().configureBlocking(false);
    forBothCheckpoints(
        checkpoint ->
            Nursery.open(
                nursery -> {
                  Task<?> reader =
                      nursery.spawn(
                          () -> {
                            Hazmat.waitSocketReadable(pipe.source());
                            assertThat(pipe.source().read(ByteBuffer.allocate(1))).isOne();
                          });
                  pipe.sink().write(ByteBuffer.allocate(1));
                  spinUntilEnded(reader, checkpoint);
                }));
    pipe.source().close();
    pipe.sink().close();
  }

  @TrefoilTest(seeds = 20)
  @Tag("R13")
  @Tag("R31")
  @Tag("R33")
  void spinningTaskDoesNotStarveEntryCalls() {
    forBothCheckpoints(
        checkpoint -> {
          boolean[] ran = {false};
          Hazmat.currentCallSoonThreadAndSignalSafe()
              .callSoonThreadAndSignalSafe(() -> ran[0] = true);
          int rounds = 0;
          while (!ran[0]) {
            checkpoint.run();
            assertThat(++rounds).isLessThan(ROUNDS);
          }
        });
  }
}
