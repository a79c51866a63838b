package dev.trefoil.tests.model;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A program as it is to go: tasks take turns first in, first out. */
final class Simulation {
  private final Program program;
  private final Model model;
  private final Trace trace = new Trace();
  private final List<@Nullable ModelTask> tasks = new ArrayList<>();
  private final Deque<ModelTask> runnable = new ArrayDeque<>();

  Simulation(Program program, Model model) {
    this.program = program;
    this.model = model;
  }

  List<String> trace() {
    for (int i = 0; i < program.tasks(); i++) {
      tasks.add(null);
    }
    for (List<Program.Script> round : program.rounds()) {
      round.forEach(this::begin);
      while (!runnable.isEmpty()) {
        run(runnable.removeFirst());
      }
      for (ModelTask task : tasks) {
        if (task != null) {
          trace.blocked(task.toString(), task.current, task.ended);
        }
      }
      trace.look(model.look());
    }
    return trace.lines();
  }

  @Nullable String inNextTurn(ModelTask task, Supplier<@Nullable String> step) {
    task.next = step;
    runnable.addLast(task);
    return null;
  }

  private void begin(Program.Script script) {
    ModelTask task = tasks.get(script.task());
    if (task == null || task.ended) {
      task = new ModelTask(this, Trace.nameOf(script.task(), task));
      tasks.set(script.task(), task);
    }
    if (task.isIdle() && !script.calls().isEmpty()) {
      task.script.addAll(script.calls());
      task.cancelled = false;
      runnable.addLast(task);
    }
  }

  /** One turn. */
  private void run(ModelTask task) {
    if (task.next != null && !goOn(task)) {
      return;
    }
    while (!task.script.isEmpty()) {
      task.current = task.script.removeFirst();
      task.next = () -> perform(task, task.current);
      if (!goOn(task)) {
        return;
      }
    }
  }

  /** Returns whether the call has ended. */
  private boolean goOn(ModelTask task) {
    Supplier<@Nullable String> step = Objects.requireNonNull(task.next);
    task.next = null;
    String result = step.get();
    if (result == null) {
      task.waits = task.next == null;
      if (task.waits && task.cancelled) {
        model.cancelled(task); // meanwhile: it has woken and now waits again
      }
      return false;
    }
    trace.result(task.toString(), task.current, result);
    task.current = null;
    if (result.equals(Model.CANCELLED)) {
      task.script.clear();
    }
    return true;
  }

  private @Nullable String perform(ModelTask task, Call call) {
    if (call.waits() && task.cancelled) {
      return inNextTurn(task, () -> Model.CANCELLED);
    }
    switch (call.name()) {
      case "pause" -> {
        return inNextTurn(task, () -> task.cancelled ? Model.CANCELLED : Model.DONE);
      }
      case "cancel" -> {
        cancel(tasks.get(call.argument()));
        return Model.DONE;
      }
      case "end" -> {
        task.script.clear();
        task.ended = true;
        model.ended(task);
        return Model.DONE;
      }
      default -> {
        return model.perform(task, call);
      }
    }
  }

  private void cancel(@Nullable ModelTask task) {
    if (task != null && !task.isIdle() && !task.cancelled) {
      task.cancelled = true;
      if (task.waits) {
        model.cancelled(task);
      }
    }
  }
}
