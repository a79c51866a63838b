package dev.trefoil.hazmat;

import java.nio.channels.SelectableChannel;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/**
 * The operations of the SPI, for code that runs inside a task.
 *
 * <p>Every method throws {@link IllegalStateException} outside a run, with a message that says how
 * to get in. Methods called "a checkpoint" are a schedule point and a cancel point; they throw
 * {@link IllegalStateException} where there is no task that could suspend, that is in entry calls,
 * abort functions and exit listeners.
 *
 * <p>Source: {@code trio.lowlevel}, once {@code trio.hazmat}.
 */
public final class Hazmat {
  private static final String WAITING = "WAITING";

  private Hazmat() {}

  // ---- where am I

  /**
   * Returns whether the calling thread executes code of a run.
   *
   * @return true in tasks, entry calls, abort functions, instruments and so on
   */
  public static boolean inRun() {
    return KernelOperations.ofThread() != null;
  }

  /**
   * Returns whether the calling code runs in a task, so that it could suspend. In an abort function
   * this is true if a task triggered the abort and false if a deadline did.
   *
   * @return true in a task
   */
  public static boolean inTask() {
    KernelOperations kernel = KernelOperations.ofThread();
    return kernel != null && kernel.inTask();
  }

  /**
   * Returns the current task. In an entry call this is a system task that stands for the queue.
   *
   * @return the task
   * @throws IllegalStateException outside a task
   */
  public static Task<?> currentTask() {
    return currentTask(KernelOperations.required());
  }

  static Task<?> currentTask(KernelOperations kernel) {
    Task<?> task = kernel.currentTaskOrNull();
    if (task == null) {
      throw new IllegalStateException(
          "Expected to be called from a task, but no task is current: this is code that the run"
              + " calls between two steps, such as an abort function that a deadline triggered."
              + " Capture the task before it goes to sleep.");
    }
    return task;
  }

  /**
   * Returns the run that the calling code belongs to.
   *
   * @return the run
   */
  public static Run currentRun() {
    return KernelOperations.required().run();
  }

  /**
   * Returns the way into this run from other threads. Keep it; it may outlive the run.
   *
   * @return the same object every time within one run
   */
  public static EntryPoint currentCallSoonThreadAndSignalSafe() {
    return currentRun().entryPoint();
  }

  // ---- checkpoints

  /**
   * A pure checkpoint: lets every other runnable task run, then raises if cancelled by now, also by
   * a deadline that passed meanwhile. Nothing was done, so nothing is lost by being cancelled. If there
   * is nobody to let run and nothing else to do, it takes no switch.
   *
   * <p>Source: Trio's {@code yield_briefly}, today {@code checkpoint}.
   *
   * @throws Cancelled if a scope around the task is cancelled
   * @throws IllegalStateException outside a task, and if a switch is due and the stack holds what cannot be
   *     suspended, such as a static initializer
   */
  public static void yieldBriefly() {
    KernelOperations.required().yieldBriefly();
  }

  /**
   * A cancel point: if a scope around the task is cancelled, lets others run and raises; otherwise
   * does nothing. Looks at what the run has processed: a deadline that has passed but was not
   * processed yet does not count.
   *
   * <p>Half a checkpoint; {@link #yieldBrieflyNoCancel()} is the other half.
   *
   * <p>Source: Trio's {@code yield_if_cancelled}, today {@code checkpoint_if_cancelled}.
   *
   * @throws Cancelled if a scope around the task is cancelled
   */
  public static void yieldIfCancelled() {
    KernelOperations.required().yieldIfCancelled();
  }

  /**
   * A schedule point that ignores every cancellation: what follows an operation that has already
   * happened.
   *
   * <p>The kernel may skip the switch a bounded number of times, and after that again if nobody waits for
   * his turn, which is what makes operations that need not wait cheap; others never wait for more than
   * that. With {@link RunOptions#withSeed(long)} it always switches. Where the task cannot be suspended, as in a static
   * initializer or at the end of the stack, it returns at once: what has happened is not to be taken
   * for a failure.
   *
   * <p>Source: Trio's {@code yield_briefly_no_cancel}, today {@code cancel_shielded_checkpoint}.
   */
  public static void yieldBrieflyNoCancel() {
    KernelOperations.required().yieldBrieflyNoCancel();
  }

  // ---- sleeping and waking

