package dev.trefoil.tests.sync;

import dev.trefoil.sync.UniversalEventStatistics;
import dev.trefoil.sync.UniversalResult;
import dev.trefoil.tests.model.Call;
import dev.trefoil.tests.model.Model;
import dev.trefoil.tests.model.ModelContract;
import dev.trefoil.tests.model.Subject;
import dev.trefoil.tests.model.Vocabulary;
import org.junit.jupiter.api.Tag;

@Tag("T79")
final class UniversalResultModelTest extends ModelContract {
  @Override
  protected Vocabulary vocabulary() {
    return ResultModel.VOCABULARY;
  }

  @Override
  protected Model model(int size) {
    return new ResultModel();
  }

  @Override
  protected Subject subject(int size) {
    UniversalResult<String> result = new UniversalResult<>();
    return new Subject() {
      @Override
      public String perform(Call call) throws InterruptedException {
        switch (call.name()) {
          case "await" -> {
            return result.await();
          }
          case "setValue" -> result.setValue("value " + call.argument());
          case "setException" -> result.setException(new UnsupportedOperationException());
          default -> throw new AssertionError(call);
        }
        return DONE;
      }

      @Override
      public String look() {
        UniversalEventStatistics now = result.statistics();
        return "set " + now.set() + ", waiting " + now.tasksWaiting();
      }
    };
  }
}
