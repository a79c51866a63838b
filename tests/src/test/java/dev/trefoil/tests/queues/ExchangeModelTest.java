package dev.trefoil.tests.queues;

import static org.assertj.core.api.Assertions.assertThat;

import dev.trefoil.hazmat.Backend;
import dev.trefoil.hazmat.BrokenResource;
import dev.trefoil.hazmat.ClosedResource;
import dev.trefoil.hazmat.EndOfChannel;
import dev.trefoil.hazmat.RunOptions;
import dev.trefoil.hazmat.WouldBlock;
import dev.trefoil.queues.Branch;
import dev.trefoil.queues.MemoryChannel;
import dev.trefoil.queues.MemoryChannelStatistics;
import dev.trefoil.queues.Select;
import dev.trefoil.tasks.CancelScope;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.tasks.Trefoil;
import dev.trefoil.testing.Testing;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Random programs over two channels, run for real and in a plain model of what is promised. A program
 * that ends differently is made as short as it can be, and shown.
 */
final class ExchangeModelTest {
  private static final int PROGRAMS = Integer.getInteger("trefoil.programs", 3000);

  /** One step: waiting ones are spawned, and given time until all tasks are blocked. */
  sealed interface Step {
    record Wait(List<Way> ways) implements Step {}

    record Nowait(Way way) implements Step {}

    /** Of the operation that was spawned by the n-th step, if that has happened. */
    record Cancel(int step) implements Step {}

    record Close(Way way) implements Step {}

    /** What is left of a step that does not matter. */
    record Nothing() implements Step {}
  }

  /** A channel and a direction. */
  record Way(int channel, boolean sends) {}

  record Program(int[] capacities, List<Step> steps) {
    @Override
    public String toString() {
      StringBuilder text = new StringBuilder();
      text.append("capacities ").append(capacities[0]).append(" and ").append(capacities[1]);
      for (int i = 0; i < steps.size(); i++) {
        if (!(steps.get(i) instanceof Step.Nothing)) {
          text.append(", ").append(i).append(": ").append(steps.get(i));
        }
      }
      return text.toString();
    }

    static Program random(Random random) {
      List<Step> steps = new ArrayList<>();
      for (int i = 0; i < 25; i++) {
        steps.add(
            switch (random.nextInt(12)) {
              case 0, 1, 2, 3 -> new Step.Wait(List.of(way(random)));
              case 4, 5, 6 -> new Step.Wait(List.of(way(random), way(random)));
              case 7, 8 -> new Step.Nowait(way(random));
              case 9, 10 -> new Step.Cancel(random.nextInt(i + 1));
              default ->
                  random.nextInt(4) == 0
                      ? new Step.Close(way(random))
                      : new Step.Nowait(way(random));
            });
      }
      return new Program(new int[] {random.nextInt(3), random.nextInt(3)}, steps);
    }

    private static Way way(Random random) {
      return new Way(random.nextInt(2), random.nextBoolean());
    }

    Program without(int step) {
      List<Step> rest = new ArrayList<>(steps);
      rest.set(step, new Step.Nothing()); // in its place, for the others to keep their numbers
      return new Program(capacities, rest);
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Backend.class,
      names = {"CONTINUATION", "VIRTUAL_THREAD"})
  @Tag("T31")
  @Tag("T32")
  void randomProgramsEndAsInThePlainModel(Backend backend) {
    RunOptions options = RunOptions.defaults().withBackend(backend);
    for (long seed = 1; seed <= PROGRAMS; seed++) {
      Program program = Program.random(new Random(seed));
      if (!new Real(program).result(options).equals(new Model(program).result())) {
        Program shortest = shrink(program, options);
        assertThat(new Real(shortest).result(options))
            .as("program of seed %s, %s", seed, shortest)
            .isEqualTo(new Model(shortest).result());
        throw new AssertionError("program of seed " + seed + " differs sometimes: " + program);
      }
    }
  }

  private static Program shrink(Program program, RunOptions options) {
    Program shortest = program;
    for (int step = 0; step < program.steps().size(); step++) {
      Program candidate = shortest.without(step);
      if (!new Real(candidate).result(options).equals(new Model(candidate).result())) {
        shortest = candidate;
      }
    }
    return shortest;
  }

  private static String item(int step, int branch) {
    return step + "/" + branch;
  }

  // ---- for real

