package dev.trefoil.tests.sync;

import dev.trefoil.sync.Latch;
import dev.trefoil.sync.LatchStatistics;
import dev.trefoil.tests.model.Call;
import dev.trefoil.tests.model.Model;
import dev.trefoil.tests.model.ModelContract;
import dev.trefoil.tests.model.Subject;
import dev.trefoil.tests.model.Vocabulary;

final class LatchModelTest extends ModelContract {
  @Override
  protected Vocabulary vocabulary() {
    return new Vocabulary(0, 4).waiting(2, "await").immediate(1, "countDown");
  }

  @Override
  protected Model model(int size) {
    return new LatchModel(size);
  }

  @Override
  protected Subject subject(int size) {
    Latch latch = new Latch(size);
    return new Subject() {
      @Override
      public String perform(Call call) {
        if (call.name().equals("await")) {
          latch.await();
        } else {
          latch.countDown();
        }
        return DONE;
      }

      @Override
      public String look() {
        LatchStatistics now = latch.statistics();
        return "count " + now.count() + ", waiting " + now.tasksWaiting();
      }
    };
  }
}
