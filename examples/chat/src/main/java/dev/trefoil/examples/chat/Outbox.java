package dev.trefoil.examples.chat;

import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.ParkingLot;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * The lines that wait for one client. Bounded, and putting a line in never waits: whoever speaks is
 * not held up by who does not listen.
 */
final class Outbox {
  private final int maxLines;
  private final int maxBytes;
  private final Deque<ByteBuffer> lines = new ArrayDeque<>();
  private final ParkingLot writer = new ParkingLot();
  private int bytes;

  Outbox(int maxLines, int maxBytes) {
    this.maxLines = maxLines;
    this.maxBytes = maxBytes;
  }

  /** Puts a line in, unless that would be too much. */
  boolean offer(ByteBuffer line) {
    if (lines.size() >= maxLines || bytes + line.remaining() > maxBytes) {
      return false;
    }
    add(line);
    return true;
  }

  /** Puts a line in whatever waits already: the last one. */
  void add(ByteBuffer line) {
    lines.addLast(line.duplicate());
    bytes += line.remaining();
    writer.unpark();
  }

  /** Waits until there are lines. A checkpoint. */
  void awaitLines() {
    if (!lines.isEmpty()) {
      Hazmat.yieldBriefly();
    }
    while (lines.isEmpty()) {
      writer.park("LINE_WAIT");
    }
  }

  /** The line that is due, or null if there is none. */
  @Nullable ByteBuffer first() {
    return lines.peekFirst();
  }

  /** Takes out the first line, which has been written. */
  void removeFirst() {
    bytes -= lines.removeFirst().limit();
  }

  /** Drops all lines, save for one that has been written in part. */
  void abandon() {
    lines.removeIf(line -> line.position() == 0);
    bytes = lines.stream().mapToInt(ByteBuffer::limit).sum();
  }
}
