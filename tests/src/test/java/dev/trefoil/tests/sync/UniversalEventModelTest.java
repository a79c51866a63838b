package dev.trefoil.tests.sync;

import dev.trefoil.sync.UniversalEvent;
import dev.trefoil.sync.UniversalEventStatistics;
import dev.trefoil.tests.model.Call;
import dev.trefoil.tests.model.Model;
import dev.trefoil.tests.model.ModelContract;
import dev.trefoil.tests.model.Subject;
import dev.trefoil.tests.model.Vocabulary;
import org.junit.jupiter.api.Tag;

@Tag("T79")
final class UniversalEventModelTest extends ModelContract {
  @Override
  protected Vocabulary vocabulary() {
    return EventModel.VOCABULARY;
  }

  @Override
  protected Model model(int size) {
    return new EventModel();
  }

  @Override
  protected Subject subject(int size) {
    UniversalEvent event = new UniversalEvent();
    return new Subject() {
      @Override
      public String perform(Call call) throws InterruptedException {
        switch (call.name()) {
          case "await" -> event.await();
          case "set" -> event.set();
          case "clear" -> event.clear();
          default -> throw new AssertionError(call);
        }
        return DONE;
      }

      @Override
      public String look() {
        UniversalEventStatistics now = event.statistics();
        return "set " + now.set() + ", waiting " + now.tasksWaiting();
      }
    };
  }
}
