package dev.trefoil.testing;

/** Something to know about a failure; it is suppressed in the failure so that reports show it. */
final class Note extends Exception {
  private static final long serialVersionUID = 1L;

  private final String text;

  Note(String text) {
    super(text, null, false, false);
    this.text = text;
  }

  @Override
  public String toString() {
    return text;
  }
}
