package dev.trefoil.tests.stress;

import static org.assertj.core.api.Assertions.assertThat;

import dev.trefoil.hazmat.Backend;
import dev.trefoil.hazmat.Cancelled;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.Outcome;
import dev.trefoil.hazmat.RunOptions;
import dev.trefoil.hazmat.RunStatistics;
import dev.trefoil.hazmat.Task;
import dev.trefoil.hazmat.TaskError;
import dev.trefoil.tasks.CancelScope;
import dev.trefoil.tasks.ExceptionGroup;
import dev.trefoil.tasks.Kernel;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.tasks.TaskGroup;
import dev.trefoil.tasks.TaskTimeout;
import dev.trefoil.tasks.Timeout;
import dev.trefoil.tasks.TimeoutCancellation;
import dev.trefoil.tasks.TooSlow;
import dev.trefoil.tasks.Trefoil;
import dev.trefoil.tasks.UncaughtTimeout;
import dev.trefoil.testing.MockClock;
import dev.trefoil.tests.hazmat.KernelLog;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * All that a program can do with tasks, at random and at once: kernel tasks, nurseries, groups,
 * scopes and timeouts in each other, and everybody cancelling everybody.
 */
@Tag("R64")
@Tag("R68")
@Tag("T6")
@Tag("T13")
@Tag("T68")
@Tag("T69")
@Tag("T73")
@Tag("T74")
@Tag("T75")
final class TaskModelChurnTest {
  private static final int TASKS = 10_000;
  private static final int REPETITIONS = 50;

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "AUTO")
  @org.junit.jupiter.api.Timeout(value = 240, threadMode = ThreadMode.SEPARATE_THREAD)
  void tenThousandTasksLeaveNoTaskNoScopeAndNoDeadlineBehindFiftyTimes(Backend backend) {
    Seen all = new Seen();
    for (int seed = 1; seed <= REPETITIONS; seed++) {
      RunOptions options =
          RunOptions.defaults().withBackend(backend).withSeed(seed).withClock(MockClock.autojump());
      // Of bodies that end late, since they are shielded.
      try (KernelLog warnings = KernelLog.capture("dev.trefoil.tasks");
          Kernel kernel = Kernel.builder().options(options).logErrors(false).build()) {
        Churn churn = new Churn(new SplittableRandom(seed), all);
        kernel.run(churn::run);
        assertThat(churn.wrong).as("seed %s on %s", seed, backend).isEmpty();
        all.warnings += warnings.messages().size();
      }
    }
    // So that it does not pass because nothing of it happens.
    assertThat(all.scopesCaught).isPositive();
    assertThat(all.timeoutsExpired).isPositive();
    assertThat(all.tasksFailed).isPositive();
    assertThat(all.tasksCancelled).isPositive();
    assertThat(all.groupsFailed).isPositive();
    assertThat(all.cancelsWaitedFor).isPositive();
    assertThat(all.daemons).isPositive();
    assertThat(all.adopted).isPositive();
    assertThat(all.spawnedLate).isPositive();
    assertThat(all.warnings).isPositive();
  }

  private static final class Seen {
    int scopesCaught;
    int timeoutsExpired;
    int tasksFailed;
    int tasksCancelled;
    int groupsFailed;
    int cancelsWaitedFor;
    int daemons;
    int adopted;
    int spawnedLate;
    int warnings;
  }

  private static final class Churn {
    private static final int DEEPEST = 3;

    private final SplittableRandom random;
    private final Seen seen;
    private final List<Task<?>> tasks = new ArrayList<>();
    private final List<String> wrong = new ArrayList<>();

    Churn(SplittableRandom random, Seen seen) {
      this.random = random;
      this.seen = seen;
    }

    void run() {
      RunStatistics before = Hazmat.currentRun().statistics();
      while (tasks.size() < TASKS) {
        boolean daemon = random.nextInt(10) == 0;
        tasks.add(Kernel.spawn(() -> live(0), daemon));
      }
      // The list grows while tasks that are waited for spawn others.
      for (int i = 0; i < tasks.size(); i++) {
        tasks.get(i).awaitEnd();
        judge(tasks.get(i).outcome());
      }
      RunStatistics after = Hazmat.currentRun().statistics();
      if (after.tasksLiving() != 1
          || after.tasksRunnable() != 0
          || after.deadlines() != 0
          || after.cancelStatuses() != before.cancelStatuses()
          || after.entryQueueSize() != 0) {
        wrong.add("left behind: " + after + " of " + before);
      }
    }

    private void judge(Outcome<?> outcome) {
      if (outcome instanceof Outcome.Failure<?>(Throwable error)) {
        if (error instanceof Cancelled) {
          seen.tasksCancelled++;
        } else {
          seen.tasksFailed++;
        }
        if (!isExpected(error)) {
          wrong.add(error.toString());
        }
      }
    }

    private static boolean isExpected(Throwable error) {
      return switch (error) {
        case ExceptionGroup group -> group.leaves().stream().allMatch(Churn::isExpected);
        case TaskError failed -> isExpected(failed.getCause());
        case UncaughtTimeout uncaught -> isExpected(uncaught.getCause());
        default ->
            error instanceof IOException
                || error instanceof Cancelled
                || error instanceof TaskTimeout
                || error instanceof TimeoutCancellation
                || error instanceof TooSlow;
      };
    }

    // ---- what a task does

    private void live(int depth) throws IOException {
      for (int steps = random.nextInt(4); steps >= 0; steps--) {
        if (random.nextInt(4) == 0) {
          limited(depth, 3);
        } else {
          act(depth);
        }
      }
    }

    private static Duration time(int millis) {
      return Duration.ofMillis(millis);
    }

    /** Acts inside limits of all kinds, in each other. */
    private void limited(int depth, int limits) throws IOException {
      if (limits == 0) {
        act(depth);
        return;
      }
      Duration limit = time(random.nextInt(8));
      try {
        switch (random.nextInt(4)) {
          case 0 -> Timeout.timeoutAfter(limit, () -> limited(depth, limits - 1));
          case 1 -> {
            Timeout timeout = Timeout.ignoreAfter(limit, () -> limited(depth, limits - 1));
            seen.timeoutsExpired += timeout.expired() ? 1 : 0;
          }
          case 2 -> CancelScope.failAfter(limit, () -> limited(depth, limits - 1));
          default -> {
            CancelScope scope = CancelScope.withTimeout(limit);
            scope.run(() -> limited(depth, limits - 1));
            seen.scopesCaught += scope.cancelledCaught() ? 1 : 0;
          }
        }
      } catch (TaskTimeout | TooSlow late) {
        // Most are caught where they should be, and some are not.
        if (random.nextInt(5) == 0) {
          throw late;
        }
        seen.timeoutsExpired++;
      }
    }

    private void act(int depth) throws IOException {
      switch (random.nextInt(12)) {
        case 0, 1, 2 -> Trefoil.sleep(time(random.nextInt(6)));
        case 3, 4 -> Hazmat.yieldBriefly();
        case 5 -> cleanUpSlowly();
        case 6 -> openNursery(depth);
        case 7 -> openGroup(depth);
        case 8 -> someTask().interrupt();
        case 9 -> cancelAndWait();
        case 10 -> joinForAWhile();
        default -> {
          if (random.nextInt(3) == 0) {
            throw new IOException("failed on purpose");
          }
        }
      }
    }

    private void cleanUpSlowly() {
      try {
        Trefoil.sleep(time(random.nextInt(6)));
      } finally {
        CancelScope.create().shielded().run(() -> Trefoil.sleep(time(random.nextInt(3))));
      }
    }

    private void openNursery(int depth) {
      if (depth < DEEPEST) {
        Nursery.open(
            nursery -> {
              for (int count = random.nextInt(4); count > 0; count--) {
                tasks.add(nursery.spawn(() -> live(depth + 1)));
              }
              if (random.nextInt(3) == 0) {
                nursery.cancelScope().cancel();
              }
              act(depth + 1);
            });
      }
    }

    private void openGroup(int depth) throws IOException {
      if (depth >= DEEPEST) {
        return;
      }
      TaskGroup.Wait[] kinds = TaskGroup.Wait.values();
      TaskGroup<?> group =
          TaskGroup.open(
              kinds[random.nextInt(kinds.length)],
              members -> {
                for (int count = random.nextInt(4); count > 0; count--) {
                  tasks.add(members.spawn(() -> liveInGroup(members, depth + 1)));
                }
                switch (random.nextInt(6)) {
                  case 0 -> members.nextDone();
                  case 1 -> members.cancelRemaining();
                  case 2 -> act(depth + 1);
                  case 3 -> serve(members);
                  case 4 -> adopt(members, depth);
                  default -> {}
                }
              });
      seen.groupsFailed += group.exception() != null ? 1 : 0;
    }

    /** May leave somebody behind who is spawned while the group is being cancelled. */
    private void liveInGroup(TaskGroup<Object> members, int depth) throws IOException {
      try {
        live(depth);
      } finally {
        if (random.nextInt(4) == 0) {
          tasks.add(members.spawn(() -> live(DEEPEST)));
          seen.spawnedLate++;
        }
      }
    }

    private void serve(TaskGroup<Object> members) {
      tasks.add(members.spawnDaemon(Trefoil::sleepForever));
      seen.daemons++;
    }

    private void adopt(TaskGroup<Object> members, int depth) {
      Task<?> task = Kernel.spawn(() -> live(depth + 1));
      tasks.add(task);
      members.addTask(task);
      seen.adopted++;
    }

    private Task<?> someTask() {
      // The very first acts before it is in the list.
      return tasks.isEmpty() ? Hazmat.currentTask() : tasks.get(random.nextInt(tasks.size()));
    }

    private void cancelAndWait() {
      Task<?> other = someTask();
      if (other != Hazmat.currentTask()) {
        seen.cancelsWaitedFor += other.cancel() ? 1 : 0;
      }
    }

    private void joinForAWhile() {
      Task<?> other = someTask();
      if (other != Hazmat.currentTask()) {
        CancelScope.moveOnAfter(time(5), other::awaitEnd);
      }
    }
  }
}
