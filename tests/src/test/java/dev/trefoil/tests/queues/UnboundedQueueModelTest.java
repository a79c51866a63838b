package dev.trefoil.tests.queues;

import dev.trefoil.queues.UnboundedQueue;
import dev.trefoil.queues.UnboundedQueueStatistics;
import dev.trefoil.tests.model.Call;
import dev.trefoil.tests.model.Model;
import dev.trefoil.tests.model.ModelContract;
import dev.trefoil.tests.model.ModelTask;
import dev.trefoil.tests.model.Subject;
import dev.trefoil.tests.model.Vocabulary;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;

@Tag("T92")
final class UnboundedQueueModelTest extends ModelContract {
  @Override
  protected Vocabulary vocabulary() {
    return new Vocabulary()
        .waiting(3, "getBatch")
        .immediate(1, "getBatchNowait")
        .immediate(2, "put", 100);
  }

  @Override
  protected Subject subject(int size) {
    UnboundedQueue<Integer> queue = new UnboundedQueue<>();
    return new Subject() {
      @Override
      public String perform(Call call) {
        return switch (call.name()) {
          case "getBatch" -> queue.getBatch().toString();
          case "getBatchNowait" -> queue.getBatchNowait().toString();
          case "put" -> {
            queue.put(call.argument());
            yield DONE;
          }
          default -> throw new AssertionError(call);
        };
      }

      @Override
      public String look() {
        UnboundedQueueStatistics now = queue.statistics();
        return "size " + now.size() + ", waiting " + now.waitingToGet();
      }
    };
  }

  @Override
  protected Model model(int size) {
    return new UnboundedQueueModel();
  }

  /** Who has waited longest gets a batch that grows until it runs. */
  private static final class UnboundedQueueModel extends Model {
    private final List<ModelTask> getters = new ArrayList<>();
    private List<Integer> items = new ArrayList<>();
    private @Nullable List<Integer> growing;

    @Override
    public @Nullable String perform(ModelTask task, Call call) {
      return switch (call.name()) {
        case "getBatch" -> {
          if (items.isEmpty()) {
            getters.add(task);
            yield null;
          }
          yield takeAll();
        }
        case "getBatchNowait" -> items.isEmpty() ? WOULD_BLOCK : takeAll();
        case "put" -> {
          put(call.argument());
          yield DONE;
        }
        default -> throw new AssertionError(call);
      };
    }

    private String takeAll() {
      String batch = items.toString();
      items = new ArrayList<>();
      return batch;
    }

    private void put(int item) {
      if (growing != null) {
        growing.add(item);
      } else if (getters.isEmpty()) {
        items.add(item);
      } else {
        List<Integer> batch = new ArrayList<>(List.of(item));
        growing = batch;
        getters
            .removeFirst()
            .wake(
                () -> {
                  growing = null;
                  return batch.toString();
                });
      }
    }

    @Override
    protected void leave(ModelTask task) {
      getters.remove(task);
    }

    @Override
    public String look() {
      return "size " + items.size() + ", waiting " + getters.size();
    }
  }
}
