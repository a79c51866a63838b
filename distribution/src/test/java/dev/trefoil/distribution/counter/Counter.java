package dev.trefoil.distribution.counter;

import dev.trefoil.hazmat.Backend;
import dev.trefoil.hazmat.EntryPoint;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.KernelProvider;
import dev.trefoil.hazmat.RunOptions;
import dev.trefoil.sync.Condition;
import dev.trefoil.sync.Event;
import dev.trefoil.tasks.CancelScope;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.tasks.Trefoil;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;

/**
 * Counts with what module-sync has, in two pairs of tasks, each of which goes on only if the other
 * does. Its service says how far both pairs are; the entry point of its run is a service, too.
 */
@Component(service = LongSupplier.class, immediate = true)
public final class Counter implements LongSupplier {
  private static final Duration TURN = Duration.ofMillis(1);

  /** Then all it needs has been loaded. */
  private static final int FIRST_COUNTS = 10;

  private final AtomicLong byCondition = new AtomicLong();
  private final AtomicLong byEvent = new AtomicLong();
  private final CompletableFuture<EntryPoint> begun = new CompletableFuture<>();
  private final CompletableFuture<Void> ended = new CompletableFuture<>();
  private final CancelScope scope = CancelScope.create();
  private final ServiceRegistration<EntryPoint> wayIn;

  /** Returns when it counts. */
  @Activate
  public Counter(@Reference KernelProvider kernel, BundleContext context) {
    String backend = context.getProperty("trefoil.test.backend");
    RunOptions options =
        RunOptions.defaults()
            .withBackend(backend == null ? Backend.AUTO : Backend.valueOf(backend));
    Thread.ofPlatform().name("counter").start(() -> run(options));
    wayIn = context.registerService(EntryPoint.class, begun.join(), null);
  }

  private void run(RunOptions options) {
    try {
      Trefoil.run(options, () -> scope.run(this::count));
      ended.complete(null);
    } catch (Throwable failure) {
      ended.completeExceptionally(failure);
      begun.completeExceptionally(failure);
    }
  }

  private void count() {
    Condition changed = new Condition();
    Event ball = new Event();
    Event back = new Event();
    Nursery.open(
        nursery -> {
          nursery.spawn("even", () -> takeTurns(changed, 0));
          nursery.spawn("odd", () -> takeTurns(changed, 1));
          nursery.spawn("serve", () -> play(ball, back, true));
          nursery.spawn("return", () -> play(back, ball, false));
          while (getAsLong() < FIRST_COUNTS) {
            Hazmat.yieldBriefly();
          }
          begun.complete(Hazmat.currentCallSoonThreadAndSignalSafe());
        });
  }

  private void takeTurns(Condition changed, int parity) {
    while (true) {
      changed.withLock(
          () -> {
            changed.awaitFor(() -> byCondition.get() % 2 == parity);
            byCondition.incrementAndGet();
            changed.signalAll();
          });
      Trefoil.sleep(TURN);
    }
  }

  private void play(Event hit, Event hitBack, boolean begins) {
    if (begins) {
      hit.set();
    }
    while (true) {
      hitBack.await();
      hitBack.clear();
      byEvent.incrementAndGet();
      Trefoil.sleep(TURN);
      hit.set();
    }
  }

  /** How far it has come. Fails if it counts no longer. */
  @Override
  public long getAsLong() {
    if (ended.isDone()) {
      ended.join();
      throw new IllegalStateException("Expected it to count, but it has ended");
    }
    return Math.min(byCondition.get(), byEvent.get());
  }

  /** Returns when nothing counts any more. */
  @Deactivate
  public void stop() {
    wayIn.unregister();
    begun.join().callSoonThreadAndSignalSafe(scope::cancel);
    ended.join();
  }
}
