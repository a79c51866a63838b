package dev.trefoil.hazmat;

import java.lang.ref.WeakReference;
import java.nio.channels.SelectableChannel;
import org.jspecify.annotations.Nullable;
import org.osgi.annotation.versioning.ProviderType;

/**
 * What a kernel implements. Everybody else calls {@link Hazmat}, whose operations have the same
 * names and carry the contracts.
 *
 * <p>Kernel and thread: while a run's code executes on a thread, the run is bound to that thread by
 * {@link #bind()}. That binding is what "the run's thread" means in every contract of this package;
 * with one virtual thread for each task there are many such threads, of which one runs at a time.
 */
@ProviderType
public abstract class KernelOperations {
  private static final ThreadLocal<@Nullable KernelOperations> BOUND = new ThreadLocal<>();

  /**
   * A short cut past {@link #BOUND}, by the numbers of threads: the run that the thread executes, if that
   * is also its {@link #shortcutThread}. A power of two.
   *
   * <p>Without synchronization: what a thread relies on it has written itself, and takes back itself.
   */
  private static final @Nullable KernelOperations[] SHORTCUTS = new KernelOperations[64];

  private final InterruptLanding landing = new InterruptLanding();

  /** The thread that has last been found to execute the run; null if none does. */
  private @Nullable Thread shortcutThread;

  /** Whether there may be short cuts to this run. */
  private boolean executed;

  /** What {@link RunGuard} knows this run by: the same object every time. */
  private @Nullable WeakReference<Run> reference;

  /** For kernels. */
  protected KernelOperations() {}

  /** The run bound to the calling thread, or null. */
  static @Nullable KernelOperations ofThread() {
    InterruptLanding.pass();
    return find();
  }

  private static @Nullable KernelOperations find() {
    Thread thread = Thread.currentThread();
    KernelOperations shortcut = SHORTCUTS[place(thread)];
    return shortcut != null && shortcut.shortcutThread == thread ? shortcut : findBound(thread);
  }

  private static @Nullable KernelOperations findBound(Thread thread) {
    KernelOperations kernel = BOUND.get();
    if (kernel != null && kernel.executed) {
      kernel.shortcutThread = thread;
      SHORTCUTS[place(thread)] = kernel;
    }
    return kernel;
  }

  private static int place(Thread thread) {
    return (int) thread.threadId() & (SHORTCUTS.length - 1);
  }

  /** Ends all short cuts to this run, which must not be kept by them when it is over. */
  private void forgetShortcuts() {
    shortcutThread = null;
    for (int place = 0; place < SHORTCUTS.length; place++) {
      if (SHORTCUTS[place] == this) {
        SHORTCUTS[place] = null;
      }
    }
  }

  WeakReference<Run> reference() {
    WeakReference<Run> known = reference;
    if (known == null) {
      known = new WeakReference<>(run());
      reference = known;
    }
    return known;
  }

  /** The slow half of {@link InterruptLanding#pass()}. */
  static void passGate() {
    KernelOperations kernel = BOUND.get();
    if (kernel != null) {
      kernel.landing.await();
    }
  }

  /** The run bound to the calling thread, or an error that says what to do. */
  static KernelOperations required() {
    InterruptLanding.pass();
    KernelOperations kernel = find();
    if (kernel == null) {
      throw outsideRun();
    }
    return kernel;
  }

  static IllegalStateException outsideRun() {
    return new IllegalStateException(
        "Expected to be called inside a Trefoil run, but thread '"
            + Thread.currentThread().getName()
            + "' belongs to none. Call it from a task (see Trefoil.run), or enter the run from this"
            + " thread: with FromThread.run if a task waits for the thread, else with a Portal"
            + " (both in dev.trefoil.threads) or EntryPoint.callSoonThreadAndSignalSafe.");
  }

  /** Binds this run to the calling thread. */
  protected final void bind() {
    BOUND.set(this);
  }

  /** Ends the binding of the calling thread, whatever it is. */
  protected static void unbind() {
    KernelOperations bound = BOUND.get();
    if (bound != null) {
      bound.forgetShortcuts();
    }
    BOUND.remove();
  }

  /**
   * Returns whether this run is bound to the calling thread.
   *
   * @return true on the run's thread
   */
  protected final boolean isBound() {
    InterruptLanding.pass();
    return find() == this;
  }

  /**
   * Returns whether any run is bound to the calling thread.
   *
   * @return true if a run is
   */
  protected static boolean isAnyBound() {
    return BOUND.get() != null;
  }

  /**
   * Makes the error that a cancel point raises.
   *
   * @param reason of the responsible node of the cancellation tree
   * @return a new error
   */
  protected static Cancelled newCancelled(CancelReason reason) {
    return new Cancelled(reason);
  }

  /**
   * Makes the error that control-C raises.
   *
   * @return a new error
   */
  protected static KeyboardInterrupt newKeyboardInterrupt() {
    return new KeyboardInterrupt();
  }

  /**
   * Says that a {@link KeyboardInterrupt} is about to be thrown in code of this run from outside, so
   * that it lands before that code enters protected code; or that an interrupt is about to be sent, to
   * be taken back there. Only while {@code target} executes code of a task and is suspended, or waits.
   *
   * @param target the thread that executes the run's code
   * @param interrupted whether it has been interrupted already
   */
  protected final void announceInterrupt(Thread target, boolean interrupted) {
    landing.announce(target, interrupted);
  }

