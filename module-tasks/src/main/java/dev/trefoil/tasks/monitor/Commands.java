package dev.trefoil.tasks.monitor;

import dev.trefoil.hazmat.Run;
import dev.trefoil.hazmat.RunFinished;
import dev.trefoil.hazmat.RunStatistics;
import dev.trefoil.hazmat.RunningCode;
import dev.trefoil.hazmat.Task;
import dev.trefoil.tasks.monitor.TaskTable.Row;
import dev.trefoil.tasks.monitor.TaskTable.Seen;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What the monitor can be asked. Used by its one thread.
 *
 * <p>There is at most one question that the run has not answered; while there is, no other is put to
 * it. So whatever clients send, a blocked run's entry queue holds one question, and one call for each
 * task that is to be cancelled.
 */
final class Commands {
  private static final int MAX_ROWS = 1_000;
  private static final int MAX_FRAMES = 200;
  private static final int MAX_TEXT = 120;
  private static final long PATIENCE_MILLIS = 300;
  private static final String HELP =
      """
      ps            the tasks: state, steps, parent, name
      where ID      the stack of a task
      parents ID    a task, its parent, and so on up to the root
      cancel ID     raises Cancelled in a task, once, at its next cancel point
      stats         counters of the run
      help          this
      exit          closes this connection; the run goes on
      """;

  private final Run run;
  private final TaskTable tasks;

  /** Whether a question waits in the run's entry queue; the run's thread takes it back. */
  private volatile boolean pending;

  private long pendingSince;

  Commands(Run run, TaskTable tasks) {
    this.run = run;
    this.tasks = tasks;
  }

  /** Executes one line, other than {@code exit}. */
  String answer(String line) {
    try {
      return execute(line);
    } catch (RuntimeException failed) {
      return "The command failed: " + plain(failed.toString()) + "\n";
    }
  }

  private String execute(String line) {
    String[] words = line.strip().toLowerCase(Locale.ROOT).split("\\s+");
    String argument = words.length == 2 ? words[1] : null;
    if (words.length > 2) {
      return unknown(line);
    }
    return switch (words[0]) {
      case "" -> "";
      case "ps" -> argument == null ? told(this::ps) : unknown(line);
      case "stats" -> argument == null ? stats() : unknown(line);
      case "help" -> HELP;
      case "where" -> of(argument, words[0], this::where);
      case "parents" -> of(argument, words[0], row -> told(() -> parents(row)));
      case "cancel" -> of(argument, words[0], this::cancel);
      default -> unknown(line);
    };
  }

  private static String unknown(String line) {
    return "Unknown command \"" + plain(line) + "\". Try help.\n";
  }

  /** A command about one task. */
  private interface AboutTask {
    String answer(Row row);
  }

  private String of(@Nullable String argument, String command, AboutTask about) {
    if (argument == null) {
      return "Expected the number of a task, as ps shows it: " + command + " ID\n";
    }
    long id;
    try {
      id = Long.parseLong(argument.startsWith("#") ? argument.substring(1) : argument);
    } catch (NumberFormatException noNumber) {
      return "Expected the number of a task, as ps shows it, got \"" + plain(argument) + "\".\n";
    }
    Row row = tasks.find(id);
    return row == null ? "There is no task #" + id + " (any more).\n" : about.answer(row);
  }

  // ---- asking the run

  /** Lets the run make the answer, or makes it here if the run does not. */
  private String told(Supplier<String> answer) {
    String told = ask(answer);
    return told != null ? "As " + run + " tells:\n" + told : outside() + answer.get();
  }

  /** What {@code question} answers on the run's thread, or null if that takes too long. */
  private @Nullable String ask(Supplier<String> question) {
    if (pending) {
      return null;
    }
    FutureTask<String> future = new FutureTask<>(question::get);
    pending = true;
    pendingSince = System.nanoTime();
    try {
      run.entryPoint()
          .callSoonThreadAndSignalSafe(
              () -> {
                pending = false;
                future.run();
              });
      return future.get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
    } catch (RunFinished over) {
      pending = false;
      return null;
    } catch (ExecutionException failed) {
      return "The question failed: " + plain(String.valueOf(failed.getCause())) + "\n";
    } catch (TimeoutException blocked) {
      // When its turn comes at last, it has nothing to do.
      future.cancel(false);
      return null;
    } catch (InterruptedException closing) {
      Thread.currentThread().interrupt();
      return null;
    }
  }

