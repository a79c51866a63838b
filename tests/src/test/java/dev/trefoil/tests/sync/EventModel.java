package dev.trefoil.tests.sync;

import dev.trefoil.tests.model.Call;
import dev.trefoil.tests.model.Model;
import dev.trefoil.tests.model.ModelTask;
import dev.trefoil.tests.model.Vocabulary;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An event: setting wakes all, who stay awake whatever comes then. */
final class EventModel extends Model {
  static final Vocabulary VOCABULARY =
      new Vocabulary().waiting(3, "await").immediate(1, "set").immediate(1, "clear");

  private final List<ModelTask> waiting = new ArrayList<>();
  private boolean set;

  @Override
  public @Nullable String perform(ModelTask task, Call call) {
    switch (call.name()) {
      case "await" -> {
        if (!set) {
          waiting.add(task);
          return null;
        }
      }
      case "set" -> {
        set = true;
        waiting.forEach(waiter -> waiter.wake(DONE));
        waiting.clear();
      }
      case "clear" -> set = false;
      default -> throw new AssertionError(call);
    }
    return DONE;
  }

  @Override
  protected void leave(ModelTask task) {
    waiting.remove(task);
  }

  @Override
  public String look() {
    return "set " + set + ", waiting " + waiting.size();
  }
}
