package dev.trefoil.tests.queues;

import dev.trefoil.queues.QueueStatistics;
import dev.trefoil.tests.model.Call;
import dev.trefoil.tests.model.Model;
import dev.trefoil.tests.model.ModelContract;
import dev.trefoil.tests.model.Subject;
import dev.trefoil.tests.model.Vocabulary;
import dev.trefoil.tests.queues.QueueModel.Item;

/** Programs of one queue. */
abstract class QueueModelContract extends ModelContract {
  abstract AnyQueue<Item> make(int maxSize);

  abstract QueueModel.Order order();

  @Override
  protected Vocabulary vocabulary() {
    return QueueModel.VOCABULARY;
  }

  @Override
  protected Model model(int size) {
    return new QueueModel(size, order());
  }

  @Override
  protected Subject subject(int size) {
    AnyQueue<Item> queue = make(size);
    return new Subject() {
      @Override
      public String perform(Call call) throws Exception {
        switch (call.name()) {
          case "put" -> queue.put(Item.of(call));
          case "putNowait" -> queue.putNowait(Item.of(call));
          case "get" -> {
            return "got " + queue.get();
          }
          case "getNowait" -> {
            return "got " + queue.getNowait();
          }
          case "join" -> queue.join();
          case "taskDone" -> queue.taskDone();
          default -> throw new AssertionError(call);
        }
        return DONE;
      }

      @Override
      public String look() {
        QueueStatistics now = queue.statistics();
        return QueueModel.look(
            now.size(),
            now.unfinished(),
            now.waitingToGet(),
            now.waitingToPut(),
            now.waitingToJoin());
      }
    };
  }
}
