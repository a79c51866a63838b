package dev.trefoil.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.ref.WeakReference;
import java.time.Instant;

/** What nobody holds any more. */
final class Garbage {
  private Garbage() {}

  /** Waits until it is collected. */
  static void awaitCollected(WeakReference<?> reference, String what) {
    Instant deadline = Instant.now().plus(Hang.GUARD);
    while (reference.get() != null && Instant.now().isBefore(deadline)) {
      System.gc();
    }
    assertThat(reference.get() == null).as("%s is collected", what).isTrue();
  }
}
