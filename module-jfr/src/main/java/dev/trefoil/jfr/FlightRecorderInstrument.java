package dev.trefoil.jfr;

import dev.trefoil.hazmat.CancelStatus;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.Instrument;
import dev.trefoil.hazmat.Outcome;
import dev.trefoil.hazmat.Run;
import dev.trefoil.hazmat.RunningCode;
import dev.trefoil.hazmat.Task;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Reports what happens in a run to the JDK's flight recorder.
 *
 * <pre>{@code
 * Trefoil.run(RunOptions.defaults().withInstrument(new FlightRecorderInstrument()), main);
 * }</pre>
 *
 * <p>The events, all in the category Trefoil and without stack traces of JFR's:
 *
 * <ul>
 *   <li>{@code dev.trefoil.TaskSpawned}, {@code dev.trefoil.TaskExited};
 *   <li>{@code dev.trefoil.TaskStep}: a step that took longer than the event's threshold, by default 20
 *       ms;
 *   <li>{@code dev.trefoil.RunBlocked}: what the watchdog reports, with the stack of the culprit, while
 *       it still blocks the run;
 *   <li>{@code dev.trefoil.IoWait}: a look for I/O, which is also how a run sleeps, that took longer than
 *       the threshold, by default 20 ms;
 *   <li>{@code dev.trefoil.DeadlineFired}: a deadline passed, and cancelled a scope or ended a
 *       sleep.
 * </ul>
 *
 * <p>Without the instrument in a run nothing of this costs anything; with it, and without a recording,
 * a step costs a few nanoseconds. Make one for each run; it can also be added to a run that goes on,
 * with {@link Run#addInstrument(Instrument)}.
 */
public final class FlightRecorderInstrument implements Instrument {
  private static final int STACK_FRAMES = 64;

  private @Nullable TaskStepEvent step;
  private @Nullable IoWaitEvent ioWait;

  /** Makes one, for one run. */
  public FlightRecorderInstrument() {}

  @Override
  public void taskSpawned(Task<?> task) {
    TaskSpawnedEvent event = new TaskSpawnedEvent();
    if (event.shouldCommit()) {
      Task<?> parent = task.owner().parentTask();
      event.run = task.run().toString();
      event.taskId = task.id();
      event.taskName = task.name();
      event.parentTaskId = parent == null ? 0 : parent.id();
      event.commit();
    }
  }

  @Override
  public void taskExited(Task<?> task) {
    TaskExitedEvent event = new TaskExitedEvent();
    if (event.shouldCommit()) {
      event.run = task.run().toString();
      event.taskId = task.id();
      event.taskName = task.name();
      event.state = task.state().name();
      event.error =
          task.outcome() instanceof Outcome.Failure<?>(Throwable error)
              ? error.getClass().getName()
              : "";
      event.commit();
    }
  }

  @Override
  public void beforeTaskStep(Task<?> task) {
    TaskStepEvent event = new TaskStepEvent();
    event.begin();
    step = event;
  }

  @Override
  public void afterTaskStep(Task<?> task) {
    TaskStepEvent event = step;
    step = null;
    if (event == null) {
      return;
    }
    event.end();
    if (event.shouldCommit()) {
      event.run = task.run().toString();
      event.taskId = task.id();
      event.taskName = task.name();
      event.commit();
    }
  }

  @Override
  public void beforeIoWait(long timeoutNanos) {
    IoWaitEvent event = new IoWaitEvent();
    event.begin();
    ioWait = event;
  }

  @Override
  public void afterIoWait(long timeoutNanos) {
    IoWaitEvent event = ioWait;
    ioWait = null;
    if (event == null) {
      return;
    }
    event.end();
    if (event.shouldCommit()) {
      event.run = Hazmat.currentRun().toString();
      event.timeout = timeoutNanos;
      event.commit();
    }
  }

  @Override
  public void deadlineFired(CancelStatus status) {
    DeadlineFiredEvent event = new DeadlineFiredEvent();
    if (event.shouldCommit()) {
      Run run = Hazmat.currentRun();
      event.run = run.toString();
      event.scope = status.owner().toString();
      event.late = lateness(run.clock().now(), status.deadline());
      event.commit();
    }
  }

  /** A deadline may be as far in the past as a number can say. */
  private static long lateness(long now, long deadline) {
    try {
      return Math.subtractExact(now, deadline);
    } catch (ArithmeticException centuries) {
      return Long.MAX_VALUE;
    }
  }

  @Override
  public void runBlocked(Run run, RunningCode code, long nanos) {
    RunBlockedEvent event = new RunBlockedEvent();
    if (event.shouldCommit()) {
      event.run = run.toString();
      event.culprit = code.description();
      event.taskId = code.task() == null ? 0 : code.task().id();
      event.blockedFor = nanos;
      event.stack =
          code.stack().stream()
              .limit(STACK_FRAMES)
              .map(StackTraceElement::toString)
              .collect(Collectors.joining("\n"));
      event.commit();
    }
  }
}
