package dev.trefoil.tests.queues;

import dev.trefoil.queues.Branch;
import dev.trefoil.queues.MemoryChannel;
import dev.trefoil.queues.MemoryChannelStatistics;
import dev.trefoil.queues.Queue;
import dev.trefoil.queues.QueueStatistics;
import dev.trefoil.queues.Select;
import dev.trefoil.tests.model.Call;
import dev.trefoil.tests.model.Model;
import dev.trefoil.tests.model.ModelContract;
import dev.trefoil.tests.model.Subject;
import dev.trefoil.tests.model.Vocabulary;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;

/** Two channels and a queue, which is like a channel that cannot be closed, and selects of them all. */
@Tag("T31")
@Tag("T32")
final class ExchangeModelTest extends ModelContract {
  static final int BRANCHES = 2;

  /** How many channels can be closed; the queue comes behind them. */
  private static final int CLOSEABLE = 2;

  private static final int CHANNELS = CLOSEABLE + 1;
  private static final int WAYS = 2 * CHANNELS;
  private static final int ITEMS = 100;

  @Override
  protected Vocabulary vocabulary() {
    return new Vocabulary(0, 8)
        .waiting(12, "send", CHANNELS, ITEMS)
        .waiting(12, "receive", CHANNELS)
        .immediate(5, "sendNowait", CHANNELS, ITEMS)
        .immediate(5, "receiveNowait", CHANNELS)
        .waiting(16, "any", WAYS, WAYS, ITEMS)
        .waiting(6, "anyUntilEnd", WAYS, WAYS, ITEMS)
        .waiting(4, "anyOr", WAYS, WAYS, ITEMS)
        .waiting(4, "inOrder", WAYS, WAYS, ITEMS)
        .immediate(1, "closeSender", CLOSEABLE)
        .immediate(1, "closeReceiver", CLOSEABLE);
  }

  private static List<Integer> capacities(int size) {
    return List.of(size / 3, size % 3, 1);
  }

  // ---- the arguments of a call

  /** At which channel a branch of a select is. */
  static int channel(Call call, int branch) {
    return call.argument(branch) / 2;
  }

  static boolean sends(Call call, int branch) {
    return call.argument(branch) % 2 == 1;
  }

  /** What a branch sends, if it sends. */
  static String item(Call call, int branch) {
    return call.arguments().getLast() + "/" + branch;
  }

  @Override
  protected Model model(int size) {
    return new ExchangeModel(capacities(size));
  }

  @Override
  protected Subject subject(int size) {
    List<Integer> capacities = capacities(size);
    List<Place> places = new ArrayList<>();
    for (int capacity : capacities.subList(0, CLOSEABLE)) {
      places.add(new ChannelPlace(MemoryChannel.open(capacity)));
    }
    places.add(new QueuePlace(new Queue<>(capacities.getLast())));
    return new Exchanges(places);
  }

  /** What a channel and a queue have in common. */
  private interface Place {
    void send(String item);

    void sendNowait(String item);

    String receive();

    String receiveNowait();

    Branch<String, RuntimeException> sending(String item);

    Branch<String, RuntimeException> receiving(boolean untilEnd);

    void close(boolean sender);

    String look();
  }

  private record ChannelPlace(MemoryChannel<String> channel) implements Place {
    @Override
    public void send(String item) {
      channel.sender().send(item);
    }

    @Override
    public void sendNowait(String item) {
      channel.sender().sendNowait(item);
    }

    @Override
    public String receive() {
      return channel.receiver().receive();
    }

    @Override
    public String receiveNowait() {
      return channel.receiver().receiveNowait();
    }

    @Override
    public Branch<String, RuntimeException> sending(String item) {
      return Select.send(channel.sender(), item, () -> "sent " + item);
    }

    @Override
    public Branch<String, RuntimeException> receiving(boolean untilEnd) {
      return untilEnd
          ? Select.receiveUntilEnd(channel.receiver(), got -> "got " + got)
          : Select.receive(channel.receiver(), got -> "got " + got);
    }

    @Override
    public void close(boolean sender) {
      if (sender) {
        channel.sender().close();
      } else {
        channel.receiver().close();
      }
    }

    @Override
    public String look() {
      MemoryChannelStatistics now = channel.sender().statistics();
      return now.used() + " " + now.waitingToSend() + " " + now.waitingToReceive() + "; ";
    }
  }

  private record QueuePlace(Queue<String> queue) implements Place {
    @Override
    public void send(String item) {
      queue.put(item);
    }

    @Override
    public void sendNowait(String item) {
      queue.putNowait(item);
    }

    @Override
    public String receive() {
      return queue.get();
    }

    @Override
    public String receiveNowait() {
      return queue.getNowait();
    }

    @Override
    public Branch<String, RuntimeException> sending(String item) {
      return Select.put(queue, item, () -> "sent " + item);
    }

    @Override
    public Branch<String, RuntimeException> receiving(boolean untilEnd) {
      return Select.get(queue, got -> "got " + got);
    }

    @Override
    public void close(boolean sender) {
      throw new AssertionError("a queue cannot be closed");
    }

    @Override
    public String look() {
      QueueStatistics now = queue.statistics();
      return now.size() + " " + now.waitingToPut() + " " + now.waitingToGet() + "; ";
    }
  }

  private record Exchanges(List<Place> places) implements Subject {
    @Override
    public String perform(Call call) {
      switch (call.name()) {
        case "send" -> {
          place(call).send(item(call, 0));
          return "sent " + item(call, 0);
        }
        case "sendNowait" -> {
          place(call).sendNowait(item(call, 0));
          return "sent " + item(call, 0);
        }
        case "receive" -> {
          return "got " + place(call).receive();
        }
        case "receiveNowait" -> {
          return "got " + place(call).receiveNowait();
        }
        case "any" -> {
          return Select.any(branches(call, false));
        }
        case "anyUntilEnd" -> {
          return Select.any(branches(call, true));
        }
        case "anyOr" -> {
          List<Branch<String, RuntimeException>> branches = branches(call, false);
          branches.add(Select.otherwise(() -> "otherwise"));
          return Select.any(branches);
        }
        case "inOrder" -> {
          return Select.inOrder(branches(call, false));
        }
        case "closeSender" -> place(call).close(true);
        case "closeReceiver" -> place(call).close(false);
        default -> throw new AssertionError(call);
      }
      return DONE;
    }

    private Place place(Call call) {
      return places.get(call.argument());
    }

    private List<Branch<String, RuntimeException>> branches(Call call, boolean untilEnd) {
      List<Branch<String, RuntimeException>> branches = new ArrayList<>();
      for (int i = 0; i < BRANCHES; i++) {
        Place place = places.get(channel(call, i));
        branches.add(sends(call, i) ? place.sending(item(call, i)) : place.receiving(untilEnd));
      }
      return branches;
    }

    @Override
    public String look() {
      return String.join("", places.stream().map(Place::look).toList());
    }
  }
}
