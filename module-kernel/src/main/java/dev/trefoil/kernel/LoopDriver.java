package dev.trefoil.kernel;

import dev.trefoil.hazmat.Body;
import dev.trefoil.hazmat.KernelError;
import dev.trefoil.hazmat.Run;
import dev.trefoil.hazmat.RunDriver;
import dev.trefoil.hazmat.Task;
import dev.trefoil.hazmat.TaskSpec;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Drives a loop for its holder; sees to it that nobody else does meanwhile. */
final class LoopDriver implements RunDriver {
  private final RunLoop loop;
  private final AtomicBoolean inUse = new AtomicBoolean();
  private boolean begun;
  private boolean ended;

  LoopDriver(RunLoop loop) {
    this.loop = loop;
  }

  @Override
  public Run run() {
    return loop.view();
  }

  @Override
  public <T extends @Nullable Object, X extends Throwable> T enter(Body<T, X> body) throws X {
    Objects.requireNonNull(body, "body");
    use("enter");
    try {
      return loop.enter(body);
    } finally {
      inUse.set(false);
    }
  }

  @Override
  public <T extends @Nullable Object> Task<T> spawnMain(TaskSpec<T> main) {
    Objects.requireNonNull(main, "main");
    return this.<Task<T>, RuntimeException>enter(() -> loop.spawnMain(main));
  }

  @Override
  public void drive(BooleanSupplier until) {
    Objects.requireNonNull(until, "until");
    use("drive");
    try {
      Body<@Nullable Object, RuntimeException> drive =
          () -> {
            loop.attach();
            try {
              loop.drive(until);
            } finally {
              loop.detach();
            }
            return null;
          };
      LoopThread.call(loop, drive);
    } finally {
      loop.clearStop();
      inUse.set(false);
    }
  }

  @Override
  public void driveOn(Executor host, Consumer<@Nullable KernelError> done) {
    Objects.requireNonNull(host, "host");
    Objects.requireNonNull(done, "done");
    use("drive");
    Consumer<@Nullable KernelError> whenDone =
        error -> {
          loop.clearStop();
          inUse.set(false);
          done.accept(error);
        };
    try {
      new HostedDrive(loop, host, whenDone).start();
    } catch (RuntimeException | Error refused) {
      inUse.set(false);
      throw refused;
    }
  }

  @Override
  public void stop() {
    loop.stop();
  }

  @Override
  public void end() {
    use("end");
    if (loop.hasTasks()) {
      inUse.set(false);
      throw new IllegalStateException(
          "Expected "
              + loop
              + " to have no tasks any more, but some are left. Cancel them and drive"
              + " the run until they have ended.");
    }
    ended = true;
    loop.end();
  }

  private void use(String action) {
    RunLoop.refuseInsideRun();
    if (!inUse.compareAndSet(false, true)) {
      throw new IllegalStateException(
          "Cannot "
              + action
              + " "
              + loop
              + " now: it is being driven"
              + (ended
                  ? " no more, it has ended."
                  : " or entered by another thread. Stop it first."));
    }
    loop.controlC().noteCaller();
    if (!begun) {
      begun = true;
      loop.begin();
    }
  }
}
