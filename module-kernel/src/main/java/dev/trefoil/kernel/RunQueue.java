package dev.trefoil.kernel;

import dev.trefoil.hazmat.Outcome;
import dev.trefoil.hazmat.TaskState;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * The runnable tasks, linked through the tasks themselves. A pass of the loop takes what is there
 * with {@link #takeBatch()}; what is added meanwhile belongs to the next batch.
 */
final class RunQueue {
  private final @Nullable SplittableRandom random;
  private @Nullable KernelTask<?> head;
  private @Nullable KernelTask<?> tail;
  private int size;

  RunQueue(OptionalLong seed) {
    this.random = seed.isPresent() ? new SplittableRandom(seed.getAsLong()) : null;
  }

  /** Whether batches are shuffled, in which case no schedule point may be skipped either. */
  boolean isRandom() {
    return random != null;
  }

  boolean isEmpty() {
    return head == null;
  }

  int size() {
    return size;
  }

  /** Makes a task runnable. Calls nothing, so a stack overflow comes before all of it or not at all. */
  void add(KernelTask<?> task) {
    task.state = TaskState.RUNNABLE;
    task.label = null;
    task.nextRunnable = null;
    if (tail == null) {
      head = task;
    } else {
      tail.nextRunnable = task;
    }
    tail = task;
    size++;
  }

  /**
   * Empties the queue. Returns the first task of the batch; the others follow by {@code
   * nextRunnable}, which is to be read before the task runs.
   */
  @Nullable KernelTask<?> takeBatch() {
    if (random != null && size > 1) {
      shuffle(random);
    }
    KernelTask<?> first = head;
    head = null;
    tail = null;
    size = 0;
    return first;
  }

  /** Ends a sleep, and makes the task runnable; all of it or nothing, like {@link #add}. */
  void addWoken(KernelTask<?> task, Outcome<?> outcome) {
    add(task);
    task.abort = null;
    task.customSleepData = null;
    task.wakeOutcome = outcome;
  }

  private void shuffle(SplittableRandom source) {
    KernelTask<?>[] tasks = new KernelTask<?>[size];
    int count = 0;
    for (KernelTask<?> task = head; task != null; task = task.nextRunnable) {
      tasks[count++] = task;
    }
    head = null;
    tail = null;
    size = 0;
    while (count > 0) {
      int drawn = source.nextInt(count);
      KernelTask<?> task = tasks[drawn];
      tasks[drawn] = tasks[--count];
      add(task);
    }
  }
}
