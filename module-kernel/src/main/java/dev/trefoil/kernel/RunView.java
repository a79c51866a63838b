package dev.trefoil.kernel;

import dev.trefoil.hazmat.Backend;
import dev.trefoil.hazmat.CancelStatus;
import dev.trefoil.hazmat.Clock;
import dev.trefoil.hazmat.EntryPoint;
import dev.trefoil.hazmat.Instrument;
import dev.trefoil.hazmat.Run;
import dev.trefoil.hazmat.RunStatistics;
import dev.trefoil.hazmat.RunningCode;
import dev.trefoil.hazmat.Task;
import dev.trefoil.hazmat.TaskDump;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A run as its tasks and its holder see it. */
final class RunView implements Run {
  private final RunLoop loop;
  private final Map<Object, Object> locals = new HashMap<>();

  RunView(RunLoop loop) {
    this.loop = loop;
  }

  @Override
  public EntryPoint entryPoint() {
    return loop.entries();
  }

  @Override
  public Clock clock() {
    return loop.clock();
  }

  @Override
  public Backend backend() {
    return loop.backend();
  }

  @Override
  public Task<?> mainTask() {
    KernelTask<?> main = loop.mainTask();
    if (main == null) {
      throw new IllegalStateException(
          "Expected " + this + " to have a main task, but whoever drives it has made none.");
    }
    return main;
  }

  @Override
  public CancelStatus rootCancelStatus() {
    return loop.root();
  }

  @Override
  public RunStatistics statistics() {
    loop.requireBound("read statistics");
    return loop.statistics();
  }

  @Override
  public List<Task<?>> tasks() {
    loop.requireBound("list the tasks");
    return List.copyOf(TaskDumper.allTasks(loop.root()));
  }

  @Override
  public TaskDump dump() {
    loop.requireBound("dump the tasks");
    return TaskDumper.dump(loop.root());
  }

  @Override
  public @Nullable RunningCode runningCode() {
    return loop.runningStep().code();
  }

  @Override
  public boolean hasEnded() {
    return loop.entries().isClosed();
  }

  @Override
  public boolean raiseKeyboardInterrupt() {
    return loop.keyboardInterrupt().raise();
  }

  @Override
  public void addInstrument(Instrument instrument) {
    loop.requireBound("add an instrument");
    loop.instruments().add(Objects.requireNonNull(instrument, "instrument"));
  }

  @Override
  public void removeInstrument(Instrument instrument) {
    loop.requireBound("remove an instrument");
    loop.instruments().remove(instrument);
  }

  @Override
  public Map<Object, Object> locals() {
    loop.requireBound("use run-local values");
    return locals;
  }

  @Override
  public String toString() {
    return loop.toString();
  }
}
