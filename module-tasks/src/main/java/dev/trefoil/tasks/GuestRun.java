package dev.trefoil.tasks;

import dev.trefoil.hazmat.CancelReason;
import dev.trefoil.hazmat.CancelStatus;
import dev.trefoil.hazmat.Cancelled;
import dev.trefoil.hazmat.EntryPoint;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.KernelError;
import dev.trefoil.hazmat.KernelProvider;
import dev.trefoil.hazmat.KeyboardInterrupt;
import dev.trefoil.hazmat.Outcome;
import dev.trefoil.hazmat.Run;
import dev.trefoil.hazmat.RunDriver;
import dev.trefoil.hazmat.RunFinished;
import dev.trefoil.hazmat.RunOptions;
import dev.trefoil.hazmat.Task;
import dev.trefoil.hazmat.TaskSpec;
import dev.trefoil.tasks.monitor.Monitor;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A run that is the guest of a foreign event loop, such as AWT's: made by {@link
 * Trefoil#startGuest}.
 *
 * <p>The run belongs to the host's thread, between its own steps too: a job of the host's may cancel
 * scopes, set events, spawn system tasks and so on directly, but not wait. Other threads go through
 * {@link #entryPoint()}.
 *
 * <p>Source: Trio's guest mode, {@code start_guest_run}.
 */
public final class GuestRun {
  private final RunDriver driver;
  private final CancelStatus mainStatus;

  private GuestRun(RunDriver driver, CancelStatus mainStatus) {
    this.driver = driver;
    this.mainStatus = mainStatus;
  }

  static <T extends @Nullable Object> GuestRun start(
      RunOptions options, Executor host, TaskSpec<T> main, Consumer<? super Outcome<T>> done) {
    if (Hazmat.inRun()) {
      throw new IllegalStateException(
          "Expected no run on this thread, but it already belongs to "
              + Hazmat.currentRun()
              + ". A host's thread can have one guest run at a time: spawn a task in that one"
              + " instead.");
    }
    RunDriver driver = KernelProvider.find().open(Monitor.addIfRequested(options));
    Task<T> task = driver.spawnMain(main);
    GuestRun guest = new GuestRun(driver, task.cancelStatus());
    driver.driveOn(host, broken -> done.accept(end(driver, task, broken)));
    return guest;
  }

  /** Ends the run, and says how it went. */
  private static <T extends @Nullable Object> Outcome<T> end(
      RunDriver driver, Task<T> main, @Nullable KernelError broken) {
    Outcome<T> outcome = main.outcome();
    Error failure = broken;
    try {
      driver.end();
    } catch (KernelError | KeyboardInterrupt atTheEnd) {
      failure = atTheEnd;
    }
    if (failure == null) {
      return Objects.requireNonNull(outcome);
    }
    if (outcome instanceof Outcome.Failure<T>(Throwable error)
        && !(error instanceof Cancelled)
        && error != failure) {
      failure.addSuppressed(error);
    }
    return Outcome.failure(failure);
  }

  /**
   * Returns the run.
   *
   * @return the run, whose methods belong to the host's thread
   */
  public Run run() {
    return driver.run();
  }

  /**
   * Returns the way into the run from other threads.
   *
   * @return the same object every time
   */
  public EntryPoint entryPoint() {
    return run().entryPoint();
  }

  /**
   * Cancels the main task and all that belongs to it; the run ends when they have ended, which the
   * callback is told. Without effect on a run that is over. May be called from any thread; takes
   * effect at once on the host's thread, and in the run's next pass from others.
   *
   * @param reason words for people, to be found in {@link Cancelled#reason()}
   */
  public void cancel(String reason) {
    CancelReason why = CancelReason.explicit(Objects.requireNonNull(reason, "reason"));
    if (Hazmat.inRun() && Hazmat.currentRun() == run()) {
      mainStatus.cancel(why);
      return;
    }
    try {
      entryPoint().callSoonThreadAndSignalSafe(() -> mainStatus.cancel(why));
    } catch (RunFinished over) {
      // There is nothing left to cancel.
    }
  }

  @Override
  public String toString() {
    return "guest " + run();
  }
}