  private static final class Real {
    private final Program program;
    private final List<MemoryChannel<String>> channels;
    private final Map<Integer, String> log = new TreeMap<>();
    private final Map<Integer, CancelScope> scopes = new TreeMap<>();

    Real(Program program) {
      this.program = program;
      this.channels =
          List.of(
              MemoryChannel.open(program.capacities()[0]),
              MemoryChannel.open(program.capacities()[1]));
    }

    String result(RunOptions options) {
      StringBuilder looks = new StringBuilder();
      Trefoil.run(
          options,
          () ->
              Nursery.open(
                  nursery -> {
                    for (int i = 0; i < program.steps().size(); i++) {
                      perform(nursery, i, program.steps().get(i));
                      looks.append(look()).append('\n');
                    }
                    Testing.waitAllTasksBlocked();
                    nursery.cancelScope().cancel();
                  }));
      return looks + log.toString();
    }

    private String look() {
      StringBuilder look = new StringBuilder();
      for (MemoryChannel<String> channel : channels) {
        MemoryChannelStatistics now = channel.sender().statistics();
        look.append(now.used()).append(' ').append(now.waitingToSend()).append(' ');
        look.append(now.waitingToReceive()).append("; ");
      }
      return look.toString();
    }

    private void perform(Nursery nursery, int number, Step step) {
      switch (step) {
        case Step.Wait(List<Way> ways) -> {
          CancelScope scope = CancelScope.create();
          scopes.put(number, scope);
          nursery.spawn(() -> scope.run(() -> log.put(number, outcome(number, ways))));
          Testing.waitAllTasksBlocked();
        }
        case Step.Nowait(Way way) -> log.put(number, nowait(number, way));
        case Step.Nothing() -> {}
        case Step.Cancel(int other) -> {
          if (scopes.containsKey(other)) {
            scopes.get(other).cancel();
          }
        }
        case Step.Close(Way way) -> {
          if (way.sends()) {
            channels.get(way.channel()).sender().close();
          } else {
            channels.get(way.channel()).receiver().close();
          }
        }
      }
    }

    private String outcome(int number, List<Way> ways) {
      try {
        if (ways.size() == 1) {
          return waiting(number, ways.getFirst());
        }
        List<Branch<String, RuntimeException>> branches = new ArrayList<>();
        for (int i = 0; i < ways.size(); i++) {
          branches.add(branch(item(number, i), ways.get(i)));
        }
        return Select.any(branches);
      } catch (ClosedResource | BrokenResource | EndOfChannel error) {
        return error.getClass().getSimpleName();
      }
    }

    private String waiting(int number, Way way) {
      MemoryChannel<String> channel = channels.get(way.channel());
      if (way.sends()) {
        channel.sender().send(item(number, 0));
        return "sent " + item(number, 0);
      }
      return "got " + channel.receiver().receive();
    }

    private Branch<String, RuntimeException> branch(String item, Way way) {
      MemoryChannel<String> channel = channels.get(way.channel());
      return way.sends()
          ? Select.send(channel.sender(), item, () -> "sent " + item)
          : Select.receive(channel.receiver(), got -> "got " + got);
    }

    private String nowait(int number, Way way) {
      MemoryChannel<String> channel = channels.get(way.channel());
      try {
        if (way.sends()) {
          channel.sender().sendNowait(item(number, 0));
          return "sent " + item(number, 0);
        }
        return "got " + channel.receiver().receiveNowait();
      } catch (WouldBlock | ClosedResource | BrokenResource | EndOfChannel error) {
        return error.getClass().getSimpleName();
      }
    }
  }

  // ---- as promised

  private static final class Model {
    private record Place(int step, int branch) {}

    private static final class Channel {
      final int capacity;
      final List<String> buffer = new ArrayList<>();
      final List<Place> senders = new ArrayList<>();
      final List<Place> receivers = new ArrayList<>();
      boolean sendingClosed;
      boolean receivingClosed;
      long[] lastSelected = new long[2];

      Channel(int capacity) {
        this.capacity = capacity;
      }

      List<Place> line(boolean sends) {
        return sends ? senders : receivers;
      }
    }

    private final Program program;
    private final List<Channel> channels;
    private final Map<Integer, String> log = new TreeMap<>();

    Model(Program program) {
      this.program = program;
      this.channels =
          List.of(new Channel(program.capacities()[0]), new Channel(program.capacities()[1]));
    }

