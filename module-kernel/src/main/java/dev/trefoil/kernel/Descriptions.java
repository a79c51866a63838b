package dev.trefoil.kernel;

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
}
