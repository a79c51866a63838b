package dev.trefoil.examples.chat;

import dev.trefoil.hazmat.EntryPoint;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.RunFinished;
import dev.trefoil.tasks.CancelScope;
import dev.trefoil.tasks.Trefoil;
import org.jspecify.annotations.Nullable;

/**
 * A run that serves a chat and that any thread can stop. Shows the way into a run from outside: a
 * scope belongs to its run's tasks, so other threads cancel it through the entry point.
 */
final class ChatRun implements Runnable {
  private final ChatServer server;
  private @Nullable Runnable cancel;
  private boolean stopped;

  ChatRun(ChatServer server) {
    this.server = server;
  }

  /** Serves until stopped. */
  @Override
  public void run() {
    try {
      Trefoil.run(
          () -> {
            CancelScope scope = CancelScope.create();
            scope.run(
                () -> {
                  offerCancel(scope, Hazmat.currentCallSoonThreadAndSignalSafe());
                  server.serve();
                });
          });
    } finally {
      server.close();
    }
  }

  private synchronized void offerCancel(CancelScope scope, EntryPoint entry) {
    cancel = () -> entry.callSoonThreadAndSignalSafe(scope::cancel);
    if (stopped) {
      scope.cancel();
    }
  }

  /** Makes {@link #run()} return soon, or at once if it has not begun. For any thread. */
  synchronized void stop() {
    stopped = true;
    if (cancel != null) {
      try {
        cancel.run();
      } catch (RunFinished already) {
        // What was to be stopped has ended by itself.
      }
    }
  }
}