    String result() {
      StringBuilder looks = new StringBuilder();
      for (int i = 0; i < program.steps().size(); i++) {
        perform(i, program.steps().get(i));
        for (Channel channel : channels) {
          looks.append(channel.buffer.size()).append(' ').append(channel.senders.size());
          looks.append(' ').append(channel.receivers.size()).append("; ");
        }
        looks.append('\n');
      }
      return looks + log.toString();
    }

    private void perform(int number, Step step) {
      switch (step) {
        case Step.Wait(List<Way> ways) -> waiting(number, ways);
        case Step.Nowait(Way way) -> {
          String problem = problem(way);
          log.put(number, problem == null ? transfer(item(number, 0), way) : problem);
        }
        case Step.Cancel(int other) -> leave(other);
        case Step.Nothing() -> {}
        case Step.Close(Way way) -> close(channels.get(way.channel()), way.sends());
      }
    }

    private void waiting(int number, List<Way> ways) {
      int chosen = -1;
      String failure = null;
      for (int i = 0; i < ways.size(); i++) {
        String problem = problem(ways.get(i));
        if (problem == null) {
          if (chosen < 0 || stamp(ways.get(i)) < stamp(ways.get(chosen))) {
            chosen = i;
          }
        } else if (problem.equals("ClosedResource")) {
          log.put(number, problem);
          return;
        } else if (!problem.equals("WouldBlock") && failure == null) {
          failure = problem;
        }
      }
      if (chosen >= 0) {
        served(number, chosen);
        log.put(number, transfer(item(number, chosen), ways.get(chosen)));
      } else if (failure != null) {
        log.put(number, failure);
      } else {
        for (int i = 0; i < ways.size(); i++) {
          Way way = ways.get(i);
          channels.get(way.channel()).line(way.sends()).add(new Place(number, i));
        }
      }
    }

    private long stamp(Way way) {
      return channels.get(way.channel()).lastSelected[way.sends() ? 1 : 0];
    }

    /** Only selects of several count. */
    private void served(int number, int branch) {
      List<Way> ways = ((Step.Wait) program.steps().get(number)).ways();
      if (ways.size() > 1) {
        long latest = ways.stream().mapToLong(this::stamp).max().orElseThrow();
        Way way = ways.get(branch);
        channels.get(way.channel()).lastSelected[way.sends() ? 1 : 0] = latest + 1;
      }
    }

    private String problem(Way way) {
      Channel channel = channels.get(way.channel());
      if (way.sends()) {
        return channel.sendingClosed
            ? "ClosedResource"
            : channel.receivingClosed
                ? "BrokenResource"
                : channel.receivers.isEmpty() && channel.buffer.size() >= channel.capacity
                    ? "WouldBlock"
                    : null;
      }
      return channel.receivingClosed
          ? "ClosedResource"
          : !channel.buffer.isEmpty() || !channel.senders.isEmpty()
              ? null
              : channel.sendingClosed ? "EndOfChannel" : "WouldBlock";
    }

    private String transfer(String item, Way way) {
      Channel channel = channels.get(way.channel());
      if (way.sends()) {
        if (channel.receivers.isEmpty()) {
          channel.buffer.add(item);
        } else {
          end(channel.receivers.getFirst(), "got " + item);
        }
        return "sent " + item;
      }
      if (!channel.senders.isEmpty()) {
        Place sender = channel.senders.getFirst();
        String sent = item(sender.step(), sender.branch());
        channel.buffer.add(sent);
        end(sender, "sent " + sent);
      }
      return "got " + channel.buffer.removeFirst();
    }

    private void end(Place place, String how) {
      leave(place.step());
      log.put(place.step(), how);
      if (how.startsWith("got") || how.startsWith("sent")) {
        served(place.step(), place.branch());
      }
    }

    private void leave(int step) {
      for (Channel channel : channels) {
        channel.senders.removeIf(place -> place.step() == step);
        channel.receivers.removeIf(place -> place.step() == step);
      }
    }

    private void close(Channel channel, boolean sends) {
      if (sends ? channel.sendingClosed : channel.receivingClosed) {
        return;
      }
      if (sends) {
        channel.sendingClosed = true;
      } else {
        channel.receivingClosed = true;
        channel.buffer.clear();
      }
      while (!channel.line(sends).isEmpty()) {
        end(channel.line(sends).getFirst(), "ClosedResource");
      }
      while (!channel.line(!sends).isEmpty()) {
        end(channel.line(!sends).getFirst(), sends ? "EndOfChannel" : "BrokenResource");
      }
    }
  }
}
