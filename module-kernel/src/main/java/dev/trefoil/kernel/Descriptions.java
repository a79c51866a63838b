package dev.trefoil.kernel;

import java.io.PrintWriter;
import java.io.StringWriter;

/** Foreign objects in words, for messages that must get through even if the object's own fail. */
final class Descriptions {
  private Descriptions() {}

  static String of(Object foreign) {
    try {
      return String.valueOf(foreign);
    } catch (Throwable indescribable) {
      return "an instance of "
          + foreign.getClass().getName()
          + " (whose toString() throws "
          + indescribable.getClass().getName()
          + ")";
    }
  }

  /** An error with its stack and causes, or at least in words. */
  static String withStack(Throwable error) {
    StringWriter lines = new StringWriter();
    try {
      error.printStackTrace(new PrintWriter(lines));
    } catch (Throwable indescribable) {
      return of(error);
    }
    return lines.toString().stripTrailing();
  }
}
