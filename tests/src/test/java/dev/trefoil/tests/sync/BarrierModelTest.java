package dev.trefoil.tests.sync;

import dev.trefoil.sync.Barrier;
import dev.trefoil.tests.model.Call;
import dev.trefoil.tests.model.Model;
import dev.trefoil.tests.model.ModelContract;
import dev.trefoil.tests.model.Subject;
import dev.trefoil.tests.model.Vocabulary;

final class BarrierModelTest extends ModelContract {
  @Override
  protected Vocabulary vocabulary() {
    return new Vocabulary(1, 4).waiting(1, "await");
  }

  @Override
  protected Model model(int size) {
    return new BarrierModel(size);
  }

  @Override
  protected Subject subject(int size) {
    Barrier barrier = new Barrier(size);
    return new Subject() {
      @Override
      public String perform(Call call) {
        return "place " + barrier.await();
      }

      @Override
      public String look() {
        return "waiting " + barrier.statistics().tasksWaiting();
      }
    };
  }
}
