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
 */
@Component(service = Supplier.class, immediate = true)
public final class Postbox implements Supplier<String> {
  private final Consumer<String> report;
  private final EntryPoint host;
  private final CancelScope ownScope = CancelScope.create();
  private final CancelScope guestScope = CancelScope.create();
  private final CompletableFuture<EntryPoint> ownWaits = new CompletableFuture<>();
  private final CompletableFuture<EntryPoint> guestsWait = new CompletableFuture<>();
  private final CompletableFuture<Void> ownEnded = new CompletableFuture<>();
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
    Thread.ofPlatform()
        .name("postbox")
        .start(() -> end(ownEnded, ownWaits, () -> Trefoil.run(options, this::waitInOwnRun)));
    host.callSoonThreadAndSignalSafe(
        () ->
            Hazmat.spawnSystemTask(
                "postbox",
                () -> {
                  end(guestsEnded, guestsWait, this::waitAsGuest);
                  return null;
                }));
    ownWaits.join();
    guestsWait.join();
  }

  private static void end(
      CompletableFuture<Void> ended, CompletableFuture<EntryPoint> begun, Runnable body) {
    try {
      body.run();
      ended.complete(null);
    } catch (Throwable failure) {
      ended.completeExceptionally(failure);
      begun.completeExceptionally(failure);
      throw failure;
    }
  }

  private void waitInOwnRun() {
    ownScope.run(() -> new Waiters("own", report).open(ownWaits));
  }

  private void waitAsGuest() {
    guestScope.run(() -> new Waiters("guest", report).open(guestsWait));
  }

  @Override
  public String get() {
    return new LifoQueue<>().toString();
  }

  /** Returns when nothing waits any more. */
  @Deactivate
  public void stop() {
    ownWaits.join().callSoonThreadAndSignalSafe(ownScope::cancel);
    host.callSoonThreadAndSignalSafe(guestScope::cancel);
    ownEnded.join();
    guestsEnded.join();
  }
}