  /**
   * Interrupts a thread that this was announced to, unless it has entered protected code since; not
   * while it is suspended.
   *
   * @param target the thread
   * @return whether it has been interrupted
   */
  protected final boolean interruptIfAnnounced(Thread target) {
    return landing.interrupt(target);
  }

  /** Takes {@link #announceInterrupt(Thread, boolean)} back, with the thread still suspended or waiting. */
  protected final void withdrawInterrupt() {
    landing.withdraw();
  }

  /** To be called when a thread begins to execute the run, as {@link #bind() bound} threads then do. */
  protected final void beginExecution() {
    executed = true;
  }

  /** To be called when no thread does any more. From any thread. */
  protected final void endExecution() {
    executed = false;
    forgetShortcuts();
  }

  /**
   * See {@link Hazmat#currentRun()}.
   *
   * @return the run
   */
  protected abstract Run run();

  /**
   * See {@link Hazmat#currentTask()}.
   *
   * @return the current task, or {@code null} between two steps
   */
  protected abstract @Nullable Task<?> currentTaskOrNull();

  /**
   * See {@link Hazmat#inTask()}.
   *
   * @return whether a task that could suspend is current
   */
  protected abstract boolean inTask();

  /**
   * See {@link RunGuard#tryCheckpoint()}.
   *
   * @return the current task, having passed a checkpoint, or {@code null} without having
   */
  protected abstract @Nullable Task<?> tryCheckpoint();

  /** See {@link Hazmat#yieldBriefly()}. */
  protected abstract void yieldBriefly();

  /** See {@link Hazmat#yieldIfCancelled()}. */
  protected abstract void yieldIfCancelled();

  /** See {@link Hazmat#yieldBrieflyNoCancel()}. */
  protected abstract void yieldBrieflyNoCancel();

  /**
   * See {@link Hazmat#yieldIndefinitely(String, AbortFunction)}.
   *
   * @param label what the task waits for
   * @param abort undoes the sleep
   * @return what it was rescheduled with
   */
  protected abstract @Nullable Object yieldIndefinitely(String label, AbortFunction abort);

  /**
   * See {@link Hazmat#sleepUntil(String, long)}.
   *
   * @param label what the task waits for
   * @param time nanoseconds on the clock of the run
   */
  protected abstract void sleepUntil(String label, long time);

  /**
   * See {@link Hazmat#reschedule(Task, Outcome)}.
   *
   * @param task the sleeper
   * @param outcome what its sleep returns or throws
   */
  protected abstract void reschedule(Task<?> task, Outcome<?> outcome);

  /**
   * See {@link Hazmat#spawn(TaskSpec)}.
   *
   * @param <T> the type of the result
   * @param spec the task to make
   * @return the task
   */
  protected abstract <T extends @Nullable Object> Task<T> spawn(TaskSpec<T> spec);

  /**
   * See {@link Hazmat#spawnSystemTask(String, java.util.concurrent.Callable)}.
   *
   * @param <T> the type of the result
   * @param spec the task to make
   * @return the task
   */
  protected abstract <T extends @Nullable Object> Task<T> spawnSystemTask(TaskSpec<T> spec);

  /**
   * See {@link Hazmat#waitSocketReadable(SelectableChannel)}.
   *
   * @param channel the channel
   */
  protected abstract void waitReadable(SelectableChannel channel);

  /**
   * See {@link Hazmat#waitSocketWritable(SelectableChannel)}.
   *
   * @param channel the channel
   */
  protected abstract void waitWritable(SelectableChannel channel);

  /**
   * See {@link Hazmat#notifyClosing(SelectableChannel)}.
   *
   * @param channel the channel
   */
  protected abstract void notifyClosing(SelectableChannel channel);

  /**
   * See {@link Hazmat#waitReadable(int)}.
   *
   * @param fd the descriptor
   */
  protected abstract void waitReadable(int fd);

  /**
   * See {@link Hazmat#waitWritable(int)}.
   *
   * @param fd the descriptor
   */
  protected abstract void waitWritable(int fd);

  /**
   * See {@link Hazmat#notifyClosing(int)}.
   *
   * @param fd the descriptor
   */
  protected abstract void notifyClosing(int fd);

  /**
   * See {@link Hazmat#watchSignal(String, Runnable)}.
   *
   * @param name the signal
   * @param onSignal what to call
   * @return the watch
   */
  protected abstract SignalWatch watchSignal(String name, Runnable onSignal);

  /**
   * See {@link Hazmat#ignoreSignal(String)}.
   *
   * @param name the signal
   * @return the watch
   */
  protected abstract SignalWatch ignoreSignal(String name);

  /**
   * See {@link Hazmat#waitUntilIdle(java.time.Duration)}.
   *
   * @param cushionNanos real time without a runnable task
   */
  protected abstract void waitUntilIdle(long cushionNanos);

  /**
   * See {@link ContextSnapshot#capture()}.
   *
   * @return the scoped values that are bound in the code that runs
   */
  protected abstract ScopedBindings captureScopedBindings();

  /**
   * Returns the protection state of the code that runs.
   *
   * @return whether a keyboard interrupt arrives at checkpoints only
   */
  protected abstract boolean isProtected();

  /**
   * Changes the protection state of the code that runs.
   *
   * @param value whether a keyboard interrupt arrives at checkpoints only
   */
  protected abstract void setProtected(boolean value);
}
