package dev.trefoil.tasks;

import dev.trefoil.hazmat.Action;
import dev.trefoil.hazmat.Body;
import dev.trefoil.hazmat.CancelStatus;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.KernelProvider;
import dev.trefoil.hazmat.KeyboardInterrupts;
import dev.trefoil.hazmat.Outcome;
import dev.trefoil.hazmat.RunOptions;
import dev.trefoil.hazmat.TaskSpec;
import dev.trefoil.tasks.monitor.Monitor;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The way into a run, and the time inside it.
 *
 * <pre>{@code
 * Trefoil.run(() ->
 *     Nursery.open(nursery -> {
 *       nursery.spawn(() -> { Trefoil.sleep(Duration.ofSeconds(1)); System.out.println("world"); });
 *       System.out.println("hello");
 *     }));
 * }</pre>
 */
public final class Trefoil {
  private Trefoil() {}

  // ---- runs

  /**
   * Runs {@code main} as the main task of a new run, and returns when the run is over: when the main
   * task has ended, then the system tasks, which are cancelled, then the entry calls accepted by
   * then.
   *
   * <p>The body may execute on another thread than the caller's, which waits. Runs in different
   * threads do not disturb each other.
   *
   * <p>In the main thread of a program control-C interrupts the run; see {@link
   * dev.trefoil.hazmat.ControlC}. What is thrown in {@code main} then is a {@link
   * dev.trefoil.hazmat.KeyboardInterrupt}, or an {@link ExceptionGroup} with one if it has come through
   * a nursery. Left alone it ends the program with a trace and status 1; a program that is to end as
   * the user's shell expects catches it and calls {@code System.exit(130)}.
   *
   * <p>Source: Trio's {@code run}.
   *
   * @param <T> the type of the result
   * @param <X> what {@code main} may throw
   * @param main the body of the main task
   * @return what {@code main} returned
   * @throws X whatever {@code main} throws, the very same object and in no group
   * @throws dev.trefoil.hazmat.KeyboardInterrupt if control-C was pressed and {@code main} had ended
   *     before it could meet it
   * @throws dev.trefoil.hazmat.KernelError if the run itself broke
   * @throws IllegalStateException inside a run, or if no kernel is installed
   */
  public static <T extends @Nullable Object, X extends Throwable> T run(Body<T, X> main) throws X {
    return run(RunOptions.defaults(), main);
  }

  /**
   * Runs {@code main} as the main task of a new run that has no result.
   *
   * @param <X> what {@code main} may throw
   * @param main the body of the main task
   * @throws X whatever {@code main} throws, the very same object and in no group
   * @see #run(Body)
   */
  public static <X extends Throwable> void run(Action<X> main) throws X {
    run(RunOptions.defaults(), main);
  }

  /**
   * Runs {@code main} as the main task of a new run made as {@code options} say.
   *
   * @param <T> the type of the result
   * @param <X> what {@code main} may throw
   * @param options clock, instruments, backend, seed and so on
   * @param main the body of the main task
   * @return what {@code main} returned
   * @throws X whatever {@code main} throws, the very same object and in no group
   * @see #run(Body)
   */
  @SuppressWarnings("RedundantThrows") // Outcome.unwrap throws what the body threw
  public static <T extends @Nullable Object, X extends Throwable> T run(
      RunOptions options, Body<T, X> main) throws X {
    Objects.requireNonNull(options, "options: expected RunOptions, got null");
    Objects.requireNonNull(main, "main: expected the body of the main task, got null");
    return KernelProvider.find().run(Monitor.addIfRequested(options), mainTask(main)).unwrap();
  }

  /**
   * Runs {@code main} as the main task of a new run made as {@code options} say, without a result.
   *
   * @param <X> what {@code main} may throw
   * @param options clock, instruments, backend, seed and so on
   * @param main the body of the main task
   * @throws X whatever {@code main} throws, the very same object and in no group
   * @see #run(Body)
   */
  public static <X extends Throwable> void run(RunOptions options, Action<X> main) throws X {
    Objects.requireNonNull(main, "main: expected the body of the main task, got null");
    run(options, main.asBody());
  }

