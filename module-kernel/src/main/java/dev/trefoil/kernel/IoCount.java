package dev.trefoil.kernel;

/** How many tasks wait for channels, or for descriptors. */
final class IoCount {
  private int readers;
  private int writers;

  void change(boolean write, int by) {
    if (write) {
      writers += by;
    } else {
      readers += by;
    }
  }

  int readers() {
    return readers;
  }

  int writers() {
    return writers;
  }

  boolean isZero() {
    return readers + writers == 0;
  }
}
