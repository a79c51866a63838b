package dev.trefoil.kernel;

import dev.trefoil.hazmat.Body;
import dev.trefoil.hazmat.Cancelled;
import dev.trefoil.hazmat.KernelError;
import dev.trefoil.hazmat.KernelProvider;
import dev.trefoil.hazmat.Outcome;
import dev.trefoil.hazmat.RunDriver;
import dev.trefoil.hazmat.RunOptions;
import dev.trefoil.hazmat.TaskSpec;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.osgi.service.component.annotations.Component;

/** Makes runs. */
@Component(service = KernelProvider.class)
public final class TrefoilKernel implements KernelProvider {
  private static final AtomicLong LAST_RUN = new AtomicLong();

  /** For the service loader and the container. */
  public TrefoilKernel() {}

  @Override
  public <T extends @Nullable Object> Outcome<T> run(RunOptions options, TaskSpec<T> main) {
    Objects.requireNonNull(options, "options");
    Objects.requireNonNull(main, "main");
    RunLoop.refuseInsideRun();
    RunLoop loop = newLoop(options);
    loop.controlC().noteCaller();
    Body<Outcome<T>, RuntimeException> life = () -> live(loop, main);
    return LoopThread.call(loop, life);
  }

  private static <T extends @Nullable Object> Outcome<T> live(RunLoop loop, TaskSpec<T> main) {
    KernelTask<T> task;
    loop.begin();
    try {
      loop.attach();
      try {
        task = driveToEnd(loop, main);
      } finally {
        loop.detach();
      }
    } finally {
      loop.end();
    }
    return Objects.requireNonNull(task.outcome());
  }

  private static <T extends @Nullable Object> KernelTask<T> driveToEnd(
      RunLoop loop, TaskSpec<T> main) {
    KernelTask<T> task = null;
    try {
      task = loop.spawnMain(main);
      loop.driveToEnd();
      return task;
    } catch (KernelError broken) {
      if (task != null
          && task.outcome() instanceof Outcome.Failure<T>(Throwable error)
          && !(error instanceof Cancelled)
          && error != broken) {
        broken.addSuppressed(error);
      }
      throw broken;
    }
  }

  @Override
  public RunDriver open(RunOptions options) {
    return new LoopDriver(newLoop(Objects.requireNonNull(options, "options")));
  }

  @Override
  public int signalNumber(String name) {
    return SignalTable.number(Objects.requireNonNull(name, "name"));
  }

  private static RunLoop newLoop(RunOptions options) {
    return new RunLoop(
        "run-" + LAST_RUN.incrementAndGet(), options, CoroutineFactory.resolve(options.backend()));
  }
}