  /**
   * Puts the current task to sleep until it is rescheduled or cancelled. The lowest level of
   * blocking: {@link ParkingLot} is what most primitives want.
   *
   * @param <T> the type that the caller knows it is rescheduled with
   * @param abort undoes the sleep on cancellation; called at most once
   * @return the value given to {@link #reschedule(Task, Outcome)}
   * @see #yieldIndefinitely(String, AbortFunction)
   */
  @SuppressWarnings("TypeParameterUnusedInFormals")
  public static <T extends @Nullable Object> T yieldIndefinitely(AbortFunction abort) {
    return yieldIndefinitely(WAITING, abort);
  }

  /**
   * Puts the current task to sleep until it is rescheduled or cancelled.
   *
   * <p>The protocol. Before the call, arrange that somebody will call {@link #reschedule(Task,
   * Outcome)} on the current task, exactly once. If a scope around the task is or becomes cancelled
   * meanwhile, {@code abort} is called: it either undoes the arrangement and answers {@link
   * Abort#SUCCEEDED}, or answers {@link Abort#FAILED} and leaves it standing. Once rescheduled, the
   * task cannot be aborted any more: a cancellation that comes later waits for its next cancel
   * point, so what the task was given is never lost. A task that is cancelled on entry goes to sleep
   * all the same and is aborted right after.
   *
   * <p>Always a checkpoint. Where the stack holds a frame that cannot be suspended, such as a static
   * initializer, the sleep is undone through {@code abort} and {@link IllegalStateException} names
   * the frame.
   *
   * <p>Source: Trio's {@code yield_indefinitely}, today {@code wait_task_rescheduled}.
   *
   * @param <T> the type that the caller knows it is rescheduled with
   * @param label what the task waits for, in a word for people, such as {@code LOCK_ACQUIRE}
   * @param abort undoes the sleep on cancellation; called at most once
   * @return the value that the task was rescheduled with; a failure is thrown as it is
   * @throws Cancelled if the sleep was aborted
   */
  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals", "NullAway"})
  public static <T extends @Nullable Object> T yieldIndefinitely(
      String label, AbortFunction abort) {
    Objects.requireNonNull(label, "label");
    Objects.requireNonNull(
        abort, "abort: expected a function that undoes the sleep (answer FAILED if it cannot)");
    return (T) KernelOperations.required().yieldIndefinitely(label, abort);
  }

  /**
   * Puts the current task to sleep until a point in time. A checkpoint; if the point has passed, only
   * that. Cancelling it leaves no trace.
   *
   * <p>For primitives that wait for time to pass. To limit how long something else may wait, give a
   * {@link CancelStatus} around it a deadline.
   *
   * <p>Source: Trio's {@code sleep_until}.
   *
   * @param label what the task waits for, in a word for people, such as {@code TIME_SLEEP}
   * @param time nanoseconds on the clock of the run, {@link CancelStatus#NO_DEADLINE} to sleep until
   *     cancelled
   * @throws Cancelled if a scope around the task is cancelled, also if the time has come at the same
   *     moment
   * @throws IllegalStateException if somebody reschedules the task
   */
  public static void sleepUntil(String label, long time) {
    Objects.requireNonNull(label, "label");
    KernelOperations.required().sleepUntil(label, time);
  }

  /**
   * Wakes a sleeping task; its sleep returns {@code null}.
   *
   * @param task the sleeper
   * @see #reschedule(Task, Outcome)
   */
  public static void reschedule(Task<?> task) {
    reschedule(task, Outcome.nothing());
  }

  /**
   * Wakes a sleeping task. It joins the tail of the run queue and runs in a later batch. Clears its
   * {@link Task#customSleepData()}. Never suspends; no checkpoint.
   *
   * <p>Source: Trio's {@code reschedule}.
   *
   * @param task the sleeper, of this run
   * @param outcome what its sleep returns or throws; a failure wins over a cancellation that comes
   *     later
   * @throws IllegalStateException if the task does not sleep in {@link
   *     #yieldIndefinitely(AbortFunction)}, was already rescheduled, or belongs to another run; the
   *     run goes on undisturbed
   */
  public static void reschedule(Task<?> task, Outcome<?> outcome) {
    Objects.requireNonNull(task, "task: expected the sleeping task, got null");
    Objects.requireNonNull(outcome, "outcome");
    KernelOperations.required().reschedule(task, outcome);
  }

  // ---- tasks

