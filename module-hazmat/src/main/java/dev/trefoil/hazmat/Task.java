package dev.trefoil.hazmat;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.osgi.annotation.versioning.ProviderType;

/**
 * A task of a run. Made by {@link Hazmat#spawn(TaskSpec)}; never made directly.
 *
 * <p>Thread-safety: {@link #id()}, {@link #name()} and {@link Object#toString()} may be called from any
 * thread; everything else belongs to the run's own thread, where a task is either running, or
 * cannot change while it is looked at.
 *
 * <p>Source: Trio's {@code lowlevel.Task} and Curio's {@code Task}.
 *
 * @param <T> the type of the body's result
 */
@ProviderType
public interface Task<T extends @Nullable Object> {
  /**
   * Returns the task's number: unique within its run and increasing in the order of spawning.
   *
   * @return the number, 1 for the main task
   */
  long id();

  /**
   * Returns the name given when the task was spawned, or one derived from the class of its body.
   * For people; nothing depends on it.
   *
   * @return the name
   */
  String name();

  /**
   * Returns what the task executes. For introspection; do not call it.
   *
   * @return the body
   */
  Object body();

  /**
   * Returns the run that the task belongs to.
   *
   * @return the run
   */
  Run run();

  /**
   * Returns where the task is in its life.
   *
   * @return the state
   */
  TaskState state();

  /**
   * Returns what the task is doing, in a word for people: the label that a parked task gave to
   * {@link Hazmat#yieldIndefinitely(String, AbortFunction)}, such as {@code READ_WAIT}, and
   * otherwise the name of its {@link #state()}.
   *
   * @return the label
   */
  String stateLabel();

  /**
   * Returns how the task ended.
   *
   * @return the outcome, or {@code null} while the task lives
   */
  @Nullable Outcome<T> outcome();

  /**
   * Returns the node of the cancellation tree that the task lives under at this moment.
   *
   * @return the cancel status
   */
  CancelStatus cancelStatus();

  /**
   * Returns who is responsible for the task: what was given to {@link TaskSpec#owner(TaskOwner)},
   * or later to {@link #changeOwner(TaskOwner)}.
   *
   * @return the owner
   */
  TaskOwner owner();

  /**
   * Makes somebody else responsible for the task, who then gets {@link
   * TaskOwner#taskExited(Task)}.
   *
   * @param owner the new owner
   * @throws IllegalStateException if the task has ended
   */
  void changeOwner(TaskOwner owner);

  /**
   * Returns the task's inheritable values.
   *
   * @return the context
   */
  TaskContext context();

  /**
   * Replaces the task's inheritable values.
   *
   * @param context the new context
   */
  void setContext(TaskContext context);

  /**
   * Waits until the task has ended and returns its result. Any number of tasks may join, any number
   * of times; all joiners wake together. A checkpoint. Cancelling the joiner does not touch the
   * joined task.
   *
   * <p>Source: Curio's {@code Task.join}.
   *
   * @return the body's result
   * @throws TaskError if the task failed; the cause is what its body threw, a {@link Cancelled} if
   *     it was cancelled
   * @throws IllegalStateException if a task joins itself
   */
  T join();

  /**
   * Waits until the task has ended, in whatever way. A checkpoint. Cancelling the caller does not
   * touch the task.
   *
   * <p>Source: Curio's {@code Task.wait}.
   *
   * @throws IllegalStateException if a task waits for itself
   */
  void awaitEnd();

  /**
   * Returns the result of a task that has ended. Does not wait.
   *
   * <p>Source: Curio's {@code Task.result}, which throws the error of the body as it is.
   *
   * @return the body's result
   * @throws TaskError if the task failed, as in {@link #join()}
   * @throws IllegalStateException if the task has not ended
   */
  T result();

  /**
   * Returns what the body of a task that has ended threw. Does not wait.
   *
   * <p>Source: Curio's {@code Task.exception}; {@code Task.exc_info} in the manual.
   *
   * @return the error, a {@link Cancelled} if the task was cancelled, or {@code null} if its body
   *     returned
   * @throws IllegalStateException if the task has not ended
   */
  @Nullable Throwable exception();

  /**
   * Returns whether the task has ended, in whatever way.
   *
   * <p>Source: Curio's {@code Task.terminated}.
   *
   * @return true if nothing can happen to the task any more
   */
  boolean hasEnded();

  /**
   * Returns whether the task has ended by a cancellation that it let through.
   *
   * <p>Source: Curio's {@code Task.cancelled}.
   *
   * @return true in the state {@link TaskState#CANCELLED}
   */
  boolean isCancelled();

  /**
   * Returns whether somebody has got the task's result or failure by {@link #join()}, or is waiting
   * for it there.
   *
   * @return true if the outcome does not go unseen
   */
  boolean isJoined();

