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
   * What a worker has replied.
   *
   * @param worker can make the next call
   */
  record Reply<T extends @Nullable Object>(Outcome<T> outcome, WorkerProcess worker) {}

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
   * Makes the call, and waits for the reply.
   *
   * @param idle a process to make it in if that is still there, or null to start one
   * @throws WorkerCrashed if there will be no reply
   */
  Reply<T> run(@Nullable WorkerProcess idle) {
    if (idle != null) {
      Frame reply = callIn(idle);
      if (reply != null) {
        return new Reply<>(read(reply, idle.pid()), idle);
      }
    }
    WorkerProcess fresh = WorkerProcess.start();
    Frame reply = callIn(fresh);
    if (reply == null) {
      throw fresh.neverBegan();
    }
    return new Reply<>(read(reply, fresh.pid()), fresh);
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
    } catch (Throwable failure) {
      // There may be half a reply in the pipe, as when there was no memory for it.
      process.awaitEnd(0);
      throw failure;
    } finally {
      synchronized (this) {
        worker = null;
      }
    }
  }

  @SuppressWarnings({"unchecked", "NullAway"}) // what the body has returned, null included, is a T
  private Outcome<T> read(Frame reply, long pid) {
    try {
      return reply.kind() == Frame.Kind.THROWN
          ? Outcome.failure(Thrown.read(reply.content()).unpack(allowed, pid))
          : Outcome.of((T) allowed.read(reply.content()));
    } catch (Throwable unreadable) {
      return Outcome.failure(
          new IllegalStateException(
              "Expected a result that can be taken over from worker process "
                  + pid
                  + ", but: "
                  + unreadable.getMessage(),
              unreadable));
    }
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
