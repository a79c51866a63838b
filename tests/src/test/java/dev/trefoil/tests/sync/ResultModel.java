package dev.trefoil.tests.sync;

import dev.trefoil.tests.model.Call;
import dev.trefoil.tests.model.Model;
import dev.trefoil.tests.model.ModelTask;
import dev.trefoil.tests.model.Vocabulary;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A result: set once, the same for all. */
final class ResultModel extends Model {
  static final Vocabulary VOCABULARY =
      new Vocabulary()
          .waiting(6, "await")
          .immediate(1, "setValue", 100)
          .immediate(1, "setException");

  private final List<ModelTask> waiting = new ArrayList<>();
  private @Nullable String result;

  @Override
  public @Nullable String perform(ModelTask task, Call call) {
    return switch (call.name()) {
      case "await" -> {
        if (result == null) {
          waiting.add(task);
        }
        yield result;
      }
      case "setValue" -> set("value " + call.argument());
      case "setException" -> set("UnsupportedOperationException");
      default -> throw new AssertionError(call);
    };
  }

  private String set(String made) {
    if (result != null) {
      return REFUSED;
    }
    result = made;
    waiting.forEach(waiter -> waiter.wake(made));
    waiting.clear();
    return DONE;
  }

  @Override
  protected void leave(ModelTask task) {
    waiting.remove(task);
  }

  @Override
  public String look() {
    return "set " + (result != null) + ", waiting " + waiting.size();
  }
}
