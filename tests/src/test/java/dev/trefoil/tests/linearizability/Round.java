package dev.trefoil.tests.linearizability;

import dev.trefoil.hazmat.RunOptions;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.tasks.Trefoil;
import dev.trefoil.tests.linearizability.Program.Part;
import dev.trefoil.tests.linearizability.Program.Step;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/** One execution of a program, with real threads and running runs. */
final class Round<T, S> {
  private static final Duration HANG = Duration.ofSeconds(60);

  private final T subject;
  private final Program<T, S> program;
  private final RunOptions options;
  private final List<Party> parties;
  private final History<T, S> history = new History<>();
  private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
  private final AtomicInteger active;
  private final AtomicInteger missingAtStart;
  private final List<Thread> threads = new ArrayList<>();

  Round(T subject, Program<T, S> program, RunOptions options) {
    this.subject = subject;
    this.program = program;
    this.options = options;
    this.parties = program.parts().stream().map(part -> Party.of(part.kind())).toList();
    this.active = new AtomicInteger(parties.size());
    for (Party.Kind kind : List.of(Party.Kind.TASK, Party.Kind.TASK_OF_ANOTHER_RUN)) {
      List<Integer> tasks = partsOf(kind);
      if (!tasks.isEmpty()) {
        threads.add(Thread.ofPlatform().daemon().unstarted(() -> reporting(() -> run(tasks))));
      }
    }
    for (int part : partsOf(Party.Kind.THREAD)) {
      threads.add(Thread.ofPlatform().daemon().unstarted(() -> reporting(() -> start(part))));
    }
    for (int part : partsOf(Party.Kind.VIRTUAL_THREAD)) {
      threads.add(Thread.ofVirtual().unstarted(() -> reporting(() -> start(part))));
    }
    this.missingAtStart = new AtomicInteger(threads.size());
  }

  private List<Integer> partsOf(Party.Kind kind) {
    List<Integer> found = new ArrayList<>();
    for (int part = 0; part < parties.size(); part++) {
      if (program.parts().get(part).kind() == kind) {
        found.add(part);
      }
    }
    return found;
  }

  History<T, S> history() {
    return history;
  }

  // ---- the parties

  private void reporting(Runnable body) {
    try {
      body.run();
    } catch (Throwable failure) {
      failures.add(failure);
    }
  }

  private void run(List<Integer> tasks) {
    Trefoil.run(
        options,
        () ->
            Nursery.open(
                nursery -> {
                  startTogether();
                  for (int part : tasks) {
                    nursery.spawn(() -> play(part));
                  }
                }));
  }

  private void start(int part) {
    startTogether();
    play(part);
  }

  private void startTogether() {
    missingAtStart.decrementAndGet();
    while (missingAtStart.get() > 0) {
      Thread.yield();
    }
  }

  private void play(int number) {
    Party party = parties.get(number);
    Part<T, S> part = program.parts().get(number);
    party.begin();
    for (Step<T, S> step : part.steps()) {
      party.pause(step.pause());
      switch (step) {
        case Step.Perform<T, S>(int pause, Operation<T, S> operation) -> {
          var entry = history.begin(number + " " + part.kind(), operation);
          history.end(entry, party.perform(subject, operation));
        }
        case Step.Cancel<T, S>(int pause, int other) -> parties.get(other).cancel();
      }
    }
    active.decrementAndGet();
  }

  // ---- and the one that looks after them

  void start() {
    threads.forEach(Thread::start);
  }

  /** How many have not ended; fails if one has failed. */
  int active() {
    for (Throwable failure : failures) {
      throw new AssertionError("a party has failed", failure);
    }
    return active.get();
  }

  void perform(Operation<T, S> operation) throws InterruptedException {
    var entry = history.begin("supervisor", operation);
    history.end(entry, operation.perform(subject));
  }

  void join() throws InterruptedException {
    for (Thread thread : threads) {
      if (!thread.join(HANG)) {
        throw new AssertionError(thread + " hangs");
      }
    }
    active();
  }
}
