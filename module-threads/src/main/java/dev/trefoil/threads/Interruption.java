package dev.trefoil.threads;

import dev.trefoil.hazmat.Body;
import dev.trefoil.hazmat.Outcome;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileLockInterruptionException;
import org.jspecify.annotations.Nullable;

/** An interrupt, at most one, that hits a thread only while that runs one body. */
final class Interruption {
  private @Nullable Thread thread;
  private boolean requested;

  /** On the thread. Leaves no interrupt behind that was made here. */
  <R extends @Nullable Object, X extends Throwable> R call(Body<R, X> body) throws X {
    begin();
    try {
      return body.call();
    } finally {
      end();
    }
  }

  private synchronized void begin() {
    thread = Thread.currentThread();
    if (requested) {
      thread.interrupt();
    }
  }

  private synchronized void end() {
    thread = null;
    if (requested) {
      Thread.interrupted();
    }
  }

  /** From the run. Before the body has begun, it begins interrupted. */
  synchronized void interrupt() {
    if (!requested) {
      requested = true;
      if (thread != null) {
        thread.interrupt();
      }
    }
  }

  /** Whether the body has ended in the way of code that is interrupted, after it was. */
  synchronized boolean hasEnded(Outcome<?> outcome) {
    return requested
        && outcome instanceof Outcome.Failure<?>(Throwable error)
        && (error instanceof InterruptedException
            || error instanceof ClosedByInterruptException
            || error instanceof FileLockInterruptionException
            || (error instanceof InterruptedIOException
                && !(error instanceof SocketTimeoutException)));
  }
}
