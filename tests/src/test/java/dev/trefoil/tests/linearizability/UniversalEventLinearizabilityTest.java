package dev.trefoil.tests.linearizability;

import dev.trefoil.sync.UniversalEvent;
import dev.trefoil.sync.UniversalEventStatistics;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Tag;

@Tag("T79")
final class UniversalEventLinearizabilityTest
    extends LinearizabilityContract<UniversalEvent, Boolean> {
  private enum EventOperation implements Operation<UniversalEvent, Boolean> {
    SET {
      @Override
      public Object perform(UniversalEvent event) {
        event.set();
        return "set";
      }

      @Override
      public Optional<Boolean> after(Boolean isSet, Object result) {
        return Optional.of(true);
      }
    },

    CLEAR {
      @Override
      public Object perform(UniversalEvent event) {
        event.clear();
        return "cleared";
      }

      @Override
      public Optional<Boolean> after(Boolean isSet, Object result) {
        return Optional.of(false);
      }
    },

    AWAIT {
      @Override
      public Object perform(UniversalEvent event) throws InterruptedException {
        event.await();
        return "awaited";
      }

      @Override
      public Optional<Boolean> after(Boolean isSet, Object result) {
        return isSet ? Optional.of(true) : Optional.empty();
      }
    },

    IS_SET {
      @Override
      public Object perform(UniversalEvent event) {
        return event.isSet();
      }

      @Override
      public Optional<Boolean> after(Boolean isSet, Object result) {
        return isSet.equals(result) ? Optional.of(isSet) : Optional.empty();
      }
    },

    LOOK {
      @Override
      public Object perform(UniversalEvent event) {
        return event.statistics();
      }

      @Override
      public Optional<Boolean> after(Boolean isSet, Object result) {
        UniversalEventStatistics seen = (UniversalEventStatistics) result;
        boolean somebodyWaits = seen.tasksWaiting() + seen.threadsWaiting() > 0;
        return seen.set() == isSet && !(isSet && somebodyWaits)
            ? Optional.of(isSet)
            : Optional.empty();
      }
    }
  }

  @Override
  Setting<UniversalEvent, Boolean> newSetting(Random random) {
    return new Setting<>(new UniversalEvent(), false);
  }

  @Override
  Operation<UniversalEvent, Boolean> randomOperation(Random random, int number) {
    return switch (random.nextInt(8)) {
      case 0, 1 -> EventOperation.SET;
      case 2, 3 -> EventOperation.CLEAR;
      case 4, 5, 6 -> EventOperation.AWAIT;
      default -> random.nextBoolean() ? EventOperation.IS_SET : EventOperation.LOOK;
    };
  }

  @Override
  int waiting(UniversalEvent event) {
    var now = event.statistics();
    return now.tasksWaiting() + now.threadsWaiting();
  }

  @Override
  Operation<UniversalEvent, Boolean> look() {
    return EventOperation.LOOK;
  }

  @Override
  Operation<UniversalEvent, Boolean> relief(UniversalEvent event, int number) {
    return EventOperation.SET;
  }

  @Override
  List<Operation<UniversalEvent, Boolean>> closing(UniversalEvent event) {
    return List.of(EventOperation.IS_SET, EventOperation.LOOK);
  }
}
