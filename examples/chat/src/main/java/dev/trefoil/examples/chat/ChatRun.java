package dev.trefoil.examples.chat;

import dev.trefoil.hazmat.EntryPoint;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.KeyboardInterrupt;
import dev.trefoil.hazmat.RunFinished;
import dev.trefoil.hazmat.RunOptions;
import dev.trefoil.tasks.CancelScope;
import dev.trefoil.tasks.ExceptionGroup;
import dev.trefoil.tasks.Trefoil;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;

/**
 * A run that serves a chat, and that control-C and any thread can stop. Shows the way into a run from
 * outside: a scope belongs to its run's tasks, so other threads cancel it through the entry point.
 */
final class ChatRun {
  /** What a shell makes of a program that control-C has ended: 128 and the signal's number. */
  static final int ENDED_BY_CONTROL_C = 130;

  private final ChatServer server;
  private final RunOptions options;
  private final Runnable whenBegun;

  /** What stops the run, as soon as there is one. */
  private final CompletableFuture<Runnable> begun = new CompletableFuture<>();

  private final CountDownLatch ended = new CountDownLatch(1);

  /**
   * Makes a run.
   *
   * @param whenBegun called in the run, when it can be stopped
   */
  ChatRun(ChatServer server, RunOptions options, Runnable whenBegun) {
    this.server = server;
    this.options = options;
    this.whenBegun = whenBegun;
  }

  /** Serves until stopped. Returns whether it was control-C that did it. */
  boolean serve() {
    try {
      Trefoil.run(options, this::serveInScope);
      return false;
    } catch (KeyboardInterrupt controlC) {
      return true;
    } catch (ExceptionGroup group) {
      // A control-C that has come through the server's nursery.
      if (group.split(KeyboardInterrupt.class::isInstance).rest() == null) {
        return true;
      }
      begun.completeExceptionally(group);
      throw group;
    } catch (RuntimeException | Error failed) {
      begun.completeExceptionally(failed);
      throw failed;
    } finally {
      server.close();
      // Control-C may have been quicker.
      begun.complete(() -> {});
      ended.countDown();
    }
  }

  private void serveInScope() {
    CancelScope scope = CancelScope.create();
    EntryPoint entry = Hazmat.currentCallSoonThreadAndSignalSafe();
    scope.run(
        () -> {
          begun.complete(() -> cancel(scope, entry));
          whenBegun.run();
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
   * Waits until {@link #serve()}, in another thread, serves. For any thread.
   *
   * @throws java.util.concurrent.CompletionException if it cannot
   */
  void awaitBegin() {
    begun.join();
  }

  /** Makes {@link #serve()} return soon, also if it has yet to begin. For any thread. */
  void stop() {
    begun.thenAccept(Runnable::run);
  }

  /** Waits until everything is closed. For any thread. */
  void awaitEnd() throws InterruptedException {
    ended.await();
  }
}