  /**
   * Cancels the task and waits until it has really ended. It is raised {@link Cancelled} with {@link
   * CancelReason.Source#TASK} once, as by {@link #interrupt(Supplier)}, in place of an error that may be
   * pending; if it catches that and goes on, this goes on waiting. A task that lets it through ends quietly: its nursery takes it for no
   * failure. A second call does not raise again, it only waits. A checkpoint; cancelling the caller
   * does not take the cancellation back.
   *
   * <p>Source: Curio's {@code Task.cancel}.
   *
   * @return whether this call cancelled the task: false if it had ended, if somebody else had
   *     cancelled it before, or if it ended without having passed another cancel point
   * @throws IllegalStateException if a task cancels itself
   */
  boolean cancel();

  /**
   * Cancels the task with an error of the caller's choice and waits until it has really ended.
   *
   * @param error makes what is raised in the task, on the run's thread
   * @return whether this call cancelled the task
   * @throws IllegalStateException if a task cancels itself
   * @see #cancel()
   */
  boolean cancel(Supplier<? extends Throwable> error);

  /**
   * Raises what {@link #cancel()} raises, and does not wait. A later {@code cancel} only waits.
   *
   * <p>Source: Curio's {@code Task.cancel(blocking=False)}.
   *
   * @return false, and nothing happens, if the task has ended or has been cancelled before
   */
  boolean interrupt();

  /**
   * Raises an error in the task, once, at its next cancel point that is not inside a shield; a
   * sleeping task is aborted at once. Unlike a cancelled scope this is an edge, not a level: if the
   * task catches the error, it goes on undisturbed. As long as a scope around the task is cancelled,
   * that is what cancel points raise; the error waits until the task has left it.
   *
   * <p>An abort that answers {@link Abort#FAILED} leaves it pending. A task that was already woken is
   * not disturbed: it keeps what it was woken with, and gets the error at its next cancel point.
   *
   * <p>Source: what Curio's {@code Task.cancel} does to its target.
   *
   * @param error makes what is raised, on the run's thread
   * @return false, and nothing happens, if the task has ended or has an error pending already
   */
  boolean interrupt(Supplier<? extends Throwable> error);

  /**
   * Takes back what {@link #interrupt(Supplier)} left pending, so that it will not be raised.
   *
   * @return what makes the error, or {@code null} if none is pending
   */
  @Nullable Supplier<? extends Throwable> withdrawInterrupt();

  /**
   * Asks to be told when the task has ended, before anybody who waits for it runs again. Listeners
   * are called in the order in which they were added, before the owner.
   *
   * @param listener is called once, on the run's thread
   * @throws IllegalStateException if the task has ended
   */
  void addExitListener(ExitListener listener);

  /**
   * Takes back one {@link #addExitListener(ExitListener)}.
   *
   * @param listener the listener to remove
   * @return whether it was there
   */
  boolean removeExitListener(ExitListener listener);

  /**
   * Returns what a sleeping task left for others to find with {@link #setCustomSleepData(Object)}.
   *
   * @return the data, or {@code null}
   */
  @Nullable Object customSleepData();

  /**
   * Leaves something for others to find while the task sleeps: set it on the current task just
   * before {@link Hazmat#yieldIndefinitely(AbortFunction)}. Cleared when the task is rescheduled.
   *
   * @param data the data, or {@code null}
   */
  void setCustomSleepData(@Nullable Object data);

  /**
   * Returns how many schedule points the task has passed, skipped switches included.
   *
   * @return the count, never decreasing
   */
  long schedulePoints();

  /**
   * Returns how many cancel points the task has passed.
   *
   * @return the count, never decreasing
   */
  long cancelPoints();

  /**
   * Returns how many steps the task has begun: how often it was given the thread.
   *
   * <p>Source: Curio's {@code Task.cycles}.
   *
   * @return the count, 0 before the task has run at all
   */
  long cycles();

  /**
   * Returns where a task that is not running will go on, in its own code: the innermost frame that
   * belongs neither to the Java platform nor to Trefoil.
   *
   * <p>Source: Curio's {@code Task.where}.
   *
   * @return the frame, or {@code null} if there is none, or no stack at all as in {@link
   *     #stackTrace()}
   */
  @Nullable StackTraceElement where();

  /**
   * Describes in several lines where the task is or how it ended: its name and state, then its stack,
   * or that of the error that ended it.
   *
   * <p>Source: Curio's {@code Task.traceback}.
   *
   * @return the lines, for people
   */
  String traceback();

  /**
   * Returns the stack of a task that is not running, innermost frame first.
   *
   * @return the frames of the task's own code, or an empty array if it has not started, has ended
   *     or is the running task
   */
  StackTraceElement[] stackTrace();

  /** Is told when a task has ended. */
  @FunctionalInterface
  interface ExitListener {
    /**
     * Called once, on the run's thread, when the outcome is known. Must not suspend; what it throws
     * ends the run with a {@link KernelError}.
     *
     * @param task the task that has ended
     */
    void taskExited(Task<?> task);
  }
}
