package dev.trefoil.tasks;

import dev.trefoil.hazmat.Task;
import java.lang.System.Logger.Level;
import java.lang.ref.PhantomReference;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Tasks of a {@link Kernel} that have ended with an outcome nobody has asked for yet. A warning is
 * due once nobody can any more: when the task has been garbage-collected, or the kernel is shut down.
 *
 * <p>No thread waits for the collector, since it would outlive the kernel: the kernel looks whenever
 * another such task is added.
 */
final class UnjoinedTasks {
  private final ReferenceQueue<Task<?>> collected = new ReferenceQueue<>();
  private final Set<Entry> entries = new LinkedHashSet<>();

  void add(Task<?> task, KernelTaskOwner owner, @Nullable Throwable error) {
    for (Reference<?> gone = collected.poll(); gone != null; gone = collected.poll()) {
      if (gone instanceof Entry entry && entries.remove(entry)) {
        entry.warn();
      }
    }
    if (owner.isUntaken()) {
      entries.add(new Entry(task, collected, owner, error));
    }
  }

  /** Warns of all that are left. */
  void close() {
    entries.forEach(Entry::warn);
    entries.clear();
  }

  private static final class Entry extends PhantomReference<Task<?>> {
    private final String description;
    private final KernelTaskOwner owner;
    private final @Nullable Throwable error;

    Entry(
        Task<?> task,
        ReferenceQueue<Task<?>> queue,
        KernelTaskOwner owner,
        @Nullable Throwable error) {
      super(task, queue);
      this.description = task.toString();
      this.owner = owner;
      this.error = error;
    }

    void warn() {
      if (!owner.isUntaken()) {
        return;
      }
      String message =
          description
              + " was never joined, so "
              + (error == null ? "its result" : "its failure")
              + " is lost. Join it, or spawn it as a daemon if nobody is meant to.";
      KernelLog.log(Level.WARNING, message, error);
    }
  }
}
