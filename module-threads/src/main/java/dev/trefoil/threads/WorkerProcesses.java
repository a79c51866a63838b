package dev.trefoil.threads;

import dev.trefoil.hazmat.CancelStatus;
import dev.trefoil.hazmat.EntryPoint;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.Outcome;
import dev.trefoil.hazmat.ParkingLot;
import dev.trefoil.hazmat.Task;
import dev.trefoil.sync.CapacityLimiter;
import dev.trefoil.tasks.CancelScope;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * The worker processes of a run. On the run's thread only.
 *
 * <p>They belong to the run and not to the process, as threads do, so that when a run has ended nothing of
 * it is left. A system task, the keeper, sees to that: when the main task has ended it ends the idle ones
 * and waits for all others, which have lost their tasks and so have been killed.
 */
final class WorkerProcesses {
  private static final Object KEY = new Object();

  private final CapacityLimiter limiter =
      new CapacityLimiter(Runtime.getRuntime().availableProcessors(), "worker processes");

  /** The one that became idle last comes first. */
  private final Deque<WorkerProcess> idle = new ArrayDeque<>();

  /** How many threads there are that make a call or wait for the end of a process. */
  private int active;

  private final ParkingLot allEnded = new ParkingLot();
  private @Nullable Task<?> keeper;

  private WorkerProcesses() {}

  static WorkerProcesses current() {
    return (WorkerProcesses)
        Hazmat.currentRun().locals().computeIfAbsent(KEY, firstUse -> new WorkerProcesses());
  }

  CapacityLimiter limiter() {
    return limiter;
  }

  <T extends @Nullable Object> Outcome<T> run(ProcessCall<T> call) {
    Borrower borrower = new Borrower("a worker process", Hazmat.currentTask().name());
    limiter.acquireOnBehalfOf(borrower);
    Host<Outcome<T>> host = Host.ofProcess(call::cancel);
    WorkerProcess worker = null;
    try {
      keep();
      worker = takeIdle();
      WorkerProcess taken = worker;
      ThreadCache.<ProcessCall.Reply<T>>startThreadSoon(
          "trefoil-process-call",
          () -> call.run(taken),
          outcome -> {
            if (!host.report(() -> ended(host, borrower, outcome))
                && outcome instanceof Outcome.Value<ProcessCall.Reply<T>>(var reply)) {
              reply.worker().kill();
            }
          });
      active++;
    } catch (Throwable notStarted) {
      if (worker != null) {
        idle.push(worker);
      }
      limiter.releaseOnBehalfOf(borrower);
      throw notStarted;
    }
    return host.await();
  }

  private <T extends @Nullable Object> void ended(
      Host<Outcome<T>> host, Borrower borrower, Outcome<ProcessCall.Reply<T>> outcome) {
    Outcome<T> result =
        switch (outcome) {
          case Outcome.Value<ProcessCall.Reply<T>>(var reply) -> {
            giveBack(reply.worker());
            yield reply.outcome();
          }
          case Outcome.Failure<ProcessCall.Reply<T>>(Throwable error) -> Outcome.failure(error);
        };
    limiter.releaseOnBehalfOf(borrower);
    host.finish(Outcome.of(result));
    threadEnded();
  }

  private void giveBack(WorkerProcess worker) {
    if (keeper != null) {
      idle.push(worker);
    } else {
      discard(worker);
    }
  }

  private @Nullable WorkerProcess takeIdle() {
    WorkerProcess next = idle.poll();
    while (next != null && !next.isAlive()) {
      next = idle.poll();
    }
    return next;
  }

  private void threadEnded() {
    active--;
    if (active == 0) {
      allEnded.unparkAll();
    }
  }

  // ---- the end of the run

  private void keep() {
    if (keeper == null) {
      keeper =
          Hazmat.<@Nullable Object>spawnSystemTask(
              "keeper of worker processes",
              () -> {
                try {
                  Hazmat.sleepUntil("END_OF_RUN", CancelStatus.NO_DEADLINE);
                } finally {
                  keeper = null;
                  CancelScope.create().shielded().run(this::awaitAll);
                }
                return null;
              });
    }
  }

  private void awaitAll() {
    for (WorkerProcess next = idle.poll(); next != null; next = idle.poll()) {
      discard(next);
    }
    while (active > 0) {
      allEnded.park();
    }
  }

  private void discard(WorkerProcess worker) {
    worker.kill();
    EntryPoint entryPoint = Hazmat.currentCallSoonThreadAndSignalSafe();
    ThreadCache.<Integer>startThreadSoon(
        "trefoil-process-end",
        () -> worker.awaitEnd(0),
        status -> Host.report(entryPoint, this::threadEnded));
    active++;
  }
}
