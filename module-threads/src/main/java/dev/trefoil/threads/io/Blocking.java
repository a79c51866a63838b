package dev.trefoil.threads.io;

import dev.trefoil.hazmat.Action;
import dev.trefoil.hazmat.Body;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.threads.ThreadOptions;
import dev.trefoil.threads.ToThread;
import org.jspecify.annotations.Nullable;

/** Where code that blocks is called: from a run on a thread, otherwise where one is. */
final class Blocking {
  private Blocking() {}

  static <T extends @Nullable Object, X extends Throwable> T call(Body<T, X> body) throws X {
    return call(ThreadOptions.defaults(), body);
  }

  static <T extends @Nullable Object, X extends Throwable> T call(
      ThreadOptions options, Body<T, X> body) throws X {
    return Hazmat.inRun() ? ToThread.<T, X>runInThread(options, body) : body.call();
  }

  static <X extends Throwable> void run(Action<X> action) throws X {
    call(action.asBody());
  }

  /** Closes in any case, and only then is a cancel point. */
  static <X extends Throwable> void close(Action<X> close) throws X {
    if (!Hazmat.inRun()) {
      close.run();
      return;
    }
    ToThread.runInThreadNoCancel(close);
    Hazmat.yieldIfCancelled();
  }

  /** What an operation passes that finds what it wants without blocking. */
  static void checkpoint() {
    if (Hazmat.inRun()) {
      Hazmat.yieldIfCancelled();
      Hazmat.yieldBrieflyNoCancel();
    }
  }
}
