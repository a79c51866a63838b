package dev.trefoil.benchmarks;

import dev.trefoil.hazmat.Backend;
import dev.trefoil.hazmat.Body;
import dev.trefoil.hazmat.EntryPoint;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.Task;
import dev.trefoil.tasks.CancelScope;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.tasks.Trefoil;
import dev.trefoil.threads.Portal;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A run that lasts on a thread of its own, in which tasks can be parked while something is measured. */
final class ResidentRun {
  private static final Duration FAR = Duration.ofHours(1);

  private final Thread thread;
  private final Portal portal;
  private final EntryPoint entryPoint;
  private final CompletableFuture<CancelScope> whole = new CompletableFuture<>();
  private @Nullable CancelScope parkedScope;
  private @Nullable Task<?> parkedOwner;

  ResidentRun(Backend backend) {
    CompletableFuture<Portal> portalOfRun = new CompletableFuture<>();
    CompletableFuture<EntryPoint> entryPointOfRun = new CompletableFuture<>();
    thread =
        Thread.ofPlatform()
            .daemon()
            .name("resident run")
            .start(
                () ->
                    Runs.on(
                        backend,
                        () -> {
                          CancelScope scope = CancelScope.create();
                          whole.complete(scope);
                          entryPointOfRun.complete(Hazmat.currentCallSoonThreadAndSignalSafe());
                          portalOfRun.complete(Portal.current());
                          scope.run(Trefoil::sleepForever);
                          return true;
                        }));
    portal = portalOfRun.join();
    entryPoint = entryPointOfRun.join();
  }

  EntryPoint entryPoint() {
    return entryPoint;
  }

  /** Does it in a task of the run, and waits for the result. */
  <T, X extends Exception> T call(Body<T, X> body) throws X, InterruptedException {
    return portal.run(body);
  }

  /** Parks tasks, each in a scope of its own that has a far deadline. */
  void parkWithDeadlines(int tasks) throws InterruptedException {
    park(tasks, () -> CancelScope.moveOnAfter(FAR, Trefoil::sleepForever));
  }

  /** Parks tasks, and nothing else. */
  void park(int tasks) throws InterruptedException {
    park(tasks, Trefoil::sleepForever);
  }

  private void park(int tasks, Runnable sleep) throws InterruptedException {
    int living =
        call(
            () -> {
              parkedOwner =
                  Hazmat.spawnSystemTask(
                      "parked",
                      () -> {
                        Nursery.open(
                            nursery -> {
                              parkedScope = nursery.cancelScope();
                              for (int task = 0; task < tasks; task++) {
                                nursery.spawn(sleep::run);
                              }
                            });
                        return null;
                      });
              Hazmat.waitUntilIdle(Duration.ZERO);
              return Hazmat.currentRun().statistics().tasksLiving();
            });
    // The main task, the two system tasks of this method.
    Results.require(tasks + 3L, living, "living tasks");
  }

  /** Cancels what was parked, and waits for the end of all. */
  boolean cancelParked() throws InterruptedException {
    return call(
        () -> {
          CancelScope scope = Objects.requireNonNull(parkedScope);
          scope.cancel();
          Objects.requireNonNull(parkedOwner).awaitEnd();
          return scope.cancelledCaught();
        });
  }

  /** Ends the run. */
  void end() throws InterruptedException {
    call(
        () -> {
          whole.join().cancel();
          return true;
        });
    thread.join();
  }
}
