package dev.trefoil.examples.chat;

import dev.trefoil.hazmat.EntryPoint;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.RunFinished;
import dev.trefoil.tasks.CancelScope;
import dev.trefoil.tasks.Trefoil;
import java.util.concurrent.CompletableFuture;

/**
 * A run that serves a chat and that any thread can stop. Shows the way into a run from outside: a
 * scope belongs to its run's tasks, so other threads cancel it through the entry point.
 */
final class ChatRun implements Runnable {
  private final ChatServer server;

  /** What stops the run, as soon as there is one. */
  private final CompletableFuture<Runnable> begun = new CompletableFuture<>();

  ChatRun(ChatServer server) {
    this.server = server;
  }

  /** Serves until stopped. */
  @Override
  public void run() {
    try {
      Trefoil.run(this::serve);
    } catch (RuntimeException | Error failed) {
      begun.completeExceptionally(failed);
      throw failed;
    } finally {
      server.close();
    }
  }

  private void serve() {
    CancelScope scope = CancelScope.create();
    EntryPoint entry = Hazmat.currentCallSoonThreadAndSignalSafe();
    scope.run(
        () -> {
          begun.complete(() -> cancel(scope, entry));
          server.serve();
        });
  }

  private static void cancel(CancelScope scope, EntryPoint entry) {
    try {
      entry.callSoonThreadAndSignalSafe(scope::cancel);
    } catch (RunFinished already) {
      // What was to be stopped has ended by itself.
    }
  }

  /**
   * Waits until {@link #run()}, in another thread, serves. For any thread.
   *
   * @throws java.util.concurrent.CompletionException if it cannot
   */
  void awaitBegin() {
    begun.join();
  }

  /** Makes {@link #run()} return soon, also if it has yet to begin. For any thread. */
  void stop() {
    begun.thenAccept(Runnable::run);
  }
}
