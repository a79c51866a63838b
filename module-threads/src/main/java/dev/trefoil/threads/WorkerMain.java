package dev.trefoil.threads;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.ObjectOutputStream;
import java.io.OutputStream;
import java.lang.reflect.InvocationTargetException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * The program of a worker process: makes one call after the other on its main thread.
 *
 * <p>Calls come by standard input and replies leave by standard output, which nothing else gets to use. A
 * thread reads all the time, so that the process notices the end of the one it works for, and ends at once
 * whatever it is doing.
 */
final class WorkerMain {
  private final BlockingQueue<Frame> calls = new LinkedBlockingQueue<>();
  private final DataInputStream in;
  private final DataOutputStream out;

  private WorkerMain(InputStream in, OutputStream out) {
    this.in = new DataInputStream(new BufferedInputStream(in));
    this.out = new DataOutputStream(new BufferedOutputStream(out));
  }

  public static void main(String[] none) {
    try {
      System.setIn(InputStream.nullInputStream());
      System.setOut(System.err);
      WorkerMain worker = new WorkerMain(takeInput(), takeOutput());
      ignoreControlC();
      Thread.ofPlatform().daemon().name("trefoil-worker-calls").start(worker::read);
      worker.work();
    } catch (Throwable fault) {
      fault.printStackTrace();
      Runtime.getRuntime().halt(1);
    }
  }

  /*
   * Processes started by a body with ProcessBuilder.inheritIO, and native code, know standard input and
   * output by their numbers. So open the pipes anew, where the system has names for them, and close the
   * old ones, in place of which Java then puts /dev/null.
   */

  private static InputStream takeInput() throws IOException {
    InputStream own;
    try {
      own = new FileInputStream("/dev/fd/0");
    } catch (IOException noSuchName) {
      return new FileInputStream(FileDescriptor.in);
    }
    new FileInputStream(FileDescriptor.in).close();
    return own;
  }

  private static OutputStream takeOutput() throws IOException {
    OutputStream own;
    try {
      own = new FileOutputStream("/dev/fd/1");
    } catch (IOException noSuchName) {
      return new FileOutputStream(FileDescriptor.out);
    }
    new FileOutputStream(FileDescriptor.out).close();
    return own;
  }

  /**
   * Control-C goes to all processes of a terminal; what becomes of the workers is for the first of them to
   * decide. By reflection, since the compiler would warn of the JDK's one API for signals.
   */
  private static void ignoreControlC() {
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      signal
          .getMethod("handle", signal, handler)
          .invoke(
              null,
              signal.getConstructor(String.class).newInstance("INT"),
              handler.getField("SIG_IGN").get(null));
    } catch (ReflectiveOperationException notToBeHad) {
      if (notToBeHad instanceof InvocationTargetException flagXrs) {
        System.getLogger(WorkerMain.class.getName())
            .log(System.Logger.Level.DEBUG, "Control-C ends this worker.", flagXrs);
      }
    }
  }

  private void read() {
    int status = 1;
    try {
      while (true) {
        calls.add(Frame.read(in));
      }
    } catch (IOException nobodyToWorkFor) {
      status = 0;
    } finally {
      Runtime.getRuntime().halt(status);
    }
  }

  private void work() throws IOException, InterruptedException {
    while (true) {
      Frame call = calls.take();
      Frame.of(Frame.Kind.BEGUN, nothing -> {}).write(out);
      answer(call.content()).write(out);
      Thread.interrupted();
    }
  }

  private static Frame answer(byte[] call) throws IOException {
    try {
      Object result = body(call).call();
      return Frame.of(Frame.Kind.RETURNED, content -> content.write(serialize(result)));
    } catch (Throwable error) {
      return Frame.of(Frame.Kind.THROWN, Thrown.of(error)::writeTo);
    }
  }

  private static ProcessBody<?, ?> body(byte[] call) throws IOException {
    DataInputStream in = new DataInputStream(new ByteArrayInputStream(call));
    AllowList allowed = new AllowList(in.readUTF(), in.readUTF());
    try {
      if (allowed.readBody(in.readAllBytes()) instanceof ProcessBody<?, ?> body) {
        return body;
      }
    } catch (Exception unreadable) {
      throw new IllegalArgumentException(
          "body: expected one that a worker process can take over, but: " + unreadable.getMessage(),
          unreadable);
    }
    throw new IllegalArgumentException("body: expected a ProcessBody, got something else");
  }

  private static byte[] serialize(Object result) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(result);
    } catch (IOException notSerializable) {
      throw new IllegalStateException(
          "Expected the body to return what can be serialized, but: " + notSerializable,
          notSerializable);
    }
    return bytes.toByteArray();
  }
}
