package dev.trefoil.tests.sync;

import dev.trefoil.tests.model.Call;
import dev.trefoil.tests.model.ModelTask;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Conditions of one lock. Who is signalled stands in line for the lock like others, and who is cancelled
 * comes back with the lock all the same.
 */
final class ConditionModel extends LockModel {
  private final List<List<ModelTask>> conditions;

  /** What those do who waited for a condition, when the lock is theirs again. */
  private final Map<ModelTask, Supplier<@Nullable String>> afterwards = new HashMap<>();

  private final Set<ModelTask> shielded = new HashSet<>();

  /** What predicates look at. */
  private int state;

  ConditionModel(int count) {
    conditions =
        IntStream.range(0, count)
            .<List<ModelTask>>mapToObj(condition -> new ArrayList<>())
            .toList();
  }

  @Override
  public @Nullable String perform(ModelTask task, Call call) {
    switch (call.name()) {
      case "change" -> state = call.argument();
      case "await" -> {
        return owner == task ? sleep(task, call.argument(), () -> DONE) : REFUSED;
      }
      case "awaitFor" -> {
        return owner == task ? sleepUntil(task, call.argument(0), call.argument(1)) : REFUSED;
      }
      case "signal" -> {
        return signal(task, call.argument(0), call.argument(1));
      }
      case "signalAll" -> {
        return signal(task, call.argument(), Integer.MAX_VALUE);
      }
      default -> {
        return super.perform(task, call);
      }
    }
    return DONE;
  }

  private @Nullable String sleep(ModelTask task, int condition, Supplier<@Nullable String> then) {
    handOver();
    conditions.get(condition).add(task);
    afterwards.put(task, then);
    return null;
  }

  private @Nullable String sleepUntil(ModelTask task, int condition, int wanted) {
    return state == wanted
        ? DONE
        : sleep(task, condition, () -> sleepUntil(task, condition, wanted));
  }

  private String signal(ModelTask task, int condition, int count) {
    if (owner != task) {
      return REFUSED;
    }
    List<ModelTask> waiting = conditions.get(condition);
    for (int i = 0; i < count && !waiting.isEmpty(); i++) {
      line.add(waiting.removeFirst());
    }
    return DONE;
  }

  @Override
  void wakeOwner(ModelTask next) {
    Supplier<@Nullable String> then = afterwards.remove(next);
    next.wake(then == null ? () -> DONE : then);
  }

  @Override
  protected void cancelled(ModelTask task) {
    if (!afterwards.containsKey(task)) {
      super.cancelled(task);
    } else if (!shielded.contains(task)) {
      leave(task);
      afterwards.remove(task);
      task.wake(() -> comeBack(task));
    }
  }

  private @Nullable String comeBack(ModelTask task) {
    if (owner == null) {
      owner = task;
      return CANCELLED;
    }
    if (isBroken()) {
      return BROKEN;
    }
    line.add(task);
    shielded.add(task);
    afterwards.put(
        task,
        () -> {
          shielded.remove(task);
          return CANCELLED;
        });
    return null;
  }

  @Override
  protected void leave(ModelTask task) {
    super.leave(task);
    conditions.forEach(waiting -> waiting.remove(task));
  }

  @Override
  protected void ended(ModelTask task) {
    super.ended(task);
    if (isBroken()) {
      conditions.forEach(LockModel::breakLine);
      afterwards.clear();
    }
  }

  @Override
  public String look() {
    return super.look() + ", for conditions " + conditions.stream().map(List::size).toList();
  }
}