  /**
   * Makes a task. It has not run when this returns and first runs in a later batch. Never suspends;
   * no checkpoint. Applications spawn into a nursery; this is what nurseries are made of.
   *
   * @param <T> the type of the body's result
   * @param spec the body, the owner, and what differs from the defaults
   * @return the task
   * @throws IllegalArgumentException if the specification names no owner
   * @throws IllegalStateException if its cancel status is closed or of another run
   */
  public static <T extends @Nullable Object> Task<T> spawn(TaskSpec<T> spec) {
    return KernelOperations.required().spawn(Objects.requireNonNull(spec, "spec"));
  }

  /**
   * Makes a task that serves the run as a whole. It is cancelled when the main task has ended, and
   * the run waits for it. It starts protected from keyboard interrupts, and with the context that
   * the run started with rather than its spawner's. If it fails, the run ends with a {@link
   * KernelError}; ending with the {@link Cancelled} of the shutdown, or of {@link Task#cancel()}, is no
   * failure.
   *
   * <p>Source: Trio's {@code spawn_system_task}.
   *
   * @param <T> the type of the body's result
   * @param name the name, for people; {@code null} derives one from the body
   * @param body what the task executes
   * @return the task
   * @throws IllegalStateException very late in shutdown, when nothing would run it any more
   */
  public static <T extends @Nullable Object> Task<T> spawnSystemTask(
      @Nullable String name, Callable<? extends T> body) {
    return KernelOperations.required().spawnSystemTask(TaskSpec.<T>of(body).name(name));
  }

  // ---- input and output

  /**
   * Waits until a channel can be read, accepts a connection, has reached its end or has failed. Only
   * a hint: try the non-blocking operation again and wait again if it would block. A checkpoint;
   * cancelling it leaves no trace.
   *
   * <p>Source: Trio's {@code wait_socket_readable}; Curio's {@code _read_wait}.
   *
   * @param channel a registrable channel in non-blocking mode
   * @throws ResourceBusy if another task already waits to read it
   * @throws ClosedResource if the channel is closed, or {@link #notifyClosing(SelectableChannel)} is
   *     called meanwhile
   * @throws IllegalStateException if the channel is in blocking mode
   * @throws IllegalArgumentException if the channel can never be readable, such as a pipe's sink
   */
  public static void waitSocketReadable(SelectableChannel channel) {
    KernelOperations.required().waitReadable(Objects.requireNonNull(channel, "channel"));
  }

  /**
   * Waits until a channel can be written, or has finished connecting, or has failed. As {@link
   * #waitSocketReadable(SelectableChannel)} otherwise; the two directions of one channel are
   * independent and may be waited for by different tasks.
   *
   * <p>Source: Trio's {@code wait_socket_writable}; Curio's {@code _write_wait}.
   *
   * @param channel a registrable channel in non-blocking mode
   * @throws ResourceBusy if another task already waits to write it
   * @throws ClosedResource if the channel is closed, or {@link #notifyClosing(SelectableChannel)} is
   *     called meanwhile
   * @throws IllegalStateException if the channel is in blocking mode
   * @throws IllegalArgumentException if the channel can never be writable
   */
  public static void waitSocketWritable(SelectableChannel channel) {
    KernelOperations.required().waitWritable(Objects.requireNonNull(channel, "channel"));
  }

  /**
   * Tells the run that a channel is about to be closed: its waiters get {@link ClosedResource}, and
   * the run lets go of the channel. Call it before the real close, and also before giving a channel
   * back to blocking code. Does nothing for a channel that nobody waits for. Never suspends.
   *
   * <p>Source: Trio's {@code notify_closing}.
   *
   * @param channel the channel
   */
  public static void notifyClosing(SelectableChannel channel) {
    KernelOperations.required().notifyClosing(Objects.requireNonNull(channel, "channel"));
  }

  /**
   * Waits until a file descriptor is readable in the sense of the operating system, which includes
   * end of file, hang-up and error. A checkpoint; cancelling it leaves no trace. Regular files are
   * not meaningful.
   *
   * <p>Linux only, through the foreign-function API.
   *
   * <p>Source: Trio's {@code wait_readable}.
   *
   * @param fd the descriptor's number
   * @throws ResourceBusy if another task already waits to read it
   * @throws ClosedResource if {@link #notifyClosing(int)} is called meanwhile
   * @throws java.io.UncheckedIOException if the system refuses the descriptor
   * @throws UnsupportedOperationException on a system without epoll
   */
  public static void waitReadable(int fd) {
    KernelOperations.required().waitReadable(fd);
  }

