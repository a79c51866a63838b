package dev.trefoil.examples.chat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;

/** Who is in the chat, by name. Never waits for anybody. */
final class Room {
  private final Map<String, Client> clients = new LinkedHashMap<>();
  private final Consumer<String> log;

  Room(Consumer<String> log) {
    this.log = log;
  }

  /**
   * Lets a client in under a name.
   *
   * @return false if somebody else has the name
   */
  boolean enter(String name, Client client) {
    if (clients.containsKey(name)) {
      return false;
    }
    Collection<String> others = clients.keySet();
    client.tell(
        "welcome, "
            + name
            + "; "
            + (others.isEmpty() ? "nobody else is here" : "here: " + String.join(", ", others)));
    announce(name + " joins");
    clients.put(name, client);
    return true;
  }

  /** Lets a client go. */
  void leave(String name, Ending ending) {
    clients.remove(name);
    if (ending.news() != null) {
      announce(name + " " + ending.news());
    }
  }

  /** Gives what one client says to all others. */
  void say(String name, String line) {
    ByteBuffer bytes = encode(name + ": " + line);
    clients.forEach(
        (other, client) -> {
          if (!other.equals(name)) {
            client.send(bytes);
          }
        });
  }

  private void announce(String news) {
    log.accept(news);
    ByteBuffer bytes = encode("* " + news);
    clients.values().forEach(client -> client.send(bytes));
  }

  static ByteBuffer encode(String line) {
    return StandardCharsets.UTF_8.encode(line + "\n");
  }
}
