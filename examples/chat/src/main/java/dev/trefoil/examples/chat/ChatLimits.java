package dev.trefoil.examples.chat;

import java.time.Duration;

/**
 * What the server bears from one client.
 *
 * @param lineBytes the longest line it may send, in bytes without the line's end
 * @param backlogLines how many lines may wait to be read by it
 * @param backlogBytes how many bytes these lines may have together
 * @param nameWithin how long it may take to give its name
 * @param farewell how long the server tries to get the last lines through to it
 */
public record ChatLimits(
    int lineBytes, int backlogLines, int backlogBytes, Duration nameWithin, Duration farewell) {

  /** What suits people who type. */
  public static final ChatLimits DEFAULT =
      new ChatLimits(4096, 1000, 256 * 1024, Duration.ofMinutes(1), Duration.ofSeconds(1));
}
