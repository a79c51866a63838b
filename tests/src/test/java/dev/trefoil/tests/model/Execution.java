package dev.trefoil.tests.model;

import dev.trefoil.hazmat.Cancelled;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.ParkingLot;
import dev.trefoil.tasks.CancelScope;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.testing.Testing;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A program for real. */
final class Execution {
  private final Program program;
  private final Subject subject;
  private final Trace trace = new Trace();
  private final List<@Nullable Actor> actors = new ArrayList<>();

  Execution(Program program, Subject subject) {
    this.program = program;
    this.subject = subject;
  }

  /** To be called in a task. */
  List<String> trace() {
    for (int i = 0; i < program.tasks(); i++) {
      actors.add(null);
    }
    Nursery.open(this::perform);
    return trace.lines();
  }

  private void perform(Nursery nursery) {
    for (List<Program.Script> round : program.rounds()) {
      for (Program.Script script : round) {
        begin(nursery, script);
      }
      Testing.waitAllTasksBlocked();
      for (Actor actor : actors) {
        if (actor != null) {
          trace.blocked(actor.name, actor.current, actor.ended);
        }
      }
      trace.look(subject.look());
    }
    trace.end();
    nursery.cancelScope().cancel();
  }

  private void begin(Nursery nursery, Program.Script script) {
    Actor before = actors.get(script.task());
    if (before != null && !before.ended) {
      before.begin(script.calls());
      return;
    }
    Actor actor = new Actor(Trace.nameOf(script.task(), before == null ? null : before.name));
    actors.set(script.task(), actor);
    actor.script = script.calls();
    actor.scope = CancelScope.create();
    nursery.spawn(actor.name, actor::live);
  }

  /** One task, which does script after script until one says that it ends. */
  private final class Actor {
    final String name;
    final ParkingLot waitsForScript = new ParkingLot();

    /** What it is at, null between scripts. */
    @Nullable Call current;

    /** Null between scripts. */
    @Nullable CancelScope scope;

    List<Call> script = List.of();
    boolean ended;

    Actor(String name) {
      this.name = name;
    }

    void begin(List<Call> calls) {
      if (scope == null) {
        script = calls;
        scope = CancelScope.create();
        waitsForScript.unpark();
      }
    }

    void live() {
      while (!ended) {
        scope.run(() -> script.forEach(this::perform));
        scope = null;
        if (!ended) {
          waitsForScript.park();
        }
      }
    }

    private void perform(Call call) {
      if (ended) {
        return;
      }
      current = call;
      try {
        trace.result(name, call, result(call));
      } catch (Cancelled cancelled) {
        trace.result(name, call, Model.CANCELLED);
        throw cancelled;
      } catch (Exception | AssertionError error) {
        trace.result(name, call, error.getClass().getSimpleName());
      } finally {
        current = null;
      }
    }

    private String result(Call call) throws Exception {
      switch (call.name()) {
        case "pause" -> Hazmat.yieldBriefly();
        case "end" -> ended = true;
        case "cancel" -> {
          Actor other = actors.get(call.argument());
          if (other != null && other.scope != null) {
            other.scope.cancel();
          }
        }
        default -> {
          return subject.perform(call);
        }
      }
      return Subject.DONE;
    }
  }
}
