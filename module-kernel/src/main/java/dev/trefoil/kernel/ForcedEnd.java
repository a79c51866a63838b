package dev.trefoil.kernel;

import dev.trefoil.hazmat.RunFinished;
import dev.trefoil.hazmat.RunningCode;
import dev.trefoil.hazmat.TaskDump;
import java.io.PrintStream;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** Ends the process although runs refuse to end, and says who does. */
final class ForcedEnd {
  /** What shells make of a process that SIGINT has ended, and what the JVM does. */
  private static final int STATUS = 128 + 2;

  /** After which the process is halted. */
  private static final long PATIENCE_MILLIS = 10_000;

  /** How long a run may take to come to an entry call. */
  private static final long ENTRY_MILLIS = 500;

  private static final AtomicBoolean BEGUN = new AtomicBoolean();

  /** Whether all has been said, so that there is nothing to wait for any more. */
  private static volatile boolean reported;

  private ForcedEnd() {}

  /** Ends the process; if that has been tried, as soon as it has been said who refuses. Returns soon. */
  static void of(List<RunLoop> refusing) {
    if (!BEGUN.compareAndSet(false, true)) {
      if (reported) {
        Runtime.getRuntime().halt(STATUS);
      }
      return;
    }
    // Whatever goes wrong in the others, this one is not held up by it.
    start("trefoil-halt", ForcedEnd::haltSoon);
    start("trefoil-exit", () -> reportAndExit(refusing));
  }

  private static void start(String name, Runnable body) {
    Thread.ofPlatform().name(name).daemon().inheritInheritableThreadLocals(false).start(body);
  }

  private static void haltSoon() {
    try {
      Thread.sleep(PATIENCE_MILLIS);
    } catch (InterruptedException hurry) {
      // Then it is now.
    }
    Runtime.getRuntime().halt(STATUS);
  }

  private static void reportAndExit(List<RunLoop> refusing) {
    try {
      for (RunLoop loop : refusing) {
        report(loop, System.err);
      }
    } finally {
      reported = true;
      Runtime.getRuntime().exit(STATUS);
    }
  }

  private static void report(RunLoop loop, PrintStream err) {
    StringBuilder text =
        new StringBuilder("Control-C again: ")
            .append(loop)
            .append(" has not ended since the one before, so the process ends now.");
    RunningCode stuckIn = null;
    TaskDump dump = dumpInside(loop);
    if (dump == null) {
      stuckIn = loop.runningStep().code();
      dump = dumpFromOutside(loop);
    }
    if (dump != null && !dump.roots().isEmpty()) {
      text.append(" Still there are:\n").append(dump);
    } else {
      text.append('\n');
    }
    if (stuckIn != null) {
      text.append(stuckIn.description()).append(" keeps it from going on, here:\n");
      for (StackTraceElement frame : stuckIn.stack()) {
        text.append("\tat ").append(frame).append('\n');
      }
    }
    err.print(text);
    err.flush();
  }

  /** Null if the run does not come to it. */
  private static @Nullable TaskDump dumpInside(RunLoop loop) {
    CompletableFuture<TaskDump> dump = new CompletableFuture<>();
    try {
      loop.entries().callSoonThreadAndSignalSafe(() -> dump.complete(TaskDumper.dump(loop.root())));
      return dump.get(ENTRY_MILLIS, TimeUnit.MILLISECONDS);
    } catch (RunFinished | TimeoutException | ExecutionException | InterruptedException none) {
      return null;
    }
  }

  /** A run that does not go on does not change either, so this is no more than slightly unsafe. */
  private static @Nullable TaskDump dumpFromOutside(RunLoop loop) {
    try {
      return TaskDumper.dump(loop.root());
    } catch (RuntimeException | Error itWentOn) {
      return null;
    }
  }
}
