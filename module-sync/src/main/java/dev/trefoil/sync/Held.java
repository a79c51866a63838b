package dev.trefoil.sync;

import org.jspecify.annotations.Nullable;

/**
 * Something acquired, for a try-with-resources statement; see {@link Lockable#hold()}.
 *
 * <p>Thread-safety: as that of what is held.
 */
public final class Held implements AutoCloseable {
  private @Nullable Lockable lockable;

  Held(Lockable lockable) {
    this.lockable = lockable;
  }

  /**
   * Releases what is held, once: a second call does nothing. Never waits; no checkpoint.
   *
   * @throws IllegalStateException as {@link Lockable#release()}
   */
  @Override
  public void close() {
    Lockable held = lockable;
    lockable = null;
    if (held != null) {
      held.release();
    }
  }
}
