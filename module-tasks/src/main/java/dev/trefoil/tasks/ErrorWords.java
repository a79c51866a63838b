package dev.trefoil.tasks;

/**
 * What errors say of themselves. Nothing of ours may break because the words of somebody's error do:
 * such an error goes by the name of its class.
 */
final class ErrorWords {
  private static final int LONGEST_MESSAGE = 200;

  private ErrorWords() {}

  /** All that it says. */
  static String all(Throwable error) {
    try {
      return error.toString();
    } catch (Throwable indescribable) {
      return error.getClass().getName();
    }
  }

  /** Its simple name and the beginning of its message, for a list of several. */
  static String inShort(Throwable error) {
    String name = error.getClass().getSimpleName();
    if (name.isEmpty()) {
      name = error.getClass().getName();
    }
    String message;
    try {
      message = error.getLocalizedMessage();
    } catch (Throwable indescribable) {
      return name;
    }
    if (message == null || message.isBlank()) {
      return name;
    }
    String shortened =
        message.length() <= LONGEST_MESSAGE
            ? message
            : message.substring(0, LONGEST_MESSAGE) + "...";
    return name + ": " + shortened.strip();
  }
}
