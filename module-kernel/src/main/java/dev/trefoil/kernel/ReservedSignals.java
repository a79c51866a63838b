package dev.trefoil.kernel;

import org.jspecify.annotations.Nullable;

/**
 * The signals that are not for programs, and who holds them. Some of them the JDK would hand out all
 * the same, and take a handler of the JVM away without being able to put it back as it was.
 */
final class ReservedSignals {
  /** The signal that HotSpot suspends threads with, unless it is told another. */
  private static final String SUSPENDER = "USR2";

  private static final String SUSPENDER_SETTING = "_JAVA_SR_SIGNUM";

  /** {@code SIGSEGV}; the setting has to be higher. */
  private static final int LAST_FAULT = 11;

  private static final int LAST_SIGNAL = 64;

  private ReservedSignals() {}

  /** Who holds the signal and what for, or null if it is free. */
  static @Nullable String holder(String name, int number) {
    return switch (name) {
      case "KILL", "STOP" -> "the operating system, which lets no program handle it";
      case "QUIT", "BREAK" -> "the JVM, which answers it with a thread dump";
      case "SEGV", "ILL", "FPE", "BUS" -> "the JVM, which needs it to run Java code";
      case "PIPE", "XFSZ" -> "the JVM, which makes an IOException of it";
      default -> isSuspender(name, number) ? suspension() : null;
    };
  }

  private static boolean isSuspender(String name, int number) {
    int chosen = chosenSuspender();
    return chosen == 0 ? name.equals(SUSPENDER) : chosen == number;
  }

  /** 0 for the usual one, which HotSpot also takes if the setting is out of range. */
  private static int chosenSuspender() {
    String setting = System.getenv(SUSPENDER_SETTING);
    try {
      int number = setting == null ? 0 : Integer.parseInt(setting);
      return number > LAST_FAULT && number <= LAST_SIGNAL ? number : 0;
    } catch (NumberFormatException noNumber) {
      return 0;
    }
  }

  private static String suspension() {
    return "the JVM, which suspends threads with it, for the flight recorder among others (the"
        + " environment variable "
        + SUSPENDER_SETTING
        + " gives it the number of another signal)";
  }
}
