package dev.trefoil.threads;

import dev.trefoil.hazmat.Outcome;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.NotSerializableException;
import java.io.ObjectOutputStream;
import org.jspecify.annotations.Nullable;

/** One call of a body in a worker process. */
final class ProcessCall<T extends @Nullable Object> {
  private final AllowList allowed;
  private final Frame request;

  // Guarded by this.
  private @Nullable WorkerProcess worker;
  private boolean cancelled;

  /**
   * How it ended.
   *
   * @param free a process that can make the next call, or null if there is none
   */
  record End<T extends @Nullable Object>(Outcome<T> outcome, @Nullable WorkerProcess free) {}

  private ProcessCall(AllowList allowed, Frame request) {
    this.allowed = allowed;
    this.request = request;
  }

  /** Takes what the body has captured as it is now. */
  static <T extends @Nullable Object> ProcessCall<T> of(
      ProcessOptions options, ProcessBody<T, ?> body) {
    AllowList allowed = AllowList.around(body, options);
    try {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
        out.writeObject(body);
      }
      return new ProcessCall<>(
          allowed,
          Frame.of(
              Frame.Kind.CALL,
              out -> {
                out.writeUTF(allowed.pattern());
                out.writeUTF(allowed.home());
                bytes.writeTo(out);
              }));
    } catch (NotSerializableException error) {
      throw new IllegalArgumentException(
          "body: expected one that can be serialized with all that it captures, but "
              + error.getMessage()
              + " does not implement Serializable. A lambda expression captures the variables that"
              + " it uses, and 'this' if it uses a field or method of it.",
          error);
    } catch (IOException error) {
      throw new IllegalArgumentException(
          "body: expected one that can be serialized with all that it captures, but: " + error,
          error);
    }
  }

  // ---- on a thread

  /**
   * Makes the call, and waits for its end.
   *
   * @param idle a process to make it in if that is still there, or null to start one
   */
  End<T> run(@Nullable WorkerProcess idle) {
    try {
      if (idle != null) {
        Frame reply = callIn(idle);
        if (reply != null) {
          return end(reply, idle);
        }
      }
      WorkerProcess fresh = WorkerProcess.start();
      Frame reply = callIn(fresh);
      if (reply == null) {
        throw fresh.neverBegan();
      }
      return end(reply, fresh);
    } catch (Throwable error) {
      return new End<>(Outcome.failure(error), null);
    }
  }

  private @Nullable Frame callIn(WorkerProcess process) {
    synchronized (this) {
      worker = process;
      if (cancelled) {
        process.kill();
      }
    }
    try {
      return process.call(request);
    } finally {
      synchronized (this) {
        worker = null;
      }
    }
  }

  @SuppressWarnings({"unchecked", "NullAway"}) // what the body has returned, null included, is a T
  private End<T> end(Frame reply, WorkerProcess process) {
    Outcome<T> outcome;
    try {
      if (reply.kind() == Frame.Kind.THROWN) {
        outcome = Outcome.failure(Thrown.read(reply.content()).unpack(allowed, process.pid()));
      } else {
        outcome = Outcome.of((T) allowed.read(reply.content()));
      }
    } catch (Throwable unreadable) {
      outcome =
          Outcome.failure(
              new IllegalStateException(
                  "Expected a result that can be taken over from worker process "
                      + process.pid()
                      + ", but: "
                      + unreadable.getMessage(),
                  unreadable));
    }
    return new End<>(outcome, process);
  }

  // ---- in the run

  /** The task has left: the process is killed, whatever it is doing. */
  synchronized void cancel() {
    cancelled = true;
    if (worker != null) {
      worker.kill();
    }
  }
}
