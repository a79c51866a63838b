package dev.trefoil.tests.sync;

import dev.trefoil.sync.Event;
import dev.trefoil.sync.EventStatistics;
import dev.trefoil.tests.model.Call;
import dev.trefoil.tests.model.Model;
import dev.trefoil.tests.model.ModelContract;
import dev.trefoil.tests.model.Subject;
import dev.trefoil.tests.model.Vocabulary;
import org.junit.jupiter.api.Tag;

@Tag("R149")
@Tag("R150")
@Tag("R151")
@Tag("R152")
@Tag("T25")
final class EventModelTest extends ModelContract {
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
    Event event = new Event();
    return new Subject() {
      @Override
      public String perform(Call call) {
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
        EventStatistics now = event.statistics();
        return "set " + now.set() + ", waiting " + now.tasksWaiting();
      }
    };
  }
}
