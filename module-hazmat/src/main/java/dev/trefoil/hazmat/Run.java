package dev.trefoil.hazmat;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.osgi.annotation.versioning.ProviderType;

/**
 * One life of a kernel, from the start of its main task to the end of its last task.
 *
 * <p>Thread-safety: {@link #entryPoint()}, {@link #hasEnded()}, {@link #raiseKeyboardInterrupt()}, {@link
 * #runningCode()} and {@link Object#toString()} from any thread; everything else on the run's thread only.
 */
@ProviderType
public interface Run {
  /**
   * Returns the way into this run from other threads.
   *
   * @return the same object every time
   */
  EntryPoint entryPoint();

  /**
   * Returns the clock that deadlines are measured on.
   *
   * @return the clock
   */
  Clock clock();

  /**
   * Returns the coroutine backend in use.
   *
   * @return the backend, never {@link Backend#AUTO}
   */
  Backend backend();

  /**
   * Returns the main task.
   *
   * @return the task whose end ends the run
   * @throws IllegalStateException if a {@link RunDriver} drives the run and has made no main task
   */
  Task<?> mainTask();

  /**
   * Returns the root of the cancellation tree.
   *
   * @return the root, which nobody but the kernel cancels
   */
  CancelStatus rootCancelStatus();

  /**
   * Returns a snapshot of counters.
   *
   * @return the statistics
   */
  RunStatistics statistics();

  /**
   * Returns the tasks that have not ended.
   *
   * @return a snapshot, in the order of spawning
   */
  List<Task<?>> tasks();

  /**
   * Returns a snapshot of all tasks with their states and stacks.
   *
   * @return the dump; its {@code toString} is a tree for people
   */
  TaskDump dump();

  /**
   * Returns what the run is executing at this moment, for finding out what blocks it. Best effort: a
   * run that goes on meanwhile may be seen between two pieces of code, and taking a stack stops its
   * thread for a moment.
   *
   * <p>May be called from any thread.
   *
   * @return the code, or {@code null} if the run sleeps, is not being driven, or is busy with itself
   */
  @Nullable RunningCode runningCode();

  /**
   * Returns whether the run is over, so that its entry point takes no call any more. May be called from
   * any thread; elsewhere than in the run a no may be out of date at once.
   *
   * @return true from when on calls are refused with {@link RunFinished}
   */
  boolean hasEnded();

  /**
   * Interrupts what the run does, as control-C interrupts a program.
   *
   * <p>If the run executes code that is unprotected at this moment, {@link KeyboardInterrupt} is thrown
   * there, in whichever task it is: also in an endless loop, and in a sleep or wait of the platform's that
   * blocks the run. Nothing of that in a run with {@link
   * RunOptions#withKeyboardInterruptsRestrictedToCheckpoints()}, or where the JVM does not grant the kernel native
   * access; then a thread that blocks is interrupted at most.
   *
   * <p>Otherwise it is raised in the main task at its next cancel point, ahead of all cancel scopes and
   * shields. If it sleeps, it is woken by way of its abort function; if that answers FAILED, the
   * interrupt waits for the next cancel point. A second one that comes before the first was raised is
   * the same one. See {@link KeyboardInterrupts} for what is protected.
   *
   * <p>An interrupt that the main task has not met when the run ends is thrown by the run, with the
   * main task's own error as a suppressed one. In a run without a main task {@link
   * RunDriver#drive(java.util.function.BooleanSupplier)} throws it as soon as the running task yields,
   * and leaves all tasks as they are.
   *
   * <p>May be called from any thread, and returns at once. From inside the run it does not hit its caller, but
   * counts as raised in protected code and takes effect in the next pass.
   *
   * <p>Source: how Trio handles SIGINT.
   *
   * @return false if the run is over
   */
  boolean raiseKeyboardInterrupt();

  /**
   * Installs an instrument behind those already there. Adding one that is there does nothing;
   * instruments are compared by identity.
   *
   * @param instrument what to install
   */
  void addInstrument(Instrument instrument);

  /**
   * Removes an instrument.
   *
   * @param instrument what to remove
   * @throws java.util.NoSuchElementException if it is not installed
   */
  void removeInstrument(Instrument instrument);

  /**
   * Returns a map that lives and dies with the run, for values that are global to it. Keys should
   * be private objects.
   *
   * @return the map, confined to the run's thread
   */
  Map<Object, Object> locals();
}
