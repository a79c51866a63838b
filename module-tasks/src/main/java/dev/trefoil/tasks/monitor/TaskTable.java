package dev.trefoil.tasks.monitor;

import dev.trefoil.hazmat.Task;
import dev.trefoil.hazmat.TaskState;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What the hooks have told of the living tasks of a run. Written by the run's thread, read by any: so
 * it is there when the run does not answer, and then right but for what the blocking step has done
 * without any hook, since nothing else happens meanwhile.
 */
final class TaskTable {
  private final ConcurrentSkipListMap<Long, Row> rows = new ConcurrentSkipListMap<>();
  private final AtomicLong spawned = new AtomicLong();
  private final AtomicLong exited = new AtomicLong();

  /** What is known of a task at one moment. */
  record Seen(TaskState state, String label, long steps) {}

  /** A task. */
  static final class Row {
    private final Task<?> task;
    private volatile Seen seen;
    private volatile @Nullable Task<?> parent;

    private Row(Task<?> task) {
      this.task = task;
      this.seen = new Seen(TaskState.RUNNABLE, TaskState.RUNNABLE.name(), 0);
      this.parent = task.owner().parentTask();
    }

    /** Of which only what is safe from any thread may be used, unless on the run's. */
    Task<?> task() {
      return task;
    }

    Seen seen() {
      return seen;
    }

    @Nullable Task<?> parent() {
      return parent;
    }
  }

  // ---- on the run's thread

  void add(Task<?> task) {
    rows.put(task.id(), new Row(task));
    spawned.incrementAndGet();
  }

  void update(Task<?> task, TaskState state, int steps) {
    Row row = rows.get(task.id());
    if (row != null) {
      String label = state == TaskState.PARKED ? task.stateLabel() : state.name();
      row.seen = new Seen(state, label, row.seen.steps() + steps);
      row.parent = task.owner().parentTask();
    }
  }

  void remove(Task<?> task) {
    if (rows.remove(task.id()) != null) {
      exited.incrementAndGet();
    }
  }

  // ---- from any thread

  @Nullable Row find(long id) {
    return rows.get(id);
  }

  /** In the order of spawning. */
  Stream<Row> inOrder() {
    return rows.values().stream();
  }

  long spawned() {
    return spawned.get();
  }

  long exited() {
    return exited.get();
  }
}
