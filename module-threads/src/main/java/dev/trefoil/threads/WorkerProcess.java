package dev.trefoil.threads;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.StreamCorruptedException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A worker process, as seen from the process that has started it. One thread at a time makes calls. */
final class WorkerProcess {
  /** For a process that has closed its end of the pipe to end, too. */
  private static final long GRACE_MILLIS = 1000;

  private final Process process;
  private final DataOutputStream calls;
  private final DataInputStream replies;

  private WorkerProcess(Process process) {
    this.process = process;
    this.calls = new DataOutputStream(new BufferedOutputStream(process.getOutputStream()));
    this.replies = new DataInputStream(new BufferedInputStream(process.getInputStream()));
  }

  static WorkerProcess start() {
    ProcessBuilder command = WorkerCommand.ofThisRuntime();
    try {
      return new WorkerProcess(command.start());
    } catch (IOException notStarted) {
      throw new UncheckedIOException(
          "Could not start a worker process with '" + command.command().getFirst() + "'.",
          notStarted);
    }
  }

  long pid() {
    return process.pid();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** From any thread, and without waiting. */
  void kill() {
    process.destroyForcibly();
  }

  /** Waits until the process is gone, and the system does not know it any more. */
  int awaitEnd(long graceMillis) {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          if (!process.waitFor(graceMillis, TimeUnit.MILLISECONDS)) {
            kill();
          }
          return process.waitFor();
        } catch (InterruptedException later) {
          interrupted = true;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /**
   * Makes a call and waits for its reply.
   *
   * @return the reply, or null if the process was gone before the call had begun
   * @throws WorkerCrashed if it was gone after that, or sent something that is no reply
   */
  @Nullable Frame call(Frame call) {
    try {
      call.write(calls);
      receive(Frame.Kind.BEGUN);
    } catch (StreamCorruptedException noReply) {
      throw corrupted(noReply);
    } catch (IOException notBegun) {
      awaitEnd(GRACE_MILLIS);
      return null;
    }
    try {
      return receive(Frame.Kind.RETURNED, Frame.Kind.THROWN);
    } catch (StreamCorruptedException noReply) {
      throw corrupted(noReply);
    } catch (IOException gone) {
      throw new WorkerCrashed(
          "Worker process "
              + pid()
              + " ended in the middle of a call, which may have been done in part.",
          awaitEnd(GRACE_MILLIS));
    }
  }

  private Frame receive(Frame.Kind... expected) throws IOException {
    Frame frame = Frame.read(replies);
    if (!Arrays.asList(expected).contains(frame.kind())) {
      throw new StreamCorruptedException(
          "Expected " + Arrays.toString(expected) + ", got " + frame.kind() + ".");
    }
    return frame;
  }

  private WorkerCrashed corrupted(StreamCorruptedException noReply) {
    WorkerCrashed crash =
        new WorkerCrashed(
            "Worker process "
                + pid()
                + " was killed, since what came from it was no reply. Something other than"
                + " System.out may print to its standard output.",
            awaitEnd(0));
    crash.initCause(noReply);
    return crash;
  }

  /** For a process that was started for a call, whose failure nobody else can be blamed for. */
  WorkerCrashed neverBegan() {
    return new WorkerCrashed(
        "Worker process "
            + pid()
            + " ended before it could begin with its first call; standard error may tell why.",
        awaitEnd(GRACE_MILLIS));
  }
}
