package dev.trefoil.examples.chat;

import org.jspecify.annotations.Nullable;

/** Why a client's time in the chat ends: what the others are told of it, and what it is told. */
enum Ending {
  LEFT("leaves", null),
  CONNECTION_LOST("leaves: the connection is lost", null),
  TOO_SLOW("is dropped: too slow", "you are dropped: too many lines wait for you to read them"),
  LINE_TOO_LONG("is dropped: a line was too long", "you are dropped: your line was too long"),
  NAMELESS(null, "you are dropped: you have not said who you are"),
  CHAT_CLOSES(null, "the chat closes");

  private final @Nullable String news;
  private final @Nullable String farewell;

  Ending(@Nullable String news, @Nullable String farewell) {
    this.news = news;
    this.farewell = farewell;
  }

  /** What the others are told, behind the client's name. */
  @Nullable String news() {
    return news;
  }

  /** What the client is told. */
  @Nullable String farewell() {
    return farewell;
  }
}
