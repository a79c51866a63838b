package dev.trefoil.tests.sync;

import dev.trefoil.sync.Condition;
import dev.trefoil.sync.Lock;
import dev.trefoil.sync.Lockable;
import dev.trefoil.tests.model.Call;
import dev.trefoil.tests.model.Model;
import dev.trefoil.tests.model.ModelContract;
import dev.trefoil.tests.model.Subject;
import dev.trefoil.tests.model.Vocabulary;
import java.util.List;
import java.util.stream.Stream;

/** Programs of as many conditions of one lock as {@code size} says. */
abstract class ConditionModelContract extends ModelContract {
  static Vocabulary vocabulary(int conditions) {
    return LockableSubject.vocabulary(conditions, conditions)
        .waiting(3, "acquire")
        .waiting(4, "await", conditions)
        .waiting(2, "awaitFor", conditions, 3)
        .immediate(2, "signal", conditions, 4)
        .immediate(2, "signalAll", conditions)
        .immediate(2, "change", 3);
  }

  @Override
  protected Model model(int size) {
    return new ConditionModel(size);
  }

  @Override
  protected Subject subject(int size) {
    return new Conditions(size);
  }

  private static final class Conditions extends LockableSubject {
    private final Lock lock = new Lock();
    private final List<Condition> conditions;
    private int state;

    Conditions(int count) {
      conditions = Stream.generate(() -> new Condition(lock)).limit(count).toList();
    }

    @Override
    Lockable lockable(Call call) {
      return conditions.getLast();
    }

    @Override
    public String perform(Call call) throws Exception {
      switch (call.name()) {
        case "change" -> state = call.argument();
        case "await" -> condition(call).await();
        case "awaitFor" -> condition(call).awaitFor(() -> state == call.argument(1));
        case "signal" -> condition(call).signal(call.argument(1));
        case "signalAll" -> condition(call).signalAll();
        default -> {
          return super.perform(call);
        }
      }
      return DONE;
    }

    private Condition condition(Call call) {
      return conditions.get(call.argument());
    }

    @Override
    public String look() {
      return LockModel.look(conditions.getFirst().statistics().lock())
          + ", for conditions "
          + conditions.stream().map(condition -> condition.statistics().tasksWaiting()).toList();
    }
  }
}