  /** Says that, and why, the run was not asked. */
  private String outside() {
    long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - pendingSince);
    RunningCode code = run.runningCode();
    return run
        + " has not answered for "
        + millis
        + " ms. "
        + (code == null
            ? "It executes no code of a task: it is not being driven, or its host is busy."
            : plain(code.description()) + " keeps it from going on.")
        + "\nAs seen from outside, as of the last switch:\n";
  }

  // ---- the commands

  private String ps() {
    StringBuilder text = new StringBuilder(line("ID", "PARENT", "STEPS", "STATE", "NAME"));
    tasks
        .inOrder()
        .limit(MAX_ROWS)
        .forEach(
            row -> {
              Seen seen = row.seen();
              Task<?> parent = row.parent();
              text.append(
                  line(
                      Long.toString(row.task().id()),
                      parent == null ? "-" : Long.toString(parent.id()),
                      Long.toString(seen.steps()),
                      plain(seen.label()),
                      plain(row.task().name())));
            });
    long rest = tasks.spawned() - tasks.exited() - MAX_ROWS;
    if (rest > 0) {
      text.append("... and ").append(rest).append(" more\n");
    }
    return text.toString();
  }

  private static String line(String id, String parent, String steps, String state, String name) {
    return String.format(Locale.ROOT, "%8s %8s %10s  %-20s %s%n", id, parent, steps, state, name)
        .replace(System.lineSeparator(), "\n");
  }

  private String where(Row row) {
    Task<?> task = row.task();
    String told = ask(() -> head(row) + frames(List.of(task.stackTrace())));
    if (told != null) {
      return "As " + run + " tells:\n" + told;
    }
    RunningCode code = run.runningCode();
    StringBuilder text = new StringBuilder(outside()).append(head(row));
    if (code == null) {
      text.append("   its stack cannot be read from outside\n");
    } else if (code.task() == task) {
      text.append(frames(code.stack()));
    } else {
      text.append("   its stack cannot be read from outside; the code that blocks ")
          .append(run)
          .append(" is here:\n")
          .append(frames(code.stack()));
    }
    return text.toString();
  }

  private static String head(Row row) {
    Seen seen = row.seen();
    return plain(row.task().toString()) + " [" + plain(seen.label()) + "]\n";
  }

  private static String frames(List<StackTraceElement> stack) {
    StringBuilder text = new StringBuilder();
    for (StackTraceElement frame : stack.subList(0, Math.min(stack.size(), MAX_FRAMES))) {
      text.append("   at ").append(plain(frame.toString())).append('\n');
    }
    if (stack.size() > MAX_FRAMES) {
      text.append("   ... and ").append(stack.size() - MAX_FRAMES).append(" more\n");
    }
    return text.isEmpty() ? "   it has no frames: it has not started\n" : text.toString();
  }

  private String parents(Row start) {
    List<String> lines = new ArrayList<>();
    Row row = start;
    while (row != null && lines.size() < MAX_ROWS) {
      lines.add(head(row));
      Task<?> parent = row.parent();
      row = parent == null ? null : tasks.find(parent.id());
    }
    if (row != null) {
      lines.add("... and more\n");
    }
    return String.join("", lines);
  }

  private String cancel(Row row) {
    String name = plain(row.task().toString());
    String told =
        ask(
            () ->
                tasks.find(row.task().id()) == null
                    ? name + " has ended by itself.\n"
                    : row.task().interrupt()
                        ? name + " is cancelled, and will notice at its next cancel point.\n"
                        : name + " has been cancelled before.\n");
    if (told != null) {
      return told;
    }
    try {
      run.entryPoint().callSoonThreadAndSignalSafe(new CancelCall(row.task()), true);
    } catch (RunFinished over) {
      return run + " has ended.\n";
    }
    return outside() + name + " will be cancelled when " + run + " goes on.\n";
  }

  /** Equal to others for the same task, so that any number of them is one pending call. */
  private record CancelCall(Task<?> task) implements Runnable {
    @Override
    public void run() {
      task.interrupt();
    }
  }

  private String stats() {
    String told = ask(() -> stats(run.statistics()));
    String counted =
        "tasks spawned "
            + tasks.spawned()
            + ", ended "
            + tasks.exited()
            + ", living "
            + (tasks.spawned() - tasks.exited())
            + "\n";
    return told != null ? "As " + run + " tells:\n" + counted + told : outside() + counted;
  }

  private static String stats(RunStatistics statistics) {
    long next = statistics.nanosToNextDeadline();
    return "tasks runnable "
        + statistics.tasksRunnable()
        + "\nopen scopes "
        + statistics.cancelStatuses()
        + "\ndeadlines "
        + statistics.deadlines()
        + (next == Long.MAX_VALUE ? "" : ", the next in " + next / 1_000_000 + " ms")
        + "\nentry calls waiting "
        + statistics.entryQueueSize()
        + "\nI/O by "
        + statistics.io().backend()
        + ", waiting to read "
        + statistics.io().tasksWaitingRead()
        + ", to write "
        + statistics.io().tasksWaitingWrite()
        + "\n";
  }

  /** Names are anybody's: no escape sequence of theirs reaches a terminal. */
  static String plain(String text) {
    StringBuilder plain = new StringBuilder();
    for (int i = 0; i < Math.min(text.length(), MAX_TEXT); i++) {
      char c = text.charAt(i);
      plain.append(Character.isISOControl(c) ? '?' : c);
    }
    return text.length() > MAX_TEXT ? plain + "..." : plain.toString();
  }
}
