package dev.trefoil.tests.linearizability;

import java.io.IOException;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;

@Tag("T78")
final class UniversalQueueLinearizabilityTest
    extends LinearizabilityContract<ObservedQueue, QueueState> {
  @Override
  Setting<ObservedQueue, QueueState> newSetting(Random random) {
    int maxSize = random.nextInt(3);
    return new Setting<>(
        random.nextInt(3) == 0
            ? ObservedQueue.withReadiness(maxSize)
            : ObservedQueue.withoutReadiness(maxSize),
        QueueState.empty(maxSize));
  }

  @Override
  void dispose(ObservedQueue observed) throws IOException {
    observed.close();
  }

  @Override
  Operation<ObservedQueue, QueueState> randomOperation(Random random, int number) {
    return switch (random.nextInt(15)) {
      case 0, 1, 2, 3 -> new QueueOperation.Put(number);
      case 4, 5, 6, 7 -> new QueueOperation.Get();
      case 8 -> new QueueOperation.PutNowait(number);
      case 9 -> new QueueOperation.GetNowait();
      case 10, 11 -> new QueueOperation.TaskDone();
      case 12 -> new QueueOperation.Join();
      case 13 -> new QueueOperation.IsReadable();
      default -> new QueueOperation.Look();
    };
  }

  @Override
  int waiting(ObservedQueue observed) {
    var now = observed.queue.statistics();
    return now.waitingToGet() + now.waitingToPut() + now.waitingToJoin();
  }

  @Override
  Operation<ObservedQueue, QueueState> look() {
    return new QueueOperation.Look();
  }

  @Override
  Operation<ObservedQueue, QueueState> relief(ObservedQueue observed, int number) {
    return QueueOperation.relief(observed.queue.statistics(), number);
  }

  @Override
  List<Operation<ObservedQueue, QueueState>> closing(ObservedQueue observed) {
    return QueueOperation.closing(observed);
  }
}
