package dev.trefoil.tests.sync;

import dev.trefoil.sync.LockStatistics;
import dev.trefoil.tests.model.Call;
import dev.trefoil.tests.model.ModelTask;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A lock: handed over to who has waited longest, and broken for good when its owner ends. */
class LockModel extends LockableModel {
  final List<ModelTask> line = new ArrayList<>();
  @Nullable ModelTask owner;
  private boolean broken;

  @Override
  String take(ModelTask task, Call call) {
    if (owner == null) {
      owner = task;
      return DONE;
    }
    return broken ? BROKEN : owner == task ? takeAgain() : WOULD_BLOCK;
  }

  String takeAgain() {
    return REFUSED;
  }

  @Override
  void line(ModelTask task, Call call) {
    line.add(task);
  }

  @Override
  String release(ModelTask task, Call call) {
    if (owner != task) {
      return REFUSED;
    }
    handOver();
    return DONE;
  }

  void handOver() {
    owner = line.isEmpty() ? null : line.removeFirst();
    if (owner != null) {
      wakeOwner(owner);
    }
  }

  void wakeOwner(ModelTask next) {
    next.wake(DONE);
  }

  @Override
  protected void leave(ModelTask task) {
    line.remove(task);
  }

  @Override
  protected void ended(ModelTask task) {
    if (owner == task) {
      broken = true;
      breakLine(line);
    }
  }

  boolean isBroken() {
    return broken;
  }

  static void breakLine(List<ModelTask> line) {
    line.forEach(waiter -> waiter.wake(BROKEN));
    line.clear();
  }

  static String look(LockStatistics now) {
    return look(now.owner() == null ? null : now.owner().name(), now.tasksWaiting());
  }

  private static String look(@Nullable Object owner, int waiting) {
    return "owner " + owner + ", waiting " + waiting;
  }

  @Override
  public String look() {
    return look(owner, line.size());
  }
}