  /**
   * Waits until a file descriptor is writable. As {@link #waitReadable(int)} otherwise; the two
   * directions of one descriptor are independent.
   *
   * <p>Source: Trio's {@code wait_writable}.
   *
   * @param fd the descriptor's number
   * @throws ResourceBusy if another task already waits to write it
   * @throws ClosedResource if {@link #notifyClosing(int)} is called meanwhile
   * @throws java.io.UncheckedIOException if the system refuses the descriptor
   * @throws UnsupportedOperationException on a system without epoll
   */
  public static void waitWritable(int fd) {
    KernelOperations.required().waitWritable(fd);
  }

  /**
   * Tells the run that a descriptor is about to be closed: its waiters get {@link ClosedResource},
   * and the run lets go of the descriptor. Call it before the real close. If nobody waits it may be
   * left out; but then the next wait for that number may take up to 10 ms to find out what the number
   * stands for.
   *
   * <p>Source: Trio's {@code notify_closing}.
   *
   * @param fd the descriptor's number
   */
  public static void notifyClosing(int fd) {
    KernelOperations.required().notifyClosing(fd);
  }

  // ---- signals

  /**
   * Watches a signal of the operating system, for this run: from now on {@code onSignal} is called
   * each time the process gets it, and its usual effect stays away. Several watches of one signal, in
   * this run and in others, get it each. Never suspends; no checkpoint.
   *
   * <p>{@code onSignal} is an entry call, see {@link EntryPoint}: it must be short, must not suspend and
   * must not throw. Calls come in the order in which the JVM hands the signals to this process; it may
   * swap signals of different kinds that come at the same moment, and the system merges signals of one
   * kind that come faster than the JVM takes them.
   *
   * <p>A watch takes the place of a handler that the program has set. A watch of {@code INT} takes the
   * place of keyboard interrupts, in all runs. A signal that the process was started with as ignored,
   * as by {@code nohup}, is not handed out by the JVM if it is one of those that end a process.
   *
   * <p>In CPython only the main thread may do this; here every run may.
   *
   * <p>Source: Curio's {@code _sigwatch}.
   *
   * @param name the signal's name without its SIG, such as {@code TERM}
   * @param onSignal what to call
   * @return the watch, to be closed
   * @throws IllegalArgumentException if this system has no signal of that name
   * @throws UnsupportedOperationException if the JVM or the operating system keeps the signal to itself;
   *     the message says who
   */
  public static SignalWatch watchSignal(String name, Runnable onSignal) {
    Objects.requireNonNull(name, "name: expected a signal such as TERM, got null");
    Objects.requireNonNull(onSignal, "onSignal: expected a call to make in the run, got null");
    return KernelOperations.required().watchSignal(name, onSignal);
  }

  /**
   * Lets a signal of the operating system have no effect. Watches that exist do not get it meanwhile;
   * one that is made later does. Never suspends; no checkpoint.
   *
   * <p>Source: what Curio's {@code SignalSet.ignore} does.
   *
   * @param name the signal's name without its SIG, such as {@code TERM}
   * @return the watch, to be closed
   * @throws IllegalArgumentException if this system has no signal of that name
   * @throws UnsupportedOperationException if the JVM or the operating system keeps the signal to itself;
   *     the message says who
   */
  public static SignalWatch ignoreSignal(String name) {
    Objects.requireNonNull(name, "name: expected a signal such as TERM, got null");
    return KernelOperations.required().ignoreSignal(name);
  }

  // ---- for tests

  /**
   * Waits until no task has been runnable for {@code cushion} of real time. If several tasks wait
   * here, those with the smallest cushion wake first, equal ones together, and that starts the time
   * of the others anew. A checkpoint.
   *
   * <p>Source: Trio's {@code wait_all_tasks_blocked}.
   *
   * @param cushion real time, zero for the first moment of idleness
   * @throws IllegalArgumentException if {@code cushion} is negative
   */
  public static void waitUntilIdle(Duration cushion) {
    if (cushion.isNegative()) {
      throw new IllegalArgumentException(
          "cushion: expected zero or a positive duration, got " + cushion);
    }
    KernelOperations.required().waitUntilIdle(nanos(cushion));
  }

  private static long nanos(Duration duration) {
    try {
      return duration.toNanos();
    } catch (ArithmeticException centuries) {
      return Long.MAX_VALUE;
    }
  }
}
