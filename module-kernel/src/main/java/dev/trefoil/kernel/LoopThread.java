package dev.trefoil.kernel;

import dev.trefoil.hazmat.Backend;
import dev.trefoil.hazmat.Body;
import dev.trefoil.hazmat.Outcome;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Finds a loop the thread that suits its backend: a raw continuation wants a platform thread under
 * it; a hand-over between virtual threads is cheap only if the loop is one as well.
 */
final class LoopThread {
  private LoopThread() {}

  /** Calls {@code body} on a suitable thread, the caller's if it is one, and waits for it. */
  static <T extends @Nullable Object> T call(RunLoop loop, Body<T, RuntimeException> body) {
    boolean wantsVirtual = loop.backend() == Backend.VIRTUAL_THREAD;
    if (Thread.currentThread().isVirtual() == wantsVirtual) {
      return body.call();
    }
    Thread.Builder builder = wantsVirtual ? Thread.ofVirtual() : Thread.ofPlatform().daemon();
    Object[] result = new Object[1];
    Thread thread =
        builder
            .name("trefoil-" + loop.name())
            .start(() -> result[0] = Outcome.<T>capture(body::call));
    joinDeafToInterrupts(thread, 0);
    @SuppressWarnings("unchecked")
    Outcome<T> outcome = (Outcome<T>) Objects.requireNonNull(result[0]);
    return outcome.unwrap();
  }

  /**
   * Waits for a thread, for ever if {@code millis} is 0; an interrupt that comes meanwhile is kept
   * for later. Returns whether the thread has ended.
   */
  static boolean joinDeafToInterrupts(Thread thread, long millis) {
    boolean interrupted = false;
    while (true) {
      try {
        thread.join(millis);
        break;
      } catch (InterruptedException later) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return !thread.isAlive();
  }
}
