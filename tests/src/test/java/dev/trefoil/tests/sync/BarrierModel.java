package dev.trefoil.tests.sync;

import dev.trefoil.tests.model.Call;
import dev.trefoil.tests.model.Model;
import dev.trefoil.tests.model.ModelTask;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A barrier: the last to come takes the others with it. */
final class BarrierModel extends Model {
  private final List<ModelTask> waiting = new ArrayList<>();
  private final int parties;

  BarrierModel(int parties) {
    this.parties = parties;
  }

  @Override
  public @Nullable String perform(ModelTask task, Call call) {
    int place = waiting.size();
    if (place + 1 < parties) {
      waiting.add(task);
      return null;
    }
    for (int i = 0; i < place; i++) {
      waiting.get(i).wake("place " + i);
    }
    waiting.clear();
    return "place " + place;
  }

  @Override
  protected void leave(ModelTask task) {
    waiting.remove(task);
  }

  @Override
  public String look() {
    return "waiting " + waiting.size();
  }
}
