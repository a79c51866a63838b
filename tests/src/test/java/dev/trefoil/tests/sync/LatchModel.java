package dev.trefoil.tests.sync;

import dev.trefoil.tests.model.Call;
import dev.trefoil.tests.model.Model;
import dev.trefoil.tests.model.ModelTask;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A latch: down to 0 and never up again. */
final class LatchModel extends Model {
  private final List<ModelTask> waiting = new ArrayList<>();
  private int count;

  LatchModel(int count) {
    this.count = count;
  }

  @Override
  public @Nullable String perform(ModelTask task, Call call) {
    if (call.name().equals("countDown")) {
      count = Math.max(0, count - 1);
      if (count == 0) {
        waiting.forEach(waiter -> waiter.wake(DONE));
        waiting.clear();
      }
    } else if (count > 0) {
      waiting.add(task);
      return null;
    }
    return DONE;
  }

  @Override
  protected void leave(ModelTask task) {
    waiting.remove(task);
  }

  @Override
  public String look() {
    return "count " + count + ", waiting " + waiting.size();
  }
}
