package dev.trefoil.tests.hostile;

import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.Serial;
import java.io.Serializable;
import java.util.concurrent.atomic.AtomicInteger;

/** A class that does something as soon as it comes out of a stream, like those that attackers look for. */
public final class Gadget implements Serializable {
  @Serial private static final long serialVersionUID = 1L;
  private static final AtomicInteger TRIGGERED = new AtomicInteger();

  private final String name;

  public Gadget(String name) {
    this.name = name;
  }

  public String name() {
    return name;
  }

  /** How often one has come out of a stream in this process. */
  public static int triggered() {
    return TRIGGERED.get();
  }

  @Serial
  private void readObject(ObjectInputStream in) throws IOException, ClassNotFoundException {
    TRIGGERED.incrementAndGet();
    in.defaultReadObject();
  }
}
