package dev.trefoil.testing;

import dev.trefoil.hazmat.Action;
import dev.trefoil.hazmat.Backend;
import dev.trefoil.hazmat.CancelReason;
import dev.trefoil.hazmat.CancelStatus;
import dev.trefoil.hazmat.Cancelled;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.Outcome;
import dev.trefoil.hazmat.Run;
import dev.trefoil.hazmat.RunFinished;
import dev.trefoil.hazmat.RunOptions;
import dev.trefoil.tasks.Trefoil;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A run on a thread of its own, so that whoever waits for it can be interrupted: that is how JUnit
 * ends a test that takes too long, and a run is deaf to it.
 */
final class AttendedRun {
  private static final long GRACE_SECONDS = 2;

  private final CompletableFuture<Outcome<@Nullable Object>> ended = new CompletableFuture<>();
  private final CompletableFuture<Run> started = new CompletableFuture<>();
  private final CompletableFuture<String> dump = new CompletableFuture<>();
  private final Thread thread;

  private AttendedRun(RunOptions options, Action<Throwable> body) {
    // The kind of thread that the backend wants anyway.
    Thread.Builder builder =
        options.backend() == Backend.VIRTUAL_THREAD
            ? Thread.ofVirtual()
            : Thread.ofPlatform().daemon();
    thread = builder.name("trefoil-test").unstarted(() -> ended.complete(outcome(options, body)));
  }

  static AttendedRun of(RunOptions options, Action<Throwable> body) {
    AttendedRun attended = new AttendedRun(options, body);
    attended.thread.start();
    return attended;
  }

  private Outcome<@Nullable Object> outcome(RunOptions options, Action<Throwable> body) {
    Action<Throwable> main =
        () -> {
          started.complete(Hazmat.currentRun());
          body.run();
        };
    try {
      Trefoil.run(options, main);
      return Outcome.nothing();
    } catch (Throwable error) {
      return Outcome.failure(error);
    }
  }

  /** Waits for the end, and throws what the body threw. If interrupted, ends the run and tells. */
  void await() throws InterruptedException {
    Outcome<@Nullable Object> outcome;
    try {
      outcome = ended.get();
    } catch (ExecutionException impossible) {
      throw new AssertionError(impossible);
    } catch (InterruptedException interrupt) {
      giveUp(interrupt);
      throw interrupt;
    }
    outcome.unwrap();
  }

  private void giveUp(InterruptedException interrupt) throws InterruptedException {
    try {
      Run run = started.get(GRACE_SECONDS, TimeUnit.SECONDS);
      run.entryPoint().callSoonThreadAndSignalSafe(() -> dumpAndCancel(run));
      String tasks = dump.get(GRACE_SECONDS, TimeUnit.SECONDS);
      interrupt.addSuppressed(new Note("The run at that moment:\n" + tasks));
    } catch (RunFinished inTheMeantime) {
      // Then it has an outcome, below.
    } catch (ExecutionException | TimeoutException blocked) {
      interrupt.addSuppressed(
          new Note("The run did not answer: some task keeps its thread busy or blocked."));
      // Perhaps that task can be interrupted.
      thread.interrupt();
    }
    try {
      if (ended.get(GRACE_SECONDS, TimeUnit.SECONDS) instanceof Outcome.Failure<?>(Throwable error)
          && !(error instanceof Cancelled)) {
        interrupt.addSuppressed(error);
      }
    } catch (ExecutionException | TimeoutException stubborn) {
      interrupt.addSuppressed(new Note("It did not end on being cancelled, and was left behind."));
    }
  }

  private void dumpAndCancel(Run run) {
    dump.complete(run.dump().toString());
    CancelStatus outermost = run.mainTask().cancelStatus();
    CancelStatus parent = outermost.parent();
    while (parent != null && parent != run.rootCancelStatus()) {
      outermost = parent;
      parent = outermost.parent();
    }
    outermost.cancel(CancelReason.explicit("the test was interrupted, by a timeout most likely"));
  }
}
