package dev.trefoil.tests.linearizability;

import static org.assertj.core.api.Assertions.assertThat;

import dev.trefoil.hazmat.RunOptions;
import dev.trefoil.tests.hazmat.EveryBackend;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;

/**
 * Random short programs for threads and tasks that use one subject at the same time, wait in it, and
 * cancel each other. Whatever they have seen must have happened in some order of their operations, each at
 * one moment between its beginning and its end, and cancelled ones not at all. Nobody may wait for what is
 * there: when all wait, one is given what it waits for, and everybody has to come to an end.
 *
 * <p>The seed repeats the program, though not what the threads make of it; {@code -Dtrefoil.histories}
 * gives more of them. This is a checker of our own, since neither of the known ones knows tasks. Lincheck
 * 3.7 does not support operations that block a thread, and takes a hanging one for a failure. jcstress
 * 0.16 works on JDK 25, but wants a program of its own for each few operations with all their outcomes
 * listed; it is the right tool for a question of memory order, see {@code UniversalEventTest}.
 *
 * @param <T> the type of the real subject
 * @param <S> the type of its state in the model
 */
@Timeout(3600) // for the longer runs; a hang is noticed in a minute
abstract class LinearizabilityContract<T, S> {
  private static final int HISTORIES = Integer.getInteger("trefoil.histories", 1000);
  private static final int MOST_RELIEFS = 100;
  private static final long HANG_NANOS = TimeUnit.SECONDS.toNanos(60);

  /** A fresh subject, and its state. */
  record Setting<T, S>(T subject, S state) {}

  abstract Setting<T, S> newSetting(Random random);

  /** {@code number} is one that no other operation has. */
  abstract Operation<T, S> randomOperation(Random random, int number);

  /** Returns how many threads and tasks wait at the moment. */
  abstract int waiting(T subject);

  /** Returns what can have its result only if nobody waits for what is there. */
  abstract Operation<T, S> look();

  /** Returns what lets one of those who wait go on; it does not wait itself. */
  abstract Operation<T, S> relief(T subject, int number);

  /** Returns operations whose results show the state at the end, when nobody else uses it any more. */
  abstract List<Operation<T, S>> closing(T subject);

  /** Lets go of what the subject holds. */
  void dispose(T subject) throws Exception {}

  int histories() {
    return HISTORIES;
  }

  @EveryBackend
  void whatThreadsAndTasksDoTogetherHappensInSomeOrder(RunOptions options) throws Exception {
    for (long seed = 1; seed <= histories(); seed++) {
      check(seed, options);
    }
  }

  private void check(long seed, RunOptions options) throws Exception {
    Random random = new Random(seed);
    Setting<T, S> setting = newSetting(random);
    T subject = setting.subject();
    int[] number = {0};
    Program<T, S> program = Program.random(random, () -> randomOperation(random, number[0]++));
    Round<T, S> round = new Round<>(subject, program, options);
    try {
      round.start();
      supervise(round, subject, number);
      round.join();
      assertThat(waiting(subject)).as("waiting at the end").isZero();
      round.perform(look());
      for (Operation<T, S> last : closing(subject)) {
        round.perform(last);
      }
      assertThat(Linearization.exists(setting.state(), round.history()))
          .as("there is an order of the operations that explains their results")
          .isTrue();
    } catch (Throwable failure) {
      throw new AssertionError(
          "Seed %d, %s, %s\n%s".formatted(seed, setting.state(), program, round.history()),
          failure);
    } finally {
      dispose(subject);
    }
  }

  private void supervise(Round<T, S> round, T subject, int[] number) throws InterruptedException {
    long start = System.nanoTime();
    int reliefs = 0;
    while (round.active() > 0) {
      int waiting = waiting(subject);
      if (waiting > 0 && waiting >= round.active()) {
        assertThat(++reliefs).as("times that those who wait were served").isLessThan(MOST_RELIEFS);
        round.perform(look());
        round.perform(relief(subject, number[0]++));
      } else if (System.nanoTime() - start > HANG_NANOS) {
        throw new AssertionError("hangs: served, and not woken");
      } else {
        Thread.yield();
      }
    }
  }
}
