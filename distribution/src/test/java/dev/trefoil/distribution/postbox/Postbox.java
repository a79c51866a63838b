package dev.trefoil.distribution.postbox;

import dev.trefoil.hazmat.Backend;
import dev.trefoil.hazmat.EntryPoint;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.KernelProvider;
import dev.trefoil.hazmat.RunOptions;
import dev.trefoil.queues.LifoQueue;
import dev.trefoil.tasks.CancelScope;
import dev.trefoil.tasks.Trefoil;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;

/**
 * Has tasks in every kind of queue: in a run of its own, and as guests in the run of another
 * bundle, which goes on when this one stops. Its service says what a queue says of itself.
 *
 * <p>One run after the other, not both at a time: Felix 7.0.5 sometimes keeps a thread for ever that
 * has loaded a class while another did (it stays in {@code m_classLocks} of the class loader), and
 * with the thread what the thread ran.
 */
@Component(service = Supplier.class, immediate = true)
public final class Postbox implements Supplier<String> {
  private final Consumer<String> report;
  private final EntryPoint host;
  private final CancelScope ownScope = CancelScope.create();
  private final CancelScope guestScope = CancelScope.create();
  private final CompletableFuture<EntryPoint> ownWaits = new CompletableFuture<>();
  private final CompletableFuture<EntryPoint> guestsWait = new CompletableFuture<>();
  private final Thread ownThread;
  private final CompletableFuture<Void> guestsEnded = new CompletableFuture<>();

  /** Returns when all its tasks wait. */
  @Activate
  public Postbox(
      @Reference KernelProvider kernel,
      @Reference EntryPoint host,
      @Reference(cardinality = ReferenceCardinality.OPTIONAL, target = "(reports=postbox)")
          @Nullable Consumer<String> report,
      BundleContext context) {
    this.host = host;
    this.report = report == null ? System.out::println : report;
    String backend = context.getProperty("trefoil.test.backend");
    RunOptions options =
        RunOptions.defaults()
            .withBackend(backend == null ? Backend.AUTO : Backend.valueOf(backend));
    ownThread = Thread.ofPlatform().name("postbox").start(() -> runOwn(options));
    ownWaits.join();
    host.callSoonThreadAndSignalSafe(
        () ->
            Hazmat.spawnSystemTask(
                "postbox",
                () -> {
                  runAsGuest();
                  return null;
                }));
    guestsWait.join();
  }

  private void runOwn(RunOptions options) {
    try {
      Trefoil.run(options, () -> ownScope.run(() -> new Waiters("own", report).open(ownWaits)));
    } catch (RuntimeException | Error failure) {
      ownWaits.completeExceptionally(failure);
      throw failure;
    }
  }

  private void runAsGuest() {
    try {
      guestScope.run(() -> new Waiters("guest", report).open(guestsWait));
    } catch (RuntimeException | Error failure) {
      guestsWait.completeExceptionally(failure);
      throw failure;
    } finally {
      guestsEnded.complete(null);
    }
  }

  @Override
  public String get() {
    return new LifoQueue<>().toString();
  }

  /** Returns when nothing waits any more. */
  @Deactivate
  public void stop() throws InterruptedException {
    ownWaits.join().callSoonThreadAndSignalSafe(ownScope::cancel);
    ownThread.join();
    host.callSoonThreadAndSignalSafe(guestScope::cancel);
    guestsEnded.join();
  }
}
