package dev.trefoil.tasks;

import java.lang.System.Logger.Level;
import org.jspecify.annotations.Nullable;

/** What a {@link Kernel} reports must not break it, even if the log or the error is broken. */
final class KernelLog {
  private static final System.Logger LOG = System.getLogger("dev.trefoil.tasks");

  private KernelLog() {}

  static void log(Level level, String message, @Nullable Throwable error) {
    try {
      LOG.log(level, message, error);
    } catch (Throwable indescribable) {
      logInWords(level, message + " (" + indescribable.getClass().getName() + " while logging)");
    }
  }

  private static void logInWords(Level level, String message) {
    try {
      LOG.log(level, message);
    } catch (Throwable brokenLog) {
      System.err.println(message);
    }
  }
}
