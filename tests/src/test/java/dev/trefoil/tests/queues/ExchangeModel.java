package dev.trefoil.tests.queues;

import dev.trefoil.tests.model.Call;
import dev.trefoil.tests.model.Model;
import dev.trefoil.tests.model.ModelTask;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Channels, and tasks that wait at one of them or at several. To select is to wait in the lines of all
 * branches; a single operation is a select of one branch.
 */
final class ExchangeModel extends Model {
  private static final String CLOSED = "ClosedResource";

  /** One of the ways in which a wait may end. */
  private record Branch(Channel channel, boolean sends, String item, boolean untilEnd) {
    List<Waiter> line() {
      return sends ? channel.senders : channel.receivers;
    }

    /** What keeps it from happening now, or null. */
    @Nullable String obstacle() {
      if (sends) {
        return channel.sendingClosed
            ? CLOSED
            : channel.receivingClosed
                ? "BrokenResource"
                : channel.receivers.isEmpty() && channel.items.size() >= channel.capacity
                    ? WOULD_BLOCK
                    : null;
      }
      return channel.receivingClosed
          ? CLOSED
          : !channel.items.isEmpty() || !channel.senders.isEmpty()
              ? null
              : channel.sendingClosed ? "EndOfChannel" : WOULD_BLOCK;
    }
  }

  private static final class Channel {
    final int capacity;
    final List<String> items = new ArrayList<>();
    final List<Waiter> senders = new ArrayList<>();
    final List<Waiter> receivers = new ArrayList<>();
    final long[] lastSelected = new long[2];
    boolean sendingClosed;
    boolean receivingClosed;

    Channel(int capacity) {
      this.capacity = capacity;
    }
  }

  /** A task that waits; it is in the lines of those of its branches that can still happen. */
  private static final class Waiter {
    final ModelTask task;
    final List<Branch> branches;
    int places;

    Waiter(ModelTask task, List<Branch> branches) {
      this.task = task;
      this.branches = branches;
    }

    Branch branchIn(List<Waiter> line) {
      return branches.stream().filter(branch -> branch.line() == line).findFirst().orElseThrow();
    }
  }

  private final List<Channel> channels;

  ExchangeModel(List<Integer> capacities) {
    channels = capacities.stream().map(Channel::new).toList();
  }

  @Override
  public @Nullable String perform(ModelTask task, Call call) {
    switch (call.name()) {
      case "send", "receive" -> {
        return select(task, List.of(single(call)), true, false);
      }
      case "sendNowait", "receiveNowait" -> {
        Branch branch = single(call);
        String obstacle = branch.obstacle();
        return obstacle == null ? transfer(branch) : obstacle;
      }
      case "any" -> {
        return select(task, several(call, false), true, false);
      }
      case "anyUntilEnd" -> {
        return select(task, several(call, true), true, false);
      }
      case "anyOr" -> {
        return select(task, several(call, false), true, true);
      }
      case "inOrder" -> {
        return select(task, several(call, false), false, false);
      }
      case "closeSender" -> close(channels.get(call.argument()), true);
      case "closeReceiver" -> close(channels.get(call.argument()), false);
      default -> throw new AssertionError(call);
    }
    return DONE;
  }

  private Branch single(Call call) {
    boolean sends = call.name().startsWith("send");
    return new Branch(
        channels.get(call.argument(0)), sends, ExchangeModelTest.item(call, 0), false);
  }

  private List<Branch> several(Call call, boolean untilEnd) {
    List<Branch> branches = new ArrayList<>();
    for (int i = 0; i < ExchangeModelTest.BRANCHES; i++) {
      branches.add(
          new Branch(
              channels.get(ExchangeModelTest.channel(call, i)),
              ExchangeModelTest.sends(call, i),
              ExchangeModelTest.item(call, i),
              untilEnd && !ExchangeModelTest.sends(call, i)));
    }
    return branches;
  }

