package dev.trefoil.benchmarks;

import io.netty.channel.epoll.Epoll;
import io.netty.channel.uring.IoUring;
import java.io.BufferedReader;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * A server sends back messages of 1,000 bytes on 64 connections. The server has one processor, and the
 * clients, in a process of their own, another.
 */
final class Echo implements Job {
  @Override
  public String name() {
    return "Echo";
  }

  @Override
  public List<String> contenders() {
    List<String> contenders = new ArrayList<>();
    contenders.addAll(List.of("trefoilChannels", "trefoilPortable", "virtualThreads"));
    if (Epoll.isAvailable()) {
      contenders.add("trefoil");
      contenders.add("nettyEpoll");
    }
    if (IoUring.isAvailable()) {
      contenders.add("nettyIoUring");
    }
    return contenders;
  }

  @Override
  public List<Target> targets() {
    return List.of(new Target("nettyEpoll", 1, false), new Target("nettyIoUring", 1, false));
  }

  @Override
  public List<Measurement> measure(Predicate<String> wanted, Length length) throws Exception {
    List<Measurement> measured = new ArrayList<>();
    for (String contender : contenders()) {
      if (wanted.test(contender)) {
        measured.add(
            switch (length) {
              case FULL -> measure(contender, 5_000, 5_000);
              case SHORT -> measure(contender, 2_000, 1_000);
              case CHECK -> measure(contender, 0, 50);
            });
      }
    }
    return measured;
  }

  private Measurement measure(String contender, int warmUpMillis, int millis)
      throws IOException, InterruptedException {
    Process server =
        Processes.start(
            Processes.pinned(0, Processes.java(List.of("-Xmx256m"), EchoServer.class, contender)));
    try (BufferedReader output = server.inputReader()) {
      String port = output.readLine();
      if (port == null) {
        throw new IllegalStateException(
            "Expected the server " + contender + " to name a port, but it has ended.");
      }
      return measure(contender, server, port, warmUpMillis, millis);
    } finally {
      server.getOutputStream().close();
      server.waitFor();
    }
  }

  private Measurement measure(
      String contender, Process server, String port, int warmUpMillis, int millis)
      throws IOException, InterruptedException {
    Process load =
        Processes.start(
            Processes.pinned(
                1,
                Processes.java(
                    List.of("-Xmx256m"), EchoLoad.class, port, "" + warmUpMillis, "" + millis)));
    try (BufferedReader output = load.inputReader()) {
      String begun = output.readLine();
      Duration before = processorTime(server);
      String result = output.readLine();
      Duration used = processorTime(server).minus(before);
      if (!"begin".equals(begun) || result == null || load.waitFor() != 0) {
        throw new IllegalStateException(
            "Expected the clients of " + contender + " to be served, got " + begun + ", " + result);
      }
      String[] parts = result.split(" ", 2);
      double messages = Double.parseDouble(parts[0]);
      double nanos = Double.parseDouble(parts[1]);
      return new Measurement(
          name(),
          contender,
          Unit.PER_SECOND,
          messages / nanos * 1e9,
          used.toNanos() / messages,
          Double.NaN);
    }
  }

  private static Duration processorTime(Process process) {
    return process.toHandle().info().totalCpuDuration().orElse(Duration.ZERO);
  }
}
