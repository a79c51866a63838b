package dev.trefoil.examples.chat;

import dev.trefoil.hazmat.Action;
import dev.trefoil.tasks.CancelScope;
import dev.trefoil.tasks.Nursery;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Somebody who is connected: a task that reads and a task that writes, in a scope that ends both.
 */
final class Client {
  private static final Pattern NAME = Pattern.compile("[\\p{L}\\p{M}\\p{N}_.-]{1,32}");

  private final Connection connection;
  private final Room room;
  private final ChatLimits limits;
  private final Outbox outbox;
  private final CancelScope stay = CancelScope.create();
  private @Nullable String name;
  private @Nullable Ending ending;

  Client(Connection connection, Room room, ChatLimits limits) {
    this.connection = connection;
    this.room = room;
    this.limits = limits;
    this.outbox = new Outbox(limits.backlogLines(), limits.backlogBytes());
  }

  /** Serves the client until it leaves, is dropped, or the task is cancelled. */
  void run() {
    try {
      stay.run(
          () ->
              Nursery.open(
                  tasks -> {
                    tasks.spawn("writer", () -> untilLost(this::write));
                    untilLost(this::converse);
                  }));
    } finally {
      end(Ending.CHAT_CLOSES);
      leave();
    }
  }

  /** Sends a line, or drops the client if too many wait already. Never waits. */
  void send(ByteBuffer line) {
    if (!outbox.offer(line)) {
      end(Ending.TOO_SLOW);
    }
  }

  /** Sends a line of the server's own. Never waits. */
  void tell(String line) {
    send(Room.encode("* " + line));
  }

  /** Ends the client's stay; only the first reason counts. Never waits. */
  private void end(Ending reason) {
    if (ending == null) {
      ending = reason;
      stay.cancel(reason.toString());
    }
  }

  private void untilLost(Action<IOException> io) {
    try {
      io.run();
    } catch (LineTooLong tooLong) {
      end(Ending.LINE_TOO_LONG);
    } catch (IOException lost) {
      end(Ending.CONNECTION_LOST);
    }
  }

  private void converse() throws IOException {
    tell("who are you? your first line is your name");
    CancelScope.moveOnAfter(limits.nameWithin(), this::introduce);
    if (name == null) {
      end(Ending.NAMELESS);
      return;
    }
    for (String line = readLine(); line != null; line = readLine()) {
      if (!line.isEmpty()) {
        room.say(name, line);
      }
    }
  }

  /** Asks until there is a name, or nobody to ask. */
  private void introduce() throws IOException {
    for (String line = readLine(); line != null; line = readLine()) {
      String wanted = line.strip();
      if (!NAME.matcher(wanted).matches()) {
        tell("a name has 1 to 32 letters, digits, '.', '_' or '-'; try another");
      } else if (!room.enter(wanted, this)) {
        tell("the name " + wanted + " is taken; try another");
      } else {
        name = wanted;
        return;
      }
    }
  }

  private @Nullable String readLine() throws IOException {
    String line = connection.readLine();
    if (line == null) {
      end(Ending.LEFT);
    }
    return line;
  }

  private void write() throws IOException {
    while (true) {
      outbox.awaitLines();
      writeWaiting();
    }
  }

  /** Writes all lines that wait; others run only when the socket takes no more. */
  private void writeWaiting() throws IOException {
    for (ByteBuffer line = outbox.first(); line != null; line = outbox.first()) {
      connection.write(line);
      outbox.removeFirst();
    }
  }

  /** Gets the last lines through, in spite of any cancellation but not for long. */
  private void leave() {
    Ending why = Objects.requireNonNull(ending);
    if (name != null) {
      room.leave(name, why);
    }
    if (why == Ending.TOO_SLOW) {
      outbox.abandon();
    }
    if (why.farewell() != null) {
      outbox.add(Room.encode("* " + why.farewell()));
    }
    CancelScope.withTimeout(limits.farewell()).shielded().run(() -> untilLost(this::writeWaiting));
  }
}
