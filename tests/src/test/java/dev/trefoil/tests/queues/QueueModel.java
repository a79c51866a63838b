package dev.trefoil.tests.queues;

import dev.trefoil.tests.model.Call;
import dev.trefoil.tests.model.Model;
import dev.trefoil.tests.model.ModelTask;
import dev.trefoil.tests.model.Vocabulary;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A queue: a list with a line of tasks on each side, of which the oldest are served in the act. */
final class QueueModel extends Model {
  /** What is put is called by two numbers, of which the first is its priority. */
  static final int PRIORITIES = 4;

  static final Vocabulary VOCABULARY =
      new Vocabulary(0, 2)
          .waiting(4, "put", PRIORITIES, 100)
          .immediate(2, "putNowait", PRIORITIES, 100)
          .waiting(4, "get")
          .immediate(2, "getNowait")
          .waiting(2, "join")
          .immediate(4, "taskDone");

  record Item(int priority, int number) {
    static Item of(Call call) {
      return new Item(call.argument(0), call.argument(1));
    }

    @Override
    public String toString() {
      return priority + "/" + number;
    }
  }

  /** Where a newcomer is put. */
  interface Order {
    /** Returns the place in the list, or -1 if the item cannot be compared. */
    int place(Item item, List<Item> items);
  }

  private record Putter(ModelTask task, Item item) {}

  private final int limit;
  private final Order order;
  private final List<Item> items = new ArrayList<>();
  private final List<ModelTask> getters = new ArrayList<>();
  private final List<Putter> putters = new ArrayList<>();
  private final List<ModelTask> joiners = new ArrayList<>();
  private int unfinished;

  /** A limit of 0 is none. */
  QueueModel(int limit, Order order) {
    this.limit = limit;
    this.order = order;
  }

  @Override
  public @Nullable String perform(ModelTask task, Call call) {
    switch (call.name()) {
      case "put" -> {
        String result = put(Item.of(call));
        if (result.equals(WOULD_BLOCK)) {
          putters.add(new Putter(task, Item.of(call)));
          return null;
        }
        return result;
      }
      case "putNowait" -> {
        return put(Item.of(call));
      }
      case "get" -> {
        if (items.isEmpty()) {
          getters.add(task);
          return null;
        }
        return get();
      }
      case "getNowait" -> {
        return items.isEmpty() ? WOULD_BLOCK : get();
      }
      case "join" -> {
        if (unfinished == 0) {
          return DONE;
        }
        joiners.add(task);
        return null;
      }
      case "taskDone" -> {
        return taskDone();
      }
      default -> throw new AssertionError(call);
    }
  }

  private String put(Item item) {
    if (!getters.isEmpty()) {
      unfinished++;
      getters.removeFirst().wake("got " + item);
      return DONE;
    }
    return limit > 0 && items.size() == limit ? WOULD_BLOCK : accept(item);
  }

  private String accept(Item item) {
    int place = order.place(item, items);
    if (place < 0) {
      return "ClassCastException";
    }
    items.add(place, item);
    unfinished++;
    return DONE;
  }

  private String get() {
    Item next = items.removeFirst();
    boolean free = true;
    while (free && !putters.isEmpty()) {
      Putter first = putters.removeFirst();
      String accepted = accept(first.item());
      free = !accepted.equals(DONE);
      first.task().wake(accepted);
    }
    return "got " + next;
  }

  private String taskDone() {
    if (unfinished == 0) {
      return REFUSED;
    }
    unfinished--;
    if (unfinished == 0) {
      joiners.forEach(joiner -> joiner.wake(DONE));
      joiners.clear();
    }
    return DONE;
  }

  @Override
  protected void leave(ModelTask task) {
    getters.remove(task);
    putters.removeIf(putter -> putter.task() == task);
    joiners.remove(task);
  }

  @Override
  public String look() {
    return look(items.size(), unfinished, getters.size(), putters.size(), joiners.size());
  }

  static String look(int size, long unfinished, int getters, int putters, int joiners) {
    return "size "
        + size
        + ", unfinished "
        + unfinished
        + ", waiting to get "
        + getters
        + ", to put "
        + putters
        + ", to join "
        + joiners;
  }
}
