package dev.trefoil.threads;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.StreamCorruptedException;

/**
 * What goes through the pipe to a worker process, and through the one from it.
 *
 * <p>The protocol: one CALL, then BEGUN, then RETURNED or THROWN, and so on. BEGUN tells that from here on
 * the call has been made, whatever becomes of the worker.
 */
record Frame(Kind kind, byte[] content) {
  private static final int MARK = 0x3EF011;
  private static final Kind[] KINDS = Kind.values();

  enum Kind {
    CALL,
    BEGUN,
    RETURNED,
    THROWN
  }

  /** Writes the content of a frame. */
  @FunctionalInterface
  interface Content {
    void writeTo(DataOutputStream out) throws IOException;
  }

  static Frame of(Kind kind, Content content) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      content.writeTo(out);
    }
    return new Frame(kind, bytes.toByteArray());
  }

  /**
   * Reads the next one.
   *
   * @throws EOFException if the other process is gone
   * @throws StreamCorruptedException if something else was written there than frames
   */
  static Frame read(DataInputStream in) throws IOException {
    int mark = in.readInt();
    int kind = in.readByte();
    int length = in.readInt();
    if (mark != MARK || kind < 0 || kind >= KINDS.length || length < 0) {
      throw new StreamCorruptedException(
          "Expected a frame of worker processes, got what begins with the bytes %08x."
              .formatted(mark));
    }
    byte[] content = in.readNBytes(length);
    if (content.length < length) {
      throw new EOFException();
    }
    return new Frame(KINDS[kind], content);
  }

  void write(DataOutputStream out) throws IOException {
    out.writeInt(MARK);
    out.writeByte(kind.ordinal());
    out.writeInt(content.length);
    out.write(content);
    out.flush();
  }
}
