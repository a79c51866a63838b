package dev.trefoil.signals;

/**
 * Signals that have no effect until this is closed, at the end of a try-with-resources statement. See
 * {@link SignalSet#ignore()}.
 */
public final class Ignored implements AutoCloseable {
  private final SignalSet set;
  private final Watches watches;

  Ignored(SignalSet set, Watches watches) {
    this.set = set;
    this.watches = watches;
  }

  /**
   * Lets the signals have their effect again. Closing again does nothing. No checkpoint.
   *
   * @throws IllegalStateException from another thread than the run's
   */
  @Override
  public void close() {
    watches.close();
  }

  @Override
  public String toString() {
    return "ignoring " + set;
  }
}
