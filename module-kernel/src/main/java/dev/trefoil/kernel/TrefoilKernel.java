package dev.trefoil.kernel;

import dev.trefoil.hazmat.Backend;
import dev.trefoil.hazmat.KernelProvider;
import dev.trefoil.hazmat.Outcome;
import dev.trefoil.hazmat.RunOptions;
import dev.trefoil.hazmat.TaskSpec;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.osgi.service.component.annotations.Component;

/** Makes runs on the thread that suits the backend. */
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
    Backend backend = CoroutineFactory.resolve(options.backend());
    RunLoop loop = new RunLoop("run-" + LAST_RUN.incrementAndGet(), options);
    // A raw continuation wants a platform thread under it; a hand-over between virtual threads is
    // cheap only if the loop is one as well.
    boolean wantsVirtual = backend == Backend.VIRTUAL_THREAD;
    if (Thread.currentThread().isVirtual() == wantsVirtual) {
      return loop.execute(backend, main);
    }
    return onThread(
        wantsVirtual ? Thread.ofVirtual() : Thread.ofPlatform().daemon(), loop, backend, main);
  }

  /** Runs the loop on a thread of its own while the caller waits, deaf to interrupts meanwhile. */
  private static <T extends @Nullable Object> Outcome<T> onThread(
      Thread.Builder builder, RunLoop loop, Backend backend, TaskSpec<T> main) {
    Object[] result = new Object[1];
    Thread thread =
        builder
            .name("trefoil-" + loop.name())
            .start(() -> result[0] = Outcome.capture(() -> loop.execute(backend, main)));
    boolean interrupted = false;
    while (true) {
      try {
        thread.join();
        break;
      } catch (InterruptedException later) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    @SuppressWarnings("unchecked")
    Outcome<Outcome<T>> outcome = (Outcome<Outcome<T>>) Objects.requireNonNull(result[0]);
    return outcome.unwrap();
  }
}
