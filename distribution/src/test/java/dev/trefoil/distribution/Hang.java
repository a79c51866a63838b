package dev.trefoil.distribution;

import java.time.Duration;

/** How long a test waits for what it expects to happen soon. */
final class Hang {
  static final Duration GUARD = Duration.ofSeconds(60);

  private Hang() {}
}
