package dev.trefoil.distribution.postbox;

import dev.trefoil.hazmat.EntryPoint;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.TaskAction;
import dev.trefoil.queues.LifoQueue;
import dev.trefoil.queues.MemoryChannel;
import dev.trefoil.queues.PriorityQueue;
import dev.trefoil.queues.Queue;
import dev.trefoil.queues.SafeChannel;
import dev.trefoil.queues.Select;
import dev.trefoil.queues.UnboundedQueue;
import dev.trefoil.queues.UniversalQueue;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.tasks.Trefoil;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/** Tasks that wait, one for each way to wait in a queue or a channel. */
final class Waiters {
  private final String where;
  private final Consumer<String> report;

  Waiters(String where, Consumer<String> report) {
    this.where = where;
    this.report = report;
  }

  /** Completes {@code waiting} when all of them wait. */
  void open(CompletableFuture<EntryPoint> waiting) {
    Queue<String> empty = new Queue<>();
    Queue<String> full = new Queue<>(1);
    full.put("letter");
    LifoQueue<String> pile = new LifoQueue<>();
    PriorityQueue<String> sorted = PriorityQueue.create();
    MemoryChannel<String> channel = MemoryChannel.open(0);
    MemoryChannel<String> other = MemoryChannel.open(0);
    UnboundedQueue<String> unbounded = new UnboundedQueue<>();
    UniversalQueue<String> universal = new UniversalQueue<>();
    Nursery.open(
        nursery -> {
          nursery.spawn("sender", () -> channel.sender().send("letter"));
          channel.receiver().receive();
          wait(nursery, "get", empty::get);
          wait(nursery, "put", () -> full.put("parcel"));
          wait(nursery, "join", full::join);
          wait(nursery, "get from pile", pile::get);
          wait(nursery, "get sorted", sorted::get);
          wait(nursery, "receive", () -> channel.receiver().receive());
          wait(nursery, "send", () -> other.sender().send("parcel"));
          wait(nursery, "get batch", unbounded::getBatch);
          wait(nursery, "get from threads", universal::get);
          wait(
              nursery,
              "select",
              () ->
                  Select.any(
                      Select.onReceive(channel.receiver(), item -> {}),
                      Select.onGet(empty, item -> {}),
                      Select.onTimeout(Duration.ofDays(1), () -> {})));
          wait(
              nursery,
              "ask",
              () ->
                  SafeChannel.<String, RuntimeException>open(
                      out -> Trefoil.sleepForever(), in -> in.receive()));
          Hazmat.waitUntilIdle(Duration.ZERO);
          waiting.complete(Hazmat.currentCallSoonThreadAndSignalSafe());
        });
  }

  private void wait(Nursery nursery, String how, TaskAction wait) {
    nursery.spawn(
        how,
        () -> {
          report.accept(where + ": " + how + " begins");
          try {
            wait.run();
          } finally {
            report.accept(where + ": " + how + " ends");
          }
        });
  }
}
