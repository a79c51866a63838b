package dev.trefoil.hazmat;

import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.osgi.annotation.versioning.ProviderType;

/**
 * A run that its holder drives, piece by piece or on a foreign event loop.
 *
 * <p>Between two pieces the run stands still: tasks stay where they are, deadlines do not fire, entry
 * calls are accepted and wait. For kinds of runs that do not simply begin and end with a main task.
 *
 * <p>Thread-safety: {@link #stop()} and {@link #run()} from any thread; the rest from one thread at a
 * time, and not while the run is being driven.
 */
@ProviderType
public interface RunDriver {
  /**
   * Returns the run.
   *
   * @return the run
   */
  Run run();

  /**
   * Executes code of the run that is no task's: to spawn the first tasks, to cancel, to look. Inside,
   * {@link Hazmat#inRun()} is true and {@link Hazmat#inTask()} is false.
   *
   * @param <T> the type of the result
   * @param <X> what the body may throw
   * @param body what to execute; it cannot suspend
   * @return what the body returned
   * @throws X whatever the body throws
   * @throws IllegalStateException inside a run
   */
  <T extends @Nullable Object, X extends Throwable> T enter(Body<T, X> body) throws X;

  /**
   * Makes the main task, as {@link KernelProvider#run(RunOptions, TaskSpec)} does: when it ends, so
   * does the run, which means that system tasks are cancelled. It does not run before the run is
   * driven. A run without one ends when its holder likes.
   *
   * @param <T> the type of the main task's result
   * @param main the main task; its cancel status and owner are chosen by the kernel
   * @return the main task; its {@link Task#cancelStatus()} at this moment is the node that cancels
   *     it with all that belongs to it
   * @throws IllegalStateException if there is a main task already, or inside a run
   */
  <T extends @Nullable Object> Task<T> spawnMain(TaskSpec<T> main);

  /**
   * Drives the run until no task is left, {@code until} holds after a pass, or {@link #stop()} is
   * called. The tasks may execute on another thread than the caller's, which waits.
   *
   * @param until looked at between passes, on the run's thread
   * @throws KernelError if the run has broken and all its tasks have ended
   * @throws KeyboardInterrupt if there is no main task to raise it in
   * @throws IllegalStateException inside a run
   */
  void drive(BooleanSupplier until);

  /**
   * Drives the run on the thread of a foreign event loop until no task is left, and returns at once.
   * Each pass is one short job for {@code host}; while there is nothing to do a thread of the run
   * sleeps in its stead. Between jobs the run stays bound to the calling thread, which must be the
   * one that {@code host} executes on: other jobs there may set events, cancel scopes and so on. If
   * the host's thread ends and another takes over, as happens to AWT's queue, the run goes with it.
   *
   * <p>A host that refuses a job, or forgets one that it has accepted, abandons the run: that is
   * logged as a warning, and the tasks stay where they are. A host that takes longer over a job than
   * {@link RunOptions#withBlockedWarningAfter(java.time.Duration)} is logged as well.
   *
   * @param host executes jobs on the calling thread, in order, and may be called from any thread
   * @param done is called on the host's thread when the run has no tasks any more, with the error if
   *     the run has broken; the run can be ended in it
   * @throws IllegalStateException inside a run
   * @throws RuntimeException if {@code host} refuses the first job
   */
  void driveOn(Executor host, Consumer<@Nullable KernelError> done);

  /**
   * Makes {@link #drive(BooleanSupplier)} return after the current step, with all other tasks left as
   * they are; if the run is not being driven, the next drive returns at once. Wakes a sleeping run.
   */
  void stop();

  /**
   * Ends the run: refuses further entry calls, runs those accepted, and gives up what it holds.
   *
   * @throws IllegalStateException if tasks are left, or inside a run
   * @throws KernelError if the run has broken
   * @throws KeyboardInterrupt if one was delivered and no task was left to raise it in
   */
  void end();
}