  private @Nullable String select(
      ModelTask task, List<Branch> branches, boolean fair, boolean otherwise) {
    Branch chosen = null;
    String failure = null;
    boolean allHaveEnded = true;
    for (Branch branch : branches) {
      String obstacle = branch.obstacle();
      if (CLOSED.equals(obstacle)) {
        return obstacle;
      }
      if (obstacle == null) {
        if (chosen == null || (fair && stamp(branch) < stamp(chosen))) {
          chosen = branch;
        }
      } else if (!obstacle.equals(WOULD_BLOCK) && !branch.untilEnd() && failure == null) {
        failure = obstacle;
      }
      allHaveEnded &= "EndOfChannel".equals(obstacle);
    }
    if (chosen != null) {
      served(branches, chosen);
      return transfer(chosen);
    }
    if (failure != null || allHaveEnded) {
      return failure != null ? failure : "EndOfChannel";
    }
    if (otherwise) {
      return "otherwise";
    }
    Waiter waiter = new Waiter(task, branches);
    for (Branch branch : branches) {
      if (WOULD_BLOCK.equals(branch.obstacle())) {
        waiter.places++;
      }
    }
    branches.stream()
        .filter(branch -> WOULD_BLOCK.equals(branch.obstacle()))
        .toList()
        .forEach(branch -> branch.line().add(waiter));
    return null;
  }

  private static long stamp(Branch branch) {
    return branch.channel().lastSelected[branch.sends() ? 1 : 0];
  }

  /** Makes the line the last in turn among those of a select. */
  private static void served(List<Branch> branches, Branch chosen) {
    if (branches.size() > 1) {
      long latest = branches.stream().mapToLong(ExchangeModel::stamp).max().orElseThrow();
      chosen.channel().lastSelected[chosen.sends() ? 1 : 0] = latest + 1;
    }
  }

  private String transfer(Branch branch) {
    Channel channel = branch.channel();
    if (branch.sends()) {
      if (channel.receivers.isEmpty()) {
        channel.items.add(branch.item());
      } else {
        end(channel.receivers, "got " + branch.item());
      }
      return "sent " + branch.item();
    }
    if (!channel.senders.isEmpty()) {
      String item = channel.senders.getFirst().branchIn(channel.senders).item();
      channel.items.add(item);
      end(channel.senders, "sent " + item);
    }
    return "got " + channel.items.removeFirst();
  }

  /** Lets a branch of the first in line happen. */
  private void end(List<Waiter> line, String result) {
    Waiter first = line.getFirst();
    leave(first.task);
    // Whose turn it is counts from when the select goes on.
    first.task.wake(
        () -> {
          served(first.branches, first.branchIn(line));
          return result;
        });
  }

  @Override
  protected void leave(ModelTask task) {
    for (Channel channel : channels) {
      channel.senders.removeIf(waiter -> waiter.task == task);
      channel.receivers.removeIf(waiter -> waiter.task == task);
    }
  }

  private void close(Channel channel, boolean sends) {
    if (sends ? channel.sendingClosed : channel.receivingClosed) {
      return;
    }
    if (sends) {
      channel.sendingClosed = true;
      fail(channel.senders, CLOSED);
      fail(channel.receivers, "EndOfChannel");
    } else {
      channel.receivingClosed = true;
      channel.items.clear();
      fail(channel.receivers, CLOSED);
      fail(channel.senders, "BrokenResource");
    }
  }

  private void fail(List<Waiter> line, String error) {
    while (!line.isEmpty()) {
      Waiter first = line.getFirst();
      boolean merelyLeaves = error.equals("EndOfChannel") && first.branchIn(line).untilEnd();
      if (merelyLeaves && first.places > 1) {
        first.places--;
        line.removeFirst();
      } else {
        leave(first.task);
        first.task.wake(error);
      }
    }
  }

  @Override
  public String look() {
    StringBuilder look = new StringBuilder();
    for (Channel channel : channels) {
      look.append(channel.items.size()).append(' ').append(channel.senders.size());
      look.append(' ').append(channel.receivers.size()).append("; ");
    }
    return look.toString();
  }
}
