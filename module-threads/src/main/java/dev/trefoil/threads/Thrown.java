package dev.trefoil.threads;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.ObjectOutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;

/**
 * What was thrown in a worker process, on its way to the task: itself, and words for the case that it
 * does not get through.
 *
 * @param itself serialized, or empty
 * @param whyNot why it is empty
 */
record Thrown(String className, String description, String trace, byte[] itself, String whyNot) {

  // ---- in the worker

  static Thrown of(Throwable error) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    String whyNot = "";
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(error);
    } catch (Throwable notSerializable) {
      bytes.reset();
      whyNot = describe(notSerializable);
    }
    return new Thrown(
        error.getClass().getName(), describe(error), traceOf(error), bytes.toByteArray(), whyNot);
  }

  private static String describe(Throwable error) {
    try {
      return String.valueOf(error);
    } catch (Throwable indescribable) {
      return error.getClass().getName();
    }
  }

  private static String traceOf(Throwable error) {
    StringWriter trace = new StringWriter();
    try (PrintWriter out = new PrintWriter(trace)) {
      error.printStackTrace(out);
    } catch (Throwable unprintable) {
      trace
          .append("(its stack trace cannot be printed: ")
          .append(describe(unprintable))
          .append(')');
    }
    return trace.toString();
  }

  void writeTo(DataOutputStream out) throws IOException {
    for (String words : new String[] {className, description, trace, whyNot}) {
      write(words.getBytes(StandardCharsets.UTF_8), out);
    }
    write(itself, out);
  }

  private static void write(byte[] bytes, DataOutputStream out) throws IOException {
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  // ---- in the process of the task

  static Thrown read(byte[] content) throws IOException {
    DataInputStream in = new DataInputStream(new ByteArrayInputStream(content));
    String className = words(in);
    String description = words(in);
    String trace = words(in);
    String whyNot = words(in);
    return new Thrown(className, description, trace, bytes(in), whyNot);
  }

  private static String words(DataInputStream in) throws IOException {
    return new String(bytes(in), StandardCharsets.UTF_8);
  }

  private static byte[] bytes(DataInputStream in) throws IOException {
    return in.readNBytes(in.readInt());
  }

  /** Returns what to throw in the task, with the trace as innermost cause if it takes one. */
  Throwable unpack(AllowList allowed, long pid) {
    RemoteTrace remote = new RemoteTrace(pid, trace);
    String obstacle = whyNot;
    if (itself.length > 0) {
      try {
        if (allowed.read(itself) instanceof Throwable error) {
          attach(remote, error);
          return error;
        }
        obstacle = "it was replaced by something that cannot be thrown";
      } catch (Throwable unreadable) {
        obstacle = describe(unreadable);
      }
    }
    return new RemoteFailure(description, className, obstacle, remote);
  }

  private static void attach(RemoteTrace remote, Throwable error) {
    Set<Throwable> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    Throwable innermost = error;
    for (Throwable cause = error; cause != null && seen.add(cause); cause = cause.getCause()) {
      innermost = cause;
    }
    try {
      innermost.initCause(remote);
    } catch (IllegalStateException decidedToHaveNone) {
      error.addSuppressed(remote);
    }
  }
}
