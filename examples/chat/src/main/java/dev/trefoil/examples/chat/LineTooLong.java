package dev.trefoil.examples.chat;

import java.io.IOException;

/** A client has sent more than one line may have. */
final class LineTooLong extends IOException {
  private static final long serialVersionUID = 1L;

  LineTooLong(int maxBytes) {
    super("expected the end of a line after at most " + maxBytes + " bytes");
  }
}
