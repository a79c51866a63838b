package dev.trefoil.tests.sync;

import dev.trefoil.sync.SemaphoreStatistics;
import dev.trefoil.tests.model.Call;
import dev.trefoil.tests.model.ModelTask;
import java.util.ArrayList;
import java.util.List;

/** A count, of which what is released goes to who has waited longest. */
final class SemaphoreModel extends LockableModel {
  private final List<ModelTask> line = new ArrayList<>();
  private final int max;
  private int value;

  SemaphoreModel(int initial, int max) {
    this.value = initial;
    this.max = max;
  }

  @Override
  String take(ModelTask task, Call call) {
    if (value == 0) {
      return WOULD_BLOCK;
    }
    value--;
    return DONE;
  }

  @Override
  void line(ModelTask task, Call call) {
    line.add(task);
  }

  @Override
  String release(ModelTask task, Call call) {
    if (value == max) {
      return REFUSED;
    }
    if (line.isEmpty()) {
      value++;
    } else {
      line.removeFirst().wake(DONE);
    }
    return DONE;
  }

  @Override
  protected void leave(ModelTask task) {
    line.remove(task);
  }

  static String look(SemaphoreStatistics now) {
    return look(now.value(), now.tasksWaiting());
  }

  private static String look(int value, int waiting) {
    return "value " + value + ", waiting " + waiting;
  }

  @Override
  public String look() {
    return look(value, line.size());
  }
}