  /**
   * Starts a run on a foreign event loop and returns at once. The loop executes the run in short
   * jobs between its own; while nothing is to be done, it is free. When this returns, the run is
   * complete (its entry point works, system tasks can be spawned) and none of {@code main} has run.
   *
   * <p>To be called on the host's thread, for instance in a listener of a user interface:
   *
   * <pre>{@code
   * GuestRun guest = Trefoil.startGuest(RunOptions.defaults(), EventQueue::invokeLater,
   *     () -> download(url),
   *     outcome -> show(outcome));
   * stopButton.addActionListener(event -> guest.cancel("stop was pressed"));
   * }</pre>
   *
   * <p>End a run before the host: if the host refuses to execute a job of the run, or forgets one, the
   * run is abandoned, and a warning is logged.
   *
   * <p>Source: Trio's {@code start_guest_run}.
   *
   * @param <T> the type of the main task's result
   * @param options clock, instruments, backend, seed and so on
   * @param host executes jobs on the calling thread, later, one after the other, in order; may be
   *     called from any thread, as {@code EventQueue::invokeLater} and executors with one thread may
   * @param main the body of the main task
   * @param done is called on the host's thread when the run is over, with what {@code main} returned
   *     or threw, or with a {@link dev.trefoil.hazmat.KernelError} if the run broke; what it throws is
   *     up to the host
   * @return the run
   * @throws IllegalStateException inside a run, another guest's included, or if no kernel is
   *     installed, or the backend is not available
   * @throws RuntimeException if {@code host} refuses the first job
   */
  public static <T extends @Nullable Object> GuestRun startGuest(
      RunOptions options, Executor host, Body<T, ?> main, Consumer<? super Outcome<T>> done) {
    Objects.requireNonNull(options, "options");
    Objects.requireNonNull(host, "host: expected what executes jobs on this thread, got null");
    Objects.requireNonNull(main, "main: expected the body of the main task, got null");
    Objects.requireNonNull(done, "done: expected who is told the outcome, got null");
    return GuestRun.start(options, host, mainTask(main), done);
  }

  /** Lets what is neither exception nor error pass through as well. */
  static <T extends @Nullable Object> TaskSpec<T> mainTask(Body<T, ?> main) {
    Callable<T> body =
        () -> {
          try {
            return KeyboardInterrupts.callOut(main);
          } catch (Exception | Error usual) {
            throw usual;
          } catch (Throwable unusual) {
            // Neither Exception nor Error; passes through a Callable all the same.
            throw Sneaky.rethrow(unusual);
          }
        };
    return TaskSpec.<T>of(body).name("main");
  }

  // ---- time

  /**
   * Sleeps. A checkpoint, also for zero, which only lets other tasks run.
   *
   * <p>Source: Trio's and Curio's {@code sleep}.
   *
   * @param duration how long, on the run's clock
   * @throws IllegalArgumentException if {@code duration} is negative
   */
  public static void sleep(Duration duration) {
    Times.requireNotNegative(duration, "duration");
    if (duration.isZero()) {
      Hazmat.yieldBriefly();
    } else {
      sleepUntil(Times.after(duration));
    }
  }

  /**
   * Sleeps until a point in time. A checkpoint; if the point has passed, only that.
   *
   * @param time nanoseconds on the run's clock, as in {@link #currentTime()}
   */
  public static void sleepUntil(long time) {
    Hazmat.sleepUntil("TIME_SLEEP", time);
  }

  /**
   * Sleeps until cancelled.
   *
   * @throws IllegalStateException if somebody reschedules the task
   */
  public static void sleepForever() {
    sleepUntil(CancelStatus.NO_DEADLINE);
  }

  /**
   * Returns the time on the run's clock. Its origin is arbitrary and differs from run to run.
   *
   * @return nanoseconds
   */
  public static long currentTime() {
    return Hazmat.currentRun().clock().now();
  }

  /**
   * Returns the point in time that is {@code duration} from now: what {@link
   * CancelScope#failAt(long, dev.trefoil.hazmat.Body) failAt}, {@link CancelScope#moveOnAt(long,
   * Action) moveOnAt}, {@link CancelScope#withDeadline(long) withDeadline} and {@link
   * #sleepUntil(long)} take. For several operations that share one deadline. Never suspends; no
   * checkpoint.
   *
   * <p>Source: {@code current_time() + seconds} in Trio.
   *
   * @param duration how long, on the run's clock
   * @return nanoseconds on the run's clock, {@link CancelStatus#NO_DEADLINE} if that is beyond what the
   *     clock can tell
   * @throws IllegalArgumentException if {@code duration} is negative
   * @throws IllegalStateException outside a run
   */
  public static long deadlineAfter(Duration duration) {
    return Times.after(Times.requireNotNegative(duration, "duration"));
  }

  /**
   * Returns when checkpoints of the current task start to raise, as far as known. Shields count.
   *
   * @return nanoseconds on the run's clock, {@link Long#MIN_VALUE} if they do already, {@link
   *     CancelStatus#NO_DEADLINE} if no deadline applies
   */
  public static long currentEffectiveDeadline() {
    return Hazmat.currentTask().cancelStatus().effectiveDeadline();
  }

  /**
   * Closes something without waiting for it to close gracefully: its {@code close} runs in a scope
   * that is already cancelled. Every {@code close} that can suspend must really close even then.
   *
   * <p>Source: Trio's {@code aclose_forcefully}.
   *
   * @param resource what to close
   * @throws Exception what {@code close} throws, save for the cancellation
   */
  public static void closeForcefully(AutoCloseable resource) throws Exception {
    Objects.requireNonNull(resource, "resource");
    CancelScope scope = CancelScope.create();
    scope.cancel("closing forcefully");
    Action<Exception> close = resource::close;
    scope.run(close);
  }
}
