package dev.trefoil.hazmat;

/**
 * The user asked the program to stop, by control-C. An {@link Error}, so that {@code catch
 * (Exception e)} lets it pass; only the platform makes one. Its trace shows where the task was that
 * it was raised in. See {@link ControlC} for which runs get it.
 *
 * <p>Source: Python's {@code KeyboardInterrupt} as Trio delivers it.
 */
public final class KeyboardInterrupt extends Error {
  private static final long serialVersionUID = 1L;

  KeyboardInterrupt() {
    super("interrupted from the keyboard");
  }
}
